"""Settings and the files of a project -> how its tests are run, known before money is spent."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codeorch.config import Settings
from codeorch.domain import SourceFile
from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.sandbox import ResourceLimits, Sandbox, choose_sandbox
from codeorch.verify.command import TestCommand, find_test_command
from codeorch.verify.interpreter import find_python
from codeorch.verify.linters import Formatter, Linter, find_formatters, find_linters
from codeorch.verify.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSetup:
    """How a commit is tested, linted and formatted. `command` is None when there are no tests."""

    __test__ = False  # for pytest: this is no test class

    command: TestCommand | None
    sandbox: Sandbox
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell
    setup_command: str = ""  # a shell command that prepares the checkout
    limits: ResourceLimits = field(default_factory=ResourceLimits)
    network: bool = False
    baseline_folder: Path | None = None  # where green baselines stay from run to run
    # The files of the base: the tests closest to the change are run first. None = all at once.
    base_files: Mapping[str, SourceFile] | None = None
    linters: tuple[Linter, ...] = ()
    formatters: tuple[Formatter, ...] = ()  # whose edits become a commit of their own
    reruns: int = 3  # how often a test that failed on one side only is run alone, on each side

    @property
    def argv(self) -> tuple[str, ...]:
        """The command that runs all tests; empty when there are none."""
        return self.command.argv if self.command else ()

    @property
    def runner(self) -> str:
        """The runner of the tests; empty when there are none."""
        return self.command.runner if self.command else ""

    def missing_tool(self, root: Path) -> str:
        """Return what the tests of a working tree need and is not installed; empty if all is there.

        It is known before anything runs, and so only of programs and of Python's modules. What an
        image holds cannot be seen from here.
        """
        if not self.argv or self.sandbox.has_own_programs:
            return ""
        program, *words = self.argv
        is_own = os.sep in program and (root / program).is_file()  # such as ./gradlew
        if not is_own and not shutil.which(program, path=self.variables.get("PATH", os.defpath)):
            return program
        if self.setup_command or words[:1] != ["-m"] or words[1] in sys.stdlib_module_names:
            return ""
        python = find_python(root, self.variables)
        is_same = Path(program) == python.program
        return words[1] if is_same and not python.has_module(words[1]) else ""


def prepare_tests(
    repo: Repo,
    files: Mapping[str, SourceFile],
    settings: Settings,
    variables: Mapping[str, str],
    notify: Callable[[str], None],
) -> TestSetup | None:
    """Return how a project is tested, and what protects the machine; None = nothing to run.

    `variables` are those of the user's shell. `notify` gets what the user should know.

    Raises:
        UserError: no sandbox works here, and the user has not said to go without.
    """
    has_own_programs = bool(settings.container)  # it has programs of its own
    project = Project(
        files=files, folder=repo.root, variables=variables, has_own_programs=has_own_programs
    )
    command = find_test_command(project, settings.test_cmd)
    linters = find_linters(project, settings.lint_cmd)
    formatters = find_formatters(project) if settings.format else ()
    if command is None:
        notify("no tests found; name them with --test-cmd")
        if not linters and not formatters:
            return None
    sandbox = _sandbox(repo, settings, variables, notify, is_optional=command is None)
    if sandbox is None:
        return None
    return TestSetup(
        command=command,
        sandbox=sandbox,
        variables=variables,
        setup_command=settings.setup_cmd,
        limits=ResourceLimits(time_s=settings.test_timeout_s),
        network=settings.test_network,
        baseline_folder=repo.git_dir / "codeorch" / "baselines",
        base_files=files if settings.fast else None,
        linters=linters,
        formatters=formatters,
    )


def _sandbox(
    repo: Repo,
    settings: Settings,
    variables: Mapping[str, str],
    notify: Callable[[str], None],
    *,
    is_optional: bool,
) -> Sandbox | None:
    """Return what protects the machine; None where nothing does, and linters alone would run.

    Raises:
        UserError: no sandbox works here, and the user has not said to go without.
    """
    try:
        sandbox = choose_sandbox(
            variables, repo.root, container=settings.container, unsafe=settings.unsafe_tests
        )
    except UserError:
        if is_optional:
            return None
        raise
    if sandbox.gaps:
        notify(f"tests run in sandbox {sandbox.name}: {sandbox.gaps}")
    return sandbox
