"""Which git runs: never one that the repository brings along."""

import os
import subprocess
import sys

import pytest

from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.git.process import Git, git_program

OPEN = """
from pathlib import Path
from codeorch.git import Repo
Repo.open(Path.cwd()).resolve("HEAD")
"""


@pytest.fixture
def trap(make_repo, tmp_path):
    """A repository with a git of its own, on top and in a folder; `mark` appears if it runs."""
    repo = make_repo({"a.txt": "x\n", "sub/b.txt": "x\n"})
    mark = tmp_path / "ran"
    (repo.root / "bin").mkdir()
    for file in (repo.root / "git", repo.root / "bin" / "git", repo.root / "sub" / "git"):
        file.write_text(f'#!/bin/sh\ntouch {mark}\nexec {git_program(tmp_path)} "$@"\n')
        file.chmod(0o755)
    return repo.root, mark


@pytest.mark.system
@pytest.mark.parametrize(
    "entry", [".", "", "bin", "./bin", "sub/..", "{root}", "{root}/bin", "{link}"]
)
@pytest.mark.parametrize("place", ["", "sub"])
def test_a_git_of_the_repository_never_runs(trap, tmp_path, entry, place):
    root, mark = trap
    link = tmp_path / "link"
    link.symlink_to(root / "bin")
    path = os.pathsep.join([entry.format(root=root, link=link), os.environ["PATH"]])
    # A process of its own, as GitPython starts git when it is imported.
    subprocess.run(
        [sys.executable, "-c", OPEN], cwd=root / place, env=os.environ | {"PATH": path}, check=True
    )
    assert not mark.exists()


def test_programs_that_git_starts_are_not_the_repositorys_either(trap, monkeypatch):
    root, mark = trap
    gpg = root / "bin" / "gpg"
    gpg.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    gpg.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(root / "bin"), os.environ["PATH"]]))
    process = Git(root).run("commit-tree", "-S", "HEAD^{tree}", "-m", "m", check=False)
    assert not mark.exists()
    assert process.returncode


def test_a_folder_of_path_outside_of_the_repository_counts(make_repo, tmp_path, monkeypatch):
    repo = make_repo({"a": "x"})
    own = tmp_path / "own git"
    own.mkdir()
    (own / "git").symlink_to(git_program(tmp_path))
    monkeypatch.setenv("PATH", os.pathsep.join([str(own), os.environ["PATH"]]))
    assert git_program(repo.root) == str(own / "git")


def test_without_git_the_user_is_told(make_repo, monkeypatch):
    repo = make_repo({"a": "x"})
    monkeypatch.setenv("PATH", f".{os.pathsep}{repo.root}")
    with pytest.raises(UserError, match="git is not found"):
        repo.resolve("HEAD")
    with pytest.raises(UserError, match="git is not found"):
        Repo.open(repo.root)


def test_gitpython_of_a_host_program_keeps_its_own_git(make_repo):
    import git

    before = git.Git.GIT_PYTHON_GIT_EXECUTABLE
    make_repo({"a": "x"}).remotes()
    assert before == git.Git.GIT_PYTHON_GIT_EXECUTABLE
    assert "GIT_PYTHON_GIT_EXECUTABLE" not in os.environ
