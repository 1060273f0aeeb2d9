"""Task results -> ChangeSet -> commit on a branch."""

from codeorch.merge.branch import branch_name, land, write
from codeorch.merge.combine import combine
from codeorch.merge.take import take

__all__ = ["branch_name", "combine", "land", "take", "write"]
