import pytest

from codeorch.errors import UserError
from codeorch.repo import Repo


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


def test_the_log_gives_messages_and_paths(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n"})
    (repo.root / "b c.txt").write_text("x")
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", "second\n\nwith a body")
    entries = list(repo.log("HEAD", 10))
    assert [e.message for e in entries] == ["second\n\nwith a body", "first"]
    assert [e.paths for e in entries] == [("b c.txt",), ("a.txt",)]
