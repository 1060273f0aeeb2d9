"""Commits of a repository -> test runs -> a verdict."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from codeorch.check import results
from codeorch.check.cache import cache_key, load, store
from codeorch.check.environment import Host, Scratch, fingerprint, furnish
from codeorch.check.notices import edited_judges, missing_modules, unguarded
from codeorch.check.sandbox import Limits, Room
from codeorch.check.tree import lay_out
from codeorch.check.trial import Trial
from codeorch.check.verdict import compare, suspects
from codeorch.domain import TestRun, Verdict
from codeorch.repo import Repo

_MOST_SUSPECTS = 20  # chance does not break more at once
_OFFLINE = {"maven": ("--offline",), "gradle": ("--offline",)}
# Some tests and tools ask git about the project; it must not be the user's repository.
_OWN_GIT = (
    "git init -q . && git add -A -f . && git -c user.name=sandbox -c user.email=sandbox@localhost"
    " -c gc.auto=0 commit -q --no-gpg-sign -m checkout"
)
_GIT_LIMITS = Limits(time_s=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """A commit, laid out and furnished."""

    trial: Trial
    scratch: Scratch
    room: Room
    failed: TestRun | None = None  # when the setup command fails, no test can run

    def run(self, argv: tuple[str, ...] | None = None) -> TestRun:
        """Run all tests, or what a narrower command runs."""
        command = self.trial.command.argv if argv is None else argv
        return self.failed or run_tests(self.trial, self.room, self.scratch.reports, command)


def baseline(repo: Repo, base: str, trial: Trial) -> TestRun:
    """Run the tests on a commit, in a folder outside the user's tree."""
    key = cache_key(base, trial.command.argv, _circumstances(repo, trial))
    if trial.cache and (known := load(trial.cache, key)):
        return known
    with _private_folder() as private:
        run = _site(repo, base, trial, private).run()
    # A red run may be red by chance, and is worth another try.
    if trial.cache and run.green:
        store(trial.cache, key, run)
    return run


def verify(
    repo: Repo, base: str, result: str, trial: Trial, before: TestRun | None = None
) -> Verdict:
    """Run the tests on the base, unless `before` is known, and on the result; compare them."""
    if before is None:
        before = baseline(repo, base, trial)
    with _private_folder() as private:
        site = _site(repo, result, trial, private)
        after = site.run()
        before, after, flaky = _look_again(
            before, after, site, lambda: _site(repo, base, trial, private)
        )
    verdict = compare(before, after, flaky)
    return replace(
        verdict,
        command=trial.command.argv,
        protection=trial.sandbox.name,
        notices=(
            *unguarded(trial.sandbox),
            *edited_judges(repo, base, result),
            *missing_modules(before, after),
        ),
    )


def run_tests(trial: Trial, room: Room, reports: Path, argv: tuple[str, ...]) -> TestRun:
    """Run a test command in a furnished room, and read what it tells."""
    runner = trial.command.runner
    report = Path(tempfile.mkdtemp(dir=reports)) / "report"
    results.clear(runner, room.folder)
    if not trial.network:
        argv = (*argv, *_OFFLINE.get(runner, ()))
    room = replace(room, env={**room.env, **results.variables(report)})
    ran = trial.sandbox.run(results.ask(runner, argv, report), room, trial.limits)
    where = room.where if trial.sandbox.mounts else room.folder
    told = results.read(runner, ran.log, report, room.folder, str(where))
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


def _circumstances(repo: Repo, trial: Trial) -> tuple[str, ...]:
    """Say what else a run depends on."""
    host = Host(root=repo.root, variables=trial.variables)
    return (trial.sandbox.name, trial.setup, str(trial.network), *fingerprint(host))


# ------------------------------------------------------------------------------- the folders


@contextmanager
def _private_folder() -> Iterator[Path]:
    # Tests may leave what cannot be removed; that must not end a run.
    with tempfile.TemporaryDirectory(prefix="codeorch-check-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def _site(repo: Repo, commit: str, trial: Trial, private: Path) -> _Site:
    scratch = Scratch.make(private)
    lay_out(repo, commit, scratch.folder)
    host = Host(root=repo.root, variables=trial.variables)
    sandbox = trial.sandbox
    room = furnish(
        host, scratch, mounts=sandbox.mounts, network=trial.network, foreign=sandbox.foreign
    )
    shell = ("/bin/sh", "-c")
    trial.sandbox.run((*shell, _OWN_GIT), replace(room, network=False), _GIT_LIMITS)
    failed = None
    if trial.setup:
        ran = trial.sandbox.run((*shell, trial.setup), room, trial.limits)
        if ran.exit_code != 0:
            log = f"the setup command failed: {trial.setup}\n{ran.log}"
            failed = TestRun(
                exit_code=ran.exit_code, seconds=ran.seconds, stopped_by="setup",
                passed=0, failed=0, log=log,
            )  # fmt: skip
    return _Site(trial=trial, scratch=scratch, room=room, failed=failed)


# ------------------------------------------------------------------------------- a second look


def _look_again(
    before: TestRun, after: TestRun, site: _Site, base_site: Callable[[], _Site]
) -> tuple[TestRun, TestRun, tuple[str, ...]]:
    """Find out which of the tests that failed on one side only do so at random.

    Gives the runs to compare, new ones where chance spoiled the old, and the flaky tests.
    """
    doubtful = suspects(before, after)
    if not doubtful or len(doubtful) > _MOST_SUSPECTS:
        return before, after, ()
    base = base_site()
    shaky_before = _shaky(base, before, doubtful)
    shaky = shaky_before | _shaky(site, after, doubtful)
    if not shaky:
        return before, after, ()
    second = site.run()
    # What passes alone, but fails with all others each time, and on the base never: that is no
    # chance, but an order or a state that the change spoils.
    spoiled = {
        test for test in shaky - shaky_before if _fails(after, test) and _fails(second, test)
    }
    if any(_fails(before, test) for test in shaky):
        before = min(before, base.run(), key=_failures)
    return before, min(after, second, key=_failures), tuple(sorted(shaky - spoiled))


def _shaky(site: _Site, first: TestRun, tests: tuple[str, ...]) -> set[str]:
    """Name the tests that do not always end as they did first."""
    alone = results.only(site.trial.command.runner, site.trial.command.argv, tests)
    runs = [site.run(alone) for _ in range(site.trial.looks if alone else 1)]
    return {
        test
        for test in tests
        if any(run.tests.get(test, first.tests[test]) != first.tests[test] for run in runs)
    }


def _fails(run: TestRun, test: str) -> bool:
    return run.tests.get(test) == "failed"


def _failures(run: TestRun) -> tuple[bool, int]:
    return not run.green, run.failed or 0
