"""Request -> the files it is about, answered from the cached index."""

from codeorch.domain import RankedFile, Snapshot
from codeorch.read.files import index_of
from codeorch.read.index import Damaged, Index
from codeorch.read.rank import rank_in
from codeorch.repo import Repo

_HISTORY = 5_000  # commits whose messages help to rank


def search(repo: Repo, snapshot: Snapshot, text: str) -> tuple[RankedFile, ...]:
    """Rank the source files of a snapshot for a request, best first.

    Raises:
        ServiceError: git failed.
    """
    for _ in range(2):
        index = index_of(repo, snapshot.commit)
        try:
            return _ranked(index, snapshot, text)
        except Damaged:
            index.discard()
    return _ranked(index_of(repo, snapshot.commit, kept=False), snapshot, text)


def _ranked(index: Index, snapshot: Snapshot, text: str) -> tuple[RankedFile, ...]:
    past = index.past(snapshot.commit, _HISTORY)
    return rank_in(text, index.corpus(snapshot.files), past)
