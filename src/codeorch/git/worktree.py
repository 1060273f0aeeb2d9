"""The working tree as a commit, for runs that are to see what is not committed yet."""

import re
import shutil
import tempfile
from pathlib import Path

from codeorch.errors import UserError
from codeorch.git.process import text
from codeorch.git.repository import Repo

_MESSAGE = "Uncommitted changes of the working tree"
_SETTINGS = (
    "core.splitIndex=false",  # a split one would leave a part of itself in the git directory
    "core.untrackedCache=false",
    "advice.addEmbeddedRepo=false",
)


def commit_working_tree(repo: Repo) -> str:
    """Give a commit of the working tree on top of HEAD; HEAD itself when nothing has changed.

    It is made in a copy of the index, of everything that `git add --all` would take, and no ref
    points to it. The same files give the same commit. Git's own conversions of line ends take
    place; the repository's filters do not run.

    Raises:
        UserError: a file cannot be read.
    """
    head = repo.resolve("HEAD")
    with tempfile.TemporaryDirectory(prefix="codeorch-index-") as folder:
        copy = Path(folder) / "index"
        env = {"GIT_INDEX_FILE": str(copy)}
        git = repo.without_filters().having(*_SETTINGS)
        index = repo.root / text(git.run("rev-parse", "--git-path", "index").stdout).rstrip("\n")
        if index.exists():
            shutil.copy2(index, copy)  # with its time: git compares it with those of files
        done = git.run("add", "--all", env=env, check=False)
        if done.returncode:
            said = re.search(r"^(?:error|fatal): (.*)", text(done.stderr), re.MULTILINE)
            raise UserError(
                f"the working tree cannot be read: {said[1] if said else 'no reason given'}",
                "mend that, or leave --include-dirty out",
            )
        tree = text(git.run("write-tree", "--missing-ok", env=env).stdout).strip()
    return head if tree == repo.tree_of(head) else _commit(repo, head, tree)


def is_of_working_tree(repo: Repo, commit: str) -> bool:
    """Whether a commit was made by `commit_working_tree`."""
    return text(repo.git.run("log", "-1", "-s", "--format=%B", commit).stdout).strip() == _MESSAGE


def _commit(repo: Repo, head: str, tree: str) -> str:
    date = text(repo.git.run("log", "-1", "-s", "--format=%ct +0000", head).stdout).strip()
    env = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    if repo.git.run("var", "GIT_COMMITTER_IDENT", check=False).returncode:  # nobody is known
        env |= {f"GIT_{role}_NAME": "codeorch" for role in ("AUTHOR", "COMMITTER")}
        env |= {f"GIT_{role}_EMAIL": "codeorch@localhost" for role in ("AUTHOR", "COMMITTER")}
    args = ("commit-tree", tree, "-p", head, "-m", _MESSAGE)
    return text(repo.git.run(*args, env=env).stdout).strip()
