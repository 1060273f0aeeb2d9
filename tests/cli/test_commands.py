"""The commands as a user types them, on real repositories, without a model."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codeorch.cli import COMMANDS, main

SHOP = {
    "shop/__init__.py": "from shop.prices import total\n\n__all__ = ['total']\n",
    "shop/prices.py": 'def total(items):\n    """Give the total."""\n    return sum(items)\n',
    "shop/report.py": (
        "from shop.prices import total\n\n\ndef report(items):\n    # total of all\n"
        "    return f'total: {total(items)}'\n"
    ),
    "tests/__init__.py": "",
    "tests/test_shop.py": (
        "import unittest\n\nfrom shop import total\nfrom shop.report import report\n\n\n"
        "class ShopTest(unittest.TestCase):\n    def test_total(self):\n"
        "        self.assertEqual(total([1, 2]), 3)\n\n    def test_report(self):\n"
        "        self.assertEqual(report([1]), 'total: 1')\n"
    ),
}
RENAME = "rename function total to sum_of"


@pytest.fixture
def shop(make_repo, monkeypatch):
    repo = make_repo(SHOP)
    monkeypatch.chdir(repo.root)
    return repo


@pytest.fixture
def call(capsys):
    def run(*args):
        code = main(args)
        out = capsys.readouterr()
        assert "Traceback" not in out.out + out.err
        return code, out.out, out.err

    return run


def user_state(repo):
    kept = {}
    for path in sorted(repo.root.rglob("*")):
        inside = path.relative_to(repo.root).as_posix()
        ours = inside.startswith((".git/objects/", ".git/codeorch/")) or "heads/codeorch/" in inside
        if path.is_file() and not ours:
            kept[inside] = path.read_bytes()
    return kept


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text(call, name):
    code, out, _ = call(name, "--help")
    assert code == 0
    assert out.startswith(f"Usage: codeorch {name}")


def test_a_rename_lands_verified_on_a_new_branch_and_touches_nothing_else(shop, call, run_git):
    (shop.root / "notes.txt").write_text("unsaved\n")
    before = user_state(shop)
    code, out, err = call("apply", RENAME, "--unsafe-tests", "--json")
    assert user_state(shop) == before
    record = json.loads(out)
    assert (code, record["status"]) == (0, "verified"), err
    assert sorted(f["path"] for f in record["files"]) == [
        "shop/__init__.py",
        "shop/prices.py",
        "shop/report.py",
        "tests/test_shop.py",
    ]
    assert record["rounds"][0]["verdict"]["after"]["passed"] == 2
    assert "uncommitted" in " ".join(record["notices"])
    shown = run_git(shop.root, "show", f"{record['branch']['name']}:shop/report.py")
    assert "return f'total: {sum_of(items)}'" in shown
    mentions = {(m["path"], m["line"]) for m in record["rounds"][0]["plan"]["mentions"]}
    assert ("shop/report.py", 5) in mentions


def test_the_result_can_be_taken_over(shop, call):
    assert call("apply", RENAME, "--no-test")[0] == 0
    code, out, _ = call("take")
    assert code == 0
    assert "took over 4 files" in out
    assert "def sum_of" in (shop.root / "shop/prices.py").read_text()


def test_taking_over_a_file_with_unsaved_edits_is_refused(shop, call):
    assert call("apply", RENAME, "--no-test")[0] == 0
    (shop.root / "shop/prices.py").write_text("precious")
    code, _, err = call("take")
    assert code == 5
    assert "unsaved edits" in err
    assert (shop.root / "shop/prices.py").read_text() == "precious"


def test_a_request_that_needs_a_model_names_the_ways_on(shop, call):
    code, _, err = call("apply", "make it faster")
    assert code == 2
    for way in ("ANTHROPIC_API_KEY", "--provider", "--plan"):
        assert way in err
    assert len(err.strip().splitlines()) <= 3


def test_a_failure_is_json_when_asked(shop, call):
    code, out, _ = call("apply", "make it faster", "--json")
    told = json.loads(out)
    assert (told["exit_code"], code) == (2, 2)
    assert "needs a model" in told["error"]["message"]


def test_without_a_model_a_plan_is_begun_to_be_finished_by_hand(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    code, _, err = call("plan", "round the `total`", "-o", str(file))
    assert code == 0
    assert "no model was asked" in err
    written = file.read_text()
    assert 'path = "shop/prices.py"' in written
    assert "# Note: no model was asked" in written


def test_where_nothing_is_known_of_a_plan_none_is_written(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    code, out, err = call("plan", "make it faster", "-o", str(file))
    assert (code, out, file.exists()) == (2, "", False)
    assert "this request needs a model, and there is no key for one" in err


def test_the_plan_of_a_rule_says_what_it_changes(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    code, _, err = call("plan", RENAME, "-o", str(file))
    assert code == 0
    assert f"plan with 1 codemod written to {file}" in err
    assert "7 lines in 4 files: " in err
    assert "+def sum_of(items):" in err
    assert "Left as they are, in strings and comments: shop/ (3 mentions in 2 files)" in err


def test_the_plan_of_a_rule_that_cannot_be_carried_out_is_refused(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    told = call("plan", "rename function total to report", "-o", str(file))
    assert told == call("apply", "rename function total to report")
    assert (told[0], file.exists()) == (2, False)


@pytest.mark.parametrize("content", ['rationale = "r"\n', "tasks = []\ncodemods = []\n"])
def test_a_plan_file_without_any_task_is_no_success(shop, call, tmp_path, content):
    file = tmp_path / "plan.toml"
    file.write_text(content)
    code, out, err = call("apply", "--plan", str(file), "--no-test")
    assert (code, out) == (2, "")
    assert f"{file} holds no task" in err


def test_an_ambiguous_name_is_refused_with_its_places(make_repo, monkeypatch, call):
    repo = make_repo({"a.py": "def go(): ...\n", "b.py": "def go(): ...\n"})
    monkeypatch.chdir(repo.root)
    code, _, err = call("apply", "rename function go to run")
    assert code == 2
    assert "a.py:1" in err
    assert "b.py:1" in err


def test_tests_that_turn_red_end_with_4(shop, call):
    (shop.root / "tests/test_shop.py").write_text(
        SHOP["tests/test_shop.py"].replace("'total: 1'", "open('shop/report.py').read()[:5]")
    )
    call("apply", RENAME, "--no-test")
    code, out, _ = call("apply", RENAME, "--test-cmd", "grep -q 'def total' shop/prices.py",
                        "--unsafe-tests", "--json")  # fmt: skip
    assert code == 4
    assert json.loads(out)["rounds"][0]["verdict"]["status"] == "broken"


def test_a_repository_without_tests_ends_with_4(make_repo, monkeypatch, call):
    repo = make_repo({"a.py": "def go(): ...\n"})
    monkeypatch.chdir(repo.root)
    code, out, _ = call("apply", "rename function go to run", "--json")
    assert code == 4
    assert json.loads(out)["rounds"][0]["verdict"]["status"] == "no_tests"


def test_a_dry_run_makes_no_branch(shop, call, run_git):
    code, out, _ = call("apply", RENAME, "--dry-run")
    assert code == 0
    assert "+def sum_of(items):" in out
    assert run_git(shop.root, "branch", "--list", "codeorch/*") == ""


def test_a_plan_file_with_a_codemod_needs_no_model(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    assert call("plan", RENAME, "-o", str(file))[0] == 0
    code, out, _ = call("apply", "--plan", str(file), "--no-test", "--json")
    assert code == 0
    assert len(json.loads(out)["files"]) == 4


def test_a_plan_by_hand_needs_no_rationale_and_no_goal_beside_an_edit(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    diff = "@@\\n-def total(items):\\n+def total(items):  # in euros\\n"
    file.write_text(f'[[tasks]]\nid = "a"\npath = "shop/prices.py"\ndiff = "{diff}"\n')
    code, out, err = call("apply", "--plan", str(file), "--no-test", "--json")
    assert code == 0, err
    assert "+def total(items):  # in euros" in json.loads(out)["files"][0]["diff"]


def test_an_edit_by_hand_that_does_not_fit_names_what_a_worker_needs(shop, call, tmp_path):
    file = tmp_path / "plan.toml"
    diff = "@@\\n-def nosuch(items):\\n+def nosuch(items):  # in euros\\n"
    file.write_text(f'[[tasks]]\nid = "a"\npath = "shop/prices.py"\ndiff = "{diff}"\n')
    code, _, err = call("apply", "--plan", str(file), "--no-test")
    assert code == 2
    assert "shop/prices.py" in err
    assert "mend the diff; for a worker to make the edit, set ANTHROPIC_API_KEY" in err
    assert len(err.strip().splitlines()) <= 3


def test_two_codemods_on_one_file_are_both_carried_out(shop, call, tmp_path, run_git):
    file = tmp_path / "plan.toml"
    file.write_text(
        'rationale = ""\ntasks = []\n'
        'codemods = ["rename function total to sum_of", "rename function report to tell"]\n'
    )
    code, out, _ = call("apply", "--plan", str(file), "--unsafe-tests", "--json")
    assert code == 0, out
    name = json.loads(out)["branch"]["name"]
    text = run_git(shop.root, "show", f"{name}:shop/report.py")
    assert "def tell(items)" in text
    assert "sum_of(items)" in text


def test_outside_of_a_repository_the_way_in_is_named(tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    code, _, err = call("apply", RENAME)
    assert code == 2
    assert "git init" in err


def test_include_limits_what_may_change(shop, call):
    code, _, err = call("apply", RENAME, "--include", "shop/prices.py")
    assert code == 2
    assert "--include" in err


@pytest.mark.parametrize("args", [["nosuch"], ["apply", "--nosuch"], ["apply"], ["show", "zz"]])
def test_wrong_usage_ends_with_2(shop, call, args):
    code, _, err = call(*args)
    assert code == 2
    assert err.startswith("codeorch: ")


def test_runs_and_show_tell_what_was_done(shop, call):
    call("apply", RENAME, "--no-test")
    assert "unchecked" in call("runs")[1]
    out = call("show")[1]
    assert "shop/prices.py" in out
    assert "+def sum_of" in call("show", "--diff")[1]
    assert json.loads(call("show", "--json")[1])["schema_version"] == 1


def test_rank_names_the_files_of_a_request(shop, call):
    out = call("rank", "the report prints a wrong total", "--json")[1]
    paths = [f["path"] for f in json.loads(out)["files"]]
    assert paths[0] == "shop/report.py"
    assert "tests/test_shop.py" not in paths


def test_map_shows_folders_files_and_signatures_with_their_lines(shop, call):
    rows = call("map", "shop")[1].split("\n")
    assert rows[0] == "shop/"
    assert "    prices.py" in rows
    assert "         1  def total(items):  # Give the total." in rows


def test_map_as_json_holds_ranges_and_roles(shop, call):
    files = json.loads(call("map", "shop/*", "--json")[1])["files"]
    found = next(file for file in files if file["path"] == "shop/prices.py")
    assert (found["language"], found["role"]) == ("python", "source")
    (total,) = [symbol for symbol in found["symbols"] if symbol["name"] == "total"]
    assert (total["kind"], total["line"], total["start_byte"]) == ("function", 1, 0)


def test_map_can_leave_tests_out_and_says_when_nothing_is_left(shop, call):
    assert "test_shop.py" in call("map")[1]
    assert "test_shop.py" not in call("map", "--no-tests")[1]
    code, _, err = call("map", "nowhere/*")
    assert code == 2
    assert "nothing is defined in nowhere/*" in err


def test_map_takes_globs_from_the_folder_where_it_is_called(shop, call, monkeypatch):
    whole = call("map", "shop")[1]
    assert "test_shop.py" in call("map", ".")[1]
    monkeypatch.chdir(shop.root / "shop")
    assert call("map", ".")[1] == whole
    assert call("map", "../shop", "../nowhere")[1] == whole
    assert call("map", "*.py")[1] == whole
    assert "prices.py" in call("map", "prices.py")[1]
    assert "prices.py" not in call("map", "./report.py", str(shop.root / "tests"))[1]


def test_map_names_what_it_leaves_out(shop, call, run_git):
    (shop.root / "logo.png").write_bytes(b"\x89PNG\0")
    (shop.root / "link").symlink_to("shop")
    run_git(shop.root, "add", "-A")
    run_git(shop.root, "commit", "-q", "-m", "odd ones")
    assert "left out: 1 symbolic link, 1 binary; --json names them" in call("map")[2]
    assert json.loads(call("map", "--json")[1])["left_out"] == {
        "link": "symbolic link to shop", "logo.png": "binary",
    }  # fmt: skip
    assert call("map", "shop")[2] == ""


def test_paths_do_not_steer_the_terminal(shop, call, run_git):
    (shop.root / "a\nb\x1b[31m.py").write_text("def strange(): pass\n")
    run_git(shop.root, "add", "-A")
    run_git(shop.root, "commit", "-q", "-m", "odd one")
    assert "  a?b?[31m.py\n" in call("rank", "strange")[1]
    assert "a?b?[31m.py\n" in call("map")[1]
    assert json.loads(call("rank", "strange", "--json")[1])["files"][0]["path"] == "a\nb\x1b[31m.py"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_request_file_may_have_any_encoding(shop, call, tmp_path, encoding):
    file = tmp_path / "request.txt"
    file.write_bytes("Größe of prices\n".encode(encoding))
    assert "shop/prices.py" in call("rank", "-f", str(file))[1]


def test_a_request_file_that_is_no_text_is_refused(shop, call, tmp_path):
    file = tmp_path / "request.bin"
    file.write_bytes(b"\x00\x01\x80")
    code, _, err = call("rank", "-f", str(file))
    assert code == 2
    assert "request.bin is no text: it is binary" in err


def test_rank_says_when_nothing_fits(shop, call):
    code, out, err = call("rank", "zzyzx")
    assert (code, out) == (0, "")
    assert "no source file fits" in err


def test_uncommitted_files_are_seen_only_when_asked_for(shop, call):
    (shop.root / "shop" / "fresh.py").write_text("def brand_new(): pass\n")
    assert "brand_new" not in call("map")[1]
    assert "brand_new" in call("map", "--include-dirty")[1]
    assert "shop/fresh.py" in call("rank", "brand_new", "--include-dirty")[1]
    code, _, err = call("map", "--include-dirty", "--base", "HEAD~0^{tree}")
    assert code == 2
    assert "names no commit" in err


def test_the_demo_is_verified(call):
    code, out, _ = call("demo")
    assert code == 0, out
    assert "Complete and verified" in out
    assert "format_price" in out


def test_a_branch_name_that_exists_is_refused_after_nothing_was_changed(shop, call):
    assert call("apply", RENAME, "--no-test", "-B", "mine")[0] == 0
    code, _, err = call("apply", RENAME, "--no-test", "-B", "mine")
    assert code == 2
    assert "mine" in err


def sleeping(seconds):
    """Name the processes that are just `sleep SECONDS`."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # gone meanwhile
            if file.read_bytes() == b"sleep\0%s\0" % seconds.encode():
                found.append(file.parent.name)
    return found


@pytest.mark.system
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_while_its_tests_run_and_leaves_nothing(
    shop, run_git, tmp_path, number
):
    before = user_state(shop)
    seconds = f"600.{os.getpid()}"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    args = ["apply", RENAME, "--unsafe-tests", "--test-cmd", f"sleep {seconds}"]
    with subprocess.Popen(
        [sys.executable, "-m", "codeorch", *args],
        cwd=shop.root,
        env=os.environ | {"TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            for _ in range(1200):
                if sleeping(seconds) or process.poll() is not None:
                    break
                time.sleep(0.05)
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert user_state(shop) == before
    assert run_git(shop.root, "branch", "--list", "codeorch/*") == ""
    assert sleeping(seconds) == []
    assert list(scratch.iterdir()) == []


def test_a_run_that_fails_tells_what_its_calls_used(shop, call, serve, answer, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-0123456789")
    with serve(lambda *_: answer(text="I would rather not.")) as api:
        args = ("apply", "make it faster", "--base-url", api.url, "--no-test", "--json")
        code, out, _ = call(*args)
    told = json.loads(out)
    assert code == 1
    assert told["usage"]["calls"] == len(api.requests) > 0


def test_a_wrong_model_names_the_settings_to_mend(shop, call, serve, answer):
    brain = lambda *_: answer(status=404, message="model 'small' not found")  # noqa: E731
    with serve(brain, models=("large",)) as api:
        args = ("--openai-base-url", f"{api.url}/v1", "--model", "small", "--no-test")
        code, _, err = call("apply", "make it faster", *args)
    assert code == 1
    assert "it lists large" in err
    assert "--planner-model" in err


# ------------------------------------------------------------------------------- said in one line


def test_a_plan_file_that_does_not_exist_is_said_so(small, call):
    code, _, err = call("apply", "--plan", "none.toml", "--no-test")
    assert (code, "the plan file none.toml does not exist" in err) == (2, True)
    assert "permissions" not in err
    assert call("runs")[1] == ""


@pytest.mark.parametrize("content", ["tasks = 3", "[broken", '[[tasks]]\npath = "a.py"'])
def test_a_fault_of_a_plan_file_names_the_users_file(small, call, tmp_path, content):
    file = tmp_path / "my plan.toml"
    file.write_text(content)
    code, _, err = call("apply", "--plan", str(file), "--no-test")
    assert (code, str(file) in err, ".git" in err) == (2, True, False)


def test_a_model_of_an_unknown_provider_names_those_that_are_known(small, call):
    code, _, err = call("apply", "x", "--model", "olama/qwen")
    assert (code, "do you mean ollama/qwen?" in err, "openrouter" in err) == (2, True, True)
    code, _, err = call("apply", "x", "--model", "nonsense/x")
    assert (code, "no provider 'nonsense'" in err, "do you mean" in err) == (2, True, False)


def test_a_server_that_is_not_started_is_said_how_to_start(small, call):
    flags = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--no-test")
    code, _, err = call("apply", "x", "--provider", "ollama", *flags)
    assert (code, "start it with `ollama serve`" in err, "--base-url" in err) == (1, True, True)
    assert "start it" not in call("apply", "x", "--provider", "openai-compatible", *flags)[2]


def test_a_variable_that_is_no_setting_is_named_with_the_nearest(small, call, monkeypatch):
    monkeypatch.setenv("CODEORCH_WORKER_MODLE", "x")
    monkeypatch.setenv("CODEORCH_TASK_TIMEOUT", "9")
    _, _, err = call("apply", "rename function a to b", "--no-test")
    assert "CODEORCH_WORKER_MODLE is no setting" in err
    assert "do you mean CODEORCH_WORKER_MODEL?" in err
    assert "CODEORCH_TASK_TIMEOUT" not in err


def test_workers_whose_model_nobody_has_are_one_error(small, call, tmp_path, serve, answer):
    tasks = [
        {"id": f"t{n}", "path": f"new{n}.py", "action": "create", "goal": "be"} for n in range(5)
    ]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"rationale": "all", "tasks": tasks}))
    brain = lambda *_: answer(status=404, message="model 'qwn' not found")  # noqa: E731
    with serve(brain, models=("qwen3:8b", "gemma")) as api:
        code, _, err = call(
            "apply", "--plan", str(file), "--worker-model", "qwn", "--provider", "ollama",
            "--base-url", f"{api.url}/v1", "--max-parallel", "1", "--no-test",
        )  # fmt: skip
    assert (code, "it lists qwen3:8b, gemma" in err, "open" in err) == (1, True, False)
    assert len(api.requests) == 1
    assert [row["status"] for row in json.loads(call("runs", "--json")[1])["runs"]] == ["failed"]


def test_a_change_that_does_not_fit_any_more_gives_the_right_hint(small, call, run_git):
    assert call("apply", "rename function a to b", "--no-test")[0] == 0
    (small.root / "a.py").write_text("def other():\n    return 2\n")
    run_git(small.root, "commit", "-qam", "another")
    code, _, err = call("take")
    assert (code, "the files have changed since" in err, "stash" in err) == (2, True, False)


@pytest.fixture
def small(make_repo, monkeypatch):
    repo = make_repo({"a.py": "def a():\n    return 1\n"})
    monkeypatch.chdir(repo.root)
    return repo
