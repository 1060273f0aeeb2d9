"""The job with the key: its limits, what it leaves when it fails, and what it does not run."""

import json

import pytest

from codeorch.github.proposal import read_manifest
from codeorch.github.step import Step

MARK = "ran-by-itself"


@pytest.fixture
def ready(workflow, monkeypatch, key):
    assert workflow.gate_here()
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    return workflow


def manifest_of(workflow):
    return read_manifest((workflow.temp / "proposal" / "manifest.json").read_bytes())


def test_a_run_that_takes_too_long_says_which_input_helps(workflow, serve, answer):
    assert workflow.gate_here()
    with serve(lambda *_: answer(fault="hang")) as api:
        assert workflow.propose(api.url, INPUT_TIMEOUT="0.2") == 0
    assert "input timeout" in manifest_of(workflow).headline


def test_a_run_that_costs_too_much_says_which_input_helps(ready, serve, unit_brain):
    with serve(unit_brain) as api:
        ready.here("propose", INPUT_BASE_URL=api.url, INPUT_MAX_COST="0.0000001")
    assert "input max-cost" in manifest_of(ready).headline
    assert manifest_of(ready).head == ""


def test_no_more_files_are_paid_for_than_are_wished(ready, serve, unit_brain, task_of):
    with serve(unit_brain) as api:
        ready.here("propose", INPUT_BASE_URL=api.url, INPUT_MAX_FILES="1")
    assert len({task_of(request) for request in api.requests if task_of(request)}) <= 1
    assert len(manifest_of(ready).files) <= 1


def test_an_input_that_is_no_number_is_named(ready, serve, unit_brain, capsys):
    with serve(unit_brain) as api:
        ready.here("propose", INPUT_BASE_URL=api.url, INPUT_MAX_COST="much")
    assert "input max-cost: 'much' is no number" in manifest_of(ready).headline


def test_a_plan_alone_asks_no_worker(ready, serve, unit_brain, task_of):
    ready.comment("/codeorch plan")
    assert ready.gate_here()
    with serve(unit_brain) as api:
        ready.here("propose", INPUT_BASE_URL=api.url)
    assert not [request for request in api.requests if task_of(request)]
    manifest = manifest_of(ready)
    assert manifest.status == "planned"
    assert [one.path for one in manifest.plan] == ["calc/core.py", "calc/room.py"]
    assert manifest.price
    ready.here("test")
    ready.publish_here()
    assert "give area a unit" in ready.hub.own_comments[0]["body"]
    assert ready.hub.branches == []


def test_what_a_repository_says_of_itself_runs_nothing(
    make_workflow, project_files, serve, unit_brain, tmp_path, monkeypatch, key
):
    """Tests, hooks, formatters and a compiler of its own: each would leave a file behind."""
    trap = tmp_path / MARK
    touch = f"touch {trap}"
    files = {
        **project_files,
        "pyproject.toml": (
            f'[tool.codeorch]\ntest_cmd = "{touch}"\nsetup_cmd = "{touch}"\n'
            f'lint_cmd = "{touch}"\nformat = true\nverify = true\n'
        ),
        "conftest.py": f"import os; os.system({touch!r})\n",
        ".pre-commit-config.yaml": (
            "repos:\n- repo: local\n  hooks:\n  - id: x\n    name: x\n    language: system\n"
            f"    entry: {touch}\n"
        ),
        "node_modules/typescript/bin/tsc": f"#!/bin/sh\n{touch}\n",
        ".venv/bin/python": f"#!/bin/sh\n{touch}\n",
        ".venv/pyvenv.cfg": "home = /usr/bin\n",
    }
    workflow = make_workflow(files)
    for name in ("node_modules/typescript/bin/tsc", ".venv/bin/python"):
        (workflow.checkout / name).chmod(0o755)
    hook = workflow.checkout / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{touch}\n")
    hook.chmod(0o755)
    assert workflow.gate_here()
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    with serve(unit_brain) as api:
        workflow.here("propose", INPUT_BASE_URL=api.url)
    assert manifest_of(workflow).head, manifest_of(workflow)
    assert not trap.exists()


def test_a_file_that_runs_by_itself_is_refused_before_it_is_paid_for(ready, serve, answer, task_of):
    def brain(request, number):
        path = "tests/conftest.py" if number == 1 else "calc/core.py"
        action = "create" if number == 1 else "edit"
        task = {"id": "a", "path": path, "action": action, "goal": "g"}
        if task_of(request):
            form = {"status": "nothing_to_do", "summary": "", "reason": "none", "paths": []}
            return answer(tool={"name": "result", "input": form})
        return answer(tool={"name": "plan", "input": {"rationale": "r", "tasks": [task]}})

    with serve(brain) as api:
        ready.here("propose", INPUT_BASE_URL=api.url)
    assert "tests/conftest.py" not in [task_of(request) for request in api.requests]
    assert "runs by itself" in json.dumps(api.requests[1])


def test_a_summary_is_cut_to_what_github_takes(tmp_path):
    file = tmp_path / "summary"
    Step(variables={"GITHUB_STEP_SUMMARY": str(file)}).summarize("é" * (1 << 20))
    assert file.stat().st_size <= 1 << 20
    assert "cut" in file.read_text()[-100:]


def test_outputs_cannot_be_forged(tmp_path):
    file = tmp_path / "output"
    evil = "x\nend_0\ngo=true\ncomment<<EOF\n1\nEOF"
    Step(variables={"GITHUB_OUTPUT": str(file)}).set_outputs(go="false", outcome=evil)
    import sys

    read_outputs = sys.modules["tests.github.conftest"].read_outputs

    assert read_outputs(file.read_text()) == {"go": "false", "outcome": evil}


def test_no_line_of_the_log_is_a_command_to_the_runner(capsys):
    from codeorch.github.step import log

    log("a\n::add-mask::b ##[error]c\r\n::set-output name=go::true")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("codeorch: ")
    assert "##[" not in line
