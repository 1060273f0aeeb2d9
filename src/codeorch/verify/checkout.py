"""A commit -> a checkout in a sandbox, in which its tests can be run; two commits -> what differs.

Git's own ways to do this run the repository's filters, and leave out what its attributes say.
"""

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from codeorch.domain import TestRun
from codeorch.errors import UnsafeError
from codeorch.git import Repo, TreeEntry
from codeorch.sandbox import Limits, Ran, Room
from codeorch.verify import results
from codeorch.verify.environment import Host, Scratch, furnish
from codeorch.verify.test_setup import Trial

_LINK, _SUBMODULE, _EXECUTABLE = 0o120000, 0o160000, 0o100755


def lay_out(repo: Repo, commit: str, folder: Path) -> None:
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
class Changed:
    """The contents of each path that differs; None = no file."""

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]

    @classmethod
    def between(cls, repo: Repo, base: str, result: str) -> "Changed":
        """Read what differs between two commits."""
        paths = repo.changed_paths(base, result)
        return cls(before=_contents(repo, base, paths), after=_contents(repo, result, paths))

    @property
    def paths(self) -> Collection[str]:
        """The paths that differ."""
        return self.after.keys()

    def texts(self) -> tuple[Sequence[str], Sequence[str]]:
        """Give the files as text, before and after."""
        return _texts(self.before), _texts(self.after)


def _contents(repo: Repo, commit: str, paths: Collection[str]) -> dict[str, bytes | None]:
    wanted = set(paths)
    entries = [entry for entry in repo.tree(commit) if entry.path in wanted and entry.is_file]
    blobs = repo.blobs(entry.blob for entry in entries)
    found = {entry.path: data for entry, (_, data) in zip(entries, blobs, strict=True)}
    return {path: found.get(path) for path in paths}


def _texts(files: Mapping[str, bytes | None]) -> Sequence[str]:
    return [data.decode("utf-8", "replace") for data in files.values() if data is not None]


_OFFLINE = {"maven": ("--offline",), "gradle": ("--offline",)}
# Some tests and tools ask git about the project; it must not be the user's repository.
_OWN_GIT = (
    "git init -q . && git add -A -f . && git -c user.name=sandbox -c user.email=sandbox@localhost"
    " -c gc.auto=0 commit -q --no-gpg-sign -m checkout"
)
_GIT_LIMITS = Limits(time_s=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A commit, laid out and furnished."""

    trial: Trial
    scratch: Scratch
    room: Room
    failed: TestRun | None = None  # when the setup command fails, no test can run

    @classmethod
    def of(cls, repo: Repo, commit: str, trial: Trial, private: Path) -> "Site":
        """Lay out a commit below a private folder, and prepare it as the user says."""
        scratch = Scratch.make(private)
        lay_out(repo, commit, scratch.folder)
        sandbox = trial.sandbox
        room = furnish(
            Host(root=repo.root, variables=trial.variables),
            scratch,
            mounts=sandbox.mounts,
            network=trial.network,
            foreign=sandbox.foreign,
        )
        bare = cls(trial=trial, scratch=scratch, room=room)
        sandbox.run(_shell(_OWN_GIT), replace(room, network=False), _GIT_LIMITS)
        return replace(bare, failed=bare._set_up()) if trial.setup else bare

    def run(self, argv: tuple[str, ...] | None = None) -> TestRun:
        """Run all tests, or what a narrower command runs."""
        return self.failed or self._run(self.trial.argv if argv is None else argv)

    @property
    def where(self) -> Path:
        """Where commands see the checkout."""
        return self.room.where if self.trial.sandbox.mounts else self.room.folder

    def call(
        self,
        argv: tuple[str, ...],
        *,
        limits: Limits | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run any other command in the checkout."""
        room = replace(self.room, env={**self.room.env, **(env or {})})
        return self.trial.sandbox.run(argv, room, limits or self.trial.limits)

    def _set_up(self) -> TestRun | None:
        ran = self.call(_shell(self.trial.setup))
        if ran.exit_code == 0:
            return None
        log = f"the setup command failed: {self.trial.setup}\n{ran.log}"
        return TestRun(
            exit_code=ran.exit_code, seconds=ran.seconds, stopped_by="setup", passed=0, failed=0,
            log=log,
        )  # fmt: skip

    def _run(self, argv: tuple[str, ...]) -> TestRun:
        trial, room = self.trial, self.room
        runner = trial.runner
        report = Path(tempfile.mkdtemp(dir=self.scratch.reports)) / "report"
        results.clear(runner, room.folder)
        if not trial.network:
            argv = (*argv, *_OFFLINE.get(runner, ()))
        ran = self.call(results.ask(runner, argv, report), env=results.variables(report))
        told = results.read(runner, ran.log, report, room.folder, str(self.where))
        return TestRun(
            exit_code=ran.exit_code,
            seconds=ran.seconds,
            stopped_by=ran.stopped_by,
            passed=told.counts.passed,
            failed=told.counts.failed,
            skipped=told.counts.skipped,
            tests=told.tests,
            log=told.log,
        )


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards, as far as it can be removed."""
    # Tests may leave what cannot be removed; that must not end a run.
    with tempfile.TemporaryDirectory(prefix="codeorch-check-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def _shell(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)
