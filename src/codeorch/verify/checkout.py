"""A commit -> a checkout in a sandbox, in which its tests can be run; two commits -> what differs.

Git's own ways to do this run the repository's filters, and leave out what its attributes say.
"""

import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from codeorch.domain import TestRun
from codeorch.errors import UnsafeError
from codeorch.git import Repo, TreeEntry
from codeorch.sandbox import ProcessResult, ResourceLimits, SandboxSpec
from codeorch.verify import results
from codeorch.verify.line_record import LineRecord
from codeorch.verify.test_sandbox import Host, ScratchFolders, prepare_environment
from codeorch.verify.test_setup import TestSetup

_LINK, _SUBMODULE, _EXECUTABLE = 0o120000, 0o160000, 0o100755


def check_out(repo: Repo, commit: str, folder: Path) -> None:
    """Write the files of a commit into an empty folder.

    Links that lead out of the folder are left out; submodules are empty folders.

    Raises:
        UnsafeError: a path of the commit leads out of the folder or into a .git.
    """
    entries = repo.tree(commit)
    for entry in entries:
        _refuse_unsafe(entry.path)
    # All folders before all files before all links: so no link can lie on the way to a file.
    for parent in {(folder / entry.path).parent for entry in entries}:
        parent.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        if entry.mode == _SUBMODULE:
            (folder / entry.path).mkdir(exist_ok=True)
    _write_files(repo, [entry for entry in entries if entry.is_file], folder)
    _write_links(repo, [entry for entry in entries if entry.mode == _LINK], folder)


def _refuse_unsafe(path: str) -> None:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or any(part.lower() == ".git" for part in parts):
        raise UnsafeError(f"the commit holds a path that no checkout may have: {path!r}")


def _write_files(repo: Repo, entries: Iterable[TreeEntry], folder: Path) -> None:
    rows = list(entries)
    blobs = repo.blobs(entry.blob for entry in rows)
    for entry, (_, data) in zip(rows, blobs, strict=True):
        mode = 0o755 if entry.mode == _EXECUTABLE else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(folder / entry.path, flags, mode), "wb") as file:
            file.write(data)


def _write_links(repo: Repo, entries: Iterable[TreeEntry], folder: Path) -> None:
    rows = list(entries)
    blobs = repo.blobs(entry.blob for entry in rows)
    for entry, (_, data) in zip(rows, blobs, strict=True):
        (folder / entry.path).symlink_to(os.fsdecode(data))
    inside = folder.resolve()
    links = [folder / entry.path for entry in rows]
    # A link can lead out by way of another one; so ask the file system, when all are there.
    outside = [link for link in links if not Path(os.path.realpath(link)).is_relative_to(inside)]
    for link in outside:
        link.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitDiff:
    """The contents of each path that differs; None = no file."""

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]

    @classmethod
    def between(cls, repo: Repo, base: str, result: str) -> "CommitDiff":
        """Return what differs between two commits."""
        paths = repo.changed_paths(base, result)
        return cls(
            before=_read_contents(repo, base, paths), after=_read_contents(repo, result, paths)
        )

    @property
    def paths(self) -> Collection[str]:
        """The paths that differ."""
        return self.after.keys()

    def texts(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the texts of the files before, and those after."""
        return _decode_texts(self.before), _decode_texts(self.after)


def _read_contents(repo: Repo, commit: str, paths: Collection[str]) -> dict[str, bytes | None]:
    wanted_paths = set(paths)
    entries = [entry for entry in repo.tree(commit) if entry.path in wanted_paths and entry.is_file]
    blobs = repo.blobs(entry.blob for entry in entries)
    contents = {entry.path: data for entry, (_, data) in zip(entries, blobs, strict=True)}
    return {path: contents.get(path) for path in paths}


def _decode_texts(files: Mapping[str, bytes | None]) -> Sequence[str]:
    return [data.decode("utf-8", "replace") for data in files.values() if data is not None]


_OFFLINE = {"maven": ("--offline",), "gradle": ("--offline",)}
# Some tests and tools ask git about the project; it must not be the user's repository.
_INIT_OWN_GIT = (
    "git init -q . && git add -A -f . && git -c user.name=sandbox -c user.email=sandbox@localhost"
    " -c gc.auto=0 commit -q --no-gpg-sign -m checkout"
)
_GIT_LIMITS = ResourceLimits(time_s=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The files of a commit in a folder of their own, and the sandbox that commands run in."""

    test_setup: TestSetup
    scratch: ScratchFolders
    spec: SandboxSpec
    line_record: LineRecord | None = None  # None = which lines run is not noted
    setup_failure: TestRun | None = None  # when the setup command fails, no test can run

    @classmethod
    def of(cls, repo: Repo, commit: str, test_setup: TestSetup, workspace: Path) -> "Checkout":
        """Check out a commit below a workspace, and run the user's setup command in it.

        Raises:
            UnsafeError: the commit holds a path that no checkout may have.
        """
        scratch = ScratchFolders.create(workspace)
        check_out(repo, commit, scratch.folder)
        sandbox = test_setup.sandbox
        spec = prepare_environment(
            Host(root=repo.root, variables=test_setup.variables),
            scratch,
            can_mount=sandbox.can_mount,
            network=test_setup.network,
            has_own_programs=sandbox.has_own_programs,
        )
        checkout = cls(test_setup=test_setup, scratch=scratch, spec=spec)
        sandbox.run(_shell(_INIT_OWN_GIT), replace(spec, network=False), _GIT_LIMITS)
        if not test_setup.setup_command:
            return checkout
        return replace(checkout, setup_failure=checkout._run_setup_command())

    def run_tests(self, argv: tuple[str, ...] | None = None) -> TestRun:
        """Run all tests, or those of a narrower command; a failed setup is the result of each."""
        return self.setup_failure or self._run_tests(self.test_setup.argv if argv is None else argv)

    @property
    def visible_path(self) -> Path:
        """The path at which commands see the checkout."""
        return self.spec.visible_path if self.test_setup.sandbox.can_mount else self.spec.folder

    def run_command(
        self,
        argv: tuple[str, ...],
        *,
        limits: ResourceLimits | None = None,
        env: Mapping[str, str] | None = None,
    ) -> ProcessResult:
        """Run any command in the checkout; `env` is added to the variables of the tests."""
        spec = replace(self.spec, env={**self.spec.env, **(env or {})})
        return self.test_setup.sandbox.run(argv, spec, limits or self.test_setup.limits)

    def _run_setup_command(self) -> TestRun | None:
        process = self.run_command(_shell(self.test_setup.setup_command))
        if process.exit_code == 0:
            return None
        log = f"the setup command failed: {self.test_setup.setup_command}\n{process.log}"
        return TestRun(
            exit_code=process.exit_code,
            seconds=process.seconds,
            stopped_by="setup",
            passed=0,
            failed=0,
            log=log,
        )

    def _run_tests(self, argv: tuple[str, ...]) -> TestRun:
        runner, folder = self.test_setup.runner, self.spec.folder
        file = Path(tempfile.mkdtemp(dir=self.scratch.reports)) / "report"
        results.clear_reports(runner, folder)
        if not self.test_setup.network:
            argv = (*argv, *_OFFLINE.get(runner, ()))
        argv = results.with_report(runner, argv, file)
        process = self.run_command(argv, env=results.report_variables(file) | self._recording())
        report = results.read_report(runner, process.log, file, folder, str(self.visible_path))
        return TestRun(
            exit_code=process.exit_code,
            seconds=process.seconds,
            stopped_by=process.stopped_by,
            passed=report.counts.passed,
            failed=report.counts.failed,
            skipped=report.counts.skipped,
            tests=report.tests,
            log=report.log,
        )

    def _recording(self) -> dict[str, str]:
        if self.line_record is None:
            return {}
        return self.line_record.variables(self.spec.env.get("PYTHONPATH", ""))


def _shell(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)
