"""The file on disk: segments that never change, and notes about single files and commits.

It is a cache, in SQLite. Several runs may use it at once: a segment is written in one transaction,
and a reader sees the segments of one moment. Whatever is read carries a checksum over its content
and its key; what is lost or altered raises Damaged, and the file is thrown away and made anew.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import finalize
from zlib import compress, crc32, decompress

_PATIENCE = 30.0  # seconds to wait while another run writes
_TABLES = """
CREATE TABLE IF NOT EXISTS segments (number INTEGER PRIMARY KEY, head BLOB);
CREATE TABLE IF NOT EXISTS buckets (
    segment INTEGER, field TEXT, number INTEGER, data BLOB, PRIMARY KEY (segment, field, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (
    kind TEXT, name TEXT, data BLOB, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""


class Damaged(Exception):
    """What was read is not what was written, or the file cannot be used at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment to be written: its head, and the buckets of each field in order."""

    head: bytes
    fields: Mapping[str, Iterable[bytes]]


class Store:
    """One open index file; `Store(None)` is one in memory.

    Raises:
        Damaged: here and in every method.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        with _trouble():
            self._base = sqlite3.connect(
                file or ":memory:", timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
        self.close = finalize(self, self._base.close)
        with _trouble():
            self._base.execute("PRAGMA synchronous = OFF")  # checksums find what a crash tears
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.executescript(_TABLES)

    def freeze(self) -> None:
        """See from now on what is there now, whatever other runs write or drop."""
        if self.file is not None:
            with _trouble():
                self._base.execute("BEGIN")

    def thaw(self) -> None:
        """Take part in what happens again."""
        if self.file is not None:
            with _trouble():
                self._base.execute("COMMIT")

    def segments(self) -> Iterator[tuple[int, bytes]]:
        """Give the number and the head of each segment, oldest first."""
        for number, data in self._rows("SELECT number, head FROM segments ORDER BY number"):
            yield number, _checked(data, "segment", number)

    def bucket(self, segment: int, field: str, number: int) -> bytes:
        """Give one bucket of a segment."""
        key = (segment, field, number)
        found = self._rows(
            "SELECT data FROM buckets WHERE segment = ? AND field = ? AND number = ?", *key
        )
        return _checked(found[0][0] if found else None, *key)

    def add(self, segment: Segment) -> None:
        """Write a segment, whole or not at all."""
        with self._writing():
            ((last,),) = self._rows("SELECT max(number) FROM segments")
            new = (last or 0) + 1
            head = _sealed(segment.head, "segment", new)
            self._base.execute("INSERT INTO segments VALUES (?, ?)", (new, head))
            for field, buckets in sorted(segment.fields.items()):
                rows = (
                    (new, field, number, _sealed(data, new, field, number))
                    for number, data in enumerate(buckets)
                )
                self._base.executemany("INSERT INTO buckets VALUES (?, ?, ?, ?)", rows)

    def drop(self, segments: Iterable[int]) -> None:
        """Remove segments."""
        rows = [(number,) for number in segments]
        with self._writing():
            self._base.executemany("DELETE FROM segments WHERE number = ?", rows)
            self._base.executemany("DELETE FROM buckets WHERE segment = ?", rows)

    def note(self, kind: str, name: str) -> bytes | None:
        """Give what was noted under a name; None if nothing was."""
        found = self._rows("SELECT data FROM notes WHERE kind = ? AND name = ?", kind, name)
        return decompress(_checked(found[0][0], kind, name)) if found else None

    def notes(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Give all notes of a kind."""
        for name, data in self._rows("SELECT name, data FROM notes WHERE kind = ?", kind):
            yield name, decompress(_checked(data, kind, name))

    def put(self, kind: str, notes: Iterable[tuple[str, bytes]], *, alone: bool = False) -> None:
        """Write notes; one of the same name is replaced, and when `alone` all others are, too."""
        rows = ((kind, name, _sealed(compress(data, 1), kind, name)) for name, data in notes)
        with self._writing():
            if alone:
                self._base.execute("DELETE FROM notes WHERE kind = ?", (kind,))
            self._base.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", rows)

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


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Damaged(str(error)) from error


def _sealed(data: bytes, *key: object) -> bytes:
    return _checksum(data, key) + data


def _checked(data: object, *key: object) -> bytes:
    if not isinstance(data, bytes) or data[:4] != _checksum(data[4:], key):
        raise Damaged(f"{key} is lost or altered")
    return data[4:]


def _checksum(data: bytes, key: tuple[object, ...]) -> bytes:
    return crc32(data, crc32(repr(key).encode())).to_bytes(4, "little")
