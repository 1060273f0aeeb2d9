"""Whole runs whose first round is found wrong: what goes back to whom, over OpenAI's SDK."""

import json
import sys
from dataclasses import replace

import pytest

from codeorch.cli import main
from codeorch.domain import Attempt, NothingToDo, Task
from codeorch.pipeline.stages import has_fork

CORE = "def area(width, height):\n    return width * height\n"
FILES = {
    "calc/__init__.py": "",
    "calc/core.py": CORE,
    "tests/__init__.py": "",
    "tests/test_old.py": (
        "import unittest\n\nfrom calc.core import area\n\n\n"
        "class OldTest(unittest.TestCase):\n    def test_area(self):\n"
        "        self.assertEqual(area(2, 3), 6)\n"
    ),
}
PLAN = {
    "rationale": "r",
    "tasks": [
        {"id": "core", "path": "calc/core.py", "goal": "area takes a unit"},
        {"id": "test", "path": "tests/test_unit.py", "goal": "test it", "action": "create"},
    ],
}
DIFF = "@@ def area\n-def area(width, height):\n-    return width * height\n{}"
RIGHT = DIFF.format("+def area(width, height, unit=1):\n+    return width * height * unit\n")
WRONG = DIFF.format("+def area(width, height, unit=1):\n+    return width * height\n")
TEST = (
    "import unittest\n\nfrom calc.core import area\n\n\n"
    "class UnitTest(unittest.TestCase):\n    def test_unit(self):\n"
    "        self.assertEqual(area(2, 3, 2), {})\n"
)


def new_file(text):
    body = "".join(f"+{line}\n" for line in text.splitlines())
    return f"```diff\n--- /dev/null\n+++ b/tests/test_unit.py\n@@\n{body}```\n"


@pytest.fixture
def call(make_repo, monkeypatch, capsys):
    """Run a command in one repository against a server; gives the code and the record."""
    monkeypatch.chdir(make_repo(FILES).root)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-0123456789")

    def run(server, *args):
        at = ["--openai-base-url", f"{server.url}/v1", "--model", "local"]
        where = at if "apply" in args else []
        code = main([*args, *where, "--json"])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, json.loads(out)

    return run


# Of pytest the outcome of each test is known, whoever names the command.
APPLY = (
    "apply", "add a unit", "--unsafe-tests", "--test-cmd", f"{sys.executable} -m pytest -q",
)  # fmt: skip


@pytest.fixture
def result(answer):
    """An answer of a worker; fields of its form can be given."""

    def make(text, **form):
        done = {"status": "done", "summary": "s", "reason": "", "paths": [], **form}
        return answer(text=text, tool={"name": "result", "input": done})

    return make


def edit(path, body):
    return f"```diff\n--- a/{path}\n+++ b/{path}\n{body}```\n"


def texts(request):
    """All that was said, message by message."""
    messages = request["messages"]
    return [message["content"] or str(message["tool_calls"]) for message in messages]


@pytest.mark.parametrize("start", ["fork", "fresh"])
def test_a_failing_test_of_the_run_goes_to_its_author_and_no_planner_is_asked(
    serve, answer, call, result, task_of, words_of, start
):
    mend = edit(
        "tests/test_unit.py",
        "@@ def test_unit\n-        self.assertEqual(area(2, 3, 2), 13)\n"
        "+        self.assertEqual(area(2, 3, 2), 12)\n",
    )

    def brain(request, _):
        match task_of(request), "Newly failing" in words_of(request):
            case "", _:
                return answer(tool={"name": "plan", "input": PLAN})
            case "calc/core.py", _:
                return result(edit("calc/core.py", RIGHT))
            case _, False:
                return result(new_file(TEST.format(13)))
        return result(mend)

    with serve(brain) as api:
        code, record = call(api, *APPLY, "--workers", start)
    assert (code, record["status"]) == (0, "verified")
    assert [one["verdict"]["status"] for one in record["rounds"]] == ["broken", "verified"]
    last = api.requests[-1]
    (author,) = [one for one in api.requests[1:3] if task_of(one) == "tests/test_unit.py"]
    assert len(api.requests) == 4
    assert texts(last)[: len(texts(author))] == texts(author)
    assert {key: last[key] for key in ("model", "tools")} == {
        key: author[key] for key in ("model", "tools")
    }
    said = texts(last)[-1]
    assert said.startswith("## Task\nedit tests/test_unit.py")
    assert "test_unit" in said
    assert "12 != 13" in said
    assert "def area(width, height, unit=1):" not in said  # no frame of the trace lies there


def test_an_author_that_sees_the_fault_elsewhere_hands_it_to_the_planner(
    serve, answer, call, result, task_of, words_of
):
    core = {"id": "again", "path": "calc/core.py", "goal": "multiply by the unit"}
    right = "@@ def area\n-    return width * height\n+    return width * height * unit\n"
    asks = {
        "status": "needs_other_files", "paths": ["calc/core.py"], "reason": "the unit is ignored",
    }  # fmt: skip

    def brain(request, _):
        said = words_of(request)
        match task_of(request):
            case "" if "Outcome of each task" in said:
                assert "- core (" not in said
                assert "it asks for calc/core.py: the unit is ignored" in said
                return answer(tool={"name": "plan", "input": {"rationale": "r", "tasks": [core]}})
            case "":
                return answer(tool={"name": "plan", "input": PLAN})
            case "calc/core.py":
                return result(edit("calc/core.py", right if "by the unit" in said else WRONG))
        if "Newly failing" in said:
            return result("", **asks)
        return result(new_file(TEST.format(12)))

    with serve(brain) as api:
        code, record = call(api, *APPLY)
    assert (code, record["status"]) == (0, "verified"), record["reason"]
    assert len(record["rounds"]) == 3
    assert len(api.requests) == 6


@pytest.mark.system
@pytest.mark.parametrize(
    "place", ["codeorch.planning.revise", "codeorch.planning.needless_repairs"]
)
def test_a_resumed_run_repairs_in_the_same_conversation_and_asks_nothing_twice(
    serve, answer, call, result, task_of, words_of, monkeypatch, place
):
    monkeypatch.delenv("CODEORCH_NO_STORE")
    mend = edit(
        "tests/test_unit.py",
        "@@ def test_unit\n-        self.assertEqual(area(2, 3, 2), 13)\n"
        "+        self.assertEqual(area(2, 3, 2), 12)\n",
    )

    def brain(request, _):
        match task_of(request), "Newly failing" in words_of(request):
            case "", _:
                return answer(tool={"name": "plan", "input": PLAN})
            case "calc/core.py", _:
                return result(edit("calc/core.py", RIGHT))
            case _, False:
                return result(new_file(TEST.format(13)))
        return result(mend)

    def stop(last, *_):
        if len(api.requests) == (4 if place.endswith("needless_repairs") else 3):
            raise KeyboardInterrupt
        return last

    with serve(brain) as api:
        with monkeypatch.context() as patch:
            patch.setattr(place, stop)
            call(api, *APPLY)
        code, record = call(api, "resume")
    assert (code, record["status"]) == (0, "verified")
    assert len(api.requests) == 4
    (author,) = [one for one in api.requests[1:3] if task_of(one) == "tests/test_unit.py"]
    assert texts(api.requests[3])[: len(texts(author))] == texts(author)


@pytest.mark.parametrize(("continues", "is_one"), [("", True), ("core", False)])
def test_a_repair_is_no_fork_of_the_planners_conversation(continues, is_one):
    """It goes on with its worker's; what only forks are told is not the planner's to remember."""
    task = Task(id="r2-a", path="calc/core.py", goal="g", continues=continues)
    result = NothingToDo(task=task, reason="r", attempts=(Attempt(number=1, is_fork=True),))
    assert has_fork([result]) == is_one
    assert not has_fork([replace(result, attempts=(Attempt(number=1),))])
