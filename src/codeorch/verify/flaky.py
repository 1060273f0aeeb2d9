"""Tests that failed on one side only are run again: some of them fail at random."""

from collections.abc import Callable
from dataclasses import dataclass

from codeorch.domain import TestRun
from codeorch.verify import results
from codeorch.verify.checkout import Checkout
from codeorch.verify.compare import suspects

_MOST_SUSPECTS = 20  # chance does not break more at once


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutPair:
    """The checkouts of base and result, and what is run in both; the base's is made on demand."""

    base: Callable[[], Checkout]
    result: Checkout
    argv: tuple[str, ...] | None = None  # None = all tests


def rerun_suspects(
    before: TestRun, after: TestRun, checkouts: CheckoutPair
) -> tuple[TestRun, TestRun, tuple[str, ...]]:
    """Run the tests again that failed on one side only, each commit alone and together.

    Return the two runs to compare (new ones where a flaky test spoiled the old) and the ids of
    the flaky tests, sorted.
    """
    candidates = suspects(before, after)
    if not candidates or len(candidates) > _MOST_SUSPECTS:
        return before, after, ()
    base, checkout = checkouts.base(), checkouts.result
    flaky_before = _flaky_in(base, before, candidates)
    flaky = flaky_before | _flaky_in(checkout, after, candidates)
    if not flaky:
        return before, after, ()
    second = checkout.run_tests(checkouts.argv)
    # What passes alone, but fails with all others each time, and on the base never: that is no
    # chance, but an order or a state that the change spoils.
    order_dependent = {
        test for test in flaky - flaky_before if _fails(after, test) and _fails(second, test)
    }
    if any(_fails(before, test) for test in flaky):
        before = min(before, base.run_tests(checkouts.argv), key=_failures)
    return before, min(after, second, key=_failures), tuple(sorted(flaky - order_dependent))


def _flaky_in(checkout: Checkout, first: TestRun, tests: tuple[str, ...]) -> set[str]:
    """Return the tests that do not always end as they did first."""
    setup = checkout.test_setup
    argv = results.select_tests(setup.runner, setup.argv, tests)
    runs = [checkout.run_tests(argv) for _ in range(setup.reruns if argv else 1)]
    return {
        test
        for test in tests
        if any(run.tests.get(test, first.tests[test]) != first.tests[test] for run in runs)
    }


def _fails(run: TestRun, test: str) -> bool:
    return run.tests.get(test) == "failed"


def _failures(run: TestRun) -> tuple[bool, int]:
    return not run.green, run.failed or 0
