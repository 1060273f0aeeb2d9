"""Commit -> Snapshot, straight from git's objects; parsed when somebody looks, by the index."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from codeorch.domain import Files, Import, Reference, Snapshot, SourceFile, Symbol
from codeorch.edits import Decoded, decode
from codeorch.git import Repo
from codeorch.retrieval.index import Facts, Index, open_index
from codeorch.source.files import LARGEST
from codeorch.source.syntax import ParseResult

T = TypeVar("T")
_TEXTS = 20_000_000  # bytes of the files whose texts stay in memory
_SYMBOLS = 30_000  # of the latest files, kept in memory
_REFERENCES = 200_000  # likewise
_OPEN = WeakValueDictionary[tuple[Path, str], Index]()  # by git directory and commit
_SYMLINK, _SUBMODULE = 0o120000, 0o160000


def read_snapshot(repo: Repo, commit: str) -> Snapshot:
    """Read the regular text files of a commit. Each one left out is named with the reason.

    Raises:
        ServiceError: git failed.
    """
    wanted, skipped = _sorted_out(repo, commit)
    index = _OPEN[repo.git_dir, commit] = open_index(repo, wanted)
    facts = {path: index.facts[path] for path in wanted}
    skipped |= {path: each.reason for path, each in facts.items() if each.reason}
    known = {path: each for path, each in facts.items() if not each.reason}
    return Snapshot(commit=commit, files=IndexedFiles(repo, index, known), skipped=skipped)


def index_of(repo: Repo, commit: str, *, kept: bool = True) -> Index:
    """Open the index of a commit, or give the open one; one that is not kept is made in memory.

    Raises:
        ServiceError: git failed.
    """
    known = _OPEN.get((repo.git_dir, commit))
    if known is not None and kept and not known.is_damaged:
        return known
    index = _OPEN[repo.git_dir, commit] = open_index(repo, _sorted_out(repo, commit)[0], kept=kept)
    return index


def _sorted_out(repo: Repo, commit: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give the files of a commit with their blobs, and those that are left out with the reason."""
    wanted: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for entry in repo.tree(commit):
        if reason := _not_wanted(entry.path, entry.mode, entry.size):
            skipped[entry.path] = reason
        else:
            wanted[entry.path] = entry.blob
    return wanted, skipped


def _not_wanted(path: str, mode: int, size: int) -> str:
    if mode == _SUBMODULE:
        return "submodule"
    if mode == _SYMLINK:
        return "symbolic link"
    if size > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
    if size < 0:
        return "missing from the repository"
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its path is not UTF-8"
    return ""


class IndexedFiles(Files):
    """The files of a commit. Their texts are read, and parsed, when somebody asks for them."""

    def __init__(self, repo: Repo, index: Index, facts: Mapping[str, Facts]) -> None:
        self.index = index
        self._facts = facts
        asked: deque[str] = deque()  # git's process ends with us only if it does not hold us
        self._asked = asked
        self._answers = repo.blobs(asked.popleft() for _ in repeat(None))
        self._texts = _Latest[Decoded](_TEXTS)
        self._outlines = _Latest[ParseResult](_SYMBOLS)
        self._references = _Latest[tuple[Reference, ...]](_REFERENCES)

    def __getitem__(self, path: str) -> SourceFile:
        return _Lazy(self, self._facts[path])

    def bare(self, path: str) -> SourceFile:
        """Give a file; as always, nothing of it is parsed unless somebody asks."""
        return self[path]

    def __contains__(self, path: object) -> bool:
        return path in self._facts

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def decoded(self, facts: Facts) -> Decoded:
        """Read a file's text."""
        known = self._texts.get(facts.path)
        if known is None:
            self._asked.append(facts.blob)
            _, data = next(self._answers)
            known = decode(data if facts.role != "minified" else b"")
            self._texts.put(facts.path, known, len(data))
        return known

    def outline(self, facts: Facts) -> ParseResult:
        """Find the definitions and imports of a file."""
        if not _has_syntax(facts):
            return ParseResult()
        known = self._outlines.get(facts.path)
        if known is None:
            known = self.index.outline(facts, lambda: self.decoded(facts).text)
            self._outlines.put(facts.path, known, len(known.symbols))
        return known

    def references(self, facts: Facts) -> tuple[Reference, ...]:
        """Find the uses of names in a file."""
        if not _has_syntax(facts):
            return ()
        known = self._references.get(facts.path)
        if known is None:
            known = self.index.references(facts, lambda: self.decoded(facts).text)
            self._references.put(facts.path, known, len(known))
        return known


def _has_syntax(facts: Facts) -> bool:
    return bool(facts.language) and facts.role not in ("minified", "lfs")


class _Latest(Generic[T]):
    """The values that were put in last, as many as their weights allow."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, tuple[T, int]] = {}
        self._weight = 0

    def get(self, key: str) -> T | None:
        found = self._kept.get(key)
        return found[0] if found else None

    def put(self, key: str, value: T, weight: int) -> None:
        self._kept[key] = value, weight
        self._weight += weight
        while self._weight > self._most and len(self._kept) > 1:
            self._weight -= self._kept.pop(next(iter(self._kept)))[1]


class _Lazy(SourceFile):
    """A file of which path, role and language are known, and the rest when somebody asks."""

    __slots__ = ("_facts", "_files")
    _facts: Facts
    _files: IndexedFiles

    def __init__(self, files: IndexedFiles, facts: Facts) -> None:
        known = {"path": facts.path, "role": facts.role, "language": facts.language}
        for name, value in {**known, "_files": files, "_facts": facts}.items():
            object.__setattr__(self, name, value)

    @property
    def text(self) -> str:
        return self._files.decoded(self._facts).text

    @property
    def encoding(self) -> str:
        return self._files.decoded(self._facts).encoding

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        return self._files.outline(self._facts).symbols

    @property
    def imports(self) -> tuple[Import, ...]:
        return self._files.outline(self._facts).imports

    @property
    def syntax_errors(self) -> int:
        return self._files.outline(self._facts).errors

    @property
    def references(self) -> tuple[Reference, ...]:
        return self._files.references(self._facts)
