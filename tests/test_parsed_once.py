"""An edit's new text is parsed where it is made, and handed on from there."""

import asyncio
import json
from collections import Counter

import pytest

from codeorch import pipeline
from codeorch.config import Settings
from codeorch.domain import Request
from codeorch.llm import Call, ReplayModel, Reply
from codeorch.pipeline.job import EditParser
from codeorch.source import parse_file

FILES = {
    "shop/cart.py": "def total(cart):\n    return sum(cart)\n\n\ndef size(cart):\n    return 1\n",
    "shop/page.py": "from shop.cart import total\n\n\ndef page(cart):\n    return total(cart)\n",
}
DONE = {"status": "done", "summary": "did it", "reason": "", "paths": []}


def finished(text):
    call = Call(id="c", name="result", input=DONE)
    return Reply(text=f"```diff\n{text}```\n", stop="tool_use", calls=(call,))


@pytest.fixture
def run(make_repo, tmp_path):
    """Carry out a request; gives the outcome and how often each text was parsed."""
    repo = make_repo(FILES)

    def start(text="", *, plan=None, answers=None):
        parses = Counter()

        def parse(path, data):
            parses[path, data] += 1
            return parse_file(path, data)

        plan_file = tmp_path / "plan.json"
        plan_file.write_text(json.dumps({"rationale": "by hand", "tasks": [], **(plan or {})}))
        job = pipeline.Job(
            repo=repo,
            request=Request(text=text, base=repo.resolve("HEAD")),
            settings=Settings(),
            run_id="r",
            model=ReplayModel(answers or {}),
            plan_file=plan_file if plan else None,
            dry_run=True,
            parser=EditParser(parse),
        )
        return asyncio.run(pipeline.run(job)), parses

    return start


def new_texts(outcome):
    return {(step.patch.path, step.patch.after): 1 for step in outcome.last.change.steps}


def test_a_worker_s_edit_is_parsed_once(run):
    diff = "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@\n-    return 1\n+    return len(cart)\n"
    reply = finished(diff)
    plan = {
        "tasks": [{"id": "t1", "path": "shop/cart.py", "goal": "count"}],
        "contracts": [{"symbol": "size", "signature": "def size(cart)",
                       "defined_in": "shop/cart.py", "used_in": ["shop/page.py"]}],
    }  # fmt: skip
    outcome, parses = run("count", plan=plan, answers={"work/t1/1": reply})
    assert parses == new_texts(outcome)
    assert len(parses) == 1
    (step,) = outcome.last.change.steps
    assert step.parsed == parse_file("shop/cart.py", step.patch.after)


def test_codemods_on_top_of_each_other_are_parsed_once_each(run):
    plan = {
        "codemods": ["rename function `size` to `length`", "rename function `total` to `amount`"],
    }
    outcome, parses = run("two renames", plan=plan)
    assert parses == new_texts(outcome)
    assert sorted(path for path, _ in parses) == ["shop/cart.py", "shop/cart.py", "shop/page.py"]


def test_an_edit_that_planning_made_is_parsed_once(run):
    diff = "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@\n-    return 1\n+    return 2\n"
    task = {"id": "t", "path": "shop/cart.py", "goal": "g", "diff": diff}
    call = Call(id="c", name="plan", input={"rationale": "r", "tasks": [task]})
    reply = Reply(text="", stop="tool_use", calls=(call,))
    outcome, parses = run("let `size` in shop/cart.py give 2", answers={"plan/1": reply})
    assert outcome.last.plan.source == "model"
    assert parses == new_texts(outcome)
    assert len(parses) == 1


def test_a_text_that_two_edits_were_merged_to_is_parsed_once_more(run):
    def reply(old, new):
        body = f"--- a/shop/cart.py\n+++ b/shop/cart.py\n@@\n-{old}\n+{new}\n"
        return finished(body)

    tasks = [{"id": f"t{n}", "path": "shop/cart.py", "goal": f"part {n}"} for n in (1, 2)]
    answers = {
        "work/t1/1": reply("    return sum(cart)", "    return sum(cart) + 0"),
        "work/t2/1": reply("    return 1", "    return 2"),
    }
    outcome, parses = run("two parts", plan={"tasks": tasks}, answers=answers)
    assert sorted(parses.values()) == [1, 1, 1]
    (patch,) = outcome.last.patches
    assert outcome.last.change.files == {patch.path: parse_file(patch.path, patch.after)}
