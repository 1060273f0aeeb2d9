"""A finished branch -> the user's working tree, only when the user asks."""

from codeorch.errors import UnsafeError
from codeorch.repo import Repo


def take(repo: Repo, base: str, commit: str) -> str:
    """Bring a result into the working tree; says how: `fast-forward` or `patch`.

    When HEAD has not moved since the run, the current branch moves forward; otherwise the
    change is applied to the working tree, whole or not at all.

    Raises:
        UnsafeError: a file of the change has unsaved edits; nothing was touched.
        UserError: the change does not fit any more; nothing was touched.
    """
    changed = set(repo.changed_paths(base, commit))
    clash = sorted(changed & set(repo.dirty()))
    if clash:
        raise UnsafeError(
            f"{clash[0]} has unsaved edits"
            + (f" (and {len(clash) - 1} more)" if clash[1:] else ""),
            "commit or stash them first; nothing was touched",
        )
    if repo.is_ancestor(repo.resolve("HEAD"), commit):
        repo.fast_forward(commit)
        return "fast-forward"
    repo.apply_patch(repo.diff(base, commit))
    return "patch"
