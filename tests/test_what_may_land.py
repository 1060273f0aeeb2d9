"""Whatever road an edit takes, what nobody can see does not land, unless the request names it."""

import asyncio
import json

import pytest

from codeorch import pipeline
from codeorch.config import Settings
from codeorch.domain import DeadLetter, Request
from codeorch.errors import UserError
from codeorch.llm import Call, ReplayModel, Reply
from codeorch.session import Session

FILES = {
    "shop/cart.py": "def total(cart):\n    return sum(cart)\n\n\ndef size(cart):\n    return 1\n",
    "shop/odd.py": 'GLUE = "\u200b"  # there before\n\n\ndef odd():\n    return GLUE\n',
}
HIDDEN = "\u202e"
DONE = {"status": "done", "summary": "did it", "reason": "", "paths": []}


def finished(text):
    return Reply(text=text, stop="tool_use", calls=(Call(id="c", name="result", input=DONE),))


def diff_of(path, old, new):
    return f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n-{old}\n+{new}\n```\n"


class Asked:
    """A scripted model that keeps what it was asked."""

    def __init__(self, answers):
        self.model = ReplayModel(answers)
        self.prompts = []

    async def ask(self, prompt):
        self.prompts.append(prompt)
        return await self.model.ask(prompt)

    async def aclose(self):
        pass


@pytest.fixture
def run(make_repo, tmp_path):
    repo = make_repo(FILES)

    def start(text, *, plan=None, answers=None, **settings):
        plan_file = tmp_path / "plan.json"
        plan_file.write_text(json.dumps({"rationale": "by hand", "tasks": [], **(plan or {})}))
        model = Asked(answers or {})
        job = pipeline.Job(
            repo=repo,
            request=Request(text=text, base=repo.resolve("HEAD")),
            settings=Settings(max_rounds=1, **settings),
            run_id="r",
            model=model,
            plan_file=plan_file if plan else None,
            dry_run=True,
        )
        return asyncio.run(pipeline.run(job)), model

    return start


WORK = {"tasks": [{"id": "t", "path": "shop/cart.py", "goal": "count"}]}


def test_a_worker_is_told_which_character_and_where(run):
    bad = finished(diff_of("shop/cart.py", "    return 1", f"    return 2  # {HIDDEN}x"))
    good = finished(diff_of("shop/cart.py", "    return 1", "    return 2"))
    outcome, model = run("count", plan=WORK, answers={"work/t/1": bad, "work/t/2": good})
    (patch,) = outcome.last.patches
    assert b"return 2\n" in patch.after
    said = model.prompts[-1].conversation.last_text + str(model.prompts[-1].conversation.messages)
    assert "shop/cart.py:6: U+202E RIGHT-TO-LEFT OVERRIDE" in said
    assert r"\\u202e" in said


def test_what_the_request_names_may_land(run):
    edit = finished(diff_of("shop/cart.py", "    return 1", f'    return "{HIDDEN}"'))
    outcome, _ = run("put a U+202E into size", plan=WORK, answers={"work/t/1": edit})
    assert HIDDEN.encode() in outcome.last.patches[0].after


def test_an_escape_in_source_is_visible(run):
    edit = finished(diff_of("shop/cart.py", "    return 1", r'    return "\u202e"'))
    outcome, _ = run("count", plan=WORK, answers={"work/t/1": edit})
    assert len(outcome.last.patches) == 1


def test_what_a_file_held_before_stays(run):
    plan = {"tasks": [{"id": "t", "path": "shop/odd.py", "goal": "count"}]}
    edit = finished(diff_of("shop/odd.py", "    return GLUE", "    return GLUE * 2"))
    outcome, _ = run("double it", plan=plan, answers={"work/t/1": edit})
    assert "\u200b".encode() in outcome.last.patches[0].after


@pytest.mark.parametrize(
    ("plan", "request_text"),
    [
        ({"codemods": [f'replace `sum($A)` with `min($A, "{HIDDEN}")`']}, "swap"),
        (
            {"tasks": [{"id": "t", "path": "new.py", "action": "create", "goal": "g"}]},
            "make a file",
        ),
        (
            {"tasks": [{"id": "t", "path": "lib/cart.py", "old_path": "shop/cart.py",
                        "action": "rename", "goal": "move it and mend it"}]},
            "move a file",
        ),
    ],
    ids=["codemod", "new file", "move with an edit"],
)  # fmt: skip
def test_no_other_road_leads_around_it(run, plan, request_text):
    path = next((t["path"] for t in plan.get("tasks", ())), "")
    if path == "new.py":
        edit = finished(f"```python\nx = 1  # {HIDDEN}\n```\n")
    else:
        edit = finished(diff_of("shop/cart.py", "    return 1", f"    return 2  # {HIDDEN}"))
    answers = {f"work/t/{number}": edit for number in range(1, 6)}
    outcome, _ = run(request_text, plan=plan, answers=answers)
    assert outcome.last.patches == ()
    (result,) = outcome.last.results
    assert isinstance(result, DeadLetter)
    assert result.kind == "invisible"
    assert "U+202E" in result.error


def test_an_edit_that_comes_with_a_plan_goes_back(run):
    def planned(new):
        task = {"id": "t", "path": "shop/cart.py", "goal": "g", "diff": diff(new)}
        call = Call(id="c", name="plan", input={"rationale": "r", "tasks": [task]})
        return Reply(text="", stop="tool_use", calls=(call,))

    def diff(new):
        return f"--- a/shop/cart.py\n+++ b/shop/cart.py\n@@\n-    return 1\n+    return {new}\n"

    answers = {"plan/1": planned(f"2  # {HIDDEN}"), "plan/1/2": planned("2")}
    outcome, model = run("let `size` in shop/cart.py give 2", answers=answers)
    assert [patch.path for patch in outcome.last.patches] == ["shop/cart.py"]
    assert "shop/cart.py:6: U+202E" in str(model.prompts[1].conversation.messages)


def test_a_model_is_shown_what_a_reader_sees_and_told_what_is_missing(run):
    plan = {"tasks": [{"id": "t", "path": "shop/odd.py", "goal": f"say{HIDDEN} less"}]}
    edit = finished(diff_of("shop/odd.py", 'GLUE = ""  # there before', 'GLUE = ""'))
    outcome, model = run("say less", plan=plan, answers={"work/t/1": edit})
    said = str(model.prompts[0].conversation.messages)
    assert "\u200b" not in said
    assert HIDDEN not in said
    assert "invisible characters were taken out: 1 x U+200B ZERO WIDTH SPACE" in said
    assert outcome.last.patches[0].after.startswith(b'GLUE = ""\n')


@pytest.fixture
def session(make_repo, monkeypatch):
    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    return Session.open(repo.root)


def carry_out(session, text):
    request = Request(text=text, base=session.repo.resolve("HEAD"))
    folder = session.create_run(request, Settings(no_test=True))
    return asyncio.run(session.carry_out(folder))


def test_a_request_is_cleaned_and_says_so(session):
    outcome = carry_out(session, f"rename function si{HIDDEN}ze to length")
    assert outcome.last.commit
    assert outcome.request.text == "rename function size to length"
    assert any("1 x U+202E RIGHT-TO-LEFT OVERRIDE" in notice for notice in outcome.notices)


def test_a_request_has_a_limit(session):
    with pytest.raises(UserError, match="at most 65,536"):
        carry_out(session, "a" * 65_537)
    assert not session.runs_folder.exists()
