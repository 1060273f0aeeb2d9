import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch import graph
from codeorch.errors import PlanInvalid
from codeorch.planning import plan_schema
from codeorch.planning.faults import Limits

LIMITS = Limits(paths=("a.py", "b.py", "pkg/c.py"), max_tasks=3)


def task(name, path, **more):
    return {"id": name, "path": path, "goal": "do it", **more}


def plan(*tasks, **more):
    return {"rationale": "because", "tasks": list(tasks), **more}


def faults(data):
    with pytest.raises(PlanInvalid) as refused:
        plan_schema.read(data, LIMITS, "model")
    return " ".join(refused.value.faults)


def test_a_valid_plan_becomes_values():
    contract = {"symbol": "f", "signature": "def f() -> int", "defined_in": "a.py"}
    draft = plan_schema.read(
        plan(
            task("t1", "a.py", weight=2),
            task("t2", "new.py", action="create", needs=["t1"], context=["b.py", "nosuch.py"]),
            contracts=[contract],
            codemods=["rename function `x` to `y`"],
        ),
        LIMITS,
        "model",
    )
    first, second = draft.plan.tasks
    assert (first.id, first.weight, first.action) == ("t1", 2.0, "edit")
    assert (second.needs, second.context, second.action) == (("t1",), ("b.py",), "create")
    assert draft.plan.contracts[0].signature == "def f() -> int"
    assert draft.codemods == ("rename function `x` to `y`",)
    assert draft.plan.notes == (
        "context nosuch.py of task t2 is not in the repository and is left out",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (plan(task("t1", "nosuch.py")), "not in the repository"),
        (plan(task("t1", "other/c.py")), "Did you mean 'pkg/c.py'?"),
        (plan(task("t1", "a.py", action="create")), "which exists"),
        (plan(task("t1", "a.py"), task("t2", "a.py")), "let one need the other"),
        (
            plan(task("t1", "a.py", needs=["t2"]), task("t2", "a.py", action="delete")),
            "both change a.py. Join them.",
        ),
        (plan(task("t1", "a.py"), task("t1", "b.py")), "used twice"),
        (plan(task("t1", "a.py", needs=["t9"])), "'t9', which is no task"),
        (plan({"id": "t1", "path": "a.py", "goal": "  "}), "has no goal"),
        (plan(*(task(f"t{i}", f"n{i}.py", action="create") for i in range(4))), "at most 3"),
        (plan(task("t1", "a.py", action="burn")), "Task 't1', action: "),
        (plan(task("t1", "a.py", colour="red")), "Task 't1', colour: there is no such field"),
        ({"tasks": []}, "rationale"),
        (plan(task("../x", "a.py")), "Task '../x', id: letters, digits"),
    ],
)
def test_each_fault_is_named(data, said):
    assert said in faults(data)


@pytest.mark.parametrize(
    ("source", "model", "kept"),
    [("model", "cheap", "cheap"), ("model", "gpt-99", ""), ("manual", "gpt-99", "gpt-99")],
)
def test_only_a_user_can_name_a_model_that_is_no_class(source, model, kept):
    draft = plan_schema.read(plan(task("t1", "a.py", worker={"model": model})), LIMITS, source)
    assert draft.plan.tasks[0].worker.model == kept


@pytest.mark.parametrize("source", ["model", "manual"])
def test_slips_in_paths_are_undone_wherever_a_plan_names_one(source):
    limits = Limits(max_tasks=9, paths=("src/a.py", "b.py"))
    data = {
        "rationale": "r",
        "tasks": [
            {"id": "1", "path": "./src//a.py", "goal": "g", "context": ["src\\a.py", "./b.py"]},
            {"id": "2", "path": "src\\new.py", "action": "create", "goal": "g"},
            {"id": "3", "path": "b/b.py", "action": "rename", "old_path": "./b.py", "goal": "g"},
        ],
        "contracts": [
            {"symbol": "f", "signature": "f()", "defined_in": ".\\src\\new.py",
             "used_in": ["a/src/a.py"]}
        ],
    }  # fmt: skip
    found = plan_schema.read(data, limits, source).plan
    assert [task.path for task in found.tasks] == ["src/a.py", "src/new.py", "b/b.py"]
    assert found.tasks[0].context == ("src/a.py", "b.py")
    assert found.tasks[2].old_path == "b.py"
    assert found.contracts[0].defined_in == "src/new.py"
    assert found.contracts[0].used_in == ("src/a.py",)


def test_a_deletion_and_a_move_need_no_goal():
    tasks = [
        {"id": "1", "path": "a.py", "action": "delete"},
        {"id": "2", "path": "c.py", "action": "rename", "old_path": "b.py"},
    ]
    limits = Limits(max_tasks=9, paths=("a.py", "b.py"))
    found = plan_schema.read({"rationale": "", "tasks": tasks}, limits, "manual").plan
    assert [task.goal for task in found.tasks] == ["Delete a.py.", "Move b.py to c.py."]
    assert not any(task.needs_model for task in found.tasks)


def test_a_cycle_is_broken_where_the_fewest_contracts_are():
    contract = {"symbol": "f", "signature": "f()", "defined_in": "a.py", "used_in": ["b.py"]}
    draft = plan_schema.read(
        plan(
            task("t1", "a.py", needs=["t2"]),
            task("t2", "b.py", needs=["t1"]),
            contracts=[contract],
        ),
        LIMITS,
        "model",
    )
    assert [t.needs for t in draft.plan.tasks] == [(), ("t1",)]
    assert "cycle" in draft.plan.notes[0]


def test_the_schema_refuses_unknown_fields_everywhere():
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for value in node:
                yield from objects(value)

    schema = plan_schema.plan_tool().schema
    found = list(objects(schema))
    assert schema["properties"].keys() >= {"tasks", "groups", "contracts", "codemods", "questions"}
    assert len(found) == 10  # the plan, its eight kinds of rows, and a group's worker
    assert all(node["additionalProperties"] is False for node in found)


# --------------------------------------------------------------- whatever a model may hand in

ids = st.sampled_from(["t1", "t2", "t3", "../x", ""])
paths = st.sampled_from([*LIMITS.paths, "new.py", "A.py", "../out.py", ".git/config", ""])
tasks = st.fixed_dictionaries(
    {"id": ids, "path": paths, "goal": st.sampled_from(["do it", " "])},
    optional={
        "action": st.sampled_from(["create", "edit", "delete", "rename", "burn"]),
        "old_path": paths,
        "needs": st.lists(ids, max_size=3),
        "context": st.lists(paths, max_size=2),
        "weight": st.sampled_from([1, 0, -1, 1e9]),
    },
)
contracts = st.fixed_dictionaries(
    {"symbol": st.just("f"), "signature": st.sampled_from(["f()", ""]), "defined_in": paths},
    optional={"used_in": st.lists(paths, max_size=2)},
)
forms = st.fixed_dictionaries(
    {"rationale": st.just("r"), "tasks": st.lists(tasks, max_size=4)},
    optional={
        "contracts": st.lists(contracts, max_size=2),
        "strategy": st.sampled_from(["top-down", "dependency", "sideways"]),
        "next_stage": st.just("more"),
        "dropped": st.just([{"task": "t9", "why": "w"}]),
    },
)
words = st.sampled_from(["", "t1", "a.py", "tasks"])
json_values = st.recursive(
    st.sampled_from([None, True, 0, -1.5]) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["tasks", "rationale", "contracts", "codemods", "questions", "colour"])


def outcome(data):
    try:
        return plan_schema.read(data, LIMITS, "model").plan
    except PlanInvalid as error:
        return error.faults


@given(forms)
def test_what_comes_through_the_door_can_be_carried_out(data):
    found = outcome(data)
    if isinstance(found, tuple):
        assert found
        assert all(fault.strip() for fault in found)
        return
    assert len(found.tasks) <= LIMITS.max_tasks
    assert all(task.goal for task in found.tasks)
    named = [path for task in found.tasks for path in {task.path, task.old_path} if path]
    assert len(named) == len(set(named))
    assert not any(path.startswith((".git", "..")) for path in named)
    assert all((t.path in LIMITS.paths) == (t.action in ("edit", "delete")) for t in found.tasks)
    assert graph.find_cycle({task.id: task.needs for task in found.tasks}) == ()
    assert found.cancelled_tasks == ()
    assert all(bool(task.old_path) == (task.action == "rename") for task in found.tasks)


@given(st.dictionaries(keys, json_values))
def test_rubbish_is_refused_or_plans_nothing(data):
    found = outcome(data)
    assert found if isinstance(found, tuple) else not found.tasks


def test_edits_of_one_file_may_build_on_each_other_also_by_way_of_others():
    chain = (task("t1", "a.py"), task("t2", "b.py", needs=["t1"]), task("t3", "a.py", needs=["t2"]))
    draft = plan_schema.read(plan(*chain), LIMITS, "model")
    assert [one.path for one in draft.plan.tasks] == ["a.py", "b.py", "a.py"]
    assert draft.plan.notes == ()


def test_what_uses_a_contract_waits_for_all_tasks_of_the_file_that_defines_it():
    contract = {"symbol": "f", "signature": "def f()", "defined_in": "a.py",
                "used_in": ["a.py", "b.py"]}  # fmt: skip
    tasks = (task("t1", "a.py"), task("t2", "a.py", needs=["t1"]), task("t3", "b.py"))
    data = plan(*tasks, contracts=[contract], strategy="dependency")
    draft = plan_schema.read(data, LIMITS, "model")
    assert [one.needs for one in draft.plan.tasks] == [(), ("t1",), ("t1", "t2")]
