import pytest

from codeorch.errors import PlanInvalid
from codeorch.plan import form
from codeorch.plan.faults import Limits

LIMITS = Limits(paths=("a.py", "b.py", "pkg/c.py"), max_tasks=3)


def task(name, path, **more):
    return {"id": name, "path": path, "goal": "do it", **more}


def plan(*tasks, **more):
    return {"rationale": "because", "tasks": list(tasks), **more}


def faults(data):
    with pytest.raises(PlanInvalid) as refused:
        form.read(data, LIMITS, "model")
    return " ".join(refused.value.faults)


def test_a_valid_plan_becomes_values():
    contract = {"symbol": "f", "signature": "def f() -> int", "defined_in": "a.py"}
    draft = form.read(
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
        (plan(task("t1", "a.py"), task("t2", "a.py")), "both change a.py"),
        (plan(task("t1", "a.py"), task("t1", "b.py")), "used twice"),
        (plan(task("t1", "a.py", needs=["t9"])), "'t9', which is no task"),
        (plan({"id": "t1", "path": "a.py", "goal": "  "}), "has no goal"),
        (plan(*(task(f"t{i}", f"n{i}.py", action="create") for i in range(4))), "at most 3"),
        (plan(task("t1", "a.py", action="burn")), "tasks.0.action"),
        (plan(task("t1", "a.py", colour="red")), "tasks.0.colour"),
        ({"tasks": []}, "rationale"),
        (plan(task("../x", "a.py")), "tasks.0.id"),
    ],
)
def test_each_fault_is_named(data, said):
    assert said in faults(data)


@pytest.mark.parametrize(
    ("source", "model", "kept"),
    [("model", "cheap", "cheap"), ("model", "gpt-99", ""), ("manual", "gpt-99", "gpt-99")],
)
def test_only_a_user_can_name_a_model_that_is_no_class(source, model, kept):
    draft = form.read(plan(task("t1", "a.py", worker={"model": model})), LIMITS, source)
    assert draft.plan.tasks[0].worker.model == kept


def test_a_cycle_is_broken_where_the_fewest_contracts_are():
    contract = {"symbol": "f", "signature": "f()", "defined_in": "a.py", "used_in": ["b.py"]}
    draft = form.read(
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

    found = list(objects(form.schema()))
    assert len(found) == 5
    assert all(node["additionalProperties"] is False for node in found)
