"""Past commits from the index: git is asked only for those that no run has seen before.

Each commit's words and paths are noted for ever; what they give together is noted for the newest
commit that a run asked for, so that the next one need not even put them together.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from codeorch.errors import ServiceError
from codeorch.git import LogEntry, Repo
from codeorch.retrieval.corpus import Past
from codeorch.retrieval.index.store import TEXTS_PER_FILE, CommitRow, Damaged, Document, Store
from codeorch.retrieval.words import tokens, words_of


def past_of_index(repo: Repo, store: Store, commit: str, limit: int) -> Past:
    """Give the newest commits that lead to a commit.

    A clone without the folders of old commits has no past.

    Raises:
        Damaged: the store cannot be used.
    """
    name = f"{commit} {limit}"
    known = store.note("past", name)
    if known is None:
        try:
            known = _put_together(_commits(repo, store, repo.ancestors(commit, limit)))
        except ServiceError:
            return _IndexPast(store, _put_together(()))
        with suppress(Damaged):  # then the next run puts it together, too
            store.put("past", [(name, known)], alone=True)
    return _IndexPast(store, known)


def _commits(repo: Repo, store: Store, wanted: Sequence[str]) -> Iterator[tuple[int, CommitRow]]:
    """Yield the number and the row of each commit; new ones are written down."""
    known = _rows_by_name(store)
    new = repo.log_of([name for name in wanted if name not in known])
    if documents := [_document_of(entry) for entry in new]:
        store.add(documents)
        known = _rows_by_name(store)
    return (known[name] for name in wanted)


def _rows_by_name(store: Store) -> Mapping[str, tuple[int, CommitRow]]:
    return {row.name: (number, row) for number, row in store.commits()}


def _document_of(entry: LogEntry) -> Document:
    words = [word for token in tokens(entry.message) for word in words_of(token)]
    row = CommitRow(name=entry.commit, length=len(words), paths=json.dumps(entry.paths))
    return Document(row=row, terms={"messages": [" ".join(words)]})


def _put_together(commits: Iterable[tuple[int, CommitRow]]) -> bytes:
    numbers: dict[str, int] = {}  # of paths
    columns: dict[str, list[object]] = {"rows": [], "names": [], "lengths": [], "touched": []}
    for number, row in commits:
        touched = [numbers.setdefault(path, len(numbers)) for path in json.loads(row.paths)]
        values = (number, row.name, row.length, touched)
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return json.dumps({"paths": list(numbers), **columns}).encode()


class _IndexPast:
    """Commits numbered from the newest on, and the words of their messages."""

    def __init__(self, store: Store, data: bytes) -> None:
        self._store = store
        columns = json.loads(data)
        self._paths: Sequence[str] = columns["paths"]
        self._names: Sequence[str] = columns["names"]
        self._lengths: Sequence[int] = columns["lengths"]
        self._touched: Sequence[Sequence[int]] = columns["touched"]
        self._by_row = {row: number for number, row in enumerate(columns["rows"])}
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self.size = len(self._names)
        self.mean_length = sum(self._lengths) / max(1, self.size)

    @property
    def messages(self) -> "_IndexPast":
        return self

    def postings(self, word: str) -> Iterable[tuple[int, int]]:
        for text, count in self._store.counts("messages", word):
            number = self._by_row.get(text // TEXTS_PER_FILE)
            if number is not None:
                yield number, count

    def length(self, text: int) -> int:
        return self._lengths[text]

    def owner(self, text: int) -> str:
        return self._names[text]

    def touched(self, commit: str) -> Sequence[str]:
        return [self._paths[number] for number in self._touched[self._numbers[commit]]]

    def commits(self, path: str) -> Sequence[str]:
        return self._by_path.get(path, ())

    @cached_property
    def _by_path(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name, numbers in zip(self._names, self._touched, strict=True):
            for number in numbers:
                found[self._paths[number]].append(name)
        return found
