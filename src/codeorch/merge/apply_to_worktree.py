"""A finished branch -> the user's working tree, only when the user asks."""

import os
from pathlib import PurePosixPath

from codeorch.errors import UnsafeError
from codeorch.git import (
    Repo,
    apply_patch,
    commit_working_tree,
    dirty_paths,
    fast_forward,
    is_ancestor,
    is_working_tree_commit,
    unwatched_paths,
)


def apply_to_worktree(repo: Repo, base: str, commit: str) -> str:
    """Bring a result into the working tree; return how: `fast-forward` or `patch`.

    When HEAD has not moved since the run, the current branch moves forward; otherwise, and when
    the run was on uncommitted edits, the change is applied to the working tree, whole or not at
    all.

    Raises:
        UnsafeError: a file of the change has unsaved edits; nothing was touched.
        UserError: the change does not fit any more; nothing was touched.
    """
    is_on_edits = is_working_tree_commit(repo, base)
    changed = set(repo.changed_paths(base, commit))
    edited = _edited_since(repo, base, changed) if is_on_edits else _unsaved(repo, changed)
    if unsaved := sorted(edited):
        raise UnsafeError(
            f"{unsaved[0]} has unsaved edits"
            + (f" (and {len(unsaved) - 1} more)" if unsaved[1:] else ""),
            "commit or stash them first; nothing was touched",
        )
    if not is_on_edits and is_ancestor(repo, repo.resolve("HEAD"), commit):
        fast_forward(repo, commit)
        return "fast-forward"
    apply_patch(repo, repo.diff(base, commit))
    return "patch"


def _edited_since(repo: Repo, base: str, changed: set[str]) -> set[str]:
    """Return the files of a change that are not as they were when the working tree was the base."""
    return changed & set(repo.changed_paths(base, commit_working_tree(repo)))


def _unsaved(repo: Repo, changed: set[str]) -> set[str]:
    """Return the files of a change that hold something git could not give back.

    Git itself would overwrite ignored files, and those that it is set not to look at.
    """
    tracked = {entry.path for entry in repo.tree("HEAD")}
    parents = {str(parent) for path in changed for parent in PurePosixPath(path).parents}
    untracked = {path for path in changed - tracked if os.path.lexists(repo.root / path)}
    blocking_files = {parent for parent in parents - tracked if (repo.root / parent).is_file()}
    return (changed & {*dirty_paths(repo), *unwatched_paths(repo)}) | untracked | blocking_files
