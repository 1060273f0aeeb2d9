"""Request -> the files it is about, confirmed files -> more of them, by the cached index."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import cached_property, partial
from itertools import islice
from typing import Literal, TypeVar

from codeorch.domain import Line, RankedFile, Snapshot
from codeorch.git import Repo
from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.expansion import expand
from codeorch.retrieval.fusion import rank_in
from codeorch.retrieval.index import Damaged, Index
from codeorch.retrieval.snapshot import index_of, read_snapshot
from codeorch.retrieval.test_files import tests_of

T = TypeVar("T")
_HISTORY = 5_000  # commits whose messages help to rank
_LONGEST = 2_000  # bytes of a line that somebody wrote
_FOUND = 50_000  # lines that are looked through
_WRITTEN = frozenset({"source", "test", "config", "docs", "data"})  # by people, of this project


def ranking(repo: Repo, base: str, text: str) -> tuple[tuple[RankedFile, ...], tuple[str, ...]]:
    """Rank the source files of a commit for a request, and name the tests of the best.

    Raises:
        ServiceError: git failed.
    """
    snapshot = read_snapshot(repo, base)
    ranked = search(repo, snapshot, text)
    return ranked, tests_of([entry.path for entry in ranked[:10]], snapshot.files)


def search(repo: Repo, snapshot: Snapshot, text: str) -> tuple[RankedFile, ...]:
    """Rank the source files of a snapshot for a request, best first.

    Raises:
        ServiceError: git failed.
    """
    return _answered(repo, snapshot, partial(rank_in, text))


def widen(
    repo: Repo, snapshot: Snapshot, ranked: Sequence[RankedFile], confirmed: Sequence[str]
) -> tuple[RankedFile, ...]:
    """Rank the files that probably change together with some of which that is known.

    Raises:
        ServiceError: git failed.
    """
    return _answered(repo, snapshot, partial(expand, confirmed, ranked))


def lines_with(repo: Repo, snapshot: Snapshot, texts: Sequence[str]) -> tuple[Line, ...]:
    """Find the lines of a snapshot's commit that hold one of some texts, in any case."""
    found = repo.grep(snapshot.commit, texts, _LONGEST) if texts else ()
    return tuple(
        Line(path=path, number=number, text=line)
        for path, number, line in islice(found, _FOUND)
        if path in snapshot.files and snapshot.bare(path).role in _WRITTEN
    )


def _answered(repo: Repo, snapshot: Snapshot, question: Callable[[Corpus, Past], T]) -> T:
    for kept in (True, True, False):
        index = index_of(repo, snapshot.commit, kept=kept)
        try:
            past = index.past(snapshot.commit, _HISTORY)
            return question(index.corpus(snapshot.files), past)
        except Damaged:
            index.discard()
    raise AssertionError("an index in memory cannot be damaged")


class CodeNames:
    """Who defines and who uses a name in the code of a snapshot, tests included, by the index.

    Files that differ from the snapshot's commit are looked at themselves. A damaged index tells
    nothing.
    """

    def __init__(self, repo: Repo, snapshot: Snapshot, changed: Collection[str] = ()) -> None:
        self._open = partial(index_of, repo, snapshot.commit)
        self._files = snapshot.files
        self._changed = [path for path in changed if path in snapshot.files]

    def definers(self, name: str, *, tests: bool = True) -> Collection[str]:
        """Give the paths that define a name, exactly as it is written.

        The index does not know what tests define, so those that hold the name are parsed.
        """
        looked_at = [*(self._held("tests", name) if tests else ()), *self._changed]
        return [*self._held("defines", name), *(p for p in looked_at if self._defines(p, name))]

    def users(self, name: str) -> Collection[str]:
        """Give the paths that hold a name anywhere, be it in a comment."""
        new = [p for p in self._changed if name in self._files[p].text]
        return [*self._held("uses", name), *self._held("tests", name), *new]

    def _held(self, field: Literal["defines", "uses", "tests"], name: str) -> list[str]:
        with suppress(Damaged):
            return [
                path for path in self._index.holders(field, name)
                if path not in self._changed and path in self._files
                and self._files[path].role in ("source", "test")
            ]  # fmt: skip
        return []

    def _defines(self, path: str, name: str) -> bool:
        return any(symbol.name == name for symbol in self._files[path].symbols)

    @cached_property
    def _index(self) -> Index:
        return self._open()
