"""A commit -> a checkout in a sandbox, in which its tests can be run."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from codeorch.check import results
from codeorch.check.environment import Host, Scratch, furnish
from codeorch.check.sandbox import Limits, Ran, Room
from codeorch.check.tree import lay_out
from codeorch.check.trial import Trial
from codeorch.domain import TestRun
from codeorch.repo import Repo

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
