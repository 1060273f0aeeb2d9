"""Files -> a segment: what each is, the words of its chunks, the names it defines and uses."""

import json
from array import array
from dataclasses import dataclass
from struct import pack, unpack_from
from sys import intern
from typing import cast

from codeorch.diffs import Refusal, decode
from codeorch.domain import FileRole
from codeorch.read.index.postings import Postings
from codeorch.read.index.store import Segment
from codeorch.read.roles import role_of
from codeorch.read.syntax import definitions, language_of
from codeorch.read.words import chunks, identifiers, words_in

_ENOUGH = 3_000_000  # postings; some 40 bytes of memory each while they are gathered
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
        number, before = len(self._facts), len(self._lengths)
        defined = dict.fromkeys(definitions(text, language), 1)
        self._fields["defines"].add(number, defined.items())
        used: dict[str, int] = {}
        if not is_source:
            used = identifiers(text)
            self._count(number, used)
            return 0, 0
        for chunk in chunks(text):
            found = identifiers(chunk)
            used |= found
            words = words_in(found)
            self._fields["text"].add(len(self._lengths), words.items())
            self._lengths.append(words.total())
            self._size += len(words)
        self._count(number, used)
        names = words_in(defined)
        self._fields["names"].add(number, names.items())
        return len(self._lengths) - before, names.total()

    def _count(self, number: int, used: dict[str, int]) -> None:
        self._fields["uses"].add(number, used.items())
        self._size += len(used)

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
