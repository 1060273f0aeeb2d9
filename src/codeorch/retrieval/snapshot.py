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
from codeorch.source import MAX_FILE_BYTES
from codeorch.source.syntax import ParseResult

T = TypeVar("T")
_TEXTS = 20_000_000  # bytes of the files whose texts stay in memory
_SYMBOLS = 30_000  # of the latest files, that stay in memory
_REFERENCES = 200_000  # likewise
_OPEN = WeakValueDictionary[tuple[Path, str], Index]()  # by git directory and commit
_SYMLINK, _SUBMODULE = 0o120000, 0o160000
_LONGEST_TARGET = 4096  # bytes, of a link


def read_snapshot(repo: Repo, commit: str) -> Snapshot:
    """Return the regular text files of a commit; `skipped` names each other one with the reason.

    Texts are read, and files parsed, when somebody asks for them; the index of the commit stays
    open as long as its snapshot.

    Raises:
        ServiceError: git failed.
    """
    blobs, skipped = _partition(repo, commit)
    index = _OPEN[repo.git_dir, commit] = open_index(repo, blobs)
    facts = {path: index.facts[path] for path in blobs}
    skipped |= {path: fact.reason for path, fact in facts.items() if fact.reason}
    readable = {path: fact for path, fact in facts.items() if not fact.reason}
    return Snapshot(commit=commit, files=IndexedFiles(repo, index, readable), skipped=skipped)


def index_of(repo: Repo, commit: str, *, on_disk: bool = True) -> Index:
    """Return the index of a commit, the open one if there is one; else it is opened.

    With `on_disk=False` it is made anew, in memory.

    Raises:
        ServiceError: git failed.
    """
    index = _OPEN.get((repo.git_dir, commit))
    if index is None or not on_disk or index.is_damaged:
        blobs, _ = _partition(repo, commit)
        index = _OPEN[repo.git_dir, commit] = open_index(repo, blobs, kept=on_disk)
    return index


def _partition(repo: Repo, commit: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the blobs of a commit's files by path, and why the others are left out, by path."""
    blobs: dict[str, str] = {}
    skipped: dict[str, str] = {}
    links: dict[str, str] = {}
    for entry in repo.tree(commit):
        if reason := _exclusion_reason(entry.path, entry.mode, entry.size):
            skipped[entry.path] = reason
            if entry.mode == _SYMLINK and 0 <= entry.size <= _LONGEST_TARGET:
                links[entry.path] = entry.blob
        else:
            blobs[entry.path] = entry.blob
    targets = repo.blobs(links.values(), ahead=64)
    for path, (_, target) in zip(links, targets, strict=True):
        skipped[path] += f" to {target.decode('utf-8', 'replace')}"
    return blobs, skipped


def _exclusion_reason(path: str, mode: int, size: int) -> str:
    if mode == _SUBMODULE:
        return "submodule"
    if mode == _SYMLINK:
        return "symbolic link"
    if size > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES // 1_000_000} MB"
    if size < 0:
        return "missing from the repository"
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its path is not UTF-8"
    return ""


class IndexedFiles(Files):
    """The files of a commit; texts are read, and parsed, on demand."""

    def __init__(self, repo: Repo, index: Index, facts: Mapping[str, Facts]) -> None:
        self.index = index
        self._facts = facts
        queue: deque[str] = deque()  # git's process ends with us only if it does not hold us
        self._queue = queue
        self._blobs = repo.blobs(queue.popleft() for _ in repeat(None))
        self._texts = _RecentValues[Decoded](_TEXTS)
        self._outlines = _RecentValues[ParseResult](_SYMBOLS)
        self._references = _RecentValues[tuple[Reference, ...]](_REFERENCES)

    def __getitem__(self, path: str) -> SourceFile:
        return _LazyFile(self, self._facts[path])

    def bare(self, path: str) -> SourceFile:
        """Return a file; nothing of it is parsed unless somebody asks."""
        return self[path]

    def __contains__(self, path: object) -> bool:
        return path in self._facts

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def decode(self, facts: Facts) -> Decoded:
        """Return a file's text and encoding; empty for a minified one."""
        content = self._texts.get(facts.path)
        if content is None:
            self._queue.append(facts.blob)
            _, data = next(self._blobs)
            content = decode(data if facts.role != "minified" else b"")
            self._texts.put(facts.path, content, len(data))
        return content

    def outline(self, facts: Facts) -> ParseResult:
        """Return the definitions and imports of a file."""
        if not _has_syntax(facts):
            return ParseResult()
        outline = self._outlines.get(facts.path)
        if outline is None:
            outline = self.index.outline(facts, lambda: self.decode(facts).text)
            self._outlines.put(facts.path, outline, len(outline.symbols))
        return outline

    def references(self, facts: Facts) -> tuple[Reference, ...]:
        """Return the uses of names in a file."""
        if not _has_syntax(facts):
            return ()
        references = self._references.get(facts.path)
        if references is None:
            references = self.index.references(facts, lambda: self.decode(facts).text)
            self._references.put(facts.path, references, len(references))
        return references


def _has_syntax(facts: Facts) -> bool:
    return bool(facts.language) and facts.role not in ("minified", "lfs")


class _RecentValues(Generic[T]):
    """The values that were put in last, as many as their weights allow."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: dict[str, tuple[T, int]] = {}
        self._weight = 0

    def get(self, key: str) -> T | None:
        entry = self._entries.get(key)
        return entry[0] if entry else None

    def put(self, key: str, value: T, weight: int) -> None:
        self._entries[key] = value, weight
        self._weight += weight
        while self._weight > self._capacity and len(self._entries) > 1:
            self._weight -= self._entries.pop(next(iter(self._entries)))[1]


class _LazyFile(SourceFile):
    """A file of which path, role and language are known, and the rest when somebody asks."""

    __slots__ = ("_facts", "_files")
    _facts: Facts
    _files: IndexedFiles

    def __init__(self, files: IndexedFiles, facts: Facts) -> None:
        plain = {"path": facts.path, "role": facts.role, "language": facts.language}
        for name, value in {**plain, "_files": files, "_facts": facts}.items():
            object.__setattr__(self, name, value)

    @property
    def text(self) -> str:
        return self._files.decode(self._facts).text

    @property
    def encoding(self) -> str:
        return self._files.decode(self._facts).encoding

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
