import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import TestRun
from codeorch.verify.compare import compare, suspects


def run(code=0, log="", stopped_by="", **tests):
    """A run with results by test: a='passed', ..."""
    outcomes = list(tests.values())
    return TestRun(
        exit_code=None if stopped_by else code,
        seconds=1.0,
        stopped_by=stopped_by,
        passed=outcomes.count("passed"),
        failed=outcomes.count("failed"),
        skipped=outcomes.count("skipped"),
        tests={f"tests/test_x.py::{name}": outcome for name, outcome in tests.items()},
        log=log,
    )


def counted(code=0, passed=None, failed=None, skipped=None, stopped_by=""):
    """A run whose output gives counts at most."""
    return TestRun(
        exit_code=None if stopped_by else code,
        seconds=1.0,
        stopped_by=stopped_by,
        passed=passed,
        failed=failed,
        skipped=skipped,
    )


P, F, S = "passed", "failed", "skipped"
GREEN = run(a=P, b=P)
RED = run(1, a=P, b=F)
CASES = {
    # ------------------------------------------------------------------ tests known by name
    "all green, as before": (GREEN, GREEN, "verified", "tests passed: 2, as before"),
    "a new test passes": (GREEN, run(a=P, b=P, c=P), "verified", "tests passed: 3"),
    "a skipped test stays skipped": (run(a=P, b=S), run(a=P, b=S), "verified", "tests passed: 1"),
    "a skipped test passes now": (run(a=P, b=S), run(a=P, b=P), "verified", "tests passed: 2"),
    "a test makes room for another": (GREEN, run(a=P, c=P), "broken", "1 test not run any more"),
    "a test breaks": (GREEN, RED, "broken", "1 test newly failing: tests/test_x.py::b"),
    "all tests break": (GREEN, run(1, a=F, b=F), "broken", "2 tests newly failing"),
    "a new test fails": (GREEN, run(1, a=P, b=P, c=F), "broken", "tests/test_x.py::c"),
    "a skipped test fails now": (run(a=P, b=S), RED, "broken", "tests/test_x.py::b"),
    "a test is gone": (GREEN, run(a=P), "broken", "1 test not run any more"),
    "a test is skipped now": (GREEN, run(a=P, b=S), "broken", "1 test not run any more"),
    "two became one": (run(a=P, b=P, c=P), run(a=P, d=P), "broken", "2 tests not run any more"),
    "a failing test hides behind a fixed one": (RED, run(1, a=F, b=P), "broken", "::a"),
    "a failing test is deleted": (RED, run(a=P), "broken", "1 test not run any more"),
    "a failing test is skipped": (RED, run(a=P, b=S), "broken", "1 test not run any more"),
    "no test is collected any more": (GREEN, run(5), "broken", "no test runs any more"),
    "nothing is told any more": (GREEN, counted(0), "broken", "2 tests not run any more"),
    "the tests hang": (GREEN, run(stopped_by="time"), "broken", "do not end any more"),
    "they hang after some": (GREEN, run(a=P, stopped_by="time"), "broken", "do not end any more"),
    "they flood the output": (GREEN, run(stopped_by="output"), "broken", "limit on output"),
    "green tests, but the runner fails": (GREEN, run(1, a=P, b=P), "broken", "exit code 1"),
    "a failing test, but the runner says 0": (GREEN, run(0, a=P, b=F), "broken", "::b"),
    "the same fails": (
        RED, RED, "no_worse", "1 test failed before and the same after: tests/test_x.py::b"),
    "red, and one more breaks": (RED, run(1, a=F, b=F), "broken", "::a"),
    "what failed passes now": (
        RED, GREEN, "no_worse", "1 test failed before and none after; fixed: tests/test_x.py::b"),
    "one of two fixed": (
        run(1, a=F, b=F), RED, "no_worse",
        "2 tests failed before, 1 of them after: tests/test_x.py::b; fixed: tests/test_x.py::a"),
    "the exit code counts failures": (run(2, a=F, b=F), RED, "no_worse", "1 of them after"),
    "the same fails, behind exit code 0": (
        run(0, a=P, b=F), run(0, a=P, b=F), "no_worse", "the same after"),
    "the same fails, and a new test passes": (
        RED, run(1, a=P, b=F, c=P), "no_worse", "the same after"),
    "the same fails, and a skipped test passes": (
        run(1, a=S, b=F), RED, "no_worse", "the same after"),
    "the same fails, and a new test fails": (RED, run(1, a=P, b=F, c=F), "broken", "::c"),
    "the same fails, with another exit code": (
        RED, run(3, a=P, b=F), "red", "still do (exit code 3)"),
    "one of two fixed, with a worse exit code": (
        run(1, a=F, b=F), run(3, a=P, b=F), "red", "still do (exit code 3)"),
    "none fails, but the runner still does": (RED, run(1, a=P, b=P), "red", "still do"),
    "the runner fails without a failing test": (run(1, a=P), run(1, a=P), "red", "still do"),
    "all fail as before": (run(1, a=F, b=F), run(1, a=F, b=F), "red", "still do"),
    "the same fails, and it hangs on both": (
        run(a=P, b=F, stopped_by="time"), run(a=P, b=F, stopped_by="time"), "red", "limit on time"),
    "the same fails, and it hung before": (
        run(a=P, b=F, stopped_by="time"), RED, "red", "still do"),
    "the same fails, and it hangs now": (
        RED, run(a=P, b=F, stopped_by="time"), "broken", "do not end any more"),
    "it hung before, and is green now": (run(stopped_by="time"), GREEN, "red", "did not before"),
    "it hangs as before": (
        run(stopped_by="time"), run(stopped_by="time"), "no_tests", "did not end"),
    "no test, as before": (run(5), run(5), "no_tests", "no test ran (exit code 5)"),
    "no test, but the runner says 0": (run(0), run(0), "no_tests", "no test ran"),
    "all skipped, as before": (run(a=S), run(a=S), "no_tests", "all 1 tests were skipped"),
    "the first tests appear": (run(5), GREEN, "red", "did not before (exit code 5)"),
    # ------------------------------------------------------------------ counts only
    "a test more": (counted(0, 5), counted(0, 6), "verified", "tests passed: 6, 5 before"),
    "the same count": (counted(0, 5), counted(0, 5), "verified", "tests passed: 5, as before"),
    "a higher count": (counted(0, 5), counted(0, 6), "verified", "tests passed: 6"),
    "a lower count": (counted(0, 5), counted(0, 4), "broken", "1 fewer tests pass than before"),
    "zero, as before": (counted(0, 0, 0), counted(0, 0, 0), "no_tests", "no test ran"),
    "zero now": (counted(0, 5), counted(0, 0, 0), "broken", "no test runs any more"),
    "no count any more": (counted(0, 5), counted(0), "broken", "does not tell any more"),
    "one fails": (counted(0, 5, 0), counted(1, 5, 1), "broken", "1 more tests fail"),
    "failures behind exit code 0": (counted(0, 5, 0), counted(0, 5, 1), "broken", "1 more"),
    "failures behind exit code 0, always": (
        counted(0, 5, 1), counted(0, 5, 1), "red", "still do"),
    "red, with the same counts": (counted(1, 5, 1), counted(1, 5, 1), "red", "still do"),
    # ------------------------------------------------------------------ the exit code alone
    "0 and 0": (counted(0), counted(0), "verified", "by the exit code alone"),
    "0 and 1": (counted(0), counted(1), "broken", "not any more (exit code 1)"),
    "1 and 1": (counted(1), counted(1), "red", "still do (exit code 1)"),
    "1 and 0": (counted(1), counted(0), "red", "did not before"),
    "the command is not there": (counted(127), counted(127), "no_tests", "was not found"),
    "the command is gone": (counted(0), counted(127), "broken", "exit code 127"),
    "time is up on both": (
        counted(stopped_by="time"), counted(stopped_by="time"), "no_tests", "did not end"),
    "time is up now": (counted(0), counted(stopped_by="time"), "broken", "do not end any more"),
    "it crashes now": (counted(0), counted(139), "broken", "exit code 139"),
    "no command": (None, None, "no_tests", "no test command"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_verdict(case):
    before, after, status, reason = CASES[case]
    verdict = compare(before, after)
    assert verdict.status == status
    assert reason in verdict.reason


def test_each_test_is_in_its_class():
    before = run(1, ok=P, breaks=P, mended=F, bad=F, gone=P, muted=P, slept=S)
    after = run(1, ok=P, breaks=F, mended=P, bad=F, muted=S, slept=P, added=P)
    verdict = compare(before, after)

    def names(tests):
        return {test.rpartition("::")[2] for test in tests}

    assert names(verdict.broken) == {"breaks"}
    assert names(verdict.fixed) == {"mended"}
    assert names(verdict.still_failing) == {"bad"}
    assert names(verdict.missing) == {"gone", "muted"}
    assert names(verdict.new) == {"added"}


def test_a_test_that_moved_to_another_file_is_not_lost():
    before = TestRun(exit_code=0, seconds=1, passed=1, tests={"old.py::test_a": P})
    after = TestRun(exit_code=0, seconds=1, passed=1, tests={"new.py::test_a": P})
    verdict = compare(before, after)
    assert (verdict.status, verdict.missing) == ("verified", ("old.py::test_a",))
    assert "under another name now: old.py::test_a" in verdict.reason


def test_a_renamed_test_is_not_lost_and_stands_in_for_one_old_test_only():
    before, after = run(a=P, b=P, c=P), run(a=P, bb=P)
    pairs = {("b", "bb"), ("c", "bb")}
    verdict = compare(before, after, (), lambda old, new: (old, new) in pairs)
    assert verdict.missing == ("tests/test_x.py::b", "tests/test_x.py::c")
    assert verdict.reason == "1 test not run any more: tests/test_x.py::c"
    renamed = compare(run(a=P, b=P), after, (), lambda old, new: (old, new) in pairs)
    assert renamed.status == "verified"
    assert renamed.reason.endswith("1 test under another name now: tests/test_x.py::b")


def test_a_lost_test_is_not_made_good_by_a_stranger():
    before = TestRun(exit_code=0, seconds=1, passed=1, tests={"a.py::test_real": P})
    after = TestRun(exit_code=0, seconds=1, passed=1, tests={"b.py::test_easy": P})
    assert compare(before, after).status == "broken"


def test_a_flaky_test_breaks_nothing_but_is_no_proof_either():
    verdict = compare(GREEN, RED, flaky=["tests/test_x.py::b"])
    assert (verdict.status, verdict.broken) == ("red", ())
    assert verdict.flaky == ("tests/test_x.py::b",)
    assert verdict.reason == "flaky tests fail: tests/test_x.py::b"


def test_a_flaky_test_that_fails_after_only_is_not_no_worse():
    verdict = compare(RED, run(1, a=F, b=F), flaky=["tests/test_x.py::a"])
    assert (verdict.status, verdict.still_failing) == ("red", ("tests/test_x.py::b",))
    assert verdict.reason == "flaky tests fail: tests/test_x.py::a"
    both = run(1, a=F, b=F, c=P)
    assert compare(both, both, flaky=["tests/test_x.py::a"]).status == "no_worse"


def test_suspects_are_the_tests_that_failed_on_one_side_only():
    before, after = run(1, a=F, b=P, c=F, d=P), run(1, a=P, b=F, c=F, d=P, new=F)
    assert suspects(before, after) == ("tests/test_x.py::b", "tests/test_x.py::a")


outcomes = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from((P, F, S)), max_size=6)


@given(outcomes, outcomes, st.sampled_from((0, 1, 2, 5)), st.sampled_from((0, 1, 2, 5)))
def test_verified_means_green_before_and_after_and_nothing_lost(old, new, code, code_after):
    before, after = run(code, **old), run(code_after, **new)
    if compare(before, after).status == "verified":
        assert before.green
        assert after.green
        assert after.passed >= before.passed > 0
        assert F not in new.values()


@given(outcomes, outcomes, st.sampled_from((0, 1, 2, 5)), st.sampled_from((0, 1, 2, 5)))
def test_no_worse_means_that_tests_failed_before_and_no_others_after(old, new, code, code_after):
    before, after = run(code, **old), run(code_after, **new)
    if compare(before, after).status == "no_worse":
        failed, failing = ({t for t in tests if tests[t] == F} for tests in (old, new))
        assert failed
        assert failing <= failed
        assert P in new.values()
        assert all(new.get(test) == P for test in old if old[test] != S and test not in failing)
        assert code_after <= code


@given(outcomes, outcomes)
def test_a_test_that_breaks_is_always_named(old, new):
    code = 1 if F in new.values() else 0
    verdict = compare(run(**old), run(code, **new))
    breaks = {f"tests/test_x.py::{t}" for t in new if new[t] == F and old.get(t) == P}
    assert breaks <= set(verdict.broken)
    if breaks:
        assert verdict.status == "broken"
