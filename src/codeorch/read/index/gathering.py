"""Files -> a segment: what each is, the words of its chunks, the names it defines and uses."""

import json
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from struct import pack, unpack_from
from sys import intern
from typing import cast

from codeorch.diffs import Refusal, decode
from codeorch.domain import FileRole
from codeorch.read.index.postings import Postings, Words, entry
from codeorch.read.index.store import Segment
from codeorch.read.roles import role_of
from codeorch.read.syntax import definitions, language_of
from codeorch.read.words import chunks, identifiers

_ENOUGH = 2_000_000  # postings; some 40 bytes of memory each while they are gathered
_NOT_READ = frozenset({"minified", "lfs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the index knows of one file. With a `reason` it is left out, and has no text."""

    path: str
    blob: str
    role: FileRole = "data"
    language: str = ""
    reason: str = ""
    chunks: int = 0  # of its text, when it is a source
    names: int = 0  # words in the names that it defines, likewise


class Gathering:
    """Files being read into one segment."""

    def __init__(self) -> None:
        self._facts: list[Facts] = []
        self._lengths = array("I")  # words of each chunk
        self._fields = {field: Postings() for field in ("text", "names", "defines", "uses")}
        self._words = {field: Words(self._fields[field]) for field in ("text", "names")}
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether this is enough for a segment, as memory is bounded."""
        return self._size >= _ENOUGH

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
        chunks, names = 0, 0
        if (language or role == "source") and role not in _NOT_READ:
            chunks, names = self._add_code(text, language, is_source=role == "source")
        self._facts.append(
            Facts(path=path, blob=blob, role=role, language=language, chunks=chunks, names=names)
        )

    def _add_code(self, text: str, language: str, *, is_source: bool) -> tuple[int, int]:
        before, defined = len(self._lengths), dict.fromkeys(definitions(text, language))
        used = self._add_chunks(text) if is_source else identifiers(text)
        self._add_names("uses", used)
        self._add_names("defines", defined)
        if not is_source:
            return 0, 0
        names = self._add_words("names", len(self._facts), identifiers(" ".join(defined)))
        return len(self._lengths) - before, names

    def _add_chunks(self, text: str) -> dict[str, int]:
        """Add the words of a text by chunks, and give its identifiers."""
        used: dict[str, int] = {}
        for chunk in chunks(text):
            found = identifiers(chunk)
            used |= found
            self._lengths.append(self._add_words("text", len(self._lengths), found))
        return used

    # The loops of these two run for each identifier of each text, so they call nothing.

    def _add_words(self, field: str, number: int, counts: Mapping[str, int]) -> int:
        """Add the words that some identifiers stand for, and say how many they are."""
        words, length, once = self._words[field], 0, entry(number, 1)
        for identifier, count in counts.items():
            value = once if count == 1 else entry(number, count)
            places = words[identifier]
            for place in places:
                place.append(value)
            length += count * len(places)
        self._size += length + 1
        return length

    def _add_names(self, field: str, names: Collection[str]) -> None:
        entries, value = self._fields[field].entries, entry(len(self._facts), 1)
        for name in names:
            entries[name].append(value)
        self._size += len(names)

    def segment(self) -> Segment:
        """Pack what was gathered."""
        fields = {field: tuple(found.buckets()) for field, found in self._fields.items()}
        return Segment(
            head=_packed(self._facts, self._lengths, {f: len(b) for f, b in fields.items()}),
            fields=fields,
        )


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


def _packed(facts: list[Facts], lengths: "array[int]", buckets: dict[str, int]) -> bytes:
    rows = [(f.path, f.blob, f.role, f.language, f.reason, f.chunks, f.names) for f in facts]
    return pack("<I", len(lengths)) + lengths.tobytes() + json.dumps([buckets, rows]).encode()
