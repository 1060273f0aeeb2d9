import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import Contract, Plan, Question, Task, WorkerSpec
from codeorch.errors import UserError
from codeorch.llm.prompts import fence
from codeorch.planning import plan_file
from codeorch.planning.faults import Limits
from codeorch.planning.plan_schema import Draft

LIMITS = Limits(paths=("a.py", "b.py"), max_tasks=9)
words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda s: s.strip())


def written(tmp_path_factory, plan, request, codemods=(), name="plan.toml"):
    file = tmp_path_factory.mktemp("plan") / name
    draft = Draft(plan=plan, codemods=codemods)
    file.write_text(plan_file.write(draft, request, LIMITS, name), encoding="utf-8", newline="")
    return file


@given(words, words, words, st.sampled_from(["plan.toml", "plan.json"]))
def test_what_is_written_is_read_back(tmp_path_factory, request_text, goal, diff, name):
    plan = Plan(
        tasks=(
            Task(
                id="t1",
                path="a.py",
                goal=goal.strip(),
                worker=WorkerSpec(role="refactorer", effort="high", tools=("read",)),
            ),
            Task(
                id="t2",
                path="b.py",
                goal="x",
                needs=("t1",),
                weight=2.5,
                diff=diff,
                answer=fence(diff, "diff"),
            ),
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


def test_scripts_in_a_plan_file_are_refused_and_not_passed_over(tmp_path):
    file = tmp_path / "plan.toml"
    script = '[[scripts]]\nid = "s"\npurpose = "p"\npaths = ["*.py"]\ncode = "x"\n'
    file.write_text(f'rationale = ""\n{script}')
    with pytest.raises(UserError, match="holds no scripts"):
        plan_file.read_file(file, LIMITS)


def test_a_missing_plan_file_is_named(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        plan_file.read_file(tmp_path / "none.toml", LIMITS)


DIFF = "--- a/a.py\n+++ b/a.py\n@@\n-x = 'it''s'\n+x = 2\n"


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (('goal = "two"', 'goal = "two" # fine'), True),
        (('goal = "two"', 'goal = "three"'), False),
        (('path = "a.py"', 'path = "b.py"'), False),
        (("-x", "-y"), True),  # who edits the edit means it
    ],
    ids=["nothing", "goal", "path", "the edit itself"],
)
def test_an_edit_stays_with_the_task_that_it_was_made_for(tmp_path_factory, change, stays):
    task = Task(id="t", path="a.py", goal="two", diff=DIFF, answer=fence(DIFF, "diff"))
    file = written(tmp_path_factory, Plan(tasks=(task,)), "r")
    assert f"diff = '''\n{DIFF}'''" in file.read_text()
    file.write_text(file.read_text().replace(*change))
    plan = plan_file.read_file(file, LIMITS).plan
    assert bool(plan.tasks[0].answer) is stays
    assert bool(plan.notes) is not stays


def test_an_edit_of_a_file_that_was_changed_since_goes_to_a_worker(tmp_path_factory):
    task = Task(id="t", path="a.py", goal="two", diff=DIFF, answer=fence(DIFF, "diff"))
    file = written(tmp_path_factory, Plan(tasks=(task,)), "r")
    now = replace(LIMITS, text_of=lambda _: "x = 3\n")
    assert plan_file.read_file(file, now).plan.tasks[0].answer == ""
