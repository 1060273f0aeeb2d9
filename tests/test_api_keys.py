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
from codeorch import api_keys
from codeorch.api_keys import read_keys
from codeorch.llm import PROVIDERS

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


@pytest.mark.system
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


@pytest.mark.parametrize(
    "raw", [KEY, f"{KEY}\n", f" {KEY}\r\n", f'"{KEY}"', f"'{KEY}' ", f"\n\t{KEY}"]
)
def test_what_was_copied_with_a_key_is_left_out(raw):
    assert read_keys({"ANTHROPIC_API_KEY": raw}).by_service == {"anthropic": KEY}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("sk-ant\n-0123456789", "ANTHROPIC_API_KEY holds a line break"),
        ("sk-ant\r-0123456789", "ANTHROPIC_API_KEY holds a line break"),
        ("Bearer sk-ant-1", "ANTHROPIC_API_KEY holds a blank"),
        ("sk-ant…", "ANTHROPIC_API_KEY holds a character that no key has '…'"),
        ("sk-ant\x1b", "ANTHROPIC_API_KEY holds a character that no key has"),
    ],
)
def test_what_cannot_be_a_key_is_named(raw, words):
    keys = read_keys({"ANTHROPIC_API_KEY": raw})
    assert (keys.faults, keys.by_service) == ({"anthropic": words}, {})
    assert not keys.has("anthropic")


@pytest.mark.parametrize("raw", ["", " ", "\n", '""'])
def test_an_empty_key_is_none(raw):
    keys = read_keys({"ANTHROPIC_API_KEY": raw})
    assert (keys.by_service, keys.faults) == ({}, {})


@pytest.mark.system
def test_a_key_with_a_line_break_is_refused_in_one_line_where_it_is_needed(make_repo):
    repo = make_repo({"a.py": "def f(x):\n    return x\n"})
    arguments = ("apply", "add units", "-y", "--json", "--base-url", "http://127.0.0.1:9")
    process = start(repo.root, *arguments, ANTHROPIC_API_KEY="sk-ant-01234\n56789")
    out, err = process.communicate()
    assert process.returncode == 2
    assert "ANTHROPIC_API_KEY holds a line break" in json.loads(out)["error"]["message"]
    assert "56789" not in out + err
    rule = ("apply", "rename function f to g", "-y", "--json", "--no-test")
    process = start(repo.root, *rule, ANTHROPIC_API_KEY="sk-ant-01234\n56789")
    assert json.loads(process.communicate()[0])["status"] == "unchecked"


@pytest.mark.system
def test_a_key_with_a_line_end_works(make_repo, serve, answer):
    repo = make_repo({"a.py": "def f(x):\n    return x\n"})
    form = {"rationale": "r", "tasks": []}
    with serve(lambda *_: answer(tool={"name": "plan", "input": form})) as server:
        arguments = ("plan", "add units", "--base-url", server.url)
        start(repo.root, *arguments, ANTHROPIC_API_KEY=f"{KEY}\n").communicate()
    assert f"Bearer {KEY}" in server.headers[0].values()


@pytest.mark.system
def test_an_edit_that_holds_the_key_never_lands_and_shows_nowhere(
    make_repo, serve, answer, task_of
):
    repo = make_repo({"a.py": "x = 1\n"})
    plan = {"rationale": "r", "tasks": [{"id": "t", "path": "a.py", "goal": "say the key"}]}
    edit = f"```diff\n--- a/a.py\n+++ b/a.py\n@@\n-x = 1\n+x = '{KEY}'\n```"
    result = {"status": "done", "summary": f"it is {KEY} now", "reason": "", "paths": []}

    def think(request, _):
        if not task_of(request):
            return answer(tool={"name": "plan", "input": plan})
        return answer(text=edit, tool={"name": "result", "input": result})

    with serve(think) as server:
        where = ("--openai-base-url", f"{server.url}/v1", "--model", "local")
        arguments = ("apply", "say it", "-y", "--json", "--no-test", *where)
        process = start(repo.root, *arguments, OPENAI_API_KEY=KEY)
        out, err = process.communicate()
    assert json.loads(out)["status"] == "failed"
    assert "holds the API key" in out
    assert KEY not in out + err
    kept = b"".join(file.read_bytes() for file in repo.git_dir.rglob("*") if file.is_file())
    assert KEY.encode() not in kept


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
            where = ("--openai-base-url", f"{server.url}/v1", "--model", "local")
            arguments = ("apply", "add units", "-y", "--json", *where)
            more = {"OPENAI_API_KEY": KEY, "TMPDIR": str(scratch)}
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


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_after_the_answers_that_have_begun(interrupted, number):
    with interrupted() as (process, server):
        process.send_signal(number)
        process.wait()
        assert len(server.finished) == 1


@pytest.mark.system
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


@pytest.mark.parametrize(
    ("args", "variables", "package"),
    [
        (["apply", "x"], {"ANTHROPIC_API_KEY": KEY}, "anthropic"),
        (["apply", "x", "--base-url", "http://a"], {"ANTHROPIC_API_KEY": KEY}, "anthropic"),
        (["apply", "x", "--openai-base-url", "u"], {"ANTHROPIC_API_KEY": KEY}, "openai"),
        (["apply", "x", "--openai-base-url=u"], {}, "openai"),
        (["apply", "x", "--provider", "ollama"], {"ANTHROPIC_API_KEY": KEY}, "openai"),
        (["apply", "x", "--provider=bedrock"], {}, "anthropic"),
        (["apply", "x", "--model", "openai/gpt"], {"ANTHROPIC_API_KEY": KEY}, "openai"),
        (["apply", "x", "--model", "claude"], {"ANTHROPIC_API_KEY": KEY}, "anthropic"),
        (["apply", "x"], {"CODEORCH_PROVIDER": "openai", "ANTHROPIC_API_KEY": KEY}, "openai"),
        (["apply", "x"], {"CODEORCH_OPENAI_BASE_URL": "u", "ANTHROPIC_API_KEY": KEY}, "openai"),
        (["apply", "rename a to b"], {"ANTHROPIC_API_KEY": KEY}, ""),
        (["apply", "Replace `a` with `b`"], {"ANTHROPIC_API_KEY": KEY}, ""),
        (["apply", "x"], {"OPENAI_API_KEY": KEY}, ""),  # a file may name the provider
    ],
)
def test_only_the_package_that_will_ask_is_loaded_early(monkeypatch, args, variables, package):
    for name in api_keys.VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert api_keys._package(args) == package


def test_what_is_guessed_of_providers_is_what_they_are():
    by_package = {name: one.package for name, one in PROVIDERS.items()}
    assert {n for n, package in by_package.items() if package == "anthropic"} == api_keys._MESSAGES
    assert api_keys._OTHERS | {"openai-compatible"} == by_package.keys() - api_keys._MESSAGES
    assert {one.key for one in PROVIDERS.values()} - {""} == api_keys.VARIABLES.keys()
