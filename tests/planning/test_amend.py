"""What a model changes in its plan, whatever JSON it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.errors import PlanInvalid
from codeorch.planning.amend import amend, is_whole, well_formed
from codeorch.planning.faults import Limits
from codeorch.planning.plan_schema import read

LIMITS = Limits(paths=("a.py", "b.py"), max_tasks=10)
FIRST = {"rationale": "r", "tasks": [{"id": "a", "path": "x"}, {"id": "b", "path": "y"}]}


def test_rows_are_amended_by_key_and_by_path():
    more = {"tasks": [{"id": "c", "path": "./y"}], "dropped": [{"task": "a", "why": "w"}]}
    assert amend(FIRST, more)["tasks"] == [{"id": "c", "path": "./y"}]
    assert amend({}, FIRST) == FIRST


def test_what_is_dropped_may_be_a_group_and_another_rounds_task_stays_named():
    form = {**FIRST, "groups": [{"id": "g"}], "scripts": [{"id": "s"}]}
    names = ("g", "s", "b", "earlier")
    amended = amend(form, {"dropped": [{"task": name, "why": "w"} for name in names]})
    assert (amended["groups"], amended["scripts"]) == ([], [])
    assert [row["id"] for row in amended["tasks"]] == ["a"]
    assert amended["dropped"] == [{"task": "earlier", "why": "w"}]


def test_what_is_dropped_may_be_a_contract_or_a_codemod():
    contract = {"symbol": "f", "signature": "f()", "defined_in": "a.py"}
    form = {"contracts": [contract, {**contract, "symbol": "g"}], "codemods": ["x", "y"]}
    rows = [{"task": name, "why": "w"} for name in ("f", "x", "other")]
    amended = amend(form, {"dropped": rows})
    assert [row["symbol"] for row in amended["contracts"]] == ["g"]
    assert (amended["codemods"], amended["dropped"]) == (["y"], rows[2:])


def test_needs_follow_a_task_that_takes_the_place_of_another():
    user = {"id": "u", "path": "z", "needs": ["a", "b", 3]}
    form = {"tasks": [*FIRST["tasks"], user], "groups": [{"id": "g", "needs": ["a"]}]}
    more = {"tasks": [{"id": "a1", "path": "x"}, {"id": "a2", "path": "x", "needs": ["a1"]}]}
    amended = amend(form, more)
    needs = {row["id"]: row.get("needs") for row in [*amended["tasks"], *amended["groups"]]}
    assert needs == {
        "b": None, "u": ["a1", "a2", "b", 3], "a1": None, "a2": ["a1"], "g": ["a1", "a2"],
    }  # fmt: skip


def test_a_new_row_may_still_need_the_old_id_but_no_row_needs_itself():
    more = {"tasks": [{"id": "c", "path": "x", "needs": ["b"]}, {"id": "b", "needs": ["a", "b"]}]}
    amended = amend(FIRST, more)
    assert {row["id"]: row["needs"] for row in amended["tasks"]} == {"c": ["b"], "b": ["c"]}


def test_a_task_that_builds_on_the_one_of_its_file_leaves_it():
    more = {"tasks": [{"id": "c", "path": "x", "needs": ["a"]}]}
    assert [row["id"] for row in amend(FIRST, more)["tasks"]] == ["a", "b", "c"]


@pytest.mark.parametrize("odd", ["oops", 3, None, {"id": "a"}, [3], [None], ["a"], [{"id": 3}]])
@pytest.mark.parametrize("name", ["tasks", "groups", "scripts", "contracts", "codemods", "dropped"])
def test_what_is_no_plan_is_read_as_a_fault_and_does_not_stay(name, odd):
    if name == "codemods" and odd == ["a"]:
        return  # that has the right shape
    form = {"rationale": "r", "tasks": [{"id": "a", "path": "a.py", "goal": "g"}]}
    with pytest.raises(PlanInvalid, match=rf"(?i){name.removesuffix('s')}"):
        read(amend(form, {name: odd}), LIMITS, "model")
    assert read(amend(form, well_formed({name: odd})), LIMITS, "model").plan.tasks[0].id == "a"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b", "a.py", "b.py"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "path", "needs", "goal", "task", "symbol", "why", "paths", "rows",
                         "template", "names", "values", "action", "old_path", "worker"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip
forms = st.dictionaries(
    st.sampled_from(["rationale", "tasks", "groups", "scripts", "contracts", "codemods", "strategy",
                     "questions", "dropped", "excuses", "next_stage", "strange"]),
    json_values, max_size=5,
)  # fmt: skip


@given(st.lists(forms, max_size=4))
def test_any_json_becomes_a_plan_or_faults(rounds):
    form, faults = {}, ()
    for more in rounds:
        is_whole(more, form, faults)
        try:
            read(amend(form, more), LIMITS, "model")
        except PlanInvalid as error:
            faults = error.faults
            assert all(faults)
        form = amend(form, well_formed(more))
        assert well_formed(form) == form


def test_a_form_that_is_nested_too_deeply_is_a_fault():
    deep = "a"
    for _ in range(800):
        deep = [deep]
    with pytest.raises(PlanInvalid, match=r"nested too deeply|tasks\.0"):
        read(amend(FIRST, {"tasks": deep}), LIMITS, "model")
