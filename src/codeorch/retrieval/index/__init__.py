"""The cached index of a repository: what each blob is, the words and names it holds."""

from codeorch.retrieval.index.batch import Facts
from codeorch.retrieval.index.indexer import Index, open_index
from codeorch.retrieval.index.store import Damaged

__all__ = ["Damaged", "Facts", "Index", "open_index"]
