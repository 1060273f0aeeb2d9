"""Task results -> ChangeSet -> commit on a branch."""

from codeorch.merge.branch import Landing, land, prepare, write
from codeorch.merge.combine import combine
from codeorch.merge.take import take

__all__ = ["Landing", "combine", "land", "prepare", "take", "write"]
