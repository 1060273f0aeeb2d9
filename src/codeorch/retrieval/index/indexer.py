"""Commit -> an index that knows all of its files, wherever a cache of it can be kept."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from pathlib import Path
from sys import byteorder
from typing import Literal
from weakref import finalize

from codeorch.domain import Reference, SourceFile
from codeorch.git import Repo
from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.index.batch import (
    Facts,
    fill,
    pack_outline,
    pack_references,
    unpack_outline,
    unpack_references,
)
from codeorch.retrieval.index.history import past_of_index
from codeorch.retrieval.index.index_corpus import FileTable, IndexCorpus
from codeorch.retrieval.index.store import Damaged, Store
from codeorch.source.syntax import ParseResult, parse

_UNUSED_S = 7 * 86_400
_TOGETHER = 200  # notes are written at a time; a transaction costs more than a parse


class Index:
    """What is known of the wanted files, given as path -> blob; made by `open_index`."""

    def __init__(self, repo: Repo, store: Store, table: FileTable) -> None:
        self._repo = repo
        self._store = store
        self._table = table
        self._unwritten: dict[tuple[str, str], bytes] = {}  # notes by kind and name
        self.is_damaged = False

    @property
    def facts(self) -> Mapping[str, Facts]:
        """The facts of each wanted file."""
        return self._table.facts

    def corpus(self, files: Mapping[str, SourceFile]) -> Corpus:
        """Answer for a ranking of these files.

        Raises:
            Damaged: here and in all answers.
        """
        return IndexCorpus(self._table, files)

    def holders(self, field: Literal["defines", "uses", "tests"], name: str) -> Iterator[str]:
        """Give the paths of sources that define a name or hold it as a word, or of such tests.

        Raises:
            Damaged: the store cannot be used.
        """
        return self._table.holders(field, name)

    def past(self, commit: str, limit: int) -> Past:
        """Answer for a ranking about the newest commits that lead to a commit.

        Raises:
            Damaged: the store cannot be used.
        """
        return past_of_index(self._repo, self._notes, commit, limit)

    def outline(self, facts: Facts, text: Callable[[], str]) -> ParseResult:
        """Give what a parse of a file finds but the references, from an earlier one if possible."""

        def found() -> bytes:
            return pack_outline(parse(text(), facts.language, references=False))

        return unpack_outline(self._noted("outline", facts, found))

    def references(self, facts: Facts, text: Callable[[], str]) -> tuple[Reference, ...]:
        """Give the references that a parse of a file finds, from an earlier one if possible."""

        def found() -> bytes:
            return pack_references(parse(text(), facts.language).references)

        return unpack_references(self._noted("references", facts, found))

    def _noted(self, kind: str, facts: Facts, found: Callable[[], bytes]) -> bytes:
        name = f"{facts.language} {facts.blob}"
        try:
            known = self._unwritten.get((kind, name)) or self._notes.note(kind, name)
        except Damaged:
            return found()
        if known is None:
            known = self._unwritten[kind, name] = found()
            if len(self._unwritten) >= _TOGETHER:
                _write(self._notes, self._unwritten)
        return known

    def discard(self) -> None:
        """Throw the file away, as something in it is damaged."""
        self.is_damaged = True
        if self._store.file is not None:
            discard(self._store.file)

    @cached_property
    def _notes(self) -> Store:
        """The store once more, as the first one only looks at what was there when it was opened."""
        store = self._store if self._store.file is None else Store(self._store.file)
        finalize(self, _write, store, self._unwritten)
        return store


def _write(store: Store, notes: dict[tuple[str, str], bytes]) -> None:
    """Write notes down; when that fails, the next one who needs them parses, too."""
    by_kind: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for (kind, name), data in notes.items():
        by_kind[kind].append((name, data))
    notes.clear()
    with suppress(Damaged):
        for kind, some in by_kind.items():
            store.put(kind, some)


def open_index(repo: Repo, wanted: Mapping[str, str], *, kept: bool = True) -> Index:
    """Open the index of a repository; what it does not know yet is read.

    An index that is not `kept`, or has no place where it can be, is in memory.

    Raises:
        ServiceError: git failed.
    """
    for file in _places(repo) if kept else ():
        for _ in range(2):  # a damaged file is thrown away, and tried once more
            try:
                return _opened(repo, Store(file), wanted)
            except Damaged:
                discard(file)
    return _opened(repo, Store(None), wanted)


def discard(file: Path) -> None:
    """Throw an index away; who still reads it is not disturbed."""
    for end in ("", "-wal", "-shm"):
        try:
            file.with_name(file.name + end).unlink(missing_ok=True)
        except OSError:
            return


def _opened(repo: Repo, store: Store, wanted: Mapping[str, str]) -> Index:
    while True:
        store.freeze()
        table = FileTable(store, wanted)
        missing = table.missing
        if not missing:
            return Index(repo, store, table)
        store.thaw()
        if table.is_worn:
            store.clear()
            missing = tuple(wanted.items())
        fill(repo, store, missing)


def _places(repo: Repo) -> Iterator[Path]:
    """Name the files where an index may be kept, the best first."""
    name = f"index-{_edition()}.sqlite"
    for folder in _folders(repo):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if not (folder / name).exists():
            _discard_others(folder)
        yield folder / name


def _discard_others(folder: Path) -> None:
    """Throw away what other versions of this code have left, if they are not in use any more."""
    for other in folder.glob("index-*.sqlite"):
        with suppress(OSError):
            if other.stat().st_mtime < time.time() - _UNUSED_S:
                discard(other)


def _folders(repo: Repo) -> Iterator[Path]:
    yield repo.git_dir / "codeorch"
    from platformdirs import user_cache_path  # noqa: PLC0415 - hardly ever needed

    yield user_cache_path("codeorch") / sha256(bytes(repo.git_dir)).hexdigest()[:16]


@cache
def _edition() -> str:
    """Give a name that changes with the code that reads, as what it finds may change, too."""
    found = sha256(byteorder.encode())
    code = resources.files("codeorch")
    folders = (
        "edits",
        "source",
        "source/syntax",
        "languages",
        "retrieval",
        "retrieval/index",
    )
    for folder in map(code.joinpath, folders):
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            if file.is_file():
                found.update(file.read_bytes())
    return found.hexdigest()[:12]
