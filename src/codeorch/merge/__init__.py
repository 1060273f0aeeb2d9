"""Task results -> results that fit -> ChangeSet -> commit on a branch."""

from codeorch.merge.branch import Landing, land, prepare, write, write_tidied
from codeorch.merge.combine import combine
from codeorch.merge.landed import Landed, as_landed
from codeorch.merge.settle import Bench, settle
from codeorch.merge.subset import green_subset
from codeorch.merge.take import take

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
