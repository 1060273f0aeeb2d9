"""A planner's script over many files: each result is an edit like any other."""

import json
from functools import partial
from pathlib import Path

import pytest

from codeorch.domain import EditScript, Plan
from codeorch.planning.plan_schema import Draft
from codeorch.planning.scripts import run_scripts
from codeorch.verify import run_edit_script

FILES = {f"p{n}.py": f"x = {n}\n" for n in range(4)}


@pytest.fixture
def run(snapshot_of, safe_sandbox):
    def start(body, paths=tuple(FILES)):
        code = "def edit(path, text):\n" + "".join(f"    {line}\n" for line in body.split("\n"))
        script = EditScript(id="s", goal="double it", paths=paths, code=code)
        draft = Draft(plan=Plan(tasks=()), scripts=(script,))
        runner = partial(run_edit_script, sandbox=safe_sandbox)
        found, refusals = run_scripts(draft, snapshot_of(FILES), runner)
        return found.plan.tasks, refusals

    return start


def test_each_file_is_a_task_with_its_edit(run):
    tasks, refusals = run("return text.replace('x', 'y')")
    assert refusals == ()
    assert [(task.path, "+y = " in task.diff) for task in tasks] == [(p, True) for p in FILES]


def test_a_file_that_it_fails_on_or_leaves_goes_to_a_worker(run):
    tasks, refusals = run(
        "if path == 'p0.py':\n    return text\nif path == 'p1.py':\n    1 / 0\nreturn 'y'"
    )
    assert refusals == ()
    assert [bool(task.answer) for task in tasks] == [False, False, True, True]
    assert "changed nothing here" in tasks[0].goal
    assert "ZeroDivisionError" in tasks[1].goal


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return 3", "edit gave int"),
        ("return (", "SyntaxError"),
        ("import os\nos._exit(3)", ""),
    ],
)
def test_a_script_that_changes_nothing_goes_back(run, body, reason):
    tasks, (refusal,) = run(body)
    assert "changes no file" in refusal
    assert reason in refusal
    assert not any(task.answer for task in tasks)


@pytest.mark.parametrize(
    "body",
    [
        "import pathlib\nreturn (pathlib.Path({home!r}) / 'notes').read_text()",
        "import os\nreturn str(dict(os.environ)['HOME'])",
        "import socket\nreturn str(socket.create_connection(('127.0.0.1', 1), 1))",
        f"return open({__file__!r}).read()",
    ],
    ids=["file", "environment", "network", "repository"],
)
def test_it_sees_nothing_but_its_input(run, body):
    (Path.home() / "notes").write_text("mine")
    tasks, _ = run(body.replace("{home!r}", repr(str(Path.home()))))
    assert not any(task.answer for task in tasks)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("os.symlink(secret, 'output.json')", "exit code 0"),
        ("os.mkfifo('output.json')", "exit code 0"),
        ("os.mkdir('output.json')", "exit code 0"),
        ("pathlib.Path('output.json').write_text('[]')", "wrote over its own results"),
        ("pathlib.Path('output.json').write_text('7')", "wrote over its own results"),
        ("pathlib.Path('output.json').write_text('[' * 200_000)", "wrote over its own results"),
        ("pathlib.Path('output.json').write_text('{\"a\": ' * 200_000)", "wrote over its own"),
        ("pathlib.Path('output.json').write_bytes(b'\\xff')", "wrote over its own results"),
        ("pathlib.Path('output.json').write_text('{}')", "no result for this file"),
        ("os.mkdir('inside'); os.chmod('inside', 0)", "exit code 0"),
    ],
)
def test_what_it_leaves_in_place_of_its_results_leads_nowhere(run, tmp_path, body, reason):
    """It can write what it likes and end before the results are written: they are not believed."""
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({path: ["the user's own", ""] for path in FILES}))
    lead = f"import os, pathlib\nsecret = {str(secret)!r}\n"
    tasks, (refusal,) = run(f"{lead}{body}\nos._exit(0)")
    assert reason in refusal
    assert not any(task.diff for task in tasks)


def test_half_of_a_character_is_no_text(run):
    tasks, refusals = run("return '\\ud800' if path == 'p0.py' else 'y'")
    assert refusals == ()
    assert "half of a surrogate pair" in tasks[0].goal
    assert [bool(task.diff) for task in tasks] == [False, True, True, True]


def test_a_reason_can_be_shown(run):
    _, (refusal,) = run("raise ValueError('\\ud800')")
    assert "ValueError: ?" in refusal
