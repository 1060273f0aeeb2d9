"""Files -> rows for the index: what each is, the words of its chunks, the names in it.

Of tests only the identifiers are noted. What a test defines is asked for so seldom that it is
parsed then.

One process reads, and git unpacks the blobs beside it. A second reader was tried: it saves time on
the clock and no CPU time, but two take twice the memory.
"""

import gc
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from codeorch.domain import FileRole, Import, Reference, Symbol
from codeorch.edits import Refusal, decode
from codeorch.git import Repo
from codeorch.languages import language_of
from codeorch.retrieval.index.store import Document, Field, FileRow, Store, term_of
from codeorch.retrieval.words import chunks, tokens, words_of
from codeorch.source.roles import role_of
from codeorch.source.syntax import ParseResult, definitions

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


_ENOUGH = 20_000_000  # characters of terms; Python and SQLite take about three times as much memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the index knows of one file. With a `reason` it is left out, and has no text."""

    path: str
    blob: str
    role: FileRole = "data"
    language: str = ""
    reason: str = ""


def fill(repo: Repo, store: Store, wanted: Sequence[tuple[str, str]]) -> None:
    """Read files, given as paths and blobs, into the store.

    Raises:
        Damaged: the store cannot be used.
        ServiceError: git failed.
    """
    batch = Batch()
    blobs = repo.blobs((blob for _, blob in wanted), ahead=64)
    with _no_search_for_cycles():
        for (path, blob), (_, data) in zip(wanted, blobs, strict=True):
            batch.add(path, blob, data)
            if batch.is_full:
                store.add(batch.documents)
                batch = Batch()
        if batch.documents:
            store.add(batch.documents)


class Batch:
    """Files to be written together; an identifier is taken apart only once in a batch."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self._size = 0  # characters of terms
        self._words = _Terms(words_of)  # each is a term as it stands
        self._names = _Terms(lambda name: (term_of(name),))

    @property
    def is_full(self) -> bool:
        """Whether this is enough for a batch, as memory is bounded."""
        return self._size >= _ENOUGH

    def add(self, path: str, blob: str, data: bytes) -> None:
        """Read one file."""
        try:
            text = decode(data).text
        except Refusal as refusal:
            self._add(Facts(path=path, blob=blob, reason=refusal.brief.removeprefix("it is ")), {})
            return
        language = language_of(path, text)
        role = role_of(path, text, language)
        facts = Facts(path=path, blob=blob, role=role, language=language)
        if role == "source":
            self._add(facts, self._terms_of_source(text, language))
        elif role == "test" and language:
            self._add(facts, {"tests": [self._names.join({*tokens(text)})]})
        else:
            self._add(facts, {})

    def _terms_of_source(self, text: str, language: str) -> dict[Field, list[str]]:
        names = dict.fromkeys(definitions(text, language))
        found = [tokens(chunk) for chunk in chunks(text)]
        return {
            "text": [self._words.join(chunk) for chunk in found],
            "uses": [self._names.join({*chunk}) for chunk in found],
            "names": [self._words.join(chain.from_iterable(map(tokens, names)))],
            "defines": [self._names.join(names)],
        }

    def _add(self, facts: Facts, terms: dict[Field, list[str]]) -> None:
        row = FileRow(
            **{name: getattr(facts, name) for name in Facts.__slots__},
            name_words=sum(text.count(" ") for text in terms.get("names", ())),
            chunk_words=array("I", [text.count(" ") for text in terms.get("text", ())]).tobytes(),
        )
        self.documents.append(Document(row=row, terms=terms))
        self._size += sum(len(text) for texts in terms.values() for text in texts)


class _Terms(dict[str, str]):
    """The terms of an identifier, each with a blank behind it, by the identifier."""

    def __init__(self, terms_of: Callable[[str], Iterable[str]]) -> None:
        self._terms_of = terms_of

    def __missing__(self, identifier: str) -> str:
        terms = self[identifier] = "".join(
            f"{term} " for term in self._terms_of(identifier) if term
        )
        return terms

    def join(self, identifiers: Iterable[str]) -> str:
        return "".join(map(self.__getitem__, identifiers))


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Switch Python's cycle collector off: nothing here makes cycles, and it costs a tenth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
