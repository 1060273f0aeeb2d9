"""The request, and the files of a commit with their symbols.

Paths are POSIX strings relative to the repository's root. Byte offsets count in the UTF-8 form
of a file's text. Lines count from 1 and ranges include both ends.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Origin = Literal["cli", "issue", "api"]
SymbolKind = Literal[
    "function",
    "method",
    "class",
    "interface",
    "type",
    "enum",
    "module",
    "variable",
    "field",
    "macro",
]
ReferenceKind = Literal["call", "import", "type", "attribute", "name"]
FileRole = Literal[
    "source", "test", "docs", "config", "data", "generated", "vendored", "minified", "lfs"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user wants, and the commit that it is to be made on."""

    text: str
    base: str  # a full commit id
    origin: Origin = "cli"
    paths: tuple[str, ...] = ()  # globs that limit which files may change; empty = all


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition in a file."""

    name: str
    kind: SymbolKind
    signature: str  # one line, as written, without the body
    start: int  # byte offset of the whole definition
    end: int  # byte offset behind it
    name_start: int  # byte offset of the name itself
    line: int
    end_line: int
    parent: str = ""  # dotted names of the enclosing definitions
    doc: str = ""  # first line of its documentation

    @property
    def qualified(self) -> str:
        """The name with its parents, e.g. `Cart.total`."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A place where a name is used but not defined."""

    name: str
    kind: ReferenceKind
    start: int  # byte offset of the name
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import statement: where it points, and which names it brings in."""

    module: str  # as written, without quotes
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One text file of a commit. `language` is empty when no grammar knows it."""

    path: str
    text: str  # line ends as in the file, without a byte order mark
    language: str = ""
    role: FileRole = "source"
    encoding: str = "utf-8"  # a Python codec name; `utf-8-sig` when there is a BOM
    symbols: tuple[Symbol, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    syntax_errors: int = 0  # error and missing nodes of the parse


class Files(Mapping[str, SourceFile]):
    """Files that are parsed on demand, or not at all where `bare` serves."""

    @abstractmethod
    def bare(self, path: str) -> SourceFile:
        """Return a file whose symbols, references and imports may be missing.

        Raises:
            KeyError: there is no such file.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The files of one commit. `skipped` names each file that was left out, and why."""

    commit: str
    files: Mapping[str, SourceFile]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def bare(self, path: str) -> SourceFile:
        """Return a file with text, language and role alone; where possible, without parsing it.

        Raises:
            KeyError: there is no such file.
        """
        return self.files.bare(path) if isinstance(self.files, Files) else self.files[path]

    def with_files(self, changes: Mapping[str, SourceFile | None]) -> "Snapshot":
        """Return the snapshot with some files replaced, added, or (None) taken out."""
        return replace(self, files=_Overlay(self.files, changes))


class _Overlay(Files):
    """Changes over other files; what is not changed is passed on, not copied."""

    def __init__(
        self, below: Mapping[str, SourceFile], changes: Mapping[str, SourceFile | None]
    ) -> None:
        self._below = below
        self._changes = changes

    def __getitem__(self, path: str) -> SourceFile:
        file = self._changes[path] if path in self._changes else self._below[path]
        if file is None:
            raise KeyError(path)
        return file

    def bare(self, path: str) -> SourceFile:
        if path in self._changes or not isinstance(self._below, Files):
            return self[path]
        return self._below.bare(path)

    def __contains__(self, path: object) -> bool:
        if path in self._changes:
            return self._changes[str(path)] is not None
        return path in self._below

    def __iter__(self) -> Iterator[str]:
        yield from (path for path in self._below if path not in self._changes)
        yield from (path for path, file in self._changes.items() if file is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One line of a file."""

    path: str
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedFile:
    """A file and how much it matters for a request; `why` explains the score by signal."""

    path: str
    score: float
    why: tuple[tuple[str, float], ...] = ()  # signal and its part of the score, largest first
