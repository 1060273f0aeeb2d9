import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import Contract, Plan, Question, Task, WorkerSpec
from codeorch.errors import UserError
from codeorch.planning import plan_file
from codeorch.planning.faults import Limits
from codeorch.planning.plan_schema import Draft

LIMITS = Limits(paths=("a.py", "b.py"), max_tasks=9)
words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda s: s.strip())


def written(tmp_path_factory, plan, request, codemods=(), name="plan.toml"):
    file = tmp_path_factory.mktemp("plan") / name
    draft = Draft(plan=plan, codemods=codemods)
    file.write_text(plan_file.write(draft, request, name), encoding="utf-8", newline="")
    return file


@given(words, words, st.sampled_from(["plan.toml", "plan.json"]))
def test_what_is_written_is_read_back(tmp_path_factory, request_text, goal, name):
    plan = Plan(
        tasks=(
            Task(
                id="t1",
                path="a.py",
                goal=goal.strip(),
                worker=WorkerSpec(role="refactorer", effort="high", tools=("show_lines",)),
            ),
            Task(id="t2", path="b.py", goal="x", needs=("t1",), weight=2.5),
        ),
        contracts=(
            Contract(
                symbol="f",
                signature=goal,
                defined_in="a.py",
                used_in=("b.py",),
                import_line="from a import f",
            ),
        ),
        questions=(Question(text=goal, assumption=request_text, blocks=True),),
        next_stage="then the callers",
        source="manual",
        rationale=request_text,
    )
    file = written(tmp_path_factory, plan, request_text, ("a rule",), name)
    assert plan_file.read_file(file, LIMITS) == Draft(plan=plan, codemods=("a rule",))
    assert plan_file.request_in(file) == request_text


def test_a_plan_may_be_json(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"rationale": "", "tasks": [], "codemods": ["x"]}))
    assert plan_file.read_file(file, LIMITS).codemods == ("x",)


@pytest.mark.parametrize("content", ["[broken", "tasks = 3", 'rationale = ""\ntasks = [{}]'])
def test_a_faulty_plan_file_is_named(tmp_path, content):
    file = tmp_path / "plan.toml"
    file.write_text(content)
    with pytest.raises(UserError, match=r"plan\.toml"):
        plan_file.read_file(file, LIMITS)


def test_a_missing_plan_file_is_named(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        plan_file.read_file(tmp_path / "none.toml", LIMITS)
