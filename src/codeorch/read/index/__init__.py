"""The cached index of a repository: what each blob is, the words and names it holds."""

from codeorch.read.index.gathering import Facts
from codeorch.read.index.opening import Index, open_index
from codeorch.read.index.store import Damaged

__all__ = ["Damaged", "Facts", "Index", "open_index"]
