"""Two runs of the same tests -> what the change did to them. Pure.

Doubt counts against the change: only two green runs in which no test was lost are `verified`, and
only runs in which each failing test is known by name can be `no_worse`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codeorch.domain import TestRun, Verdict, VerdictStatus
from codeorch.verify.renamed_tests import SameTest, never_same

_SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classes:
    """Each test in the class that its two outcomes give it."""

    broken: tuple[str, ...]
    fixed: tuple[str, ...]
    still_failing: tuple[str, ...]
    missing: tuple[str, ...]
    flaky: tuple[str, ...]
    new: tuple[str, ...]
    lost: tuple[str, ...]  # missing, and no new test stands in for it


def compare(
    before: TestRun | None,
    after: TestRun | None,
    flaky: Collection[str] = (),
    same_test: SameTest = never_same,
) -> Verdict:
    """Judge a change by the runs before and after it.

    `flaky` names tests that are known to fail at random: they break nothing. `same_test` tells
    whether the second of two tests' own names is the first one under another name.
    """
    if before is None or after is None:
        return Verdict(
            status=VerdictStatus.NO_TESTS, reason="no test command was found", after=after
        )
    classes = _classify(before, after, flaky, same_test)
    status, reason = _judge(before, after, classes)
    return Verdict(
        status=status,
        reason=reason,
        before=before,
        after=after,
        broken=classes.broken,
        fixed=classes.fixed,
        still_failing=classes.still_failing,
        missing=classes.missing,
        flaky=classes.flaky,
        new=classes.new,
    )


def suspects(before: TestRun, after: TestRun) -> tuple[str, ...]:
    """Name the tests that failed on one side only: a second look tells whether they are flaky."""
    classes = _classify(before, after, ())
    known = before.tests.keys() & after.tests.keys()
    return tuple(test for test in (*classes.broken, *classes.fixed) if test in known)


def _classify(
    before: TestRun, after: TestRun, flaky: Collection[str], same_test: SameTest = never_same
) -> _Classes:
    old, new = before.tests, after.tests
    failing, failing_before = _failing(after), _failing(before)
    passed = {test for test, outcome in new.items() if outcome == "passed"}
    ran = {test for test, outcome in old.items() if outcome != "skipped"}
    random = set(flaky)
    # Skipped now is as good as gone: neither tells whether the code works.
    missing = ran - failing - passed
    added = new.keys() - old.keys() if old else set[str]()
    return _Classes(
        broken=_order(failing - failing_before - random),
        fixed=_order((failing_before & passed) - random),
        still_failing=_order((failing & failing_before) - random),
        missing=_order(missing),
        flaky=_order(random),
        new=_order(added),
        lost=_order(_lost_tests(missing, added & passed, same_test)),
    )


def _lost_tests(
    missing: Collection[str], added: Collection[str], same_test: SameTest
) -> Iterator[str]:
    """Give the missing tests that are not simply called otherwise now.

    A renamed file keeps a test's own name, a renamed test keeps its file and its text; each new
    test can stand in for one old one only.
    """
    unclaimed = set(added)
    by_name, by_place = _group(added, _name), _group(added, _place)
    for test in _order(missing):
        moved = (other for other in by_name[_name(test)] if other in unclaimed)
        renamed = (
            other
            for other in by_place[_place(test)]
            if other in unclaimed and same_test(_name(test), _name(other))
        )
        successor = next(moved, None) or next(renamed, None)
        if successor is None:
            yield test
        else:
            unclaimed.discard(successor)


def _group(tests: Collection[str], key: Callable[[str], str]) -> Mapping[str, Sequence[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for test in _order(tests):
        groups[key(test)].append(test)
    return groups


def _parts(test: str) -> tuple[str, str]:
    for mark in ("::", " > ", " ", "."):
        place, separator, name = test.rpartition(mark) if mark != " " else test.partition(mark)
        if separator:
            return place, name
    return "", test


def _place(test: str) -> str:
    return _parts(test)[0]


def _name(test: str) -> str:
    return _parts(test)[1]


def _order(tests: Collection[str] | Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(tests))


# ------------------------------------------------------------------------------- the judgement


def _judge(before: TestRun, after: TestRun, classes: _Classes) -> tuple[VerdictStatus, str]:
    if not _ran_tests(before) and not _ran_tests(after):
        return VerdictStatus.NO_TESTS, _reason_for_no_tests(after)
    if loss := _loss(before, after, classes):
        return VerdictStatus.BROKEN, loss
    if before.green and after.green:
        return VerdictStatus.VERIFIED, _reason_for_verified(before, after, classes)
    if _is_no_worse(before, after):
        return VerdictStatus.NO_WORSE, _reason_for_no_worse(before, after)
    if before.green and not (classes.flaky and after.failed):
        return (
            VerdictStatus.BROKEN,
            f"the tests were green and are not any more ({_ending(after)})",
        )
    return VerdictStatus.RED, _reason_for_red(before, after, classes)


def _is_no_worse(before: TestRun, after: TestRun) -> bool:
    """Tell whether tests are known to have failed before, and none but those fail after.

    Where no test passes, nothing is proven: the environment may lack what all of them need. The
    exit code has to agree: one that the failing tests do not explain says that something else is
    wrong. Some runners count failures in it, so it may fall with them.
    """
    old, new = _failing(before), _failing(after)
    if before.stopped_by or after.stopped_by or not after.passed:
        return False
    if not old or not new <= old:
        return False
    if not new:
        return after.green
    if before.exit_code is None or after.exit_code is None:
        return False
    fell = new < old and after.exit_code < before.exit_code
    return fell or after.exit_code == before.exit_code


def _loss(before: TestRun, after: TestRun, classes: _Classes) -> str:
    """Say what the change made worse, if anything."""
    if classes.broken:
        return f"{_tests(classes.broken)} newly failing: {_names(classes.broken)}"
    if after.stopped_by and not before.stopped_by:
        return f"the tests do not {_step(after)} any more ({_ending(after)})"
    if before.passed and not _ran_tests(after):
        return f"no test runs any more ({_ending(after)})"
    if classes.lost:
        return f"{_tests(classes.lost)} not run any more: {_names(classes.lost)}"
    return "" if before.tests else _loss_by_counts(before, after)


def _loss_by_counts(before: TestRun, after: TestRun) -> str:
    if before.passed is not None and after.passed is None:
        return f"the output does not tell any more how many tests pass ({_ending(after)})"
    if (fewer := (before.passed or 0) - (after.passed or 0)) > 0:
        return f"{fewer} fewer tests pass than before"
    if (more := (after.failed or 0) - (before.failed or 0)) > 0:
        return f"{more} more tests fail than before"
    return ""


def _reason_for_verified(before: TestRun, after: TestRun, classes: _Classes) -> str:
    count = "the tests pass" if after.passed is None else f"tests passed: {after.passed}"
    by_code = "" if after.passed is not None else ", by the exit code alone"
    missing = classes.missing
    is_same = after.passed == before.passed
    since = "as before" if is_same or before.passed is None else f"{before.passed} before"
    names = f"; {_tests(missing)} under another name now: {_names(missing)}" if missing else ""
    return f"{count}, {since}{by_code}{names}"


def _reason_for_no_worse(before: TestRun, after: TestRun) -> str:
    old, new = _failing(before), _failing(after)
    if old == new:
        return f"{_tests(old)} failed before and the same after: {_names(_order(old))}"
    fixed = f"fixed: {_names(_order(old - new))}"
    if not new:
        return f"{_tests(old)} failed before and none after; {fixed}"
    return f"{_tests(old)} failed before, {len(new)} of them after: {_names(_order(new))}; {fixed}"


def _reason_for_red(before: TestRun, after: TestRun, classes: _Classes) -> str:
    if after.green:
        return f"the tests pass now, but did not before ({_ending(before)})"
    if flaky := tuple(test for test in classes.flaky if test in _failing(after)):
        return f"flaky tests fail: {_names(flaky)}"
    return f"the tests failed before and still do ({_ending(after)})"


def _failing(run: TestRun) -> frozenset[str]:
    return frozenset(test for test, outcome in run.tests.items() if outcome == "failed")


def _ran_tests(run: TestRun) -> bool:
    """Tell whether any test passed or failed, as far as the output tells."""
    if run.passed is None and run.failed is None:
        return run.exit_code not in (None, 126, 127)
    return bool(run.passed or run.failed)


def _reason_for_no_tests(run: TestRun) -> str:
    if run.stopped_by:
        return f"the tests did not {_step(run)} ({_ending(run)})"
    if run.exit_code in (126, 127):
        return "the test command was not found in the sandbox"
    if run.skipped:
        return f"all {run.skipped} tests were skipped"
    return f"no test ran ({_ending(run)})"


def _step(run: TestRun) -> str:
    return "start" if run.stopped_by == "setup" else "end"


def _ending(run: TestRun) -> str:
    if run.stopped_by == "setup":
        how = "did not end" if run.exit_code is None else f"failed with exit code {run.exit_code}"
        return f"the setup command {how}"
    if run.stopped_by:
        return f"stopped by the limit on {run.stopped_by} after {run.seconds:.0f} s"
    return f"exit code {run.exit_code}"


def _tests(tests: Collection[str]) -> str:
    return "1 test" if len(tests) == 1 else f"{len(tests)} tests"


def _names(tests: tuple[str, ...]) -> str:
    more = len(tests) - _SHOWN_NAMES
    return ", ".join(tests[:_SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")
