"""The index -> the files that are wanted, and its answers to a ranking (`retrieval.corpus`)."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from sys import intern
from typing import cast

from codeorch.domain import FileRole, SourceFile
from codeorch.retrieval.index.batch import Facts
from codeorch.retrieval.index.store import TEXTS_PER_FILE, Field, FileRow, Store

_WORN = 4  # times as many files as are wanted, and the index is made anew


class FileTable:
    """The files of an index as of one moment. `wanted` gives their blobs by path."""

    def __init__(self, store: Store, wanted: Mapping[str, str]) -> None:
        self._store = store
        self._wanted = wanted
        self._size = 0  # files, wanted or not
        self.facts: dict[str, Facts] = {}  # of the wanted files that are known
        self.rows: dict[int, FileRow] = {}  # the same ones by number
        for number, row in store.files():
            self._size += 1
            if wanted.get(row.path) == row.blob and row.path not in self.facts:
                self.facts[row.path] = _facts_of(row)
                self.rows[number] = row

    @property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """What is wanted and not known, as paths and blobs."""
        return tuple(pair for pair in self._wanted.items() if pair[0] not in self.facts)

    @property
    def is_worn(self) -> bool:
        """Whether most of the index is of other commits, and would slow down every look-up."""
        return self._size > _WORN * len(self._wanted)

    def counts(self, field: Field, word: str) -> list[tuple[int, int]]:
        """Return the numbers of the texts that hold a word, wanted or not, and how often."""
        return self._store.counts(field, word)

    def holders(self, field: Field, name: str) -> Iterator[str]:
        """Yield the paths of the wanted files that hold a name, each once."""
        numbers = {text // TEXTS_PER_FILE: None for text, _ in self._store.counts(field, name)}
        yield from (self.rows[number].path for number in numbers if number in self.rows)


def _facts_of(row: FileRow) -> Facts:
    return Facts(
        path=row.path,
        blob=row.blob,
        role=cast("FileRole", intern(row.role)),
        language=intern(row.language),
        reason=intern(row.reason),
    )


class IndexCorpus:
    """The source files of a snapshot, answered for by an index that knows all of them."""

    def __init__(self, table: FileTable, files: Mapping[str, SourceFile]) -> None:
        self._table = table
        self._files = files
        roles = {path: table.facts[path].role for path in files if path in table.facts}
        self.paths = {path: None for path, role in roles.items() if role == "source"}
        self.tests = {path: None for path, role in roles.items() if role == "test"}
        rows = {number: row for number, row in table.rows.items() if row.path in self.paths}
        owners = {number: row.path for number, row in rows.items()}
        chunks = {number: array("I", row.chunk_words) for number, row in rows.items()}
        names = {number: (row.name_words,) for number, row in rows.items()}
        self.chunks = _Texts(partial(table.counts, "text"), owners, chunks)
        self.names = _Texts(partial(table.counts, "names"), owners, names)

    def defined(self, path: str) -> Collection[str]:
        """Give the names that a file defines."""
        return {symbol.name: None for symbol in self._files[path].symbols}

    def used(self, path: str) -> Collection[str]:
        """Give the names that a file uses."""
        return {reference.name: None for reference in self._files[path].references}

    def imported(self, path: str) -> Collection[str]:
        """Give the modules that a file imports."""
        return {each.module: None for each in self._files[path].imports}

    def definers(self, name: str) -> Collection[str]:
        """Give the paths that define a name."""
        return [path for path in self._table.holders("defines", name) if path in self.paths]

    def users(self, name: str) -> Collection[str]:
        """Give the paths that hold a name anywhere: it is looked for as a word, not parsed."""
        return [path for path in self._table.holders("uses", name) if path in self.paths]


class _Texts:
    """Numbered texts of some files; those of others are not counted."""

    def __init__(
        self,
        counts: "partial[list[tuple[int, int]]]",
        owners: Mapping[int, str],
        lengths: Mapping[int, Sequence[int]],
    ) -> None:
        self._counts = counts
        self._owners = owners
        self._lengths = lengths
        self.size = sum(map(len, lengths.values()))
        self.mean_length = sum(map(sum, lengths.values())) / max(1, self.size)

    def postings(self, word: str) -> Iterable[tuple[int, int]]:
        owners = self._owners
        return [entry for entry in self._counts(word) if entry[0] // TEXTS_PER_FILE in owners]

    def length(self, text: int) -> int:
        number, place = divmod(text, TEXTS_PER_FILE)
        return self._lengths[number][place]

    def owner(self, text: int) -> str:
        return self._owners[text // TEXTS_PER_FILE]
