"""Files -> a segment: what each is, the words of its chunks, the names it defines and holds.

Of tests only the identifiers are noted. What a test defines is asked for so seldom that it is
parsed then.

A text is cut into identifiers, and each is noted with its chunk. Only when a segment is packed are
the notes of all identifiers that hold a word put together as that word's: an identifier is taken
apart once a segment, and not once for each place where it stands.
"""

import json
from array import array
from collections.abc import Sized
from dataclasses import dataclass
from itertools import chain
from struct import pack, unpack_from
from sys import intern
from typing import cast

from codeorch.diffs import Refusal, decode
from codeorch.domain import FileRole
from codeorch.read.index.postings import Postings
from codeorch.read.index.store import Segment
from codeorch.read.roles import role_of
from codeorch.read.syntax import definitions, language_of
from codeorch.read.words import chunks, identifiers, tokens, words_of

_ENOUGH = 40_000_000  # bytes of memory; to be packed, a segment takes about as much again
_NOTE, _TERM = 5, 300  # bytes of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the index knows of one file. With a `reason` it is left out, and has no text."""

    path: str
    blob: str
    role: FileRole = "data"
    language: str = ""
    reason: str = ""
    chunks: int = 0  # of its text; a test is one chunk, anything but code has none
    names: int = 0  # words in the names that it defines, when it is a source


class Gathering:
    """Files being read into one segment."""

    def __init__(self) -> None:
        self._facts: list[Facts] = []
        self._chunks = 0
        self._notes = 0
        self._sources, self._tests = Postings(), Postings()  # identifiers by chunk
        self._defined = Postings()  # names by file, of sources

    @property
    def full(self) -> bool:
        """Whether this is enough for a segment, as memory is bounded."""
        terms = len(self._sources.entries) + len(self._tests.entries)
        return self._notes * _NOTE + terms * _TERM >= _ENOUGH

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, path: str, blob: str, data: bytes) -> None:
        """Read one file."""
        try:
            text = decode(data).text
        except Refusal as refusal:
            reason = refusal.brief.removeprefix("it is ")
            self._facts.append(Facts(path=path, blob=blob, reason=reason))
            return
        language = language_of(path, text)
        role = role_of(path, text, language)
        before = self._chunks
        if role == "source":
            defined = dict.fromkeys(definitions(text, language), 1)
            self._defined.add(len(self._facts), defined)
            for chunk in chunks(text):
                found = identifiers(chunk)
                self._sources.add(self._chunks, found)
                self._noted(found)
        elif role == "test" and language:
            held = set(tokens(text))
            self._tests.note(self._chunks, held)
            self._noted(held)
        self._facts.append(
            Facts(path=path, blob=blob, role=role, language=language, chunks=self._chunks - before)
        )

    def _noted(self, terms: Sized) -> None:
        self._notes += len(terms)
        self._chunks += 1

    def segment(self) -> Segment:
        """Pack what was gathered; nothing can be added afterwards."""
        text, lengths = self._sources.regrouped(words_of, self._chunks)
        names, sizes = self._defined.regrouped(_words_of_name, len(self._facts))
        fields = {
            "text": text,
            "names": names,
            "defines": self._defined,
            "uses": self._sources,
            "tests": self._tests,
        }
        return Segment(
            head=_packed(
                self._facts, sizes, lengths, {field: one.size for field, one in fields.items()}
            ),
            fields={field: one.buckets() for field, one in fields.items()},
        )


def _words_of_name(name: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(words_of, identifiers(name))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a segment says about itself."""

    lengths: "array[int]"  # words of each chunk
    buckets: dict[str, int]  # how many each field has
    rows: list[tuple[str, str, FileRole, str, str, int, int]]  # the fields of Facts, for each file


def head_of(data: bytes) -> Head:
    """Unpack the head of a segment."""
    (chunks,) = unpack_from("<I", data)
    end = 4 + 4 * chunks
    buckets, rows = json.loads(data[end:])
    return Head(lengths=array("I", data[4:end]), buckets=buckets, rows=rows)


def facts_of(row: tuple[str, str, FileRole, str, str, int, int]) -> Facts:
    """Give the facts of one row of a head."""
    path, blob, role, language, reason, chunks, names = row
    return Facts(
        path=path,
        blob=blob,
        role=cast("FileRole", intern(role)),
        language=intern(language),
        reason=intern(reason),
        chunks=chunks,
        names=names,
    )


def _packed(
    facts: list[Facts], names: "array[int]", lengths: "array[int]", buckets: dict[str, int]
) -> bytes:
    rows = [
        (f.path, f.blob, f.role, f.language, f.reason, f.chunks, size)
        for f, size in zip(facts, names, strict=True)
    ]
    return pack("<I", len(lengths)) + lengths.tobytes() + json.dumps([buckets, rows]).encode()
