import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codeorch.config import Settings
from codeorch.domain import FilePatch, SourceFile, Verdict, VerdictStatus
from codeorch.errors import UserError
from codeorch.git import CommitDraft, write_commits
from codeorch.sandbox import ResourceLimits
from codeorch.verify import prepare_precommit, run_precommit
from codeorch.verify.precommit import PrecommitSetup, failed_hooks

PATH = os.environ.get("PATH", os.defpath)
GREEN = Verdict(status="verified", reason="tests passed: 3, as before")
FILES = {"a.py": "one\n", "b.py": "two\n", "old.py": "x\n"}
CONFIG = """
repos:
  - repo: local
    hooks:
      - {id: words, name: no bad words, language: pygrep, entry: bad, files: '[.]py$'}
      - {id: tidy, name: tidy up, language: system, entry: sed -i s/untidy/tidy/, files: '[.]py$'}
"""


def hook(repo, script, folder=".git/hooks", name="pre-commit"):
    file = repo.root / folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def changed(repo, **texts):
    """Commit new texts of files, {name: text or None}; gives base and commit."""
    base = repo.resolve("HEAD")
    patches = tuple(
        FilePatch(path=f"{name}.py", before=before.encode() if before else None,
                  after=after.encode() if after is not None else None)
        for name, after in texts.items() for before in (FILES.get(f"{name}.py"),)
    )  # fmt: skip
    return base, write_commits(repo, base, [CommitDraft(message="m", patches=patches)])[-1]


@pytest.fixture
def inspected(make_repo):
    """Change files of a repository with a hook; gives the verdict."""

    def run(sandbox, script, verdict=GREEN, limits=None, **texts):
        repo = make_repo(FILES)
        hook(repo, script)
        base, commit = changed(repo, **(texts or {"a": "bad\n"}))
        inspection = PrecommitSetup(
            argv=(),
            hook=repo.hook("pre-commit"),
            sandbox=sandbox,
            variables={"PATH": PATH},
            limits=limits or ResourceLimits(time_s=60),
        )
        return run_precommit(repo, base, commit, inspection, verdict)

    return run


def test_a_hook_that_passes_leaves_the_verdict(any_sandbox, inspected):
    assert inspected(any_sandbox, "exit 0") == GREEN


def test_a_hook_that_fails_counts_like_a_broken_test(any_sandbox, inspected):
    verdict = inspected(any_sandbox, "echo line 3 is ugly; exit 1")
    assert (verdict.status, verdict.broken) == ("broken", ("pre-commit: hook",))
    assert verdict.reason == "pre-commit fails: hook"
    assert "line 3 is ugly" in verdict.precommit


def test_the_hook_sees_the_change_staged_on_the_base(bubblewrap, inspected):
    verdict = inspected(
        bubblewrap,
        "git diff --cached --name-status; git show HEAD:a.py; cat a.py; git status -s; exit 1",
        a="1\n", new="n\n", old=None,
    )  # fmt: skip
    assert verdict.precommit.split("\n")[:8] == [
        "M\ta.py", "A\tnew.py", "D\told.py", "one", "1", "M  a.py", "A  new.py", "D  old.py",
    ]  # fmt: skip


def test_what_the_hook_would_change_is_told(bubblewrap, inspected):
    verdict = inspected(bubblewrap, "echo tidy > a.py; exit 1")
    assert "-bad\n+tidy" in verdict.precommit


def test_a_hook_that_cannot_run_is_no_finding_but_nothing_is_verified(bubblewrap, inspected):
    verdict = inspected(bubblewrap, "nosuchtool")
    assert (verdict.status, verdict.broken) == ("red", ())
    assert verdict.reason.startswith("pre-commit could not run: ")
    assert "nosuchtool" in verdict.reason


def test_where_a_hook_cannot_run_no_worse_is_not_enough(bubblewrap, inspected):
    no_worse = replace(GREEN, status=VerdictStatus.NO_WORSE)
    assert inspected(bubblewrap, "nosuchtool", verdict=no_worse).status == "red"


def test_a_hook_that_does_not_end_is_stopped(bubblewrap, inspected):
    verdict = inspected(bubblewrap, "sleep 60", limits=ResourceLimits(time_s=1))
    assert "stopped by the limit on time" in verdict.reason


def test_broken_tests_are_still_told(unsafe, inspected):
    broken = Verdict(status="broken", reason="1 test newly failing: t", broken=("t",))
    verdict = inspected(unsafe, "exit 1", broken)
    assert verdict.reason == "pre-commit fails: hook; 1 test newly failing: t"
    assert verdict.broken == ("t", "pre-commit: hook")


def test_hooks_kept_in_the_project_find_what_they_call(make_repo, bubblewrap, run_git):
    repo = make_repo({**FILES, ".husky/pre-commit": "exit 7\n", ".gitignore": ".husky/_\n"})
    hook(repo, '. "$(dirname "$0")/h"', ".husky/_")
    hook(repo, 'sh -e "$(dirname "$(dirname "$0")")/pre-commit"', ".husky/_", "h")
    run_git(repo.root, "config", "core.hooksPath", ".husky/_")
    base, commit = changed(repo, a="1\n")
    finding = prepare_precommit(repo, {}, Settings(verify=True), {"PATH": PATH})
    assert finding.hook == repo.root / ".husky/_/pre-commit"
    inspection = PrecommitSetup(
        argv=(), hook=finding.hook, sandbox=bubblewrap, variables={"PATH": PATH}
    )
    assert run_precommit(repo, base, commit, inspection, GREEN).broken == ("pre-commit: hook",)


def test_nothing_is_looked_for_when_nobody_asked(make_repo):
    assert prepare_precommit(make_repo(FILES), {}, Settings(), {}) is None


def test_no_pre_commit_is_said_before_any_work(make_repo):
    repo = make_repo(FILES)
    (repo.git_dir / "hooks").mkdir(exist_ok=True)
    (repo.git_dir / "hooks" / "pre-commit").write_text("not executable")
    with pytest.raises(UserError, match="neither a pre-commit hook nor"):
        prepare_precommit(repo, {}, Settings(verify=True), {"PATH": PATH})
    files = {".pre-commit-config.yaml": SourceFile(path=".pre-commit-config.yaml", text=CONFIG)}
    with pytest.raises(UserError, match="pre-commit is not installed"):
        prepare_precommit(repo, files, Settings(verify=True), {"PATH": "/nonexistent"})


def test_failed_hooks_are_read_from_the_output():
    log = (
        "ruff.....................................................................Failed\n"
        "- hook id: ruff\n- exit code: 1\n\na.py:1:1: F401 ... Failed to import\n"
        "trim trailing whitespace.................................................Passed\n"
        "mypy.................................................(no files to check)Skipped\n"
        "no bad words.............................................................Failed\n"
    )
    assert list(failed_hooks(log)) == ["ruff", "no bad words"]


def test_the_framework_runs_on_what_changed(make_repo, bubblewrap):
    beside = str(Path(sys.executable).parent)
    search_path = f"{beside}:{PATH}"
    if not shutil.which("pre-commit", path=search_path):
        pytest.skip("pre-commit is not installed here")
    repo = make_repo({**FILES, "b.py": "bad from long ago\n", ".pre-commit-config.yaml": CONFIG})
    base, commit = changed(repo, a="bad and untidy\n")
    files = {".pre-commit-config.yaml": SourceFile(path=".pre-commit-config.yaml", text=CONFIG)}
    variables = {"PATH": search_path}
    finding = prepare_precommit(repo, files, Settings(verify=True, unsafe_tests=True), variables)
    inspection = PrecommitSetup(argv=finding.argv, sandbox=bubblewrap, variables=variables)
    verdict = run_precommit(repo, base, commit, inspection, GREEN)
    assert verdict.broken == ("pre-commit: no bad words", "pre-commit: tidy up")
    assert "long ago" not in verdict.precommit
    assert "+bad and tidy" in verdict.precommit
