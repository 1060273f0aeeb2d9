"""Task results -> results that fit -> ChangeSet -> commit on a branch."""

from codeorch.merge.branch import Landing, land, prepare, write
from codeorch.merge.combine import combine
from codeorch.merge.settle import Bench, as_landed, settle
from codeorch.merge.take import take

__all__ = [
    "Bench",
    "Landing",
    "as_landed",
    "combine",
    "land",
    "prepare",
    "settle",
    "take",
    "write",
]
