"""The hook as the real pre-commit runs it, on pushes to a real remote.

Only the language of the hook is another one: its environment is that of these tests.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOOKS = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
RENAME = {"shop/prices.py": ("read_prices", "load_prices")}

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("pre_commit"), reason="pre-commit is not installed; .ci/run has it"
)


@pytest.fixture
def project(shop, run_git, tmp_path, monkeypatch):
    """A clone of the shop whose pushes run the hook."""
    program = tmp_path / "bin" / "codeorch"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m codeorch "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    hooks = tmp_path / "hooks"
    run_git(tmp_path, "init", "-q", "hooks")
    text = HOOKS.read_text()
    assert "language: python\n" in text
    (hooks / HOOKS.name).write_text(text.replace("language: python", "language: system"))
    run_git(hooks, "add", "-A")
    run_git(hooks, "commit", "-q", "-m", "hooks")
    revision = run_git(hooks, "rev-parse", "HEAD")
    (shop.root / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: codeorch-prereview\n"
    )
    run_git(shop.root, "add", "-A")
    run_git(shop.root, "commit", "-q", "-m", "hook")
    run_git(tmp_path, "clone", "-q", "--bare", str(shop.root), "remote.git")
    run_git(shop.root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(shop.root, "fetch", "-q", "origin")
    pre_commit("install", "--hook-type", "pre-push")
    return shop


def pre_commit(*args):
    argv = [sys.executable, "-m", "pre_commit", *args]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def push(*args):
    argv = ["git", "push", *args]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_pushes_are_looked_at_whatever_is_pushed(project, branch, run_git):
    branch(RENAME)
    code, out = push("-u", "origin", "topic")  # a new branch
    assert (code != 0, "CO101" in out) == (True, True), out
    branch({"shop/report.py": ("read_prices", "load_prices")}, "")
    code, out = push("-u", "origin", "topic")
    assert code == 0, out
    branch({"shop/prices.py": ("def rate(amount):", "def rate(amount, region):")}, "")
    code, out = push()  # a branch with an upstream: what is new in this push
    assert (code != 0, "CO102" in out, "CO101" in out) == (True, True, False), out
    code, out = push("origin", ":topic")  # a branch that goes
    assert code == 0, out
    assert "CO1" not in out


def test_it_can_be_run_by_hand(project, branch):
    branch(RENAME)
    done = pre_commit("run", "--hook-stage", "manual", "codeorch-prereview")
    assert (done.returncode, "CO101" in done.stdout) == (1, True), done.stdout
    assert "codeorch" not in pre_commit("run").stdout  # it does not slow down commits
    branch({"shop/report.py": ("read_prices", "load_prices")}, "")
    assert pre_commit("run", "--hook-stage", "manual", "--all-files").returncode == 0
