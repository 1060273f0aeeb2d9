import pytest

from codeorch.errors import ServiceError, UserError
from codeorch.repo import Change, Repo


def state(repo):
    """Everything of the user's that a run must leave alone, byte for byte."""
    kept = {}
    for path in sorted(repo.root.rglob("*")):
        inside = path.relative_to(repo.root).as_posix()
        if path.is_file() and not inside.startswith(".git/objects/"):
            kept[inside] = (path.read_bytes(), path.stat().st_mode)
    return kept


def test_a_folder_outside_of_any_repository_is_refused_with_a_hint(tmp_path):
    with pytest.raises(UserError) as refused:
        Repo.open(tmp_path)
    assert "git init" in refused.value.hint


def test_a_repository_opens_from_a_folder_inside_it(make_repo):
    repo = make_repo({"a/b.txt": "x\n"})
    assert Repo.open(repo.root / "a").root == repo.root


def test_the_tree_and_its_blobs_are_read_from_objects(make_repo):
    repo = make_repo({"a.txt": b"one\n", "b/ü.bin": b"\0\xff"})
    entries = repo.tree(repo.resolve("HEAD"))
    assert [(e.path, e.size, e.is_file) for e in entries] == [
        ("a.txt", 4, True),
        ("b/ü.bin", 2, True),
    ]
    assert [data for _, data in repo.blobs(e.blob for e in entries)] == [b"one\n", b"\0\xff"]


def test_a_missing_revision_is_named(make_repo):
    repo = make_repo({"a": "x"})
    with pytest.raises(UserError, match="nosuch names no commit"):
        repo.resolve("nosuch")


def test_a_commit_is_written_without_touching_anything_of_the_user(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n", "gone.txt": "bye\n", "run.sh": "echo\n"})
    (repo.root / "a.txt").write_text("edited by the user\n")
    (repo.root / "new.txt").write_text("untracked\n")
    run_git(repo.root, "add", "new.txt")
    before = state(repo)
    base = repo.resolve("HEAD")
    changes = [
        Change(path="a.txt", data=b"two\r\n"),
        Change(path="gone.txt", data=None),
        Change(path="x/y.sh", data=b"#!/bin/sh\n", mode=0o100755),
    ]
    commit = repo.write_commit(base, changes, "Change it\n")
    assert state(repo) == before
    assert [(e.path, e.mode) for e in repo.tree(commit)] == [
        ("a.txt", 0o100644), ("run.sh", 0o100644), ("x/y.sh", 0o100755),
    ]  # fmt: skip
    assert run_git(repo.root, "cat-file", "blob", f"{commit}:a.txt") == "two"
    assert repo.is_ancestor(base, commit)


def test_a_change_that_changes_nothing_is_noticed(make_repo):
    repo = make_repo({"a.txt": "one\n"})
    with pytest.raises(ServiceError, match="differs from the planned change"):
        repo.write_commit(repo.resolve("HEAD"), [Change(path="a.txt", data=b"one\n")], "m")


def test_a_branch_is_made_once_and_never_moved(make_repo):
    repo = make_repo({"a.txt": "one\n"})
    base = repo.resolve("HEAD")
    commit = repo.write_commit(base, [Change(path="a.txt", data=b"two\n")], "m")
    repo.create_branch("codeorch/x", base)
    with pytest.raises(UserError):
        repo.create_branch("codeorch/x", commit)
    assert repo.resolve("codeorch/x") == base
    assert repo.has_branch("codeorch/x")
    assert not repo.has_branch("codeorch/y")


def test_an_impossible_branch_name_is_refused(make_repo):
    repo = make_repo({"a.txt": "one\n"})
    with pytest.raises(UserError, match="not a valid branch name"):
        repo.create_branch("a..b", repo.resolve("HEAD"))


def test_dirty_paths_are_named_and_no_filter_of_the_repository_runs(make_repo, run_git, tmp_path):
    repo = make_repo({".gitattributes": "*.txt filter=evil\n", "a.txt": "one\n"})
    mark = tmp_path / "ran"
    run_git(repo.root, "config", "filter.evil.clean", f"touch {mark}; cat")
    run_git(repo.root, "config", "filter.evil.required", "true")
    run_git(repo.root, "config", "core.fsmonitor", f"touch {mark}")
    (repo.root / "a.txt").write_text("longer than before\n")
    (repo.root / "b.txt").write_text("new\n")
    assert set(repo.dirty()) == {"a.txt", "b.txt"}
    assert not mark.exists()


def test_hooks_do_not_run_when_a_result_is_written(make_repo, tmp_path):
    repo = make_repo({"a.txt": "one\n"})
    mark = tmp_path / "ran"
    for name in ("reference-transaction", "post-index-change", "post-commit", "pre-commit"):
        hook = repo.git_dir / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    base = repo.resolve("HEAD")
    commit = repo.write_commit(base, [Change(path="a.txt", data=b"two\n")], "m")
    repo.create_branch("b", commit)
    assert not mark.exists()


def test_the_log_gives_messages_and_paths(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n"})
    (repo.root / "b c.txt").write_text("x")
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", "second\n\nwith a body")
    entries = list(repo.log("HEAD", 10))
    assert [e.message for e in entries] == ["second\n\nwith a body", "first"]
    assert [e.paths for e in entries] == [("b c.txt",), ("a.txt",)]


def test_git_without_a_name_is_said_before_any_work(make_repo, monkeypatch):
    repo = make_repo({"a.txt": "one\n"})
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    with pytest.raises(UserError, match="does not know who you are"):
        repo.identity()
