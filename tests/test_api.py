"""codeorch from Python: the runnable example of docs/library.md, and what it promises."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from codeorch import Orchestrator, Worker
from codeorch.domain import Done
from codeorch.errors import UserError
from codeorch.events import LookedUp, PlanReady, TaskFinished, TaskStarted
from codeorch.llm import Call, Reply

FILES = {
    "shop.py": "def total(items):\n    return sum(items)\n",
    "report.py": "from shop import total\n\n\ndef show(items):\n    return str(total(items))\n",
}


class Brain:
    """A model that looks around, plans one task by a worker of our own, and carries it out."""

    def __init__(self):
        self.prompts = []

    async def ask(self, prompt):
        self.prompts.append(prompt)
        if prompt.key.endswith("plan/1"):
            look = Call(id="l", name="read", input={"places": ["shop.py"]})
            return Reply(text="", stop="tool_use", calls=(look,))
        if prompt.answer_tool == "plan":
            task = {
                "id": "t1",
                "path": "shop.py",
                "goal": "a docstring",
                "worker": {"role": "poet"},
            }
            plan = {"rationale": "one file", "tasks": [task]}
            return Reply(text="", stop="tool_use", calls=(Call(id="c", name="plan", input=plan),))
        edit = (
            "--- a/shop.py\n+++ b/shop.py\n@@ -1,2 +1,3 @@\n def total(items):\n"
            '+    """Sum the items."""\n     return sum(items)\n'
        )
        form = {"status": "done", "summary": "said what it does", "reason": "", "paths": []}
        return Reply(text=edit, stop="tool_use", calls=(Call(id="d", name="result", input=form),))

    async def aclose(self):
        pass


POET = Worker(name="poet", description="writes docstrings", instructions="Write plain words.")


def test_a_run_gives_tasks_results_and_a_report(make_repo, run_git):
    repo = make_repo(FILES)
    brain, heard = Brain(), []
    orchestrator = Orchestrator(
        repo.root,
        model=brain,
        workers=[POET],
        on_event=lambda event, seconds: heard.append((event, seconds)),
        no_test=True,
    )
    result = asyncio.run(orchestrator.run("give every public thing a docstring in all the files"))
    assert [task.path for task in result.sub_tasks] == ["shop.py"]
    assert [type(one) for one in result.worker_results] == [Done]
    assert "`shop.py`" in result.final_output
    assert result.record["status"] == "unchecked"
    branch = result.outcome.branch.name
    assert '"""Sum the items."""' in run_git(repo.root, "show", f"{branch}:shop.py")
    kinds = [type(event) for event, _ in heard]
    order = [kinds.index(kind) for kind in (LookedUp, PlanReady, TaskStarted, TaskFinished)]
    assert order == sorted(order)
    (looked,) = (event for event, _ in heard if isinstance(event, LookedUp))
    assert looked.calls == ("read",)
    assert looked.left.startswith("Look-ups left: 11 turns")
    assert [seconds for _, seconds in heard] == sorted(seconds for _, seconds in heard)
    assert any("Write plain words." in prompt.conversation.last_text for prompt in brain.prompts)


def test_a_worker_has_thirty_seconds_and_what_was_done_when_is_logged(make_repo):
    repo, brain = make_repo(FILES), Brain()
    orchestrator = Orchestrator(repo.root, model=brain, workers=[POET], no_test=True)
    result = asyncio.run(orchestrator.run("give every public thing a docstring"))
    assert [one.timeout_s for one in brain.prompts if one.answer_tool == "result"] == [30.0]
    timings = result.record["timings"]
    assert [one["stage"] for one in timings] == ["read", "plan", "work", "merge", "check"]
    ends = [moment for one in timings for moment in (one["start_s"], one["end_s"])]
    assert ends == sorted(ends)
    (log,) = repo.git_dir.glob("codeorch/runs/*/log.jsonl")
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [line["at_s"] for line in lines] == sorted(line["at_s"] for line in lines)
    events = [line for line in lines if "event" in line]
    assert {"LookedUp", "PlanReady", "TaskStarted", "TaskFinished"} <= {
        one["event"] for one in events
    }


def test_a_request_that_needs_no_model_needs_none(make_repo):
    result = asyncio.run(
        Orchestrator(make_repo(FILES).root, no_test=True).run("rename function total to sum_of")
    )
    assert {task.path for task in result.sub_tasks} == set(FILES)


def test_wrong_settings_are_said_at_once(make_repo, tmp_path):
    repo = make_repo(FILES)
    with pytest.raises(UserError, match="unknown setting 'max_paralel'"):
        Orchestrator(repo.root, max_paralel=3)
    with pytest.raises(UserError):
        Orchestrator(tmp_path / "nowhere")


def test_the_example_of_the_documentation_runs(make_repo, monkeypatch, capsys):
    text = (Path(__file__).parents[1] / "docs" / "library.md").read_text()
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    monkeypatch.chdir(make_repo(FILES).root)
    exec(compile(example, "library.md", "exec"), {"__name__": "__main__"})
    assert "shop.py" in capsys.readouterr().out
