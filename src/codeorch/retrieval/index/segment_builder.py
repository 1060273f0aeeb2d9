"""Files -> a segment: what each is, the words of its chunks, the names it defines and holds.

Of tests only the identifiers are noted. What a test defines is asked for so seldom that it is
parsed then.

A text is cut into identifiers, and each is noted with its chunk. Only when a segment is packed are
the notes of all identifiers that hold a word put together as that word's: an identifier is taken
apart once a segment, and not once for each place where it stands.
"""

import json
from array import array
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import chain
from struct import pack, unpack_from
from sys import intern
from typing import cast

from codeorch.domain import FileRole, Import, Reference, Symbol
from codeorch.edits import Refusal, decode
from codeorch.retrieval.index.postings import Postings
from codeorch.retrieval.index.store import Segment
from codeorch.retrieval.words import chunks, identifiers, tokens, words_of
from codeorch.source.roles import role_of
from codeorch.source.syntax import ParseResult, definitions, language_of

_SYMBOL = (
    "name", "kind", "signature", "start", "end", "name_start", "line", "end_line", "parent", "doc",
)  # fmt: skip
_REFERENCE = ("name", "kind", "start", "line")


def pack_outline(parsed: ParseResult) -> bytes:
    """Write down all that a parse found but the references."""
    return _json(
        parsed.errors,
        [[getattr(each, name) for name in _SYMBOL] for each in parsed.symbols],
        [[each.module, each.names, each.line] for each in parsed.imports],
    )


def unpack_outline(data: bytes) -> ParseResult:
    """Read what `pack_outline` wrote."""
    errors, symbols, imports = json.loads(data)
    return ParseResult(
        errors=errors,
        symbols=tuple(Symbol(**dict(zip(_SYMBOL, row, strict=True))) for row in symbols),
        imports=tuple(
            Import(module=module, names=tuple(names), line=line) for module, names, line in imports
        ),
    )


def pack_references(references: Sequence[Reference]) -> bytes:
    """Write references down, of which there are many, in columns."""
    return _json(*([getattr(each, name) for each in references] for name in _REFERENCE))


def unpack_references(data: bytes) -> tuple[Reference, ...]:
    """Read what `pack_references` wrote."""
    return tuple(
        Reference(name=name, kind=kind, start=start, line=line)
        for name, kind, start, line in zip(*json.loads(data), strict=True)
    )


def _json(*parts: object) -> bytes:
    return json.dumps(parts, separators=(",", ":")).encode()


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
