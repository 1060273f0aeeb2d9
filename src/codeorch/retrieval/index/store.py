"""The file on disk: words of files and commits in full-text tables, and notes about single blobs.

It is a cache, in SQLite; each field of words is a table of FTS5. Several runs may use it at once: a
batch of files is written in one transaction, and a reader sees the batches of one moment. SQLite
keeps the file whole when a run or the machine stops; whether its content has been altered since is
for a checksum over the words, and one in each note. What is altered raises Damaged, and the file is
thrown away and made anew.
"""

import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple
from weakref import finalize

from codeorch.errors import UserError

Field = Literal["text", "names", "defines", "uses", "tests", "messages"]
TEXTS_PER_FILE = 1 << 16  # chunks of 60 lines in a file of at most a megabyte: fewer than 17,000
_PATIENCE = 30.0  # seconds to wait while another run writes
_LONGEST = 200  # characters; a longer name is data, and nobody asks for it
# Terms are told apart at blanks and in any case: letters in upper case, too, are written as codes.
_FOREIGN = re.compile(r"[^a-z0-9_\x80-\ud7ff\ue000-\U0010ffff]")
_DETAILS: Mapping[Field, str] = {  # of words we need to know how often, of names only whether
    "text": "full", "names": "full", "messages": "full",
    "defines": "none", "uses": "none", "tests": "none",
}  # fmt: skip
_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    number INTEGER PRIMARY KEY, path TEXT, blob TEXT, role TEXT, language TEXT, reason TEXT,
    name_words INTEGER, chunk_words BLOB
);
CREATE TABLE IF NOT EXISTS commits (
    number INTEGER PRIMARY KEY, name TEXT, length INTEGER, paths TEXT
);
CREATE TABLE IF NOT EXISTS seal (checksum INTEGER);
CREATE TABLE IF NOT EXISTS notes (
    kind TEXT, name TEXT, data BLOB, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""
_FIELD_TABLES = """
CREATE VIRTUAL TABLE IF NOT EXISTS {0} USING fts5(
    terms, content='', columnsize=0, detail={1}, tokenize="ascii tokenchars '_^'"
);
CREATE VIRTUAL TABLE temp.{0}_terms USING fts5vocab(main, {0}, instance);
"""
_FILES_AND_COMMITS = """
SELECT group_concat(
    number || path || blob || role || language || reason || name_words || hex(chunk_words)
) FROM files
UNION ALL SELECT group_concat(number || name || length || paths) FROM commits
"""  # put together by SQLite, as there are many rows
_SEALED = (
    _FILES_AND_COMMITS,
    *(f"SELECT * FROM {field}_{part}" for field in _DETAILS for part in ("data", "idx")),  # noqa: S608 - Fields
)


class Damaged(Exception):
    """What was read is not what was written, or the file cannot be used at all."""


class FileRow(NamedTuple):
    """What is known of a file beside its words."""

    path: str
    blob: str
    role: str
    language: str
    reason: str  # why it is left out, if it is
    name_words: int  # in the names that it defines
    chunk_words: bytes  # an array of unsigned int: the number of words of each chunk


class CommitRow(NamedTuple):
    """What is known of a commit beside its words."""

    name: str
    length: int  # words of its message
    paths: str  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file or a commit to be written, and the terms of each of its texts by field."""

    row: FileRow | CommitRow
    terms: Mapping[Field, Sequence[str]]  # as `term_of` gives them, with blanks between


def term_of(name: str) -> str:
    """Return a name as a term, two names never as the same; empty when it is too long."""
    if len(name) > _LONGEST:
        return ""
    return _FOREIGN.sub(lambda match: f"^{ord(match[0]):02x}", name)


class Store:
    """One open index file; `Store(None)` is one in memory.

    Raises:
        Damaged: here and in every method.
        UserError: this Python's SQLite cannot search texts.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        with _trouble():
            self._base = sqlite3.connect(
                file or ":memory:", timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
        self.close = finalize(self, self._base.close)
        with _trouble():
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.executescript(_TABLES)
            for field, detail in _DETAILS.items():
                self._base.executescript(_FIELD_TABLES.format(field, detail))

    def freeze(self) -> None:
        """See from now on what is there now, whatever other runs write or clear.

        Raises:
            Damaged: what is there is not what was written.
        """
        if self.file is not None:
            with _trouble():
                self._base.execute("BEGIN")
            seal = self._rows("SELECT checksum FROM seal")
            is_new = not seal and not self._rows("SELECT 1 FROM files UNION SELECT 1 FROM commits")
            if not is_new and seal != [(self._checksum(),)]:
                raise Damaged("the words were altered")

    def thaw(self) -> None:
        """Take part in what happens again."""
        if self.file is not None:
            with _trouble():
                self._base.execute("COMMIT")

    def files(self) -> Iterator[tuple[int, FileRow]]:
        """Yield the number and the row of each file, oldest first."""
        for number, *row in self._rows("SELECT * FROM files ORDER BY number"):
            yield number, FileRow(*row)

    def commits(self) -> Iterator[tuple[int, CommitRow]]:
        """Yield the number and the row of each commit."""
        for number, *row in self._rows("SELECT * FROM commits"):
            yield number, CommitRow(*row)

    def counts(self, field: Field, word: str) -> list[tuple[int, int]]:
        """Return the numbers of the texts that hold a word, and how often each does.

        A text's number is that of its file, or commit, times `TEXTS_PER_FILE`, plus its place.
        """
        sql = f"SELECT doc, count(*) FROM temp.{field}_terms WHERE term = ? GROUP BY doc"  # noqa: S608 - a Field
        return self._rows(sql, term_of(word))

    def add(self, documents: Iterable[Document]) -> None:
        """Write files and commits, all or none."""
        with self._writing():
            for document in documents:
                table, row = type(document.row), document.row
                number = self._base.execute(_INSERTS[table], row).lastrowid or 0
                for field, texts in document.terms.items():
                    rows = enumerate(texts, number * TEXTS_PER_FILE)
                    sql = f"INSERT INTO {field} (rowid, terms) VALUES (?, ?)"  # noqa: S608 - a Field
                    self._base.executemany(sql, rows)
            self._seal()

    def clear(self) -> None:
        """Forget all files. Commits stay: they are few, and notes hold their numbers."""
        with self._writing():
            self._base.execute("DELETE FROM files")
            for field in _DETAILS:
                if field != "messages":
                    sql = f"INSERT INTO {field} ({field}) VALUES ('delete-all')"  # noqa: S608 - a Field
                    self._base.execute(sql)
            self._seal()

    def note(self, kind: str, name: str) -> bytes | None:
        """Return what was noted under a name; None if nothing was."""
        rows = self._rows("SELECT data FROM notes WHERE kind = ? AND name = ?", kind, name)
        try:
            return zlib.decompress(rows[0][0]) if rows else None
        except (zlib.error, TypeError) as error:
            raise Damaged(f"{kind} {name}: {error}") from error

    def put(self, kind: str, notes: Iterable[tuple[str, bytes]], *, alone: bool = False) -> None:
        """Write notes; one of the same name is replaced, and when `alone` all others are, too."""
        rows = ((kind, name, zlib.compress(data, 1)) for name, data in notes)
        with self._writing():
            if alone:
                self._base.execute("DELETE FROM notes WHERE kind = ?", (kind,))
            self._base.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", rows)

    def _seal(self) -> None:
        """Write the checksum down; a look-up first makes FTS5 write what it still has in memory."""
        for field in _DETAILS:
            self.counts(field, "")
        self._base.execute("DELETE FROM seal")
        self._base.execute("INSERT INTO seal VALUES (?)", (self._checksum(),))

    def _checksum(self) -> int:
        """Return a checksum over all words; FTS5 itself would not see that a number is another."""
        checksum = 0
        with _trouble():
            for sql in _SEALED:
                for row in self._base.execute(sql):
                    for value in row:
                        data = value if isinstance(value, bytes) else str(value).encode()
                        checksum = zlib.crc32(data, checksum)
        return checksum

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with _trouble():
            return self._base.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _trouble():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")


_INSERTS: Mapping[type, str] = {
    FileRow: "INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
    CommitRow: "INSERT INTO commits VALUES (NULL, ?, ?, ?)",
}


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if "no such module" in str(error):
            message = f"the SQLite {sqlite3.sqlite_version} of this Python has no FTS5"
            raise UserError(message, "use a Python from python.org, uv or your system") from error
        raise Damaged(str(error)) from error
    except UnicodeDecodeError as error:  # in a message of SQLite about an altered name
        raise Damaged(str(error)) from error
