"""Whole runs by codemods: what lands, as which commits, and what does not."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codeorch.cli import main

FILES = {
    "calc/core.py": (
        "def area(width, height):\n    return width * height\n\n\n"
        "def edge(width, height):\n    return 2 * (width + height)\n"
    ),
    "calc/room.py": (
        "from calc.core import area, edge\n\n\n"
        "def room(size):\n    return area(size, size), edge(size, size)\n"
    ),
}
PLAN = """
rationale = "two renames"
codemods = ["rename function `edge` to `border`", "rename function `area` to `surface`"]
tasks = []
"""
# Stands for tests that know one of the functions by its name.
TESTS = ("--test-cmd", "grep -q 'def area' calc/core.py", "--unsafe-tests")


@pytest.fixture
def apply(make_repo, monkeypatch, capsys, tmp_path):
    """Run `codeorch apply` without a model; gives the code, the record and the repository."""
    plan_file = tmp_path / "plan.toml"
    plan_file.write_text(PLAN)

    def run(*args, request="", repo=None):
        repo = repo or make_repo(FILES)
        monkeypatch.chdir(repo.root)
        what = [request] if request else ["--plan", str(plan_file)]
        code = main(["apply", *what, *TESTS, "--json", *args])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, json.loads(out), repo

    return run


def paths(record):
    return [file["path"] for file in record["files"]]


def test_by_default_all_lands_and_the_broken_tests_are_told(apply):
    code, record, _ = apply()
    assert (code, record["status"]) == (4, "unverified")
    assert paths(record) == ["calc/core.py", "calc/room.py"]
    assert record["rounds"][-1]["verdict"]["status"] == "broken"


def test_of_two_renames_only_the_one_that_breaks_nothing_lands(apply, run_git):
    code, record, repo = apply("--land", "green-subset")
    assert (code, record["status"]) == (3, "partial")
    shown = run_git(repo.root, "show", f"{record['branch']['name']}:calc/core.py")
    assert "def area(" in shown
    assert "def border(" in shown
    assert record["rejected"] == [
        {"task": f"codemod-2-{path}", "path": path, "why": "the tests do not stay green with it"}
        for path in ("calc/core.py", "calc/room.py")
    ]


def test_each_codemod_is_a_commit_and_squash_makes_one_of_the_same_tree(apply, run_git):
    _, by_task, repo = apply()
    log = ("log", "--format=%s", f"main..{by_task['commit']}")
    assert run_git(repo.root, *log).split("\n") == [
        "rename function `area` to `surface`",
        "rename function `edge` to `border`",
    ]
    _, at_once, _ = apply("--squash", repo=repo)
    assert run_git(repo.root, "rev-list", "--count", f"main..{at_once['commit']}") == "1"
    trees = [run_git(repo.root, "rev-parse", f"{r['commit']}^{{tree}}") for r in (by_task, at_once)]
    assert trees[0] == trees[1]


def test_a_taken_name_is_said_before_any_work(apply, run_git):
    code, record, repo = apply("--branch", "main")
    assert code == 2
    assert "there is a branch main already" in record["error"]["message"]
    assert run_git(repo.root, "branch", "--format=%(refname:short)") == "main"


def test_a_missing_name_is_said_before_any_work(apply, monkeypatch):
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    code, record, _ = apply()
    assert code == 2
    assert "user.name is not set" in record["error"]["message"]


@pytest.mark.parametrize(("script", "status"), [("exit 0", "verified"), ("exit 1", "unverified")])
def test_pre_commit_is_run_when_it_is_asked_for(apply, make_repo, script, status):
    repo = make_repo(FILES)
    hook = repo.git_dir / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ngit diff --cached --name-only\n{script}\n")
    hook.chmod(0o755)
    request = "rename function `edge` to `border`"
    _, record, _ = apply("--verify", request=request, repo=repo)
    assert record["status"] == status
    verdict = record["rounds"][-1]["verdict"]
    assert ("calc/core.py\ncalc/room.py" in verdict["precommit"]) == (status == "unverified")


def start(repo, *args, **variables):
    source = str(Path(__file__).parents[2] / "src")
    return subprocess.Popen(
        [sys.executable, "-m", "codeorch", "apply", "rename function `edge` to `border`", *args],
        cwd=repo.root,
        env={**os.environ, "PYTHONPATH": source, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.mark.system
def test_runs_at_once_land_one_branch_each(make_repo, run_git):
    repo = make_repo(FILES)
    runs = [start(repo, *TESTS) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    branches = run_git(repo.root, "branch", "--list", "codeorch/*", "--format=%(tree)")
    assert len(branches.split("\n")) == 3
    assert len(set(branches.split("\n"))) == 1
    assert run_git(repo.root, "status", "--porcelain") == ""


@pytest.mark.system
def test_a_run_that_is_killed_while_it_checks_leaves_no_branch(make_repo, run_git, tmp_path):
    """Many more moments are tried by benchmarks/kills.py."""
    repo = make_repo(FILES)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    run = start(repo, "--unsafe-tests", "--test-cmd", "sleep 60", TMPDIR=str(temporary))
    while not list(temporary.glob("codeorch-check-*")):
        assert run.poll() is None
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert run_git(repo.root, "branch", "--format=%(refname:short)") == "main"
    assert run_git(repo.root, "status", "--porcelain") == ""
    run_git(repo.root, "fsck", "--strict")


def test_gc_drops_what_killed_runs_left_a_day_ago(make_repo, tmp_path, monkeypatch):
    monkeypatch.chdir(make_repo(FILES).root)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, new, demo = (tmp_path / f"codeorch-{name}-x" for name in ("check", "index", "demo"))
    for folder in (old, new, demo):
        (folder / "inside").mkdir(parents=True)
    for folder in (old, demo):
        os.utime(folder, (0, 0))
    (tmp_path / "codeorch-check-link").symlink_to(new)
    assert main(["gc", "--dry-run"]) == 0
    assert old.exists()
    assert main(["gc"]) == 0
    assert [folder.exists() for folder in (old, new, demo)] == [False, True, True]
