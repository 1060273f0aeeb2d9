"""Task results -> results that fit -> ChangeSet -> commit on a branch."""

from codeorch.merge.apply_to_worktree import take
from codeorch.merge.changed_files import Landed, as_landed
from codeorch.merge.combine import combine
from codeorch.merge.commit import Landing, land, prepare, write, write_tidied
from codeorch.merge.conflicts import Bench, settle
from codeorch.merge.green_subset import green_subset

__all__ = [
    "Bench",
    "Landed",
    "Landing",
    "as_landed",
    "combine",
    "green_subset",
    "land",
    "prepare",
    "settle",
    "take",
    "write",
    "write_tidied",
]
