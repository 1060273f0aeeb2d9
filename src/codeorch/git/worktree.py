"""The user's working tree: what differs in it, a commit of it, and what `take` brings into it."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codeorch.errors import UserError
from codeorch.git.process import Git, text
from codeorch.git.repository import Repo

_MESSAGE = "Uncommitted changes of the working tree"
_SETTINGS = (
    "core.splitIndex=false",  # a split one would leave a part of itself in the git directory
    "core.untrackedCache=false",
    "advice.addEmbeddedRepo=false",
)
_FILTER = ("clean", "smudge", "process", "required")  # what a filter is made of


def dirty_paths(repo: Repo) -> tuple[str, ...]:
    """Return the paths with uncommitted changes, those of untracked files included.

    The repository's own filters are switched off, so a file that only a filter would make
    equal counts as changed when its time stamp says so.
    """
    out = _filterless(repo).run(
        "status", "--porcelain=v1", "-z", "--untracked-files=all",
        "--ignore-submodules=all", "--no-renames",
    ).stdout  # fmt: skip
    return tuple(text(row[3:]) for row in out.split(b"\0") if row)


def unwatched_paths(repo: Repo) -> tuple[str, ...]:
    """Return the existing files that are marked assume-unchanged or skip-worktree.

    Git does not look for edits of them, so `dirty_paths` does not name them.
    """
    rows = text(repo.git.run("ls-files", "-z", "-v").stdout).split("\0")
    paths = (row[2:] for row in rows if row[:1].islower() or row[:1] == "S")
    return tuple(path for path in paths if (repo.root / path).exists())


def commit_working_tree(repo: Repo) -> str:
    """Return the id of a commit of the working tree on top of HEAD; HEAD's own if it is clean.

    It is made in a copy of the index, of everything that `git add --all` would take, and no ref
    points to it. The same files give the same commit. Git's own conversions of line ends take
    place; the repository's filters do not run.

    Raises:
        UserError: a file cannot be read.
    """
    with _index_copy(repo) as (git, env):
        process = git.run("add", "--all", env=env, check=False)
        if process.returncode:
            reason = re.search(r"^(?:error|fatal): (.*)", text(process.stderr), re.MULTILINE)
            raise UserError(
                f"the working tree cannot be read: {reason[1] if reason else 'no reason given'}",
                "mend that, or leave --include-dirty out",
            )
        return _commit_tree(repo, git, env)


def commit_index(repo: Repo) -> str:
    """Return the id of a commit of what is staged on top of HEAD; HEAD's own if nothing is.

    No ref points to it, and the same files give the same commit.

    Raises:
        UserError: a merge is not finished.
    """
    with _index_copy(repo) as (git, env):
        unmerged = text(git.run("ls-files", "-z", "--unmerged", env=env).stdout)
        if unmerged:
            path = unmerged.partition("\t")[2].partition("\0")[0]
            raise UserError(f"{path} is not merged yet", "finish the merge, and stage it")
        return _commit_tree(repo, git, env)


@contextmanager
def _index_copy(repo: Repo) -> Iterator[tuple[Git, dict[str, str]]]:
    """Yield a git with a copy of the index, and the variable that it needs to be told of it by."""
    with tempfile.TemporaryDirectory(prefix="codeorch-index-") as folder:
        copy = Path(folder) / "index"
        git = _filterless(repo).with_settings(*_SETTINGS)
        index = repo.root / text(git.run("rev-parse", "--git-path", "index").stdout).rstrip("\n")
        if index.exists():
            shutil.copy2(index, copy)  # with its time: git compares it with those of files
        yield git, {"GIT_INDEX_FILE": str(copy)}


def _commit_tree(repo: Repo, git: Git, env: dict[str, str]) -> str:
    head = repo.resolve("HEAD")
    tree = text(git.run("write-tree", "--missing-ok", env=env).stdout).strip()
    return head if tree == repo.tree_of(head) else _commit(repo, head, tree)


def is_working_tree_commit(repo: Repo, commit: str) -> bool:
    """Return whether a commit was made by `commit_working_tree`."""
    return text(repo.git.run("log", "-1", "-s", "--format=%B", commit).stdout).strip() == _MESSAGE


def fast_forward(repo: Repo, commit: str) -> None:
    """Move the current branch and the working tree forward to `commit`.

    Raises:
        UserError: git refuses, e.g. because of unsaved edits.
    """
    hint = "commit or stash your edits, or merge the branch by hand"
    _change(repo, "merge", "--ff-only", "--no-verify", "--quiet", commit, hint=hint)


def apply_patch(repo: Repo, patch: bytes) -> None:
    """Apply a git patch to the working tree, whole or not at all.

    Raises:
        UserError: it does not fit.
    """
    hint = "the files have changed since; merge the branch, or carry the request out again"
    _change(repo, "apply", "--whitespace=nowarn", stdin=patch, hint=hint)


def _change(repo: Repo, *args: str, hint: str, stdin: bytes = b"") -> None:
    process = repo.git.run(*args, stdin=stdin, check=False)
    if process.returncode:
        reason = text(process.stderr).strip().splitlines() or ["git gave no reason"]
        raise UserError(
            f"git could not take the change over: {reason[0].removeprefix('error: ')}", hint
        )


def _filterless(repo: Repo) -> Git:
    """Return a git for looking at the working tree: the repository's filters do not run."""
    entries = repo.config_entries(r"^filter\..*\.")
    names = sorted({entry.name[len("filter.") :].rpartition(".")[0] for entry in entries})
    return repo.git.with_settings(*(f"filter.{name}.{key}=" for name in names for key in _FILTER))


def _commit(repo: Repo, head: str, tree: str) -> str:
    date = text(repo.git.run("log", "-1", "-s", "--format=%ct +0000", head).stdout).strip()
    env = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    if repo.git.run("var", "GIT_COMMITTER_IDENT", check=False).returncode:  # nobody is known
        env |= {f"GIT_{role}_NAME": "codeorch" for role in ("AUTHOR", "COMMITTER")}
        env |= {f"GIT_{role}_EMAIL": "codeorch@localhost" for role in ("AUTHOR", "COMMITTER")}
    args = ("commit-tree", tree, "-p", head, "-m", _MESSAGE)
    return text(repo.git.run(*args, env=env).stdout).strip()
