"""Keys are in no process that reads the text of a repository."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import codeorch

KEY = "sk-ant-test-0123456789-secret"
PROC = Path("/proc")

pytestmark = pytest.mark.skipif(not (PROC / "self/environ").exists(), reason="needs /proc")


def start(folder, *args, **more):
    environment = {name: value for name, value in os.environ.items() if name != "CODEORCH_NO_STORE"}
    environment |= {"PYTHONPATH": str(Path(codeorch.__file__).parents[1]), **more}
    return subprocess.Popen(
        [sys.executable, "-m", "codeorch", *args],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def children(pid):
    return [int(p) for p in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]


def memory_holds(pid, secret):
    """Look through all that a process may write to in its memory."""
    with (PROC / str(pid) / "mem").open("rb") as memory:
        for line in (PROC / str(pid) / "maps").read_text().splitlines():
            span, rights, *_ = line.split()
            first, last = (int(end, 16) for end in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(first)
                if secret in memory.read(last - first):
                    return True
    return False


@pytest.mark.parametrize("flags", [(), ("--no-store",)])
def test_the_process_that_reads_the_repository_has_no_key(make_repo, serve, answer, flags):
    """Neither in its environment nor in its memory; the process that asks has it in memory."""
    repo = make_repo({"a.py": "def f(x):\n    return x\n"})
    seen = {}

    def think(*_):
        (asking,) = [pid for pid in children(process.pid) if is_server(pid)]
        looks = {"reading": process.pid} | ({"asking": asking} if os.geteuid() == 0 else {})
        for name, pid in looks.items():  # the process that asks shows itself to root alone
            environ = (PROC / str(pid) / "environ").read_bytes()
            seen[name] = (KEY.encode() in environ, memory_holds(pid, KEY.encode()))
        form = {"rationale": "r", "tasks": []}
        return answer(tool={"name": "plan", "input": form})

    with serve(think) as server:
        arguments = ("plan", "add units", "--base-url", server.url, *flags)
        process = start(repo.root, *arguments, ANTHROPIC_API_KEY=KEY)
        process.communicate()
    assert KEY in " ".join(server.headers[0].values())
    assert seen.pop("reading") == (False, False)
    assert seen in ({}, {"asking": (False, True)})


def is_server(pid):
    return b"codeorch.answers.model_server" in (PROC / str(pid) / "cmdline").read_bytes()


@pytest.fixture
def interrupted(make_repo, serve, answer, tmp_path):
    """Start a run whose plan is on its way, hand it over, and see what is left of it."""

    @contextmanager
    def run():
        repo = make_repo({"a.py": "def f(x):\n    return x\n"})
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        asked = []
        form = {"name": "plan", "input": {"rationale": "r" * 400, "tasks": []}}

        def think(*_):
            asked.append(time.monotonic())
            return answer(tool=form, pace_s=0.1)

        with serve(think) as server:
            arguments = ("apply", "add units", "-y", "--json", "--base-url", server.url)
            more = {"ANTHROPIC_API_KEY": KEY, "TMPDIR": str(scratch)}
            process = start(repo.root, *arguments, **more)
            until(lambda: asked)
            time.sleep(0.3)
            yield process, server
            out, err = process.communicate()
            assert (process.returncode, json.loads(out)["exit_code"]) == (130, 130), err
            assert "interrupted" in err
            assert list(scratch.iterdir()) == []
            start(repo.root, *arguments, **more).communicate()
            assert len(asked) == 1  # it was paid for, and kept

    return run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_after_the_answers_that_have_begun(interrupted, number):
    with interrupted() as (process, server):
        process.send_signal(number)
        process.wait()
        assert len(server.finished) == 1


def test_a_second_signal_leaves_the_rest_to_the_model_process(interrupted):
    with interrupted() as (process, server):
        (asking,) = [pid for pid in children(process.pid) if is_server(pid)]
        os.kill(asking, signal.SIGSTOP)  # so that there is something to wait for
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        os.kill(asking, signal.SIGCONT)  # it was not ended
        until(lambda: server.finished)


def until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
