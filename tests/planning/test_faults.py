import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch import graph
from codeorch.config import Settings
from codeorch.domain import Contract, Plan, Request, Task
from codeorch.planning.faults import Limits, faults_of, without_cycles

IDS = "abcdefg"
LIMITS = Limits(paths=tuple(f"{name}.py" for name in IDS), max_tasks=len(IDS))


@st.composite
def plans(draw):
    """Valid plans but for their cycles, with contracts between some of the files."""
    ids = draw(st.lists(st.sampled_from(IDS), unique=True))
    tasks = tuple(
        Task(
            id=name,
            path=f"{name}.py",
            goal="g",
            needs=tuple(draw(st.lists(st.sampled_from(ids), unique=True))),
        )
        for name in ids
    )
    pairs = draw(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=8))
    contracts = tuple(
        Contract(symbol=f"s{n}", signature="s()", defined_in=f"{a}.py", used_in=(f"{b}.py",))
        for n, (a, b) in enumerate(pairs)
    )
    return Plan(tasks=tasks, contracts=contracts)


def agreed(plan, node, need):
    return sum(c.defined_in == f"{need}.py" and f"{node}.py" in c.used_in for c in plan.contracts)


@given(plans())
def test_a_mended_plan_is_a_dag_and_nothing_but_needs_has_changed(plan):
    mended = without_cycles(plan, LIMITS)
    needs = {task.id: task.needs for task in mended.tasks}
    assert graph.find_cycle(needs) == ()
    assert [replace(task, needs=()) for task in mended.tasks] == [
        replace(task, needs=()) for task in plan.tasks
    ]
    assert all(
        [need for need in before.needs if need in after.needs] == list(after.needs)
        for before, after in zip(plan.tasks, mended.tasks, strict=True)
    )
    assert replace(mended, tasks=plan.tasks, notes=()) == plan


@given(plans())
def test_each_cut_is_noted_and_was_the_weakest_edge_of_its_cycle(plan):
    mended = without_cycles(plan, LIMITS)
    lost = {(t.id, n) for t in plan.tasks for n in t.needs}
    lost -= {(t.id, n) for t in mended.tasks for n in t.needs}
    assert len(mended.notes) == len(lost)
    for note in mended.notes:
        around, _, rest = note.removeprefix("cycle ").partition(" broken: ")
        nodes = around.split(" -> ")
        node, need = rest.partition(",")[0].split(" does not wait for ")
        edges = list(itertools.pairwise(nodes))
        assert (node, need) in edges
        assert (node, need) in lost
        assert agreed(plan, node, need) == min(agreed(plan, *edge) for edge in edges)


@given(plans())
def test_a_plan_without_cycles_stays_as_it_is(plan):
    tasks = tuple(
        replace(task, needs=tuple(need for need in task.needs if need < task.id))
        for task in plan.tasks
    )
    plan = replace(plan, tasks=tasks)
    assert without_cycles(plan, LIMITS) == plan


@given(plans())
def test_a_cycle_alone_is_no_fault(plan):
    assert faults_of(plan, LIMITS) == ()


def test_names_used_decide_where_contracts_do_not():
    tasks = (
        Task(id="a", path="a.py", goal="g", needs=("b",)),
        Task(id="b", path="b.py", goal="g", needs=("a",)),
    )
    uses = {("a.py", "b.py"): 3}
    limits = replace(LIMITS, links=lambda user, definer: uses.get((user, definer), 0))
    mended = without_cycles(Plan(tasks=tasks), limits)
    assert [task.needs for task in mended.tasks] == [("b",), ()]
    assert (
        "b does not wait for a, where least binds them (0 contracts, 0 names used)"
        in (mended.notes[0])
    )


def task(name="a", path="a.py", **more):
    return Task(**{"id": name, "path": path, "goal": "g", **more})


@pytest.mark.parametrize(
    ("tasks", "limits", "said"),
    [
        ([task(path="b/../a.py", action="create")], {}, "`..` component"),
        ([task(path=".git/config", action="create")], {}, "version control"),
        ([task(path="A.py", action="create")], {}, "the same as 'a.py'"),
        ([task(path=".github/x.yml", action="create")], {}, "--allow .github/x.yml"),
        ([task(action="rename")], {}, "needs `old_path`"),
        ([task(action="rename", old_path="x.py", path="y.py")], {}, "is to rename 'x.py'"),
        ([task(action="rename", old_path="b.py")], {}, "creates a.py, which exists"),
        ([task()], {"scope": ("docs/*",)}, "a.py may not change: the user allows only docs/*"),
        ([task()], {"max_tasks": 2, "taken": frozenset({"b.py", "c.py"})}, "2 of earlier rounds"),
        ([task(needs=("z",), goal="")], {}, "has no goal"),
    ],
)
def test_each_fault_is_named(tasks, limits, said):
    found = faults_of(Plan(tasks=tuple(tasks)), replace(LIMITS, **limits))
    assert said in " ".join(found)


def test_a_file_of_an_earlier_round_counts_once():
    limits = replace(LIMITS, max_tasks=2, taken=frozenset({"a.py", "b.py"}))
    assert faults_of(Plan(tasks=(task(),)), limits) == ()


def test_a_protected_file_is_refused_before_a_worker_is_paid_for_it():
    limits = replace(LIMITS, paths=(".github/x.yml",))
    found = faults_of(Plan(tasks=(task(path=".github/x.yml"),)), limits)
    assert found == (
        (
            ".github/x.yml is protected; the user can open it: --allow .github/x.yml. "
            "Leave it out, and name it in `rationale` if the request needs it."
        ),
    )


def test_an_opened_protected_path_may_be_planned():
    plan = Plan(tasks=(task(path=".github/x.yml", action="create"),))
    assert faults_of(plan, replace(LIMITS, allowed=(".github/x.yml",))) == ()


@pytest.mark.parametrize(
    ("contract", "tasks", "said"),
    [
        ({"defined_in": "x/a.py"}, [], "Did you mean 'a.py'?"),
        ({"defined_in": "a.py", "used_in": ("nosuch.js",)}, [], "'nosuch.js', which neither is"),
        ({"defined_in": "a.py"}, [task(action="delete")], "'a.py', which neither is"),
        ({"defined_in": "a.py", "signature": " "}, [], "has no signature"),
    ],
)
def test_a_contract_that_binds_nothing_is_named(contract, tasks, said):
    bound = Contract(**{"symbol": "f", "signature": "f()", **contract})
    assert said in " ".join(faults_of(Plan(tasks=tuple(tasks), contracts=(bound,)), LIMITS))


def test_a_contract_may_name_a_file_that_a_task_makes():
    bound = Contract(symbol="f", signature="f()", defined_in="new.py", used_in=("a.py",))
    plan = Plan(tasks=(task(path="new.py", action="create"),), contracts=(bound,))
    assert faults_of(plan, LIMITS) == ()


def test_a_cycle_is_told_beside_other_faults_because_the_planner_is_asked_anyway():
    plan = Plan(tasks=(task(needs=("b",), goal=""), task("b", "b.py", needs=("a",))))
    assert "The needs go round" in faults_of(plan, LIMITS)[-1]


def test_the_users_strategy_is_enforced():
    limits = replace(LIMITS, strategy="dependency")
    assert "must be dependency" in faults_of(Plan(tasks=(), strategy="top-down"), limits)[0]
    assert faults_of(Plan(tasks=(), strategy="dependency"), limits) == ()


def test_nothing_is_made_inside_of_a_link_or_a_submodule():
    limits = replace(LIMITS, left_out={"link": "symbolic link"})
    plan = Plan(tasks=(Task(id="t1", path="link/new.py", goal="g", action="create"),))
    (fault,) = faults_of(plan, limits)
    assert "'link/new.py' cannot exist beside 'link'" in fault


def test_limits_are_those_of_the_user_and_the_settings(snapshot_of, reading):
    request = Request(text="r", base="0", paths=("calc/*",))
    settings = Settings(max_tasks=7, task_timeout_s=9.0, allow=("x",), strategy="dependency")
    limits = Limits.of(request, snapshot_of(), settings, reading)
    assert limits == Limits(
        paths=limits.paths, links=limits.links, text_of=limits.text_of,
        against_editing=limits.against_editing, against_moving=limits.against_moving,
        is_generated=limits.is_generated, max_tasks=7, timeout_s=9.0, scope=("calc/*",),
        against_autorun=reading.against_autorun,
        allowed=("x",), strategy="dependency",
    )  # fmt: skip
    assert limits.links("calc/room.py", "calc/core.py") == 1
    assert limits.links("calc/core.py", "calc/room.py") == 0
