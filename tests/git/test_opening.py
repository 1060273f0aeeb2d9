"""What a folder belongs to and which remotes there are."""

import pytest

from codeorch.errors import UserError
from codeorch.git import Repo


def test_a_linked_worktree_shares_the_git_directory(make_repo, run_git, tmp_path):
    repo = make_repo({"a/b.txt": "x\n"})
    run_git(repo.root, "worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo.open(tmp_path / "linked" / "a")
    assert linked.root == tmp_path / "linked"
    assert linked.git_dir == repo.git_dir


def test_a_submodule_is_a_repository_of_its_own(make_repo, run_git):
    other, repo = make_repo({"x": "x\n"}, name="other"), make_repo({"a": "x\n"})
    args = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.root), "sub")
    run_git(repo.root, *args)
    inside = Repo.open(repo.root / "sub")
    assert inside.root == repo.root / "sub"
    assert inside.git_dir == repo.root / ".git" / "modules" / "sub"
    assert inside.resolve("HEAD") == other.resolve("HEAD")


def test_a_bare_repository_has_no_files_to_change(run_git, tmp_path):
    run_git(tmp_path, "init", "-q", "--bare", "bare.git")
    with pytest.raises(UserError, match="is a bare repository"):
        Repo.open(tmp_path / "bare.git")


def test_the_folder_counts_and_not_what_a_calling_git_has_set(make_repo, monkeypatch):
    other, repo = make_repo({"x": "x\n"}, name="other"), make_repo({"a": "x\n"})
    monkeypatch.setenv("GIT_DIR", str(other.git_dir))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.git_dir / "index"))
    again = Repo.open(repo.root)
    assert (again.root, again.git_dir) == (repo.root, repo.git_dir)
    assert again.resolve("HEAD") == repo.resolve("HEAD")
    assert again.remotes() == {}


def test_files_that_stand_elsewhere_are_not_taken(make_repo, run_git, tmp_path):
    repo = make_repo({"a": "x\n"})
    (tmp_path / "private").mkdir()
    run_git(repo.root, "config", "core.worktree", str(tmp_path / "private"))
    with pytest.raises(UserError, match=r"has its files in .*private"):
        Repo.open(repo.root)


def test_a_repository_behind_a_link_opens(make_repo, tmp_path):
    repo = make_repo({"a": "x\n"})
    (tmp_path / "link").symlink_to(repo.root)
    assert Repo.open(tmp_path / "link").resolve("HEAD") == repo.resolve("HEAD")


def test_a_name_with_a_dollar_is_a_name(make_repo, monkeypatch):
    monkeypatch.setenv("HOME", "/nowhere")
    assert make_repo({"a": "x\n"}, name="$HOME").root.name == "$HOME"


def test_remotes_have_the_addresses_that_git_would_use(make_repo, run_git):
    repo = make_repo({"a": "x"})
    assert repo.remotes() == {}
    run_git(repo.root, "remote", "add", "origin", "gh:ada/calc")
    run_git(repo.root, "remote", "set-url", "--add", "origin", "https://example.org/second.git")
    run_git(repo.root, "remote", "add", "fork", "ssh://git@example.org/fork with space")
    run_git(repo.root, "config", "remote.--all.url", "x")
    run_git(repo.root, "config", "remote.nowhere.fetch", "+refs/heads/*:refs/x/*")
    run_git(repo.root, "config", "url.https://github.com/.insteadOf", "gh:")
    urls = repo.remotes()
    assert urls["origin"] == "https://github.com/ada/calc"
    assert urls["fork"] == "ssh://git@example.org/fork with space"
    assert "--all" not in urls


def test_naming_the_remotes_runs_nothing_of_the_repository(make_repo, run_git, tmp_path):
    repo = make_repo({"a": "x"})
    mark = tmp_path / "ran"
    run_git(repo.root, "remote", "add", "origin", f"ext::touch {mark}")
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "alias.remote", "pager.remote"):
        run_git(repo.root, "config", key, f"!touch {mark}")
    assert repo.remotes() == {"origin": f"ext::touch {mark}"}
    assert not mark.exists()
