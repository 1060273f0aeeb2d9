"""Task results -> results that fit -> ChangeSet -> commit on a branch."""

from codeorch.merge.apply_to_worktree import apply_to_worktree
from codeorch.merge.combine import ChangedFiles, combine
from codeorch.merge.commit import Landing, land, prepare_landing, write_change, write_formatting
from codeorch.merge.conflicts import MergeDeps, resolve
from codeorch.merge.green_subset import green_subset

__all__ = [
    "ChangedFiles",
    "Landing",
    "MergeDeps",
    "apply_to_worktree",
    "combine",
    "green_subset",
    "land",
    "prepare_landing",
    "resolve",
    "write_change",
    "write_formatting",
]
