"""The engines of a run: which there are, what they are told, and how long they may take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from codeorch.engines.checkers import Checker, own_checkers
from codeorch.engines.selection import PythonEnvironment
from codeorch.engines.typescript import has_typescript, typescript
from codeorch.sandbox import Sandbox

EngineChoice = Literal["own", "found", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What may be asked, and under which limits."""

    checkers: tuple[Checker, ...] = ()  # for each family, the one to believe first
    environment: PythonEnvironment = field(default_factory=PythonEnvironment)
    cache: Path | None = None  # the folder where diagnostics are kept
    time_limit_s: float = 60.0  # of one engine's work on one question
    notices: tuple[str, ...] = ()  # what the user should know of the choice

    def of(self, family: str) -> Sequence[Checker]:
        """Return the engines that read a family of languages."""
        return [each for each in self.checkers if each.family == family]

    def checker_of(self, family: str) -> Checker | None:
        """Return the first engine of a family that checks; None where all only serve names."""
        return next((each for each in self.of(family) if each.name_rules), None)

    def serve(self, family: str) -> bool:
        """Whether there is an engine for a family of languages."""
        return bool(self.of(family))


def choose_engines(
    choice: str,
    root: Path,
    find_sandbox: Callable[[], Sandbox | None],
    *,
    environment: PythonEnvironment,
    cache: Path | None,
    time_limit_s: float,
) -> Engines:
    """Return the engines of a choice: `own`, `found` or `off`.

    What is found in the project at `root` runs in a sandbox or not at all: without one, `found`
    becomes `own`, and a notice says so.
    """
    assert choice in get_args(EngineChoice)
    engines = Engines(
        checkers=() if choice == "off" else own_checkers(),
        environment=environment,
        cache=cache,
        time_limit_s=time_limit_s,
    )
    if choice != "found" or not has_typescript(root):
        return engines
    sandbox = find_sandbox()
    if sandbox is None:
        notice = "no sandbox works here, so the project's own TypeScript judges no rename"
        return replace(engines, notices=(notice,))
    return replace(engines, checkers=(*engines.checkers, *typescript(root, sandbox)))
