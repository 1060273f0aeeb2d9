"""Answers by the id of their question, in one SQLite file that several processes may use."""

import asyncio
import contextlib
import fcntl
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from codeorch.answers.question_id import dump, fields, load
from codeorch.errors import ServiceError
from codeorch.llm import Prompt, Reply

_FORM = 1  # of the table; raised when it changes
_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    question TEXT PRIMARY KEY, -- id by content, 40 hexadecimal digits
    run TEXT NOT NULL, -- that asked and paid
    time_s REAL NOT NULL, -- of the answer, since 1970
    model TEXT NOT NULL, -- as it was asked for
    prompt TEXT NOT NULL, -- JSON
    reply TEXT NOT NULL, -- JSON
    usage TEXT NOT NULL -- JSON: tokens by kind and seconds, as the service counted them
)
"""
_BUSY_S = 30.0
_POLL_S = 0.05
_OPENING = 0  # the byte of the lock file that stands for opening the store; others are questions


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A question as it was sent, what came back, and the run that paid for it."""

    prompt: Prompt
    reply: Reply
    run_id: str

    def was_paid_by(self, run_id: str) -> bool:
        """Tell whether a run paid for it; what was asked outside of a run was paid by none."""
        return bool(run_id) and self.run_id == run_id


class AnswerStore:
    """Keeps answers in a file, or in memory when there is none.

    The file is opened when it is needed. All methods raise ServiceError, of kind `store`, when it
    cannot be read or written.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._database: sqlite3.Connection | None = None
        self._locks: IO[bytes] | None = None

    def answer(self, question_id: str) -> StoredAnswer | None:
        """Return the answer to a question, None when none is stored."""
        query = "SELECT prompt, reply, usage, run FROM answers WHERE question = ?"
        with self._connection() as database:
            row = database.execute(query, (question_id,)).fetchone()
        if row is None:
            return None
        prompt, reply, usage = (json.loads(column) for column in row[:3])
        return StoredAnswer(load(Prompt, prompt), load(Reply, {**reply, "usage": usage}), row[3])

    def add(self, question_id: str, answer: StoredAnswer) -> None:
        """Store an answer; it is committed when this returns, and outlives the process."""
        reply = fields(answer.reply)
        usage = reply.pop("usage")
        values = (
            question_id, answer.run_id, time.time(), answer.prompt.model,
            dump(answer.prompt), dump(reply), dump(usage),
        )  # fmt: skip
        with self._connection() as database:
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def drop(self, question_ids: Iterable[str]) -> int:
        """Drop the answers to some questions; return how many there were."""
        with self._connection() as database:
            return sum(
                database.execute("DELETE FROM answers WHERE question = ?", (one,)).rowcount
                for one in question_ids
            )

    def drop_before(self, time_s: float) -> int:
        """Drop the answers older than a time in seconds since 1970; return how many there were."""
        with self._connection() as database:
            return database.execute("DELETE FROM answers WHERE time_s < ?", (time_s,)).rowcount

    @asynccontextmanager
    async def turn(self, question_id: str) -> AsyncIterator[None]:
        """Hold a question while it is asked; of several processes one holds it at a time.

        The kernel lets go of it when its process dies, so that the next one takes over.
        """
        with self._connection():
            locks = self._locks
        if locks is None:  # in memory: nobody else is there
            yield
            return
        place = 1 + int(question_id[:15], 16)
        while not _lock(locks, place):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(_POLL_S)
        try:
            yield
        finally:
            fcntl.lockf(locks, fcntl.LOCK_UN, 1, place)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._locks is not None:
            self._locks.close()
            self._locks = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the store where it is not open yet, and turn failures into ours."""
        try:
            if self._database is None:
                self._open()
            assert self._database is not None
            yield self._database
        except (sqlite3.Error, OSError) as error:
            raise ServiceError(
                f"the store of answers failed: {error}", kind="store", retryable=False
            ) from error

    def _open(self) -> None:
        if self._file is None:
            self._database = _connect(":memory:")
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # One file as long as we live: to close any other would let go of all our locks.
        self._locks = self._file.with_suffix(".lock").open("ab")
        fcntl.lockf(self._locks, fcntl.LOCK_EX, 1, _OPENING)
        try:
            try:
                self._database = _connect(self._file)
            except sqlite3.OperationalError:  # locked, or it may not be read
                raise
            except sqlite3.DatabaseError:
                _put_aside(self._file)
                self._database = _connect(self._file)
        finally:
            fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, _OPENING)


def _connect(file: Path | str) -> sqlite3.Connection:
    """Open a database in a form that several processes may read and write at once.

    Raises:
        sqlite3.DatabaseError: it is none, or its table has another form.
    """
    database = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None)
    try:
        form = database.execute("PRAGMA user_version").fetchone()[0]
        if form not in (0, _FORM):
            raise sqlite3.DatabaseError(f"{file} has form {form}, not {_FORM}")  # noqa: TRY301
        database.execute("PRAGMA journal_mode=wal")
        # Committed is safe from the end of a process; only a power cut can take the last answers.
        database.execute("PRAGMA synchronous=normal")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version={_FORM}")
    except BaseException:
        database.close()
        raise
    return database


def _lock(locks: IO[bytes], place: int) -> bool:
    with contextlib.suppress(BlockingIOError, PermissionError):
        fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        return True
    return False


def _put_aside(file: Path) -> None:
    """Move a file away that we cannot use, so that a new one can be made; nothing is deleted."""
    for part in (file, *(file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))):
        if part.exists():
            part.rename(part.with_name(f"{part.name}.damaged-{time.time_ns()}"))
