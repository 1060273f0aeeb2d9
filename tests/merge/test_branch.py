import pytest

from codeorch import merge
from codeorch.domain import ChangeSet, FilePatch, Request
from codeorch.errors import UnsafeError, UserError
from codeorch.merge.branch import message


def request(text="Rename the thing"):
    return Request(text=text, base="0" * 40)


def change(repo, **files):
    base = repo.resolve("HEAD")
    patches = tuple(
        FilePatch(path=f"{name}.txt", before=before, after=after)
        for name, (before, after) in files.items()
    )
    return base, ChangeSet(base=base, patches=patches)


def landed(repo, **files):
    base, changes = change(repo, **files)
    commit = merge.write(repo, changes, request(), "abc")
    return base, merge.land(repo, commit, "codeorch/x").commit


def test_a_branch_name_is_readable_and_valid():
    name = merge.branch_name(request("Füge `x` hinzu: ../.. ~^:?*[\\ @{-1}.lock"), "ab12")
    assert name == "codeorch/fuge-x-hinzu-1-lock-ab12"


def test_a_request_without_letters_still_gives_a_name():
    assert merge.branch_name(request("改名"), "ab12") == "codeorch/change-ab12"


def test_a_long_request_is_whole_in_the_message_body():
    text = "word " * 40
    lines = message(request(text), ChangeSet(base="b", patches=()), "id").split("\n")
    assert len(lines[0]) <= 72
    assert lines[1] == ""
    assert lines[2] == text.strip()
    assert "Codeorch-Run: id" in lines


def test_the_message_holds_no_control_characters():
    text = message(request("evil \x1b]0;x\x07 \u202e text"), ChangeSet(base="b", patches=()), "id")
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_nothing_to_land_makes_no_commit(make_repo):
    repo = make_repo({"a.txt": "1\n"})
    assert merge.write(repo, change(repo)[1], request(), "id") == ""


def test_take_moves_the_branch_forward(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"))
    (repo.root / "b.txt").write_text("my own edit\n")
    assert merge.take(repo, base, commit) == "fast-forward"
    assert (repo.root / "a.txt").read_text() == "2\n"
    assert (repo.root / "b.txt").read_text() == "my own edit\n"
    assert repo.resolve("HEAD") == commit


def test_take_applies_a_patch_when_head_has_moved(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"), new=(None, b"n\n"))
    (repo.root / "b.txt").write_text("y\n")
    run_git(repo.root, "commit", "-qam", "mine")
    head = repo.resolve("HEAD")
    assert merge.take(repo, base, commit) == "patch"
    assert (repo.root / "a.txt").read_text() == "2\n"
    assert (repo.root / "new.txt").read_text() == "n\n"
    assert repo.resolve("HEAD") == head


@pytest.mark.parametrize("name", ["a.txt", "new.txt"])
def test_take_never_touches_a_file_with_unsaved_edits(make_repo, name):
    repo = make_repo({"a.txt": "1\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"), new=(None, b"n\n"))
    (repo.root / name).write_text("precious\n")
    with pytest.raises(UnsafeError, match=name):
        merge.take(repo, base, commit)
    assert (repo.root / name).read_text() == "precious\n"
    assert repo.resolve("HEAD") == base


def test_a_change_that_does_not_fit_any_more_is_refused_whole(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    base, commit = landed(repo, a=(b"1\n", b"2\n"), b=(b"x\n", b"y\n"))
    (repo.root / "a.txt").write_text("other\n")
    run_git(repo.root, "commit", "-qam", "mine")
    with pytest.raises(UserError):
        merge.take(repo, base, commit)
    assert (repo.root / "b.txt").read_text() == "x\n"
