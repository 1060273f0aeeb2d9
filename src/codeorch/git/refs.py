"""Branches: names that are free, and a new one by compare-and-swap. No ref is ever moved."""

import re

from codeorch.errors import UserError
from codeorch.git.process import text
from codeorch.git.repository import Repo


class NameTaken(UserError):
    """There is a branch of this name, or one that keeps git from making it."""


def has_branch(repo: Repo, name: str) -> bool:
    """Return whether a local branch of this name exists."""
    ref = f"refs/heads/{name}"
    return repo.git.run("show-ref", "--verify", "--quiet", ref, check=False).returncode == 0


def is_ancestor(repo: Repo, old: str, new: str) -> bool:
    """Return whether the commit `new` was built on top of `old`, or is the same."""
    return repo.git.run("merge-base", "--is-ancestor", old, new, check=False).returncode == 0


def check_branch_name(repo: Repo, name: str) -> None:
    """Check that a branch of this name can be made.

    Raises:
        NameTaken: there is one already.
        UserError: git allows no such name.
    """
    ref = f"refs/heads/{name}"
    if name.startswith("-") or repo.git.run("check-ref-format", ref, check=False).returncode:
        raise UserError(f"{name!r} is not a valid branch name", "choose another with --branch")
    if has_branch(repo, name):
        raise NameTaken(f"there is a branch {name} already", "choose another with --branch")


def create_branch(repo: Repo, name: str, commit: str) -> None:
    """Make a new branch, only if no branch of this name exists.

    Raises:
        NameTaken: there is one already.
        UserError: git cannot make it now; the commit stays in the repository.
    """
    ref = f"refs/heads/{name}"
    note = ("-m", "branch: made by codeorch")
    zero = "0" * len(commit)
    process = repo.git.run("update-ref", *note, "--no-deref", ref, commit, zero, check=False)
    if not process.returncode:
        return
    reason = text(process.stderr).strip()
    rescue = f"the result is kept: git branch {name} {commit[:12]}"
    if lock := re.search(r"Unable to create '(.*\.lock)': File exists", reason):
        raise UserError(
            f"branch {name} could not be made: {lock[1]} exists",
            f"if no other git command runs, delete that file; {rescue}",
        )
    if has_branch(repo, name) or "cannot create" in reason:
        raise NameTaken(f"a branch {name} is in the way", f"give another --branch; {rescue}")
    raise UserError(f"branch {name} could not be made: {reason}", rescue)
