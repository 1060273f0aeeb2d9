"""How plans of each kind are carried out: whole runs against a local model server."""

import json
import re
import shutil

import pytest

from codeorch.cli import main

FILES = {
    "calc/__init__.py": "",
    "calc/core.py": "def area(width, height):\n    return width * height\n",
    "calc/room.py": ("from calc.core import area\n\n\ndef size(room):\n    return area(*room)\n"),
    "tests/__init__.py": "",
    "tests/test_calc.py": (
        "import unittest\n\nfrom calc.room import size\n\n\n"
        "class CalcTest(unittest.TestCase):\n    def test_size(self):\n"
        "        self.assertEqual(size((2, 3)), 6)\n"
    ),
}
CORE = {"id": "core", "path": "calc/core.py", "goal": "take a unit"}
ROOM = {"id": "room", "path": "calc/room.py", "goal": "take a unit, too"}
DIFFS = {
    "calc/core.py": (
        "@@ def area\n-def area(width, height):\n-    return width * height\n"
        "+def area(width, height, unit=1):\n+    return width * height * unit\n"
    ),
    "calc/__init__.py": "@@\n+# areas\n",
    "tests/test_calc.py": "@@\n-import unittest\n+import unittest  # plain\n",
    "calc/room.py": (
        "@@ def size\n-def size(room):\n-    return area(*room)\n"
        "+def size(room, unit=1):\n+    return area(*room, unit)\n"
    ),
}


@pytest.fixture
def call(make_repo, monkeypatch, capsys):
    """Run a command against a server; gives the code and what it printed."""

    def run(server, *args):
        code = main([*args, "--base-url", server.url])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
    return run


@pytest.fixture
def apply(call):
    def run(server, request, *args):
        code, out, err = call(server, "apply", request, "--no-test", "--json", *args)
        return code, json.loads(out), err

    return run


@pytest.fixture
def brain(answer):
    """Answer planners with the given plans, one after the other, and workers with DIFFS."""

    def make(*plans):
        left = list(plans)

        def think(request, _):
            blocks = [b for m in request["messages"] for b in m["content"]]
            texts = "\n".join(b.get("text", "") for b in blocks)
            path = texts.rpartition("## Task\nedit ")[2].partition("\n")[0]
            if "## Task\nedit " not in blocks[-1].get("text", ""):
                form = left.pop(0) if len(left) > 1 else left[0]
                return answer(tool={"name": "plan", "input": {"rationale": "r", **form}})
            done = {"status": "done", "summary": "ok", "reason": "", "paths": []}
            return answer(
                text=f"```diff\n--- a/{path}\n+++ b/{path}\n{DIFFS[path]}```\n",
                tool={"name": "result", "input": done},
            )

        return think

    return make


def test_edits_at_hand_end_a_small_request_in_one_conversation(serve, brain, apply):
    task = {**CORE, "diff": f"--- a/calc/core.py\n+++ b/calc/core.py\n{DIFFS['calc/core.py']}"}
    with serve(brain({"tasks": [task]})) as api:
        code, record, err = apply(api, "let `area` take a unit")
    assert (code, record["status"]) == (0, "unchecked"), err
    assert (len(api.requests), record["usage"]["calls"]) == (1, 1)
    assert record["rounds"][0]["results"][0]["result"] == "Done"


def test_workers_fork_the_planners_conversation(serve, brain, apply):
    with serve(brain({"tasks": [CORE, ROOM]})) as api:
        code, record, err = apply(api, "add a unit", "--workers", "fork")
    assert (code, record["status"]) == (0, "unchecked"), err
    plan, *forks = api.requests
    for fork in forks:
        assert [fork[key] for key in ("model", "tools", "system", "tool_choice")] == [
            plan[key] for key in ("model", "tools", "system", "tool_choice")
        ]
        assert (
            fork["messages"][0]["content"][0]["text"] == plan["messages"][0]["content"][0]["text"]
        )
    first, second = (fork["messages"][2]["content"] for fork in forks)
    assert first[0]["tool_use_id"] == "toolu_1"
    assert first[0] == second[0]
    assert first[-1]["text"].startswith("## Task\nedit ")


def words(request):
    """All blocks of a request in their order, without the marks for the cache."""
    blocks = [block for message in request["messages"] for block in message["content"]]
    return [{**block, "cache_control": None} for block in blocks]


def test_a_repair_goes_on_in_the_conversation_that_the_workers_forked(serve, brain, apply):
    more = {"tasks": [ROOM], "rationale": "the caller, too"}
    with serve(brain({"tasks": [CORE], "next_stage": "the callers"}, more)) as api:
        code, _, err = apply(api, "add a unit", "--workers", "fork")
    assert code == 0, err
    plan, first, again, second = api.requests
    assert words(again)[: len(words(first)) - 1] == words(first)[:-1]
    assert not any("## Task" in str(message) for message in again["messages"])
    assert len(second["messages"]) > len(again["messages"]) > len(plan["messages"])


def test_a_fallback_plan_is_carried_out_and_told(serve, brain, apply):
    with serve(brain({"tasks": [{**CORE, "path": "nosuch.py"}]})) as api:
        code, record, err = apply(api, "let area() in calc/core.py and size() take a unit " * 40)
    assert (code, record["status"]) == (0, "unchecked"), err
    assert record["rounds"][0]["plan"]["source"] == "fallback"
    assert [f["path"] for f in record["files"]] == ["calc/core.py", "calc/room.py"]
    assert "No valid plan came from the model" in record["rounds"][0]["plan"]["rationale"]


def test_a_stage_is_planned_from_the_results_of_the_one_before(serve, brain, apply):
    first = {"tasks": [CORE], "next_stage": "the callers of area"}
    with serve(brain(first, {"tasks": [ROOM]})) as api:
        code, record, err = apply(api, "add a unit")
    assert (code, record["status"]) == (0, "unchecked"), err
    assert [one["plan"]["stage"] for one in record["rounds"]] == [1, 2]
    assert [f["path"] for f in record["files"]] == ["calc/core.py", "calc/room.py"]
    assert "the callers of area" in str(api.requests[2]["messages"][-1])


def test_a_stage_that_is_not_planned_any_more_makes_the_run_partial(serve, brain, apply):
    with serve(brain({"tasks": [CORE], "next_stage": "the callers"})) as api:
        code, record, _ = apply(api, "add a unit", "--max-rounds", "1")
    assert (code, record["status"]) == (3, "partial")
    assert record["rounds"][-1]["plan"]["next_stage"] == "the callers"


@pytest.mark.parametrize("name", ["plan.toml", "plan.json"])
def test_a_plan_is_written_edited_and_carried_out(serve, brain, call, tmp_path, name):
    file = tmp_path / name
    with serve(brain({"tasks": [CORE, ROOM]})) as api:
        assert call(api, "plan", "add a unit", "-o", str(file))[0] == 0
        file.write_text(file.read_text().replace("take a unit, too", "take a unit as area does"))
        code, out, err = call(api, "apply", "--plan", str(file), "--no-test", "--json")
    record = json.loads(out)
    assert (code, record["status"]) == (0, "unchecked"), err
    assert record["rounds"][0]["plan"]["source"] == "manual"
    assert record["request"]["text"] == "add a unit"
    assert "take a unit as area does" in str(api.requests[-1]["messages"])


def test_a_fan_of_tasks_waits_for_its_root_and_is_waited_for_at_its_end(serve, brain, apply):
    fan = [
        CORE,
        {**ROOM, "needs": ["core"]},
        {"id": "test", "path": "tests/test_calc.py", "goal": "g", "needs": ["core"]},
        {"id": "init", "path": "calc/__init__.py", "goal": "g", "needs": ["room", "test"]},
    ]
    with serve(brain({"tasks": fan})) as api:
        code, record, err = apply(api, "add a unit")
    assert (code, record["status"]) == (0, "unchecked"), err
    said = [str(request["messages"]) for request in api.requests[1:]]
    order = [next(t["path"] for t in fan if f"## Task\\nedit {t['path']}" in s) for s in said]
    assert (order[0], order[-1]) == ("calc/core.py", "calc/__init__.py")
    assert "+def area(width, height, unit=1)" in said[1]
    assert all(
        f"Done before you: {path}" in said[-1] for path in ("calc/room.py", "tests/test_calc.py")
    )


def test_a_cycle_is_broken_and_its_reason_is_in_the_record(serve, brain, apply):
    round_ = [{**CORE, "needs": ["room"]}, {**ROOM, "needs": ["core"]}]
    with serve(brain({"tasks": round_})) as api:
        code, record, err = apply(api, "add a unit")
    assert (code, record["status"]) == (0, "unchecked"), err
    notes = record["rounds"][0]["plan"]["notes"]
    assert "core does not wait for room, where least binds them" in notes[0]


@pytest.mark.parametrize(
    ("manifest", "args", "fact"),
    [
        ("pom.xml", (), r"Tests: mvn .* \(cannot run here: mvn is not installed\)"),
        ("notes.txt", ("--test-cmd", "true"), "Tests: true"),
        ("notes.txt", ("--no-test",), "Tests: tests are switched off"),
        ("notes.txt", ("--lint-cmd", "true"), "Tests: none found"),
    ],
)
def test_the_planner_knows_how_tests_run_and_whether_they_can(
    serve, answer, words_of, make_repo, monkeypatch, capsys, tmp_path, manifest, args, fact
):
    (tmp_path / "bin").mkdir()
    for program in ("git", "sh", "bwrap"):  # all that there is on this search path
        if found := shutil.which(program):
            (tmp_path / "bin" / program).symlink_to(found)
    monkeypatch.chdir(make_repo({manifest: "", "a.py": "x = 1\n"}).root)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def brain(_request, _):
        return answer(tool={"name": "plan", "input": {"rationale": "nothing to do"}})

    with serve(brain) as api:
        main(["apply", "mend x", "--base-url", api.url, *args])
    capsys.readouterr()
    said = words_of(api.requests[0])
    (line,) = (line for line in said.split("\n") if line.startswith("Tests: "))
    assert re.fullmatch(fact, line)
