"""Settings and the files of a project -> how its tests are run, known before money is spent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codeorch.config import Settings
from codeorch.domain import SourceFile
from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.sandbox import Limits, Sandbox, choose
from codeorch.verify.command import TestCommand, find_command
from codeorch.verify.linters import Formatter, Linter, find_formatters, find_linters
from codeorch.verify.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a commit is tested, linted and formatted. `command` is None when there are no tests."""

    command: TestCommand | None
    sandbox: Sandbox
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell
    setup: str = ""  # a shell command that prepares the checkout
    limits: Limits = field(default_factory=Limits)
    network: bool = False
    cache: Path | None = None  # a folder that keeps green baselines from run to run
    first: Mapping[str, SourceFile] | None = None  # of the base; given = close tests come first
    linters: tuple[Linter, ...] = ()
    formatters: tuple[Formatter, ...] = ()  # whose edits become a commit of their own
    looks: int = 3  # how often a test that failed on one side only is run alone, on each side

    @property
    def argv(self) -> tuple[str, ...]:
        """The command that runs all tests; empty when there are none."""
        return self.command.argv if self.command else ()

    @property
    def runner(self) -> str:
        """The runner of the tests; empty when there are none."""
        return self.command.runner if self.command else ""


def prepare(
    repo: Repo,
    files: Mapping[str, SourceFile],
    settings: Settings,
    variables: Mapping[str, str],
    notice: Callable[[str], None],
) -> Trial | None:
    """Find out how a project is tested, and what protects the machine; None = nothing to run.

    `variables` are those of the user's shell. `notice` is told what the user should know.

    Raises:
        UserError: no sandbox works here, and the user has not said to go without.
    """
    foreign = bool(settings.container)  # it has programs of its own
    project = Project(files=files, folder=repo.root, variables=variables, foreign=foreign)
    command = find_command(project, settings.test_cmd)
    linters = find_linters(project, settings.lint_cmd)
    formatters = find_formatters(project) if settings.format else ()
    if command is None:
        notice("no tests found; name them with --test-cmd")
        if not linters and not formatters:
            return None
    try:
        sandbox = choose(variables, container=settings.container, unsafe=settings.unsafe_tests)
    except UserError:
        if command is None:
            return None  # linters are no reason to stop
        raise
    if sandbox.gaps:
        notice(f"tests run in sandbox {sandbox.name}: {sandbox.gaps}")
    return Trial(
        command=command,
        sandbox=sandbox,
        variables=variables,
        setup=settings.setup_cmd,
        limits=Limits(time_s=settings.test_timeout_s),
        network=settings.test_network,
        cache=repo.git_dir / "codeorch" / "baselines",
        first=files if settings.fast else None,
        linters=linters,
        formatters=formatters,
    )
