"""What is wrong after a round, parted by who has written it."""

from dataclasses import replace

import pytest

from codeorch.domain import (
    ChangeSet,
    Contract,
    Deviation,
    Done,
    FilePatch,
    NeedsMore,
    NothingToDo,
    Plan,
    Round,
    Task,
    Verdict,
)
from codeorch.planning.author_repairs import author_repairs, needless_repairs
from codeorch.planning.failing_tests import failing_definitions, failures_joined, own_tests
from codeorch.planning.outcome import Evidence

CORE = Task(id="core", path="calc/core.py", goal="give area a unit")
ROOM = Task(id="room", path="calc/room.py", goal="hand it on")
TEST = Task(id="test", path="tests/test_core.py", goal="test the unit", action="create")
OLD = b"def test_old():\n    pass\n"
NEW = b"def test_unit():\n    assert area(1, 1, 2) == 2\n"


def done(task, before=b"", after=b"x"):
    return Done(task=task, patch=FilePatch(path=task.path, before=before, after=after))


def a_round(*results, contracts=(), verdict=None, **fields):
    plan = Plan(tasks=tuple(result.task for result in results), contracts=contracts)
    change = ChangeSet(base="0", patches=tuple(r.patch for r in results if isinstance(r, Done)))
    green = Verdict(status="verified", reason="green")
    return Round(
        plan=plan, results=results, change=change, commit="1", verdict=verdict or green, **fields
    )


def red(*broken, **fields):
    failures = {name: f"E   in {name}\ncalc/room.py:10: in size" for name in broken}
    return Verdict(
        status="broken", reason="worse", broken=broken, failures=failures,
        evidence="\n".join(failures.values()), **fields,
    )  # fmt: skip


@pytest.fixture
def parted(findings_of, reading):
    def part(*rounds, authors=("core", "room", "test")):
        evidence = Evidence(
            rounds=rounds, snapshot=findings_of().snapshot, diffs={}, reading=reading,
            authors=authors,
        )  # fmt: skip
        return author_repairs(evidence)

    return part


def test_lint_findings_go_to_the_worker_of_their_file(parted):
    own, other = "calc/core.py:1: unused name (F401)", "calc/house.py:1: too long (E501)"
    verdict = Verdict(status="verified", reason="green", findings=(own, other))
    repairs = parted(a_round(done(CORE), verdict=verdict))
    (task,) = repairs.tasks
    assert (task.id, task.path, task.continues) == ("r2-mend-core", "calc/core.py", "core")
    assert own in task.diagnosis
    assert "calc/core.py, lines 1 to 3\n```python\ndef area" in task.diagnosis
    assert repairs.rest.verdict.findings == (other,)  # nobody but the planner has written that
    assert repairs.lines == ("- calc/core.py: Mend what linters find in calc/core.py",)


def test_a_failing_test_goes_to_the_worker_that_wrote_it_and_others_to_the_planner(parted):
    verdict = red("tests/test_core.py::test_unit[2]", "tests/test_core.py::test_old")
    last = a_round(done(CORE), done(TEST, OLD, OLD + NEW), verdict=verdict)
    repairs = parted(last)
    (task,) = repairs.tasks
    assert (task.path, task.action) == ("tests/test_core.py", "edit")
    assert "- tests/test_core.py::test_unit[2]\n" in task.diagnosis
    assert "E   in tests/test_core.py::test_unit[2]" in task.diagnosis
    assert "def size(self):" in task.diagnosis  # the frame, as it is now
    assert "test_old" not in task.diagnosis
    rest = repairs.rest.verdict
    assert (rest.status, rest.broken) == ("broken", ("tests/test_core.py::test_old",))
    assert "test_unit" not in rest.evidence


def test_of_many_cases_of_one_test_one_log_is_told(parted):
    names = [f"tests/test_core.py::test_unit[{n}]" for n in range(3)]
    (task,) = parted(a_round(done(TEST, None, NEW), verdict=red(*names))).tasks
    assert [name for name in names if f"- {name}\n" in f"{task.diagnosis}\n"] == names
    assert task.diagnosis.count("E   in ") == 1


def test_where_only_own_tests_fail_nothing_is_left_to_the_planner(parted):
    last = a_round(done(TEST, None, NEW), verdict=red("tests/test_core.py::test_unit"))
    rest = parted(last).rest.verdict
    assert (rest.status, rest.broken, rest.evidence) == ("no_worse", (), "")


def test_a_run_that_lost_tests_besides_stays_broken(parted):
    verdict = red("tests/test_core.py::test_unit", missing=("tests/test_room.py::test_size",))
    assert parted(a_round(done(TEST, None, NEW), verdict=verdict)).rest.verdict.status == "broken"


@pytest.mark.parametrize(
    ("name", "before", "after", "own"),
    [
        ("tests/test_a.py::Case::test_x", b"", b"def test_x(self): ...", True),
        ("tests/test_a.py::test_x", b"def test_x(): ...", b"def test_x(): 1", False),
        ("tests/test_b.py::test_x", b"", b"def test_x(): ...", False),  # another file's
        ("tests.test_a.Case.test_x", b"", b"    def test_x(self): ...", True),
        ("test_x (tests.test_a.Case)", b"", b"    def test_x(self): ...", True),
        ("example.org/m/a.TestX/part", None, b"func TestX(t *testing.T) {", True),
        ("tests/test_a.py > cart adds up", b"", b"describe('cart', () => it('adds up'", True),
        ("tests/test_a.py > cart adds up", b"it('adds up'", b"it('adds up', 1", False),
        ("tests/it.rs sums_up", b"", b"fn sums_up() {", True),
    ],
)
def test_a_test_is_known_as_the_runs_own_in_each_runners_words(name, before, after, own):
    task = Task(id="t", path="tests/test_a.py", goal="g")
    last = a_round(done(task, before, after), verdict=red(name))
    assert own_tests(last) == ({name: task.path} if own else {})


def test_who_relies_on_a_contract_that_was_not_kept_is_told(parted):
    area = Contract(
        symbol="area", signature="def area(w, h, unit)", defined_in=CORE.path,
        used_in=(ROOM.path, "calc/house.py"),
    )  # fmt: skip
    strayed = Deviation(symbol="area", signature="def area(size)", why="it is one value")
    last = a_round(replace(done(CORE), deviations=(strayed,)), done(ROOM), contracts=(area,))
    (task,) = parted(last).tasks
    assert task.path == "calc/room.py"
    assert "- area is now `def area(size)` in calc/core.py: it is one value" in task.diagnosis
    told = replace(last, plan=replace(last.plan, tasks=(CORE, replace(ROOM, needs=("core",)))))
    assert parted(told).tasks == ()


def test_a_worker_is_asked_once_and_the_planners_own_edits_are_the_planners(parted):
    verdict = Verdict(status="verified", reason="green", findings=("calc/core.py:1: unused",))
    first = a_round(done(CORE), verdict=verdict)
    assert parted(first, authors=()).tasks == ()
    (task,) = parted(first).tasks
    again = parted(first, a_round(done(task), verdict=verdict), authors=("core", task.id))
    assert again.tasks == ()
    assert again.rest.verdict == verdict
    refused = NeedsMore(task=task, paths=("calc/room.py",), why="it is wrong there")
    assert parted(first, a_round(refused, verdict=verdict)).tasks == ()


def test_diagnoses_are_bounded_whatever_is_wrong(parted):
    findings = tuple(f"calc/core.py:{n}: {'long ' * 200}" for n in range(1, 500))
    names = tuple(f"tests/test_core.py::test_unit[{n}]" for n in range(500))
    verdict = replace(red(*names), findings=findings)
    tasks = parted(a_round(done(CORE), done(TEST, None, NEW), verdict=verdict)).tasks
    assert len(tasks) == 2
    assert sum(len(task.diagnosis) for task in tasks) <= 20_000


def test_a_repair_waits_for_the_planners_task_of_the_same_file_and_goes_with_it(parted):
    verdict = Verdict(status="verified", reason="green", findings=("calc/core.py:1: unused",))
    repairs = parted(a_round(done(CORE), verdict=verdict))
    other = Task(id="r2-a", path="calc/core.py", goal="g")
    first, second = repairs.added_to(Plan(tasks=(other,))).tasks
    assert (first, second.needs) == (other, ("r2-a",))
    gone = replace(other, action="delete")
    assert repairs.added_to(Plan(tasks=(gone,))).tasks == (gone,)


def an_open_repair(*causes):
    task = replace(TEST, id="r2-mend-test", action="edit", continues="test", causes=causes)
    return NeedsMore(task=task, paths=("calc/core.py",), why="area is wrong")


FINDING = ("tests/test_core.py:1: unused",)


@pytest.mark.parametrize(
    ("causes", "verdict", "is_closed"),
    [
        (("test",), Verdict(status="verified", reason="r"), True),
        (("test",), Verdict(status="no_worse", reason="r"), True),
        (("test",), red("tests/test_old.py::test_old"), True),
        (("test",), red(), False),
        (("test",), Verdict(status="red", reason="no test is named"), False),
        (("test",), Verdict(status="no_tests", reason="r"), False),
        (("test",), Verdict(status="not_run", reason="r"), False),
        (("finding",), Verdict(status="no_worse", reason="r", findings=FINDING), False),
        (("finding",), Verdict(status="no_worse", reason="r"), True),
        (("finding",), Verdict(status="no_tests", reason="r"), True),
        (("finding",), Verdict(status="not_run", reason="r"), False),
        (("finding", "test"), Verdict(status="red", reason="r"), False),
        (("contract",), Verdict(status="verified", reason="r"), False),
        (("contract", "finding"), Verdict(status="verified", reason="r"), False),
        ((), Verdict(status="verified", reason="r"), False),
    ],
)
def test_an_open_repair_is_closed_when_its_fault_is_seen_to_be_gone(causes, verdict, is_closed):
    asks = an_open_repair(*causes)
    closed = NothingToDo(task=asks.task, reason="what was wrong is gone")
    expected = closed if is_closed else asks
    assert needless_repairs(a_round(asks, verdict=verdict)).results == (expected,)


def test_a_repair_names_the_kinds_of_its_faults(parted):
    verdict = replace(red("tests/test_core.py::test_unit"), findings=FINDING)
    (task,) = parted(a_round(done(TEST, None, NEW), verdict=verdict)).tasks
    assert task.causes == ("finding", "test")
    contract = Contract(
        symbol="area", signature="area(w, h)", defined_in="calc/core.py", used_in=("calc/room.py",)
    )
    core = replace(done(CORE), deviations=(Deviation(symbol="area", signature="a()", why="w"),))
    (task,) = parted(a_round(core, done(ROOM), contracts=(contract,))).tasks
    assert task.causes == ("contract",)


def test_failures_that_end_alike_are_told_once():
    def failure(name, end):
        return f"___ {name} ___\n\ndef {name}():\n>   run()\n\nE   {end}\n\ncalc/core.py:3: Error"

    failures = {
        name: failure(name, "no argument `deep`") for name in ("test_a", "test_b", "test_c")
    }
    failures["test_d"] = failure("test_d", "1 != 2")
    joined = failures_joined(failures, [*failures, "test_e"], 5_000)
    assert joined == (f"{failures['test_a']}\nThe same in test_b, test_c\n{failures['test_d']}")
    many = {f"test_{n}": failure("x", "no argument") for n in range(40)}
    assert failures_joined(many, list(many), 5_000).endswith("test_9, test_10 and 29 more")
    assert len(failures_joined(failures, list(failures), 100)) == 100


def test_a_definition_inside_of_another_that_failed_is_not_shown_twice(snapshot_of):
    text = (
        "import x\n\n\ndef test_it():\n    class Inner:\n        def build(self):\n"
        "            return x.fail()\n\n    Inner().build()\n"
    )
    snapshot = snapshot_of({"tests/test_x.py": text})
    log = "tests/test_x.py:9: in test_it\ntests/test_x.py:7: in build\n"
    for order in (log, "\n".join(reversed(log.split("\n")))):
        shown = failing_definitions(order, snapshot)
        assert shown.count("return x.fail()") == 1
        assert shown.startswith("tests/test_x.py, lines 4 to 9\n")
    assert failing_definitions("tests/test_x.py:7: in build", snapshot).count("def build") == 1
