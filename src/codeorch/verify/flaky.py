"""A second look at tests that failed on one side only: some of them fail at random."""

from collections.abc import Callable
from dataclasses import dataclass

from codeorch.domain import TestRun
from codeorch.verify import results
from codeorch.verify.checkout import Site
from codeorch.verify.compare import suspects

_MOST_SUSPECTS = 20  # chance does not break more at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two commits, and what is run on both; the base is laid out only when it is needed."""

    base: Callable[[], Site]
    result: Site
    argv: tuple[str, ...] | None = None  # None = all tests


def look_again(
    before: TestRun, after: TestRun, sides: Sides
) -> tuple[TestRun, TestRun, tuple[str, ...]]:
    """Find out which of the tests that failed on one side only do so at random.

    Gives the runs to compare, new ones where chance spoiled the old, and the flaky tests.
    """
    doubtful = suspects(before, after)
    if not doubtful or len(doubtful) > _MOST_SUSPECTS:
        return before, after, ()
    base, site = sides.base(), sides.result
    shaky_before = _shaky(base, before, doubtful)
    shaky = shaky_before | _shaky(site, after, doubtful)
    if not shaky:
        return before, after, ()
    second = site.run(sides.argv)
    # What passes alone, but fails with all others each time, and on the base never: that is no
    # chance, but an order or a state that the change spoils.
    spoiled = {
        test for test in shaky - shaky_before if _fails(after, test) and _fails(second, test)
    }
    if any(_fails(before, test) for test in shaky):
        before = min(before, base.run(sides.argv), key=_failures)
    return before, min(after, second, key=_failures), tuple(sorted(shaky - spoiled))


def _shaky(site: Site, first: TestRun, tests: tuple[str, ...]) -> set[str]:
    """Name the tests that do not always end as they did first."""
    alone = results.only(site.trial.runner, site.trial.argv, tests)
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
