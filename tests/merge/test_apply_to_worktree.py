import pytest

from codeorch import merge
from codeorch.errors import UnsafeError, UserError


@pytest.fixture
def landed(step, change_on, landing):
    """Land edits of text files, {name: (before, after)}; gives base and commit."""

    def make(repo, **files):
        steps = [step(name, f"{name}.txt", *texts) for name, texts in files.items()]
        change = change_on(repo, *steps)
        commit = merge.write_change(repo, change, landing())
        return change.base, merge.land(repo, commit, landing()).commit

    return make


def test_take_moves_the_branch_forward(make_repo, landed):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"))
    (repo.root / "b.txt").write_text("my own edit\n")
    assert merge.apply_to_worktree(repo, base, commit) == "fast-forward"
    assert (repo.root / "a.txt").read_text() == "2\n"
    assert (repo.root / "b.txt").read_text() == "my own edit\n"
    assert repo.resolve("HEAD") == commit


def test_take_applies_a_patch_when_head_has_moved(make_repo, run_git, landed):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"), new=(None, b"n\n"))
    (repo.root / "b.txt").write_text("y\n")
    run_git(repo.root, "commit", "-qam", "mine")
    head = repo.resolve("HEAD")
    assert merge.apply_to_worktree(repo, base, commit) == "patch"
    assert (repo.root / "a.txt").read_text() == "2\n"
    assert (repo.root / "new.txt").read_text() == "n\n"
    assert repo.resolve("HEAD") == head


@pytest.mark.parametrize("name", ["a.txt", "new.txt"])
def test_take_never_touches_a_file_with_unsaved_edits(make_repo, landed, name):
    repo = make_repo({"a.txt": "1\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"), new=(None, b"n\n"))
    (repo.root / name).write_text("precious\n")
    with pytest.raises(UnsafeError, match=name):
        merge.apply_to_worktree(repo, base, commit)
    assert (repo.root / name).read_text() == "precious\n"
    assert repo.resolve("HEAD") == base


def test_a_change_that_does_not_fit_any_more_is_refused_whole(make_repo, run_git, landed):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"), b=(b"x\n", b"y\n"))
    (repo.root / "a.txt").write_text("other\n")
    run_git(repo.root, "commit", "-qam", "mine")
    with pytest.raises(UserError):
        merge.apply_to_worktree(repo, base, commit)
    assert (repo.root / "b.txt").read_text() == "x\n"


def test_an_ignored_file_is_not_overwritten(make_repo, step, change_on, landing):
    """Git takes ignored files for rubbish."""
    repo = make_repo({"a.txt": "1\n", ".gitignore": "local*\n"})
    change = change_on(
        repo,
        step("t1", "local.py", None, b"new\n"),
        step("t2", "local_folder/x.py", None, b"new\n"),
    )
    base, commit = change.base, merge.write_change(repo, change, landing())
    for name in ("local.py", "local_folder"):
        (repo.root / name).write_text("secret\n")
        with pytest.raises(UnsafeError, match=name):
            merge.apply_to_worktree(repo, base, commit)
        assert (repo.root / name).read_text() == "secret\n"
        (repo.root / name).unlink()
    assert merge.apply_to_worktree(repo, base, commit) == "fast-forward"


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_that_git_was_told_to_overlook_is_not_overwritten(make_repo, run_git, landed, flag):
    repo = make_repo({"a.txt": "1\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"))
    run_git(repo.root, "update-index", flag, "a.txt")
    (repo.root / "a.txt").write_text("mine\n")
    with pytest.raises(UnsafeError, match=r"a\.txt"):
        merge.apply_to_worktree(repo, base, commit)
    assert (repo.root / "a.txt").read_text() == "mine\n"
