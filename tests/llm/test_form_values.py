"""Whole fields of forms that models write in another type; one value can be meant, or it stays."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.llm.form_values import fit_values
from codeorch.planning.plan_schema import plan_tool
from codeorch.workers.result_schema import SCHEMA

ABSENT = "absent"  # a field that need not be given
PLAN_SCHEMA = plan_tool(scripts=True).schema
TASK = {"id": "t", "path": "a.py", "goal": "g"}
PLAN = {"rationale": "r", "tasks": [TASK]}


@pytest.mark.parametrize(
    "given_form",
    [
        PLAN,
        {**PLAN, "tasks": json.dumps([TASK])},
        {**PLAN, "tasks": repr([TASK])},
        {**PLAN, "tasks": [json.dumps(TASK)]},
        {**PLAN, "tasks": json.dumps([json.dumps(TASK)])},
        {
            "rationale": "r",
            "tasks": [{**TASK, "worker": None, "old_path": None}],
            "questions": None,
        },
    ],
)
def test_a_plan_whose_lists_are_texts_or_null(given_form):
    assert fit_values(given_form, PLAN_SCHEMA) == PLAN


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("paths", '["a.py", "b.py"]', ["a.py", "b.py"]),
        ("paths", "['a.py']", ["a.py"]),
        ("paths", "a.py", ["a.py"]),
        ("paths", "", []),
        ("paths", None, ABSENT),
        ("paths", "a.py, b.py", "a.py, b.py"),
        ("paths", '["a.py"', '["a.py"'),
        ("paths", '["a.py"] or so', '["a.py"] or so'),
        ("status", "Done", "done"),
        ("status", "nothing-to-do", "nothing_to_do"),
        ("status", "finished", "finished"),
        ("reason", None, ABSENT),
        ("summary", "[1]", "[1]"),
        ("deviations", "[]", []),
        ("unknown", None, None),
    ],
)
def test_fields_of_a_result(field, written, meant):
    form = {"status": "done", "summary": "s", "reason": "", "paths": [], field: written}
    assert fit_values(form, SCHEMA).get(field, ABSENT) == meant


def test_null_stays_where_it_may_stand():
    schema = {"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "b": {}}}
    assert fit_values({"a": None, "b": None}, schema) == {"a": None, "b": None}


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "path", "tasks", "worker", "x"]), inner, max_size=3),
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["tasks", "rationale", "contracts", "x"]), VALUES))
def test_any_form_comes_through_and_is_fitted_once(form):
    once = fit_values(form, PLAN_SCHEMA)
    assert fit_values(once, PLAN_SCHEMA) == once


@given(st.lists(st.fixed_dictionaries({"id": st.just("t"), "path": st.text(), "goal": st.text()})))
def test_a_list_written_as_a_text_is_that_list(tasks):
    found = fit_values({"rationale": "", "tasks": json.dumps(tasks)}, PLAN_SCHEMA)
    assert found["tasks"] == tasks
