import hashlib
import subprocess

import pytest

from codeorch.domain import FilePatch
from codeorch.errors import ServiceError, UserError
from codeorch.git import (
    CommitDraft,
    NameTaken,
    check_branch_name,
    check_identity,
    create_branch,
    has_branch,
    is_ancestor,
    merge_texts,
    write_commits,
)


def state(repo):
    """Everything of the user's that a run must leave alone, byte for byte."""
    kept = {}
    for path in sorted(repo.root.rglob("*")):
        inside = path.relative_to(repo.root).as_posix()
        if path.is_file() and not inside.startswith(".git/objects/"):
            kept[inside] = (path.read_bytes(), path.stat().st_mode)
    return kept


def edit(path, before, after, **more):
    return FilePatch(path=path, before=before, after=after, **more)


def written(repo, *patches, message="m"):
    base = repo.resolve("HEAD")
    return write_commits(repo, base, [CommitDraft(message=message, patches=patches)])[-1]


def files(repo, commit):
    return {e.path: data for e in repo.tree(commit) for _, data in repo.blobs([e.blob])}


def test_a_commit_is_written_without_touching_anything_of_the_user(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n", "gone.txt": "bye\n", "run.sh": "echo\n"})
    (repo.root / "a.txt").write_text("edited by the user\n")
    (repo.root / "new.txt").write_text("untracked\n")
    run_git(repo.root, "add", "new.txt")
    before = state(repo)
    base = repo.resolve("HEAD")
    commit = written(
        repo,
        edit("a.txt", b"one\n", b"two\r\n"),
        edit("gone.txt", b"bye\n", None),
        edit("x/y.sh", None, b"#!/bin/sh\n", mode=0o100755),
        message="Change it\n",
    )
    assert state(repo) == before
    assert [(e.path, e.mode) for e in repo.tree(commit)] == [
        ("a.txt", 0o100644), ("run.sh", 0o100644), ("x/y.sh", 0o100755),
    ]  # fmt: skip
    assert files(repo, commit)["a.txt"] == b"two\r\n"
    assert is_ancestor(repo, base, commit)


def test_commits_stand_one_on_the_other_and_each_holds_the_edits_so_far(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    drafts = [
        CommitDraft(message="first", patches=(edit("a.txt", b"1\n", b"2\n"),)),
        CommitDraft(message="second", patches=(edit("b.txt", b"x\n", b"y\n"),)),
        CommitDraft(message="third", patches=(edit("a.txt", b"2\n", b"3\n"),)),
    ]
    base = repo.resolve("HEAD")
    commits = write_commits(repo, base, drafts)
    assert run_git(repo.root, "rev-list", "--reverse", f"{base}..{commits[-1]}").split() == [
        *commits
    ]
    assert [files(repo, commit) for commit in commits] == [
        {"a.txt": b"2\n", "b.txt": b"x\n"},
        {"a.txt": b"2\n", "b.txt": b"y\n"},
        {"a.txt": b"3\n", "b.txt": b"y\n"},
    ]


@pytest.mark.parametrize(
    "patches",
    [
        [edit("a.txt", b"one\n", b"one\n"), edit("b.txt", b"other base\n", b"x\n")],
        [edit("a.txt", b"not what is there\n", b"two\n")],
        [edit("nosuch.txt", b"x\n", None)],
        [edit("a.txt", None, b"new\n")],
    ],
    ids=["unlisted", "another text", "a missing file", "a file that is there"],
)
def test_an_edit_of_another_text_than_the_commits_is_not_written(make_repo, patches):
    repo = make_repo({"a.txt": "one\n", "b.txt": "b\n"})
    with pytest.raises(ServiceError, match="differs from the planned change"):
        written(repo, *patches)


def test_a_file_makes_room_for_a_folder_and_a_folder_for_a_file(make_repo):
    repo = make_repo({"a": "1\n", "b/c": "2\n"})
    moved = edit("a/x", b"1\n", b"1\n", old_path="a")
    back = edit("b", b"2\n", b"2!\n", old_path="b/c")
    assert files(repo, written(repo, back, moved)) == {"a/x": b"1\n", "b": b"2!\n"}


def test_a_file_may_take_the_place_of_one_that_moved_away(make_repo):
    repo = make_repo({"a": "1\n"})
    moved, new = edit("b", b"1\n", b"1\n", old_path="a"), edit("a", None, b"new\n")
    for patches in ((moved, new), (new, moved)):
        assert files(repo, written(repo, *patches)) == {"a": b"new\n", "b": b"1\n"}


def test_paths_that_are_no_utf8_are_kept(make_repo, run_git):
    repo = make_repo({"a": "1\n"})
    (repo.root / "b\udcff").write_bytes(b"x\n")
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-qm", "odd")
    commit = written(repo, edit("b\udcff", b"x\n", b"y\n"))
    assert files(repo, commit) == {"a": b"1\n", "b\udcff": b"y\n"}


def test_a_repository_with_long_ids_works(tmp_path, run_git):
    from codeorch.git import Repo

    folder = tmp_path / "long"
    folder.mkdir()
    run_git(folder, "init", "-q", "--object-format=sha256")
    (folder / "a").write_bytes(b"1\n")
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-qm", "first")
    repo = Repo.open(folder)
    commit = written(repo, edit("a", b"1\n", b"2\n"), edit("b", None, b"x"))
    assert len(commit) == hashlib.sha256().digest_size * 2
    create_branch(repo, "b", commit)
    assert files(repo, "b") == {"a": b"2\n", "b": b"x"}


def test_settings_of_the_repository_change_nothing_of_what_is_written(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n", ".gitattributes": "* text=auto eol=crlf\n"})
    for key, value in {
        "i18n.commitEncoding": "ISO-8859-1",
        "core.autocrlf": "true",
        "core.splitIndex": "true",
        "core.sparseCheckout": "true",
        "core.quotePath": "true",
    }.items():
        run_git(repo.root, "config", key, value)
    before = state(repo)
    commit = written(repo, edit("a.txt", b"1\n", b"2\n"), edit("ü.txt", None, b"\r\n"), message="ü")
    assert state(repo) == before
    assert files(repo, commit)["a.txt"] == b"2\n"
    raw = subprocess.run(
        ["git", "cat-file", "commit", commit], cwd=repo.root, capture_output=True, check=True
    ).stdout
    assert b"\nencoding " not in raw
    assert raw.endswith("\n\nü".encode())


def test_an_index_lock_left_behind_by_another_git_does_not_matter(make_repo):
    repo = make_repo({"a": "1\n"})
    for name in ("index.lock", "HEAD.lock", "packed-refs.lock", "config.lock"):
        (repo.git_dir / name).touch()
    create_branch(repo, "b", written(repo, edit("a", b"1\n", b"2\n")))
    assert files(repo, "b") == {"a": b"2\n"}


def test_a_branch_is_made_once_and_never_moved(make_repo):
    repo = make_repo({"a.txt": "one\n"})
    base = repo.resolve("HEAD")
    commit = written(repo, edit("a.txt", b"one\n", b"two\n"))
    create_branch(repo, "codeorch/x", base)
    with pytest.raises(NameTaken):
        create_branch(repo, "codeorch/x", commit)
    with pytest.raises(NameTaken):
        create_branch(repo, "codeorch/x/y", commit)
    with pytest.raises(NameTaken):
        create_branch(repo, "codeorch", commit)
    assert repo.resolve("codeorch/x") == base


def test_a_stale_lock_is_named_and_the_result_can_still_be_reached(make_repo, run_git):
    repo = make_repo({"a.txt": "one\n"})
    commit = written(repo, edit("a.txt", b"one\n", b"two\n"))
    lock = repo.git_dir / "refs" / "heads" / "b.lock"
    lock.touch()
    repo.git = repo.git.with_settings(
        "core.filesRefLockTimeout=50"
    )  # nobody is about to finish here
    with pytest.raises(UserError) as refused:
        create_branch(repo, "b", commit)
    assert str(lock) in refused.value.message
    kept = refused.value.hint.rpartition("the result is kept: ")[2]
    lock.unlink()
    subprocess.run(kept.split(), cwd=repo.root, check=True)
    assert repo.resolve("b") == commit


def test_a_commit_that_is_not_there_gets_no_branch(make_repo):
    repo = make_repo({"a.txt": "one\n"})
    with pytest.raises(UserError, match="branch b could not be made"):
        create_branch(repo, "b", "1" * 40)
    assert not has_branch(repo, "b")


@pytest.mark.parametrize("name", ["a..b", "-x", "@{-1}", "x.lock", "a b", "x/", ""])
def test_an_impossible_branch_name_is_refused(make_repo, name):
    repo = make_repo({"a.txt": "one\n"})
    with pytest.raises(UserError, match="not a valid branch name"):
        check_branch_name(repo, name)


def test_a_taken_branch_name_is_refused(make_repo):
    repo = make_repo({"a.txt": "one\n"})
    check_branch_name(repo, "fine")
    with pytest.raises(NameTaken, match="main"):
        check_branch_name(repo, "main")


def test_hooks_do_not_run_when_a_result_is_written(make_repo, tmp_path):
    repo = make_repo({"a.txt": "one\n"})
    mark = tmp_path / "ran"
    for name in ("reference-transaction", "post-index-change", "post-commit", "pre-commit"):
        hook = repo.git_dir / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    create_branch(repo, "b", written(repo, edit("a.txt", b"one\n", b"two\n")))
    assert not mark.exists()


@pytest.mark.parametrize("missing", ["name", "email"])
def test_git_without_a_name_or_an_address_is_said(make_repo, monkeypatch, run_git, missing):
    repo = make_repo({"a.txt": "one\n"})
    check_identity(repo)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_{missing.upper()}")
    with pytest.raises(UserError, match=f"user.{missing} is not set"):
        check_identity(repo)
    run_git(repo.root, "config", f"user.{missing}", "somebody")
    check_identity(repo)


def test_edits_of_different_places_are_merged_and_of_the_same_are_not(make_repo):
    repo = make_repo({"a": ""})
    base = b"1\n2\n3\n4\n5\n"
    assert (
        merge_texts(repo, base, b"one\n2\n3\n4\n5\n", b"1\n2\n3\n4\nfive") == b"one\n2\n3\n4\nfive"
    )
    assert merge_texts(repo, base, b"one\n2\n3\n4\n5\n", b"eins\n2\n3\n4\n5\n") is None
    assert merge_texts(repo, base, b"\0", base + b"\0") is None
