import subprocess
import sys

import pytest

from codeorch import merge
from codeorch.domain import Request
from codeorch.errors import UserError
from codeorch.merge.commit import branch_name


def log(run_git, repo, branch, form="%s"):
    out = run_git(repo.root, "log", "--reverse", f"--format={form}", f"main..{branch}")
    return out.split("\n") if out else []


def request(repo, text="Rename the thing"):
    return Request(text=text, base=repo.resolve("HEAD"))


def test_a_branch_name_is_readable_and_valid():
    text = "Füge `x` hinzu: ../.. ~^:?*[\\ @{-1}.lock"
    name = branch_name(Request(text=text, base="b"), "ab12")
    assert name == "codeorch/fuge-x-hinzu-1-lock-ab12"


def test_a_request_without_letters_still_gives_a_name():
    assert branch_name(Request(text="改名", base="b"), "ab12") == "codeorch/change-ab12"


def test_each_task_is_a_commit_in_the_order_of_needs(make_repo, run_git, step, change_on, landing):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n"})
    change = change_on(
        repo,
        step("t1", "a.txt", b"1\n", b"2\n", goal="count on"),
        step("t2", "b.txt", b"x\n", b"y\n", goal="take the next letter", needs=("t1",)),
        step("t3", "a.txt", b"2\n", b"3\n", goal="count further", needs=("t2",)),
    )
    branch = merge.land(repo, merge.write_change(repo, change, landing()), landing())
    assert log(run_git, repo, branch.name) == ["Count on", "Take the next letter", "Count further"]
    tasks = log(run_git, repo, branch.name, "%(trailers:key=Codeorch-Task,valueonly,separator=)")
    assert tasks == ["t1", "t2", "t3"]
    runs = log(run_git, repo, branch.name, "%(trailers:key=Codeorch-Run,valueonly,separator=)")
    assert runs == ["abc"] * 3
    assert run_git(repo.root, "show", f"{branch.name}~1:a.txt") == "2"
    assert run_git(repo.root, "show", f"{branch.name}~1:b.txt") == "y"


def test_the_last_tree_is_that_of_the_one_commit_for_all(
    make_repo, run_git, step, change_on, landing
):
    repo = make_repo({"a.txt": "1\n", "b.txt": "x\n", "old/c.txt": "c\n"})
    change = change_on(
        repo,
        step("t1", "a.txt", b"1\n", b"2\n"),
        step("t2", "new.sh", None, b"#!\n", mode=0o100755),
        step("t3", "old/d.txt", b"c\n", b"d\n", old_path="old/c.txt"),
        step("t4", "a.txt", b"2\n", b"3\n", needs=("t1",)),
        step("t5", "b.txt", b"x\n", None),
        step("t6", "old/d.txt", b"d\n", b"e\n", needs=("t3",)),
    )
    by_task = merge.write_change(repo, change, landing())
    at_once = merge.write_change(repo, change, landing(squash=True))
    assert run_git(repo.root, "rev-parse", f"{by_task}^{{tree}}") == run_git(
        repo.root, "rev-parse", f"{at_once}^{{tree}}"
    )
    assert run_git(repo.root, "rev-list", "--count", f"main..{by_task}") == "6"
    assert run_git(repo.root, "rev-list", "--count", f"main..{at_once}") == "1"


def test_nothing_to_land_makes_no_commit(make_repo, step, change_on, landing):
    repo = make_repo({"a.txt": "1\n"})
    assert merge.write_change(repo, change_on(repo), landing()) == ""
    undone = change_on(
        repo, step("t1", "a.txt", b"1\n", b"2\n"), step("t2", "a.txt", b"2\n", b"1\n")
    )
    assert merge.write_change(repo, undone, landing()) == ""


def test_a_name_that_was_taken_meanwhile_gives_the_next_free_one(make_repo, run_git, landing):
    repo = make_repo({"a.txt": "1\n"})
    base = repo.resolve("HEAD")
    run_git(repo.root, "branch", "mine")
    run_git(repo.root, "branch", "mine-2")
    assert merge.land(repo, base, landing(name="mine")).name == "mine-3"


def test_when_all_names_are_taken_the_result_is_still_kept(make_repo, run_git, landing):
    repo = make_repo({"a.txt": "1\n"})
    base = repo.resolve("HEAD")
    for name in ("mine", *(f"mine-{n}" for n in range(2, 60))):
        (repo.git_dir / "refs" / "heads" / name).write_text(f"{base}\n")
    with pytest.raises(UserError, match="a branch mine is in the way") as refused:
        merge.land(repo, base, landing(name="mine"))
    assert base[:12] in refused.value.hint


def test_a_branch_that_stands_where_a_folder_must_is_gone_around(make_repo, run_git, landing):
    repo = make_repo({"a.txt": "1\n"})
    run_git(repo.root, "branch", "codeorch")
    assert merge.land(repo, repo.resolve("HEAD"), landing()).name == "codeorch-x"


def test_a_lock_left_behind_is_named(make_repo, landing):
    repo = make_repo({"a.txt": "1\n"})
    (repo.git_dir / "refs" / "heads" / "mine.lock").touch()
    repo.git = repo.git.with_settings(
        "core.filesRefLockTimeout=50"
    )  # nobody is about to finish here
    with pytest.raises(UserError, match=r"mine\.lock exists") as refused:
        merge.land(repo, repo.resolve("HEAD"), landing(name="mine"))
    assert f"git branch mine {repo.resolve('HEAD')[:12]}" in refused.value.hint


@pytest.mark.system
def test_many_runs_at_once_give_one_whole_branch_each(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n"})
    base = repo.resolve("HEAD")
    code = (
        "import sys; from pathlib import Path; from codeorch import merge;"
        "from codeorch.domain import Request; from codeorch.merge.message import Style;"
        "from codeorch.git import Repo; request = Request(text='t', base=sys.argv[2]);"
        "landing = merge.Landing(request=request, run_id='id', name='same', style=Style());"
        "print(merge.land(Repo.open(Path(sys.argv[1])), sys.argv[2], landing).name)"
    )
    argv = [sys.executable, "-c", code, str(repo.root), base]
    runs = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    names = sorted(run.communicate()[0].strip() for run in runs)
    assert names == ["same", "same-2", "same-3", "same-4"]
    assert (
        run_git(repo.root, "branch", "--list", "same*", "--format=%(refname:short)").split("\n")
        == names
    )


def test_a_branch_that_the_same_run_made_before_is_kept(
    make_repo, run_git, step, change_on, landing
):
    """A run that was killed right after it landed is resumed."""
    repo = make_repo({"a.txt": "1\n"})
    change = change_on(repo, step("t1", "a.txt", b"1\n", b"2\n"))
    first = merge.land(repo, merge.write_change(repo, change, landing()), landing())
    again = merge.prepare_landing(repo, request(repo), "abc", name=first.name, squash=True)
    assert merge.land(repo, merge.write_change(repo, change, again), again) == first
    other = change_on(repo, step("t1", "a.txt", b"1\n", b"3\n"))
    assert merge.land(repo, merge.write_change(repo, other, again), again).name == "codeorch-x"


def test_who_writes_and_the_name_are_checked_before_any_work(make_repo, monkeypatch):
    repo = make_repo({"a.txt": "1\n"})
    with pytest.raises(UserError, match="there is a branch main already"):
        merge.prepare_landing(repo, request(repo), "id", name="main")
    monkeypatch.delenv("GIT_COMMITTER_NAME")
    with pytest.raises(UserError, match=r"user\.name is not set"):
        merge.prepare_landing(repo, request(repo), "id")


def test_the_style_of_the_repositorys_own_subjects_is_kept(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n"})
    assert merge.prepare_landing(repo, request(repo), "id").style.capital is False  # "first"
    for subject in ("feat: one", "fix(core): two"):
        run_git(repo.root, "commit", "-q", "--allow-empty", "-m", subject)
    assert merge.prepare_landing(repo, request(repo), "id").style.conventional is True


@pytest.fixture
def ssh_key(make_repo, run_git, tmp_path):
    key = tmp_path / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", str(key)]
    try:
        subprocess.run(make, check=True)
    except FileNotFoundError:
        pytest.skip("there is no ssh-keygen here")
    (tmp_path / "allowed").write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    return key


def test_commits_are_signed_when_the_user_signs(
    make_repo, run_git, tmp_path, ssh_key, step, change_on, landing, monkeypatch
):
    repo = make_repo({"a.txt": "1\n"})
    for key, value in {
        "commit.gpgSign": "true",
        "gpg.format": "ssh",
        "user.signingKey": str(ssh_key),
        "gpg.ssh.allowedSignersFile": str(tmp_path / "allowed"),
    }.items():
        run_git(repo.root, "config", key, value)
    # The repository must not choose the program.
    mark = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {mark}\n")
    evil.chmod(0o755)
    run_git(repo.root, "config", "gpg.ssh.program", str(evil))
    made = merge.prepare_landing(repo, request(repo), "id")
    change = change_on(
        repo, step("t1", "a.txt", b"1\n", b"2\n"), step("t2", "a.txt", b"2\n", b"3\n")
    )
    commit = merge.write_change(repo, change, made)
    assert not mark.exists()
    run_git(repo.root, "config", "--unset", "gpg.ssh.program")
    for name in (commit, f"{commit}~1"):
        run_git(repo.root, "verify-commit", name)


def test_a_key_that_cannot_sign_is_said_before_any_work(make_repo, run_git, tmp_path):
    repo = make_repo({"a.txt": "1\n"})
    run_git(repo.root, "config", "commit.gpgSign", "true")
    run_git(repo.root, "config", "gpg.format", "ssh")
    run_git(repo.root, "config", "user.signingKey", str(tmp_path / "nosuch"))
    with pytest.raises(UserError, match="cannot sign") as refused:
        merge.prepare_landing(repo, request(repo), "id")
    assert "commit.gpgsign false" in refused.value.hint.lower()
