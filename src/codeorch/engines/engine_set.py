"""The engines of a run: which there are, what they are told, and how long they may take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from codeorch.engines.checkers import Checker, own_checkers
from codeorch.engines.golang import golang, lack_of_gopls
from codeorch.engines.selection import FoundPrograms, PythonEnvironment
from codeorch.engines.typescript import lack_of_typescript, typescript
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
    # family -> why its engines fell silent in this run; they are not asked for checks again
    failures: dict[str, str] = field(default_factory=dict)
    lacks: Mapping[str, str] = field(default_factory=dict)  # family -> why none of it was found

    def of(self, family: str) -> Sequence[Checker]:
        """Return the engines that read a family of languages."""
        return [each for each in self.checkers if each.family == family]

    def checker_of(self, family: str) -> Checker | None:
        """Return the first engine of a family that checks; None where all only serve names."""
        return next((each for each in self.of(family) if each.rules), None)

    def serve(self, family: str) -> bool:
        """Whether there is an engine for a family of languages."""
        return bool(self.of(family))


def choose_engines(
    choice: str,
    root: Path,
    find_sandbox: Callable[[], Sandbox | None],
    found: FoundPrograms,
    engines: Engines,
) -> Engines:
    """Return some engines with those of a choice: `own`, `found` or `off`.

    What is found in the project at `root`, or among the user's programs, runs in a sandbox or not
    at all: without one, `found` becomes `own`, and a notice says so.
    """
    assert choice in get_args(EngineChoice)
    engines = replace(engines, checkers=() if choice == "off" else own_checkers())
    if choice != "found":
        return engines
    lacks = {"ecmascript": lack_of_typescript(root, found), "go": lack_of_gopls(found)}
    engines = replace(engines, lacks={family: lack for family, lack in lacks.items() if lack})
    if all(lacks.values()):
        return engines
    sandbox = find_sandbox()
    if sandbox is None or sandbox.has_own_programs:
        why = "no sandbox works here" if sandbox is None else "a container has programs of its own"
        notice = f"{why}, so only type checkers that came with codeorch are asked"
        return replace(engines, notices=(notice,))
    more = (*typescript(root, found, sandbox), *golang(root, found, sandbox))
    return replace(engines, checkers=(*engines.checkers, *more))
