import pytest

from codeorch.errors import ServiceError, UserError
from codeorch.git import Repo, commit_working_tree, dirty_paths


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


@pytest.mark.parametrize("name", ["evil", "e.v", "e=v", "e v", "E"])
def test_a_filter_runs_under_no_name(make_repo, run_git, tmp_path, name):
    repo = make_repo({".gitattributes": f'*.txt "filter={name}"\n', "a.txt": "one\n"})
    mark = tmp_path / "ran"
    run_git(repo.root, "config", f"filter.{name}.clean", f"touch {mark}; cat")
    run_git(repo.root, "config", f"filter.{name}.required", "true")
    (repo.root / ".gitattributes").write_text(f"*.txt filter={name}\n")
    (repo.root / "a.txt").write_text("two\n")
    commit_working_tree(repo)
    dirty_paths(repo)
    assert not mark.exists()


@pytest.fixture
def partial(make_repo, run_git, tmp_path):
    """Clone a repository without what a filter leaves out; whoever fetches it leaves a mark."""

    def clone(left_out, *more):
        there = make_repo({"a.txt": "one\n", "b/c.txt": "two\n"})
        run_git(there.root, "config", "uploadpack.allowFilter", "true")
        folder = tmp_path / "partial"
        args = (f"--filter={left_out}", f"file://{there.root}", str(folder), *more)
        run_git(tmp_path, "clone", "-q", *args)
        mark = tmp_path / "fetched"
        run_git(folder, "config", "remote.origin.uploadpack", f"touch {mark}; git-upload-pack")
        return Repo.open(folder), mark

    return clone


def test_what_a_partial_clone_lacks_is_missing_and_nobody_fetches_it(partial):
    repo, mark = partial("blob:limit=1", "--no-checkout")
    assert [(e.path, e.size) for e in repo.tree("HEAD")] == [("a.txt", -1), ("b/c.txt", -1)]
    assert not mark.exists()


def test_how_to_get_what_a_partial_clone_lacks_is_said(partial, capfd):
    repo, _ = partial("blob:none", "--no-checkout")
    with pytest.raises(ServiceError, match="git fetch --refetch --no-filter"):
        list(repo.blobs(entry.blob for entry in repo.tree("HEAD")))
    assert capfd.readouterr().err == ""


def test_sizes_of_what_a_partial_clone_has_are_known(partial, run_git):
    repo, mark = partial("blob:none", "--no-checkout")
    run_git(repo.root, "config", "remote.origin.uploadpack", "git-upload-pack")
    run_git(repo.root, "cat-file", "-e", "HEAD:a.txt")
    assert [(e.path, e.size) for e in repo.tree("HEAD")] == [("a.txt", 4), ("b/c.txt", -1)]
    assert not mark.exists()


def test_a_clone_without_folders_says_that_it_cannot_be_read(partial):
    repo, mark = partial("tree:0", "--no-checkout")
    with pytest.raises(ServiceError, match="ls-tree failed"):
        repo.tree("HEAD")
    assert not mark.exists()


def test_a_repository_that_git_does_not_trust_is_said_to_be_so(make_repo, monkeypatch):
    repo = make_repo({"a": "x"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UserError, match="somebody else's") as refused:
        repo.resolve("HEAD")
    assert "safe.directory" in refused.value.hint


def test_dirty_paths_are_named_and_no_filter_of_the_repository_runs(make_repo, run_git, tmp_path):
    repo = make_repo({".gitattributes": "*.txt filter=evil\n", "a.txt": "one\n"})
    mark = tmp_path / "ran"
    run_git(repo.root, "config", "filter.evil.clean", f"touch {mark}; cat")
    run_git(repo.root, "config", "filter.evil.required", "true")
    run_git(repo.root, "config", "core.fsmonitor", f"touch {mark}")
    (repo.root / "a.txt").write_text("longer than before\n")
    (repo.root / "b.txt").write_text("new\n")
    assert set(dirty_paths(repo)) == {"a.txt", "b.txt"}
    assert not mark.exists()


def test_git_says_what_it_ignores(make_repo):
    repo = make_repo({"a.txt": "", ".gitignore": "build/\n*.local\n!keep.local\n\\:odd\n"})
    for path in ("build/x.py", "build/deep/y", "sub/b.local", ":odd"):
        assert repo.is_ignored(path)
    for path in ("a.txt", "new.py", "keep.local", "../out", "*.x", "a\0b", "\ud800", "x" * 300_000):
        assert not repo.is_ignored(path)


def test_the_log_gives_messages_and_paths(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n"})
    (repo.root / "b c.txt").write_text("x")
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", "second\n\nwith a body")
    entries = list(repo.log("HEAD", 10))
    assert [e.message for e in entries] == ["second\n\nwith a body", "first"]
    assert [e.paths for e in entries] == [("b c.txt",), ("a.txt",)]


def test_messages_and_paths_may_hold_any_bytes(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n"})
    (repo.root / "\nodd\x01\x03").write_text("x")
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", "se\x01cond\x02\x03\n\nbody")
    run_git(repo.root, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    entries = [(entry.message, entry.paths) for entry in repo.log("HEAD", 10)]
    assert entries == [
        ("", ()), ("se\x01cond\x02\x03\n\nbody", ("\nodd\x01\x03",)), ("first", ("a.txt",)),
    ]  # fmt: skip
