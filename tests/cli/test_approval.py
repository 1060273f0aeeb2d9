"""Somebody sits at a terminal: a real pseudo-terminal, a real process, a local model server.

The server speaks chat completions: the process is there sooner than with Anthropic's package.
"""

import os
import pty
import select
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.system

FILES = {"calc/core.py": "def area(width, height):\n    return width * height\n"}
TASK = {"id": "t1", "path": "calc/core.py", "goal": "say what it gives"}
PLAN = {"rationale": "one file", "tasks": [TASK]}
CTRL_C = "\x03"
ASKING = "]: "
PATIENCE = 60  # seconds without a word
EDIT = '```diff\n@@ def area\n def area(width, height):\n+    """Give it."""\n```\n'


@pytest.fixture
def brain(answer, task_of):
    """Plan as given, and carry it out."""

    def make(plan=PLAN):
        return lambda request, _: think(request, plan)

    def think(request, plan):
        if not task_of(request):
            return answer(tool={"name": "plan", "input": plan})
        done = {"status": "done", "summary": "ok", "reason": "", "paths": []}
        return answer(text=EDIT, tool={"name": "result", "input": done})

    return make


@pytest.fixture
def at_a_terminal(make_repo, run_git):
    """Run `codeorch apply`, typing each answer once its question stands there."""

    def run(server, answers, *args, environment=None):
        repo = make_repo(FILES)
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "codeorch", "apply", "say what it gives", "--no-test",
                   "--openai-base-url", f"{server.url}/v1", "--model", "local", *args]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=repo.root, stdin=theirs, stdout=theirs, stderr=theirs,
            env={**os.environ, "TERM": "dumb", **(environment or {})},
        )  # fmt: skip
        os.close(theirs)
        try:
            shown = _talk(process, ours, answers)
            code = process.wait(30)
        finally:
            process.kill()
            process.wait()
            os.close(ours)
        branches = run_git(repo.root, "branch", "--list", "codeorch/*")
        return code, shown, branches

    return run


def _talk(process, terminal, answers):
    shown, left, waiting = "", list(answers), 0
    while waiting < PATIENCE:
        if not select.select([terminal], [], [], 1)[0]:
            waiting += 1
            if shown.endswith(ASKING) and answers[-1][1] == CTRL_C:
                process.send_signal(signal.SIGINT)  # the first came just before it was read
            continue
        try:
            new = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
        shown += new.decode(errors="replace")
        if left and left[0][0] in shown:
            _type(process, terminal, left.pop(0)[1])
    return shown


def _type(process, terminal, keys):
    if keys == CTRL_C:  # only a session's own terminal turns the key into the signal
        process.send_signal(signal.SIGINT)
    else:
        os.write(terminal, keys.encode())


def test_an_approved_plan_is_carried_out(serve, brain, at_a_terminal):
    with serve(brain()) as api:
        code, shown, branches = at_a_terminal(api, [("Carry out this plan?", "yes\n")])
    assert code == 0, shown
    assert shown.count("edit calc/core.py: say what it gives") == 1
    assert "codeorch/" in branches
    assert len(api.requests) == 2


@pytest.mark.parametrize("typed", ["no\n", "\x04", CTRL_C], ids=["no", "end of input", "ctrl-c"])
def test_a_rejected_plan_costs_no_worker_and_changes_nothing(serve, brain, at_a_terminal, typed):
    with serve(brain()) as api:
        code, shown, branches = at_a_terminal(api, [("Carry out this plan?", typed)])
    assert (code, branches) == (1, ""), shown
    assert "the plan was rejected; nothing was changed" in shown
    assert len(api.requests) == 1


def test_yes_is_not_asked(serve, brain, at_a_terminal):
    with serve(brain()) as api:
        code, shown, _ = at_a_terminal(api, [], "--yes")
    assert code == 0, shown
    assert "Carry out this plan?" not in shown


def test_a_plan_may_be_edited_first(serve, brain, at_a_terminal, tmp_path):
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys\nfrom pathlib import Path\nfile = Path(sys.argv[1])\ntext = file.read_text()\n"
        "mended = 'nosuch' in text\n"
        "text = text.replace('nosuch', 'calc') if mended else text.replace('calc', 'nosuch')\n"
        "file.write_text(text.replace('say what it gives\"\\n', 'be brief\"\\n', 2))\n"
    )
    answers = [
        ("Carry out this plan?", "edit\n"),
        ("Edit it again?", "\n"),  # the first edit names a file that is not there
        ("be brief", "yes\n"),
    ]
    with serve(brain()) as api:
        code, shown, _ = at_a_terminal(
            api, answers, environment={"EDITOR": f"{sys.executable} {editor}"}
        )
    assert code == 0, shown
    assert "nosuch/core.py" in shown
    assert any("be brief" in str(message["content"]) for message in api.requests[1]["messages"])


def test_a_question_that_blocks_is_asked(serve, brain, at_a_terminal):
    question = {"text": "Which unit?", "assumption": "metres", "blocks": True}
    answers = [("Answer", "feet\n"), ("Carry out this plan?", "yes\n")]
    with serve(brain({**PLAN, "questions": [question]})) as api:
        code, shown, _ = at_a_terminal(api, answers)
    assert code == 0, shown
    assert "Enter alone takes: metres" in shown
    assert "open Which unit? answered: feet" in shown
    assert "Which unit? Answered: feet" in shown
    assert "Answer: feet" in str(api.requests[1]["messages"])
