"""GitPython on the git and the environment of `process`: the view of a repository from outside.

It knows what a folder belongs to: work trees, submodules, `.git` files, bare repositories, remotes.
What reads the index or the working tree is not asked of it, as that would run the repository's
filters and fsmonitor; see docs/decisions/git-plumbing.md.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from codeorch.errors import UserError
from codeorch.git.process import HARDENING, git_program, key_variables, variables

if TYPE_CHECKING:
    import git

_PROGRAM_VARIABLE = "GIT_PYTHON_GIT_EXECUTABLE"


@contextmanager
def open_gitpython(folder: Path) -> Iterator["git.Repo"]:
    """Yield GitPython's view of the repository that `folder` lies in.

    Raises:
        UserError: there is none, or there is no git.
    """
    program = git_program(folder)
    _import_gitpython(program)
    import git  # noqa: PLC0415 - costs 0.1 s

    # GitPython's own setting is one for the whole process, which may be somebody else's.
    class PinnedGit(git.Git):
        GIT_PYTHON_GIT_EXECUTABLE = program
        USE_SHELL = False

    class PinnedRepo(git.Repo):
        GitCommandWrapperType = PinnedGit

    try:
        view = PinnedRepo(folder, search_parent_directories=True, expand_vars=False)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
        raise UserError(
            f"{folder} is not inside a git repository",
            "run codeorch in a repository, or make one with `git init` and a first commit",
        ) from error
    with view:
        view.git.update_environment(**variables(folder), **dict.fromkeys(key_variables(), ""))
        view.git.set_persistent_git_options(c=list(HARDENING), literal_pathspecs=True)
        yield view


def remote_urls(folder: Path) -> dict[str, str]:
    """Return the first address of each remote, by its name."""
    urls = {}
    with open_gitpython(folder) as view:
        from git import GitCommandError  # noqa: PLC0415

        for remote in view.remotes:
            with suppress(GitCommandError):
                urls[remote.name] = next(remote.urls)
    return urls


def _import_gitpython(program: str) -> None:
    """Import GitPython, which starts the git that the variable names, or any, when it loads."""
    if "git" in sys.modules:
        return
    before = os.environ.get(_PROGRAM_VARIABLE)
    os.environ[_PROGRAM_VARIABLE] = program
    try:
        import git  # noqa: F401, PLC0415 - costs 0.1 s
    finally:
        os.environ.pop(_PROGRAM_VARIABLE)
        if before is not None:
            os.environ[_PROGRAM_VARIABLE] = before
