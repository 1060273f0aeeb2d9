"""Whole runs in which a plan forgets a file that uses what changes."""

import json
import sys

import pytest

from codeorch.cli import main

FILES = {
    "calc/__init__.py": "",
    "calc/core.py": "def area(width, height):\n    return width * height\n",
    "calc/room.py": "from calc.core import area\n\n\ndef size(room):\n    return area(*room)\n",
    "tests/__init__.py": "",
    "tests/test_calc.py": (
        "import unittest\n\nfrom calc import core\n\n\nclass CalcTest(unittest.TestCase):\n"
        "    def test_core(self):\n        self.assertTrue(core)\n"
    ),
}
CORE = "@@ def area\n-def area(width, height):\n+def surface(width, height):\n"
ROOM = (
    "@@ import\n-from calc.core import area\n+from calc.core import surface\n"
    "@@ def size\n-    return area(*room)\n+    return surface(*room)\n"
)
TESTED = ("--unsafe-tests", "--test-cmd", f"{sys.executable} -m unittest")  # starts fast


def plan_of(*paths, **more):
    tasks = [{"id": path[5:9], "path": path, "goal": "rename area"} for path in paths]
    return {"rationale": "renamed", "tasks": tasks, **more}


@pytest.fixture
def call(make_repo, monkeypatch, capsys, serve, answer, task_of):
    """Run `codeorch apply` with these plans, one a round, and these forms of the workers."""

    def run(plans, forms=None):
        left = list(plans)

        def brain(request, _):
            path = task_of(request)
            if not path:
                return answer(tool={"name": "plan", "input": left.pop(0)})
            body = {"calc/core.py": CORE, "calc/room.py": ROOM}[path]
            form = {"status": "done", "summary": "", "reason": "", "paths": []}
            return answer(
                text=f"```diff\n--- a/{path}\n+++ b/{path}\n{body}```\n",
                tool={"name": "result", "input": {**form, **(forms or {}).get(path, {})}},
            )

        monkeypatch.chdir(make_repo(FILES).root)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
        with serve(brain) as api:
            main(["apply", "rename", "--base-url", api.url, *TESTED, "--json"])
        return json.loads(capsys.readouterr().out), api.requests

    return run


def test_a_forgotten_use_is_planned_in_the_next_round(call, words_of):
    record, requests = call([plan_of("calc/core.py"), plan_of("calc/room.py")])
    assert record["status"] == "verified"
    first, second = (one["completeness"] for one in record["rounds"])
    assert [f"{gap['path']}:{gap['line']}" for gap in first["gaps"]] == ["calc/room.py:1"]
    assert second["gaps"] == []
    asked = words_of(requests[2])
    told = "calc/room.py:1: `area` is `surface` now (sure): from calc.core import area"
    assert told in asked.partition("# Uses that the change left behind")[2]


def test_a_use_that_stays_forgotten_makes_the_outcome_partial(call):
    record, _ = call([plan_of("calc/core.py"), {"rationale": "none", "tasks": []}])
    assert (record["status"], record["exit_code"]) == ("partial", 3)
    assert record["rounds"][-1]["verdict"]["status"] == "verified"


def test_a_worker_answers_in_writing_for_uses_in_its_own_file(call):
    room = {"excuses": [{"name": "area", "why": "kept for old users"}]}
    odd = {"status": "nothing_to_do", "reason": "it stays", **room}
    record, _ = call([plan_of("calc/core.py", "calc/room.py")], {"calc/room.py": odd})
    found = record["rounds"][-1]["completeness"]
    assert [one["why"] for one in found["waived_uses"]] == ["kept for old users"]
    assert (record["status"], found["gaps"]) == ("verified", [])
