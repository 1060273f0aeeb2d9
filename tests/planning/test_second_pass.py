"""Through the pipeline: files that a planner confirmed bring others to it in good time."""

import asyncio

import pytest

from codeorch import pipeline
from codeorch.config import Settings
from codeorch.domain import Request, Usage
from codeorch.llm import ReplayModel, Reply

REQUEST = "Let the cart round its total to whole cents."
HIDDEN = "ledger/columns.py"  # shares no word with the request; nothing imports it


def said(task, path):
    form = {"rationale": "", "tasks": [{"id": task, "path": path, "goal": "g"}]}
    return Reply(text="", stop="tool_use", form=form, usage=Usage(calls=1))


@pytest.fixture
def plan_of(make_repo, run_git):
    """Plan the request where the hidden file changed with the cart in each of so many commits."""

    def plan(answers, together):
        repo = make_repo(
            {
                "shop/cart.py": "def total(cart):\n    return sum(cart)\n",
                HIDDEN: "WIDTHS = [4]\n",
                **{f"other/cart{i}.py": "def round_total(cart): ...\n" for i in range(29)},
            }
        )
        for number in range(6):
            (repo.root / "shop/cart.py").write_text(f"def total(cart):\n    return {number}\n")
            if number < together:
                (repo.root / HIDDEN).write_text(f"WIDTHS = [{number}]\n")
            run_git(repo.root, "commit", "-qam", f"step {number}")
        model = ReplayModel(answers)
        request = Request(text=REQUEST, base=repo.resolve("HEAD"))
        job = pipeline.Job(repo=repo, request=request, settings=Settings(), run_id="r", model=model)
        drafted = asyncio.run(pipeline.draft_plan(job))
        return [task.path for task in drafted.draft.plan.tasks], model.asked

    return plan


def test_a_file_that_changed_with_the_confirmed_one_is_offered_and_joins_the_plan(plan_of):
    answers = {"plan/1": said("first", "shop/cart.py"), "plan/1/widened": said("more", HIDDEN)}
    paths, asked = plan_of(answers, together=6)
    assert paths == ["shop/cart.py", HIDDEN]
    assert [prompt.key for prompt in asked] == ["plan/1", "plan/1/widened"]
    assert f"{HIDDEN} (was changed together" in asked[1].user
    assert "WIDTHS" in asked[1].user


def test_a_file_that_rarely_changed_with_it_costs_no_call(plan_of):
    paths, asked = plan_of({"plan/1": said("first", "shop/cart.py")}, together=1)
    assert paths == ["shop/cart.py"]
    assert len(asked) == 1
