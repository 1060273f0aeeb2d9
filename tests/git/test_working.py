import os

import pytest

from codeorch.errors import UserError
from codeorch.git import commit_working_tree, is_working_tree_commit


def shown(repo, run_git, commit, path):
    return run_git(repo.root, "cat-file", "blob", f"{commit}:{path}")


def user_state(repo):
    skipped = (repo.git_dir / "objects", repo.git_dir / "codeorch")
    return {
        path: (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in repo.root.rglob("*")
        if not any(path.is_relative_to(folder) for folder in skipped)
    }


@pytest.fixture
def repo(make_repo, run_git):
    repo = make_repo({"a.py": "a\n", "gone.py": "g\n", "same.py": "s\n", ".gitignore": "*.log\n"})
    (repo.root / "a.py").write_text("staged\n")
    run_git(repo.root, "add", "a.py")
    (repo.root / "a.py").write_text("edited\n")
    (repo.root / "gone.py").unlink()
    (repo.root / "new").mkdir()
    (repo.root / "new" / "run.sh").write_text("#!/bin/sh\n")
    (repo.root / "new" / "run.sh").chmod(0o755)
    (repo.root / "link").symlink_to("a.py")
    (repo.root / "noise.log").write_text("ignored\n")
    return repo


def test_the_commit_holds_the_working_tree_and_nothing_of_the_user_changes(repo, run_git):
    before = user_state(repo)
    commit = commit_working_tree(repo)
    assert user_state(repo) == before
    entries = {entry.path: entry.mode for entry in repo.tree(commit)}
    assert entries == {
        ".gitignore": 0o100644,
        "a.py": 0o100644,
        "link": 0o120000,
        "new/run.sh": 0o100755,
        "same.py": 0o100644,
    }
    assert shown(repo, run_git, commit, "a.py") == "edited"
    assert run_git(repo.root, "rev-parse", f"{commit}^") == repo.resolve("HEAD")
    assert run_git(repo.root, "status", "--porcelain", "a.py") == "MM a.py"


def test_the_same_files_give_the_same_commit(repo):
    commit = commit_working_tree(repo)
    assert is_working_tree_commit(repo, commit)
    assert not is_working_tree_commit(repo, repo.resolve("HEAD"))
    assert commit_working_tree(repo) == commit
    (repo.root / "a.py").write_text("edited again\n")
    assert commit_working_tree(repo) != commit


def test_without_changes_head_itself_is_given(make_repo):
    repo = make_repo({"a.py": "a\n"})
    assert commit_working_tree(repo) == repo.resolve("HEAD")


def test_nobody_needs_to_be_known(repo, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EMAIL", "")
    assert is_working_tree_commit(repo, commit_working_tree(repo))


def test_line_ends_are_converted_and_filters_do_not_run(repo, run_git, tmp_path):
    mark = tmp_path / "mark"
    run_git(repo.root, "config", "filter.evil.clean", f"touch {mark}; cat")
    run_git(repo.root, "config", "filter.evil.required", "true")
    run_git(repo.root, "config", "core.fsmonitor", f"touch {mark}")
    (repo.root / ".gitattributes").write_text("*.py filter=evil\n*.txt text\n")
    (repo.root / "b.txt").write_bytes(b"x\r\ny\r\n")
    (repo.root / "b.py").write_bytes(b"x\r\n")
    commit = commit_working_tree(repo)
    assert not mark.exists()
    assert dict(repo.blobs(e.blob for e in repo.tree(commit) if e.path[0] == "b")).values()
    contents = {e.path: data for e in repo.tree(commit) for _, data in repo.blobs([e.blob])}
    assert contents["b.txt"] == b"x\ny\n"
    assert contents["b.py"] == b"x\r\n"


def test_why_git_gives_up_is_said(repo):
    (repo.root / ".gitattributes").write_text("*.txt working-tree-encoding=UTF-16\n")
    (repo.root / "b.txt").write_bytes(b"x\n")
    with pytest.raises(UserError, match="BOM is required"):
        commit_working_tree(repo)


def test_a_submodule_runs_nothing_either(repo, make_repo, run_git, tmp_path):
    mark = tmp_path / "mark"
    other = make_repo({"x.py": "x\n"}, name="other")
    args = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.root), "sub")
    run_git(repo.root, *args)
    run_git(repo.root, "commit", "-qm", "with a submodule")
    run_git(repo.root / "sub", "config", "core.fsmonitor", f"touch {mark}")
    run_git(repo.root / "sub", "config", "filter.evil.clean", f"touch {mark}; cat")
    (repo.root / "sub" / ".gitattributes").write_text("* filter=evil\n")
    (repo.root / "sub" / "x.py").write_text("changed\n")
    commit = commit_working_tree(repo)
    assert not mark.exists()
    assert {e.path: e.mode for e in repo.tree(commit)}["sub"] == 0o160000


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_a_file_that_cannot_be_read_is_named(repo):
    (repo.root / "a.py").chmod(0)
    with pytest.raises(UserError, match=r"a\.py"):
        commit_working_tree(repo)
