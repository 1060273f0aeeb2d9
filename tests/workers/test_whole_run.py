"""Workers in whole runs: over the real SDK against a local server, through the command line."""

import json

import pytest

from codeorch.cli import main
from codeorch.pipeline import stages

FILES = {
    "AGENTS.md": "Write plain Python.\n",
    "pyproject.toml": "[tool.ruff]\nline-length = 88\n",
    "calc/core.py": "def area(width, height):\n    return width * height\n",
    "calc/room.py": "from calc.core import area\n\n\ndef room():\n    return area(2, 3)\n",
}
CONTRACT = {
    "symbol": "area", "signature": "def area(width, height, unit=1)",
    "defined_in": "calc/core.py", "used_in": ["calc/room.py"],
}  # fmt: skip
PLAN = {
    "rationale": "A unit goes through.",
    "contracts": [CONTRACT],
    "tasks": [
        {"id": "core", "path": "calc/core.py", "goal": "give area a unit"},
        {"id": "room", "path": "calc/room.py", "goal": "hand it on"},
    ],
}
LINES = {
    "calc/core.py": ("def area(width, height):", "def area(width, height, unit=1):"),
    "calc/room.py": ("    return area(2, 3)", "    return area(2, 3, 1)"),
}


@pytest.fixture
def call(make_repo, monkeypatch, capsys):
    def run(server, *args):
        monkeypatch.chdir(make_repo(FILES).root)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
        args = ("apply", "add a unit", "--base-url", server.url, "--json", "--no-test", *args)
        code = main(list(args))
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def edited(answer, task_of):
    """Make the edit that a worker is asked for; the fields of its form can be given."""

    def make(request, **form):
        path = task_of(request)
        old, new = LINES[path]
        result = {"status": "done", "summary": "s", "reason": "", "paths": [], **form}
        text = f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n-{old}\n+{new}\n```"
        return answer(text=text, tool={"name": "result", "input": result})

    return make


@pytest.mark.parametrize("start", ["fork", "fresh"])
def test_a_worker_looks_things_up_over_the_wire(serve, answer, edited, task_of, call, start):
    def brain(request, _):
        if not task_of(request):
            return answer(tool={"name": "plan", "input": {**PLAN, "tasks": PLAN["tasks"][:1]}})
        if len(api.requests) == 2:
            look = {"name": "references", "input": {"name": "area"}}
            return answer(text="first a look", calls=(look,))
        (returned,) = (block for block in request["messages"][-1]["content"] if "content" in block)
        assert "calc/room.py" in returned["content"]
        assert "return area(2, 3)" in returned["content"]
        return edited(request)

    with serve(brain) as api:
        code, record = call(api, "--worker-tools", "references", "--workers", start)
    assert (code, record["status"]) == (0, "unchecked")
    assert record["usage"]["calls"] == 3
    (result,) = record["rounds"][0]["results"]
    assert result["attempts"][0]["usage"]["calls"] == 2


@pytest.mark.parametrize("start", ["fork", "fresh"])
def test_conventions_are_named_in_the_record_and_the_report(
    start, serve, answer, edited, task_of, words_of, call, tmp_path
):
    def brain(request, _):
        if not task_of(request):
            return answer(tool={"name": "plan", "input": PLAN})
        assert "conventions: AGENTS.md\n```\nWrite plain Python." in words_of(request)
        assert "Style: ruff: lines of 88" in words_of(request)
        return edited(request)

    with serve(brain) as api:
        _, record = call(api, "--workers", start, "--report", str(tmp_path / "report.md"))
    assert record["status"] == "unchecked"
    assert record["rounds"][0]["conventions"] == ["AGENTS.md"]
    told = (tmp_path / "report.md").read_text()
    assert "conventions shown to the workers: `AGENTS.md`" in told


def test_a_contract_that_was_not_kept_goes_to_the_worker_that_relies_on_it(
    serve, answer, edited, task_of, words_of, call, tmp_path
):
    deviation = {"symbol": "area", "signature": "def area(width, height)", "why": "no unit here"}
    undone = "```diff\n--- a/calc/room.py\n+++ b/calc/room.py\n@@\n-    return area(2, 3, 1)\n"
    undone += "+    return area(2, 3)\n```"
    done = {"status": "done", "summary": "s", "reason": "", "paths": []}

    def brain(request, _):
        if not task_of(request):
            return answer(tool={"name": "plan", "input": PLAN})
        if "turned out differently" in words_of(request):
            return answer(text=undone, tool={"name": "result", "input": done})
        mine = task_of(request) == "calc/core.py"
        return edited(request, **({"deviations": [deviation]} if mine else {}))

    with serve(brain) as api:
        _, record = call(api, "--report", str(tmp_path / "report.md"))
    _, *workers, again = api.requests
    assert len(workers) == 2  # and no planner is asked a second time
    (room,) = [one for one in workers if task_of(one) == "calc/room.py"]
    blocks = [block for message in again["messages"] for block in message["content"]]
    said = [block for message in room["messages"] for block in message["content"]]
    assert [block.get("text") for block in blocks[: len(said)]] == [one.get("text") for one in said]
    assert (
        "- area is now `def area(width, height)` in calc/core.py: no unit here"
        in blocks[-1]["text"]
    )
    assert [one["path"] for one in record["files"]] == ["calc/core.py"]
    core, _ = record["rounds"][0]["results"]
    assert core["deviations"] == [deviation]
    assert "### Contracts not kept" in (tmp_path / "report.md").read_text()


def test_a_kind_of_worker_of_the_project_is_offered_and_used(
    serve, answer, edited, task_of, words_of, call, monkeypatch
):
    monkeypatch.setitem(
        FILES, ".codeorch.toml",
        "[workers.'unit expert']\ndescription = 'knows units'\ninstructions = 'Think in SI.'\n",
    )  # fmt: skip
    task = {**PLAN["tasks"][0], "worker": {"role": "Unit Expert", "instructions": "Be exact."}}

    def brain(request, _):
        if not task_of(request):
            assert "- unit expert: knows units" in json.dumps(request["system"])
            return answer(tool={"name": "plan", "input": {**PLAN, "tasks": [task]}})
        assert "How you work: Think in SI. Be exact." in words_of(request)
        return edited(request)

    with serve(brain) as api:
        code, _ = call(api)
    assert code == 0


# ------------------------------------------------------------------------------- resumed

# The request speaks of the zone; so that comes first, and not what the alphabet has first.
RANKED = {
    "a/first.py": "def first(zone):\n    return zone.spot\n",
    "b/zone.py": "class Zone:\n    spot = 1\n",
    "c/user.py": "from b.zone import Zone\n\n\ndef use(zone):\n    return Zone.spot\n",
}
STAGES = [
    {
        "rationale": "first the user",
        "tasks": [{"id": "t", "path": "c/user.py", "goal": "call first"}],
        "next_stage": "then the zone",
    },
    {
        "rationale": "then the zone",
        "tasks": [{"id": "t", "path": "b/zone.py", "goal": "rename spot"}],
    },
]
EDITS = {
    "c/user.py": (
        "-from b.zone import Zone\n+from a.first import first\n+from b.zone import Zone\n"
        "@@\n-    return Zone.spot\n+    return first(Zone)"
    ),
    "b/zone.py": "-    spot = 1\n+    spot = 2",
}
LOOKS = (
    {"name": "search", "input": {"text": "spot"}},
    {"name": "references", "input": {"name": "first"}},
)


@pytest.mark.system
@pytest.mark.parametrize("stop_at", [1, 2])
def test_look_ups_of_a_resumed_run_answer_in_the_same_order(
    serve, answer, task_of, make_repo, monkeypatch, capsys, stop_at
):
    """Their order goes by what the request ranks, and by what earlier rounds have changed."""

    def brain(request, _):
        path = task_of(request)
        if not path:
            plans = sum("next_stage" in json.dumps(m) for m in request["messages"][1:])
            return answer(tool={"name": "plan", "input": STAGES[min(plans, 1)]})
        last = request["messages"][-1]["content"]
        returned = [block["content"] for block in last if block["type"] == "tool_result"]
        if len(returned) < len(LOOKS):
            return answer(text="first a look", calls=LOOKS)
        told.append((path, returned))
        text = f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n{EDITS[path]}\n```"
        result = {"status": "done", "summary": "s", "reason": "", "paths": []}
        return answer(text=text, tool={"name": "result", "input": result})

    def run(*args):
        code = main([*args, "--json"])
        return code, json.loads(capsys.readouterr().out)

    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
    monkeypatch.chdir(make_repo(RANKED).root)
    told = []
    with serve(brain) as api:
        start = ("apply", "move the spot of the Zone", "--base-url", api.url, "--no-test")
        start += ("--workers", "fork")
        code, record = run(*start)
        assert (code, len(record["rounds"])) == (0, 2)
        whole, told[:] = tuple(told), []
        rounds = 0

        async def stop(*args):
            nonlocal rounds
            rounds += 1
            if rounds == stop_at:
                raise KeyboardInterrupt
            return await do_work(*args)

        do_work = stages.do_work
        with monkeypatch.context() as patch:
            patch.setattr(stages, "do_work", stop)
            assert run(*start)[0] == 130
        assert run("resume")[0] == 0
    assert tuple(told[-2:]) == whole
    search = whole[0][1][0]
    assert search.index("b/zone.py") < search.index("a/first.py")
    assert "c/user.py" in whole[1][1][1]
