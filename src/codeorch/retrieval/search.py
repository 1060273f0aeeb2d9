"""Request -> the files it is about, confirmed files -> more of them, by the cached index."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import cached_property, partial
from itertools import islice
from typing import Literal, TypeVar

from codeorch.domain import RankedFile, Snapshot, SourceLine
from codeorch.git import Repo
from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.fusion import rank_corpus
from codeorch.retrieval.index import Damaged, Index
from codeorch.retrieval.look_ups import Companions, companions_of
from codeorch.retrieval.snapshot import index_of, read_snapshot
from codeorch.retrieval.test_files import tests_of

T = TypeVar("T")
_HISTORY = 5_000  # commits whose messages help to rank
_MAX_LINE_BYTES = 2_000  # of a line that somebody wrote
_MAX_LINES = 50_000  # that are looked through
_OWN_ROLES = frozenset({"source", "test", "config", "docs", "data"})  # written by its people


def rank_commit(repo: Repo, base: str, text: str) -> tuple[tuple[RankedFile, ...], tuple[str, ...]]:
    """Return the source files of a commit for a request, best first, and the tests of the best ten.

    Raises:
        ServiceError: git failed.
    """
    snapshot = read_snapshot(repo, base)
    ranked = rank_files(repo, snapshot, text)
    return ranked, tests_of([entry.path for entry in ranked[:10]], snapshot.files)


def rank_files(repo: Repo, snapshot: Snapshot, text: str) -> tuple[RankedFile, ...]:
    """Return the source files of a snapshot for a request, best first.

    Raises:
        ServiceError: git failed.
    """
    return _query(repo, snapshot, partial(rank_corpus, text))


def companions(repo: Repo, snapshot: Snapshot) -> Companions:
    """Return who tells which files past commits changed together; see `LookUps`."""

    def of(path: str) -> tuple[Sequence[tuple[str, int]], int]:
        def look(_corpus: Corpus, past: Past) -> tuple[Sequence[tuple[str, int]], int]:
            return companions_of(past.commits, past.touched)(path)

        return _query(repo, snapshot, look)

    return of


def find_lines(repo: Repo, snapshot: Snapshot, texts: Sequence[str]) -> tuple[SourceLine, ...]:
    """Return the lines of a snapshot's commit that hold one of some texts, in any case.

    Raises:
        ServiceError: git failed.
    """
    matches = repo.grep(snapshot.commit, texts, _MAX_LINE_BYTES) if texts else ()
    return tuple(
        SourceLine(path=path, number=number, text=line)
        for path, number, line in islice(matches, _MAX_LINES)
        if path in snapshot.files and snapshot.bare(path).role in _OWN_ROLES
    )


def _query(repo: Repo, snapshot: Snapshot, question: Callable[[Corpus, Past], T]) -> T:
    for on_disk in (True, True, False):
        index = index_of(repo, snapshot.commit, on_disk=on_disk)
        try:
            past = index.past(snapshot.commit, _HISTORY)
            return question(index.corpus(snapshot.files), past)
        except Damaged:
            index.discard()
    raise AssertionError("an index in memory cannot be damaged")


class CodeNames:
    """Who defines and who uses a name in the code of a snapshot, tests included, by the index.

    `changed` are the paths that differ from the snapshot's commit: they are parsed. From a damaged
    index there is no answer, which reads like a name that nothing holds.
    """

    def __init__(self, repo: Repo, snapshot: Snapshot, changed: Collection[str] = ()) -> None:
        self._open = partial(index_of, repo, snapshot.commit)
        self._files = snapshot.files
        self._changed = [path for path in changed if path in snapshot.files]

    def definers(self, name: str, *, tests: bool = True) -> Collection[str]:
        """Return the paths that define a name, exactly as it is written.

        The index does not know what tests define, so those that hold the name are parsed.
        """
        candidates = [*(self._holders("tests", name) if tests else ()), *self._changed]
        definers = (path for path in candidates if self._defines(path, name))
        return [*self._holders("defines", name), *definers]

    def users(self, name: str) -> Collection[str]:
        """Return the paths that hold a name anywhere, be it in a comment."""
        new = [path for path in self._changed if name in self._files[path].text]
        return [*self._holders("uses", name), *self._holders("tests", name), *new]

    def _holders(self, field: Literal["defines", "uses", "tests"], name: str) -> list[str]:
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
