"""Whole runs over the real SDK against a local model server, on real repositories."""

import json
import sys

import pytest

from codeorch.cli import main

FILES = {
    "calc/__init__.py": "",
    "calc/core.py": "def area(width, height):\n    return width * height\n",
    "calc/room.py": (
        "from calc.core import area\n\n\nclass Room:\n    def __init__(self, width, height):\n"
        "        self.width = width\n        self.height = height\n\n"
        "    def size(self):\n        return area(self.width, self.height)\n"
    ),
    "calc/house.py": (
        "from calc.room import Room\n\n\ndef total(rooms):\n"
        "    return sum(Room(*room).size() for room in rooms)\n"
    ),
    "tests/__init__.py": "",
    "tests/test_calc.py": (
        "import unittest\n\nfrom calc.house import total\n\n\n"
        "class CalcTest(unittest.TestCase):\n    def test_total(self):\n"
        "        self.assertEqual(total([(1, 2), (3, 4)]), 14)\n"
    ),
}
PLAN = {
    "rationale": "A unit is handed through all three layers.",
    "contracts": [
        {
            "symbol": "area",
            "signature": "def area(width, height, unit=1)",
            "defined_in": "calc/core.py",
            "used_in": ["calc/room.py"],
        },
        {
            "symbol": "Room.size",
            "signature": "def size(self, unit=1)",
            "defined_in": "calc/room.py",
            "used_in": ["calc/house.py"],
        },
    ],
    "tasks": [
        {"id": "core", "path": "calc/core.py", "goal": "give area a unit"},
        {"id": "room", "path": "calc/room.py", "goal": "hand it on", "needs": ["core"]},
        {"id": "house", "path": "calc/house.py", "goal": "hand it on", "needs": ["room"]},
    ],
}
DIFFS = {
    "calc/core.py": (
        "@@ def area\n-def area(width, height):\n-    return width * height\n"
        "+def area(width, height, unit=1):\n+    return width * height * unit\n"
    ),
    "calc/room.py": (
        "@@ class Room:\n-    def size(self):\n-        return area(self.width, self.height)\n"
        "+    def size(self, unit=1):\n+        return area(self.width, self.height, unit)\n"
    ),
    "calc/house.py": (
        "@@ def total\n-def total(rooms):\n-    return sum(Room(*room).size() for room in rooms)\n"
        "+def total(rooms, unit=1):\n"
        "+    return sum(Room(*room).size(unit) for room in rooms)\n"
    ),
}
# The project's tests start much faster without pytest and the plugins of this environment.
TESTED = ("--unsafe-tests", "--test-cmd", f"{sys.executable} -m unittest -v")


@pytest.fixture
def call(make_repo, monkeypatch, capsys):
    """Run `codeorch apply` against a server; gives the code, the record and the repository."""

    def run(server, *args, files=FILES):
        repo = make_repo(files)
        monkeypatch.chdir(repo.root)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
        code = main(["apply", "add a unit", "--base-url", server.url, *TESTED, "--json", *args])
        out, err = capsys.readouterr()
        record = json.loads(out)  # the logs of the project's own tests may hold tracebacks
        assert "Traceback" not in err + str(record.get("error"))
        assert "sk-ant-test-key" not in out + err
        return code, record, repo, err

    return run


def planned(answer, plan=PLAN):
    return answer(tool={"name": "plan", "input": plan})


def edited(answer, path, diff=None, **form):
    body = diff if diff is not None else DIFFS[path]
    result = {"status": "done", "summary": f"changed {path}", "reason": "", "paths": [], **form}
    return answer(
        text=f"Here it is.\n\n```diff\n--- a/{path}\n+++ b/{path}\n{body}```\n",
        tool={"name": "result", "input": result},
    )


def test_three_dependent_files_are_changed_and_verified(
    serve, answer, call, run_git, task_of, words_of
):
    def brain(request, _):
        return edited(answer, task_of(request)) if task_of(request) else planned(answer)

    with serve(brain) as api:
        code, record, repo, err = call(api)
    assert (code, record["status"]) == (0, "verified"), err
    assert [f["path"] for f in record["files"]] == ["calc/core.py", "calc/room.py", "calc/house.py"]
    assert record["usage"]["calls"] == 4
    asked = [task_of(request) for request in api.requests[1:]]
    assert asked == ["calc/core.py", "calc/room.py", "calc/house.py"]
    assert "+def area(width, height, unit=1):" in words_of(api.requests[2])
    assert "def size(self, unit=1)" in words_of(api.requests[3])
    name = record["branch"]["name"]
    assert "size(unit)" in run_git(repo.root, "show", f"{name}:calc/house.py")
    assert run_git(repo.root, "status", "--porcelain") == ""


def test_an_invalid_plan_rubbish_and_an_overloaded_service_still_end_verified(
    serve, answer, call, task_of, words_of
):
    seen = []

    def brain(request, _):
        if not task_of(request):
            seen.append("plan")
            bad = {
                **PLAN,
                "tasks": [*PLAN["tasks"], {"id": "x", "path": "calc/cor.py", "goal": "g"}],
            }
            return planned(answer, bad if seen.count("plan") == 1 else PLAN)
        path = task_of(request)
        seen.append(path)
        if path == "calc/core.py" and seen.count(path) == 1:
            return answer(text="I would rather talk about the weather.")
        if path == "calc/room.py" and seen.count(path) <= 2:
            return answer(status=529, headers={"retry-after": "0"})
        return edited(answer, path)

    with serve(brain) as api:
        code, record, _, err = call(api)
    assert (code, record["status"]) == (0, "verified"), err
    assert (seen.count("plan"), seen.count("calc/core.py"), seen.count("calc/room.py")) == (2, 2, 3)
    assert "Did you mean 'calc/core.py'?" in words_of(api.requests[1])
    attempts = {r["task"]: len(r["attempts"]) for r in record["rounds"][0]["results"]}
    assert attempts == {"core": 2, "room": 1, "house": 1}


def test_a_worker_that_needs_another_file_gets_a_second_round(
    serve, answer, call, task_of, words_of
):
    short = {**PLAN, "tasks": PLAN["tasks"][:1], "contracts": PLAN["contracts"][:1]}
    rest = {**PLAN, "tasks": [{**t, "needs": []} for t in PLAN["tasks"]], "contracts": []}

    def brain(request, n):
        if not task_of(request):
            return planned(answer, short if n == 1 else rest)
        if n == 2:
            more = {"status": "needs_other_files", "reason": "callers", "paths": ["calc/room.py"]}
            return edited(answer, "calc/core.py", diff="", **more)
        return edited(answer, task_of(request))

    with serve(brain) as api:
        code, record, _, err = call(api)
    assert (code, record["status"]) == (0, "verified"), err
    assert len(record["rounds"]) == 2
    assert "asks for calc/room.py: callers" in words_of(api.requests[2])


def test_broken_tests_go_back_and_are_mended(serve, answer, call, task_of, words_of):
    wrong = DIFFS["calc/core.py"].replace("* unit", "+ unit")
    mend = "@@ def area\n-    return width * height + unit\n+    return width * height * unit\n"
    one = {**PLAN, "tasks": PLAN["tasks"][:1], "contracts": []}

    def brain(request, n):
        if not task_of(request):
            return planned(answer, one)
        return edited(answer, "calc/core.py", diff=wrong if n == 2 else mend)

    with serve(brain) as api:
        code, record, _, err = call(api)
    assert (code, record["status"]) == (0, "verified"), err
    assert [r["verdict"]["status"] for r in record["rounds"]] == ["broken", "verified"]
    assert "test_total" in words_of(api.requests[2])
    assert "return width * height + unit" in words_of(api.requests[2])


def test_a_round_that_makes_it_worse_is_dropped(serve, answer, call, task_of):
    lost = {**PLAN, "tasks": PLAN["tasks"][:1], "contracts": []}
    asks = {"status": "needs_other_files", "reason": "r", "paths": ["calc/room.py"]}
    both = {**PLAN, "tasks": [{**t, "needs": []} for t in PLAN["tasks"][:2]], "contracts": []}
    lost_too = {**lost, "tasks": [*lost["tasks"], {**PLAN["tasks"][2], "needs": []}]}
    ruin = DIFFS["calc/core.py"].replace("width * height * unit", "0")

    def brain(request, n):
        if not task_of(request):
            return planned(answer, lost_too if n == 1 else both)
        if task_of(request) == "calc/house.py":
            body = "@@ def total\n def total(rooms):\n+    # of all rooms\n"
            return edited(answer, "calc/house.py", diff=body)
        if len([r for r in api.requests if not task_of(r)]) == 1:
            return edited(answer, "calc/core.py", diff="", **asks)
        return edited(answer, task_of(request), diff=ruin if "core" in task_of(request) else None)

    with serve(brain) as api:
        code, record, _, _ = call(api, "--max-rounds", "2")
    assert code == 3
    assert [f["path"] for f in record["files"]] == ["calc/house.py"]
    assert any("dropped" in notice for notice in record["notices"])


def test_a_task_that_fails_for_good_makes_a_partial_result(serve, answer, call, task_of):
    def brain(request, n):
        if not task_of(request):
            empty = {"rationale": "nothing more can be done", "tasks": []}
            return planned(answer, PLAN if n == 1 else empty)
        if task_of(request) == "calc/house.py":
            return answer(text="no")
        return edited(answer, task_of(request))

    with serve(brain) as api:
        code, record, _, _ = call(api)
    assert (code, record["status"]) == (3, "partial")
    kinds = {r["task"]: r["result"] for r in record["rounds"][-1]["results"]}
    assert kinds["house"] == "DeadLetter"
    assert sorted(f["path"] for f in record["files"]) == ["calc/core.py", "calc/room.py"]


def test_a_plan_that_stays_invalid_ends_with_1_and_nothing_changed(serve, answer, call, run_git):
    bad = {**PLAN, "tasks": [{"id": "x", "path": "nosuch.py", "goal": "g"}]}
    with serve(lambda *_: planned(answer, bad)) as api:
        code, record, repo, _ = call(api)
    assert code == 1
    assert "nosuch.py" in record["error"]["message"]
    assert len(api.requests) == 3
    assert run_git(repo.root, "branch", "--list", "codeorch/*") == ""


def test_a_wrong_key_ends_with_1_and_names_the_remedy(serve, answer, call):
    with serve(lambda *_: answer(status=401)) as api:
        code, record, _, _ = call(api)
    assert code == 1
    assert "ANTHROPIC_API_KEY" in record["error"]["message"]


def test_a_plan_may_use_codemods_and_workers_together(
    serve, answer, call, run_git, task_of, words_of
):
    plan = {
        "rationale": "rename, then use it",
        "codemods": ["rename function `area` to `surface`"],
        "tasks": [{"id": "room", "path": "calc/room.py", "goal": "comment it"}],
    }
    diff = (
        "@@ class Room:\n     def size(self):\n+        # in square metres\n"
        "         return surface(self.width, self.height)\n"
    )

    def brain(request, _):
        if not task_of(request):
            return planned(answer, plan)
        assert "return surface(" in words_of(request)
        return edited(answer, "calc/room.py", diff=diff)

    with serve(brain) as api:
        code, record, repo, err = call(api)
    assert (code, record["status"]) == (0, "verified"), err
    shown = run_git(repo.root, "show", f"{record['branch']['name']}:calc/room.py")
    assert "# in square metres\n        return surface(" in shown


def test_an_openai_compatible_server_does_as_well(
    serve, answer, make_repo, monkeypatch, capsys, task_of
):
    def brain(request, _):
        return edited(answer, task_of(request)) if task_of(request) else planned(answer)

    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    with serve(brain) as api:
        code = main(
            [
                "apply",
                "add a unit",
                "--openai-base-url",
                f"{api.url}/v1",
                "--model",
                "local",
                "--json",
                *TESTED,
            ]
        )
    record = json.loads(capsys.readouterr().out)
    assert (code, record["status"]) == (0, "verified")
    assert any(api.url in notice for notice in record["notices"])
