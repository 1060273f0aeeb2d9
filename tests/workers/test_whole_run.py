"""Workers in whole runs: over the real SDK against a local server, through the command line."""

import json
import re

import pytest

from codeorch.cli import main

FILES = {
    "AGENTS.md": "Write plain Python.\n",
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


def said(request):
    blocks = [block for message in request["messages"] for block in message["content"]]
    return "\n".join(block.get("text") or str(block.get("content", "")) for block in blocks)


def edited(answer, request, **form):
    path = re.search(r"# Your task\nedit (\S+)", said(request))[1]
    old, new = LINES[path]
    result = {"status": "done", "summary": "s", "reason": "", "paths": [], **form}
    text = f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n-{old}\n+{new}\n```"
    return answer(text=text, tool={"name": "result", "input": result})


def is_plan(request):
    return request["tools"][0]["name"] == "plan"


def test_a_worker_with_tools_looks_things_up_over_the_wire(serve, answer, call):
    def brain(request, _):
        if is_plan(request):
            return answer(tool={"name": "plan", "input": {**PLAN, "tasks": PLAN["tasks"][:1]}})
        if "tool_result" not in json.dumps(request["messages"]):
            look = {"name": "list_references", "input": {"name": "area"}}
            return answer(text="first a look", calls=(look,))
        assert "calc/room.py:5: return area(2, 3)" in said(request)
        return edited(answer, request)

    with serve(brain) as api:
        code, record = call(api, "--worker-tools")
    assert (code, record["status"]) == (0, "unchecked")
    assert record["usage"]["calls"] == 3
    (result,) = record["rounds"][0]["results"]
    assert result["attempts"][0]["usage"]["calls"] == 2


def test_conventions_are_named_in_the_record_and_the_report(serve, answer, call, tmp_path):
    def brain(request, _):
        if is_plan(request):
            return answer(tool={"name": "plan", "input": PLAN})
        assert "conventions: AGENTS.md\n```\nWrite plain Python." in said(request)
        return edited(answer, request)

    with serve(brain) as api:
        _, record = call(api, "--report", str(tmp_path / "report.md"))
    assert record["rounds"][0]["conventions"] == ["AGENTS.md"]
    told = (tmp_path / "report.md").read_text()
    assert "conventions shown to the workers: `AGENTS.md`" in told


def test_a_deviation_nobody_was_told_of_is_planned_for_and_reported(serve, answer, call, tmp_path):
    deviation = {"symbol": "area", "signature": "def area(width, height)", "why": "no unit here"}
    asked = []

    def brain(request, n):
        if is_plan(request):
            asked.append(said(request))
            rest = {"rationale": "the caller was put right by hand", "tasks": []}
            return answer(tool={"name": "plan", "input": PLAN if n == 1 else rest})
        mine = "edit calc/core.py" in said(request).partition("# Your task")[2]
        return edited(answer, request, **({"deviations": [deviation]} if mine else {}))

    with serve(brain) as api:
        _, record = call(api, "--report", str(tmp_path / "report.md"))
    assert len(asked) == 2
    assert (
        "did not keep the contract of area: it is now `def area(width, height)`, because no unit "
        "here"
    ) in asked[1]
    core, _ = record["rounds"][0]["results"]
    assert core["deviations"] == [deviation]
    assert "### Contracts not kept" in (tmp_path / "report.md").read_text()


def test_a_kind_of_worker_of_the_project_is_offered_and_used(
    serve, answer, call, make_repo, monkeypatch
):
    monkeypatch.setitem(
        FILES, ".codeorch.toml",
        "[workers.'unit expert']\ndescription = 'knows units'\ninstructions = 'Think in SI.'\n",
    )  # fmt: skip
    task = {**PLAN["tasks"][0], "worker": {"role": "Unit Expert", "instructions": "Be exact."}}

    def brain(request, _):
        if is_plan(request):
            assert "- unit expert: knows units" in json.dumps(request["system"])
            return answer(tool={"name": "plan", "input": {**PLAN, "tasks": [task]}})
        assert "How you work: Think in SI. Be exact." in said(request)
        return edited(answer, request)

    with serve(brain) as api:
        code, _ = call(api)
    assert code == 0
