import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import Contract, Done, FilePatch, Plan, Round, Task, TestRun, Verdict
from codeorch.merge import green_subset
from codeorch.merge.combine import change_of


def red(*steps, broken=(), log="", contracts=()):
    after = TestRun(exit_code=1, seconds=0, log=log)
    return Round(
        plan=Plan(tasks=tuple(step.task for step in steps), contracts=contracts),
        results=steps,
        change=change_of("b", steps),
        commit="red",
        verdict=Verdict(status="broken", reason="", broken=broken, after=after),
    )


class Suite:
    """Stands for a test suite: `breaks` says whether some tasks together break it."""

    def __init__(self, first, breaks, otherwise="verified"):
        self._first = first
        self._breaks = breaks
        self._otherwise = otherwise
        self.runs = []

    def __call__(self, change):
        ids = {step.task.id for step in change.steps}
        assert ids, "no run for nothing"
        for step in change.steps:
            assert set(step.task.needs) <= ids, "not closed under needs"
        self.runs.append(ids)
        status = "broken" if self._breaks(ids) else self._otherwise
        verdict = Verdict(status=status, reason="")
        return Round(plan=self._first.plan, results=self._first.results, change=change,
                     commit="+".join(sorted(ids)), verdict=verdict)  # fmt: skip


def kept(found):
    return {step.task.id for step in found.change.steps}


def rejected(found):
    return {one.task: one.why for one in found.change.rejected}


@pytest.fixture
def steps(step):
    """Make steps t0, t1, ... with the needs given by number."""

    def make(count, needs=()):
        needs = dict(needs)
        return [
            step(f"t{n}", f"f{n}.py", None, b"x", needs=tuple(f"t{m}" for m in needs.get(n, ())))
            for n in range(count)
        ]

    return make


def test_one_culprit_among_many_is_left_out(steps):
    first = red(*steps(9))
    tests = Suite(first, lambda ids: "t6" in ids)
    found = green_subset(first, tests)
    assert kept(found) == {f"t{n}" for n in range(9)} - {"t6"}
    assert rejected(found) == {"t6": "the tests do not stay green with it"}
    assert found.verdict.status == "verified"
    assert found.commit == "+".join(sorted(kept(found)))
    assert len(tests.runs) <= 5


def test_a_part_after_which_the_same_tests_fail_as_before_is_green_enough(steps):
    first = red(*steps(3))
    tests = Suite(first, lambda ids: "t1" in ids, otherwise="no_worse")
    found = green_subset(first, tests)
    assert (kept(found), found.verdict.status) == ({"t0", "t2"}, "no_worse")


def test_tasks_that_the_broken_tests_point_to_go_first(steps):
    first = red(*steps(9), broken=("f6.py::test_it",), log="in f2.py")
    tests = Suite(first, lambda ids: "t6" in ids)
    found = green_subset(first, tests)
    assert tests.runs[0] == {f"t{n}" for n in range(9)} - {"t6", "t2"}
    assert kept(found) == {f"t{n}" for n in range(9)} - {"t6"}


def test_several_culprits_are_left_out(steps):
    first = red(*steps(8))
    found = green_subset(first, Suite(first, lambda ids: bool(ids & {"t1", "t5"})))
    assert rejected(found).keys() == {"t1", "t5"}


def test_with_a_task_goes_all_that_needs_it_and_of_its_group_only_that(steps):
    first = red(*steps(6, {1: [0], 2: [1], 3: [1], 5: [4]}), broken=("f2.py",))
    found = green_subset(first, Suite(first, lambda ids: "t2" in ids))
    assert kept(found) == {"t0", "t1", "t3", "t4", "t5"}


def test_what_needs_a_task_that_goes_says_so(steps):
    first = red(*steps(3, {1: [0]}), broken=("f0.py",))
    found = green_subset(first, Suite(first, lambda ids: "t0" in ids))
    assert rejected(found) == {
        "t0": "the tests do not stay green with it",
        "t1": "t0, which it needs, does not land",
    }


def test_tasks_that_are_only_green_together_stay_together(steps):
    """A caller and what it calls: each for itself breaks the tests."""
    first = red(*steps(4, {1: [0]}))
    found = green_subset(
        first, Suite(first, lambda ids: "t3" in ids or len(ids & {"t0", "t1"}) == 1)
    )
    assert kept(found) == {"t0", "t1", "t2"}


def test_tasks_of_one_contract_stay_together(steps):
    contract = Contract(symbol="f", signature="f()", defined_in="f0.py", used_in=("f3.py",))
    first = red(*steps(5), contracts=(contract,))
    found = green_subset(
        first, Suite(first, lambda ids: "t2" in ids or len(ids & {"t0", "t3"}) == 1)
    )
    assert kept(found) == {"t0", "t1", "t3", "t4"}


def test_the_files_of_one_codemod_stay_together():
    def codemod(name, path, goal):
        task = Task(id=name, path=path, goal=goal, answer="diff")
        return Done(task=task, patch=FilePatch(path=path, before=None, after=b"x"))

    a = [codemod(f"a{n}", f"a{n}.py", "rename a") for n in range(3)]
    b = [codemod(f"b{n}", f"b{n}.py", "rename b") for n in range(3)]
    first = red(*a, *b)
    tests = Suite(first, lambda ids: "a1" in ids or 0 < len({i for i in ids if i[0] == "b"}) < 3)
    found = green_subset(first, tests)
    assert kept(found) == {"b0", "b1", "b2"}
    assert len(tests.runs) <= 2


def test_a_step_on_another_ones_text_needs_it(step):
    on_it = step("t2", "a.py", b"2", b"3")
    first = red(step("t1", "a.py", b"1", b"2"), on_it, step("t3", "b.py", None, b"x"))
    found = green_subset(first, Suite(first, lambda ids: "t1" in ids))
    assert kept(found) == {"t3"}
    assert rejected(found)["t2"] == "t1, which it needs, does not land"


def test_nothing_lands_when_no_part_is_green(steps):
    first = red(*steps(3))
    found = green_subset(first, Suite(first, lambda ids: True))
    assert (kept(found), found.commit, found.change.patches) == (set(), "", ())
    assert rejected(found).keys() == {"t0", "t1", "t2"}
    assert found.verdict == first.verdict


def test_the_number_of_runs_is_bounded_and_what_stands_was_tested(steps):
    first = red(*steps(40))
    tests = Suite(first, lambda ids: any(int(i[1:]) % 3 == 0 for i in ids))
    found = green_subset(first, tests, runs=7)
    assert len(tests.runs) == 7
    assert kept(found) in tests.runs or not kept(found)
    assert not any(int(i[1:]) % 3 == 0 for i in kept(found))


@given(
    size=st.integers(1, 7),
    data=st.data(),
)
def test_with_runs_enough_independent_culprits_and_only_they_go(size, data):
    ids = [f"t{n}" for n in range(size)]
    made = []
    for n, name in enumerate(ids):
        needs = data.draw(st.sets(st.sampled_from(ids[:n]), max_size=2)) if n else set()
        task = Task(id=name, path=f"f{n}.py", goal="g", needs=tuple(sorted(needs)))
        made.append(Done(task=task, patch=FilePatch(path=f"f{n}.py", before=None, after=b"x")))
    bad = data.draw(st.sets(st.sampled_from(ids), min_size=1))
    first = red(*made)
    tests = Suite(first, lambda part: bool(part & bad))
    found = green_subset(first, tests, runs=99)
    assert not kept(found) & bad
    assert rejected(found).keys() == set(ids) - kept(found)
    alone = {s.task.id for s in made if not any(s.task.id in o.task.needs or o.task.id in
             s.task.needs for o in made)}  # fmt: skip
    assert alone - bad <= kept(found)
