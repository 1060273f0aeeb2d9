"""Commits of a git directory -> snapshots before and after, without a checkout."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from codeorch.domain import Files, Snapshot, SourceFile
from codeorch.git import Repo
from codeorch.source import decode_file, parse_file

_LARGE = 1_000_000  # bytes; a file above it is not read


class Store:
    """The files of a repository by path and blob, decoded and parsed once."""

    def __init__(self, folder: Path) -> None:
        self.repo = Repo(folder, folder)
        self.data: dict[str, bytes] = {}
        self.bare: dict[tuple[str, str], SourceFile] = {}
        self.whole: dict[tuple[str, str], SourceFile] = {}

    def load(self, blobs: set[str]) -> None:
        missing = sorted(blobs - self.data.keys())
        for blob, (_, data) in zip(missing, self.repo.blobs(missing), strict=True):
            self.data[blob] = data

    def forget(self) -> None:
        """Free the parsed texts, which take the most."""
        self.whole.clear()


class StoredFiles(Files):
    """The files of one commit, out of the store."""

    def __init__(self, store: Store, entries: Mapping[str, str]) -> None:
        self.store, self.entries = store, entries

    def bare(self, path: str) -> SourceFile:
        return self._file(path, self.store.bare, decode_file)

    def __getitem__(self, path: str) -> SourceFile:
        return self._file(path, self.store.whole, parse_file)

    def _file(self, path, cache, read) -> SourceFile:
        key = (path, self.entries[path])
        if key not in cache:
            file = read(path, self.store.data[key[1]])
            plain = not isinstance(file, str)
            cache[key] = file if plain else SourceFile(path=path, text="", role="data")
        return cache[key]

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True)
class MergedCommit:
    """A commit as it was merged: both sides, and the paths in which they differ."""

    name: str
    store: Store
    old: Mapping[str, str]  # path to blob
    new: Mapping[str, str]
    skipped: tuple[Mapping[str, str], Mapping[str, str]]

    @classmethod
    def of(cls, store: Store, name: str) -> "MergedCommit":
        """Read a commit and its first parent.

        Raises ServiceError where the copy of the repository is not whole.
        """
        trees = [store.repo.tree(revision) for revision in (f"{name}^1", name)]
        skipped = tuple({e.path: "no plain file" for e in t if not is_plain(e)} for t in trees)
        old, new = ({e.path: e.blob for e in tree if is_plain(e)} for tree in trees)
        store.load({*old.values(), *new.values()})
        return cls(name=name, store=store, old=old, new=new, skipped=skipped)

    @property
    def paths(self) -> list[str]:
        return sorted(p for p in {*self.old, *self.new} if self.old.get(p) != self.new.get(p))

    @property
    def before(self) -> Snapshot:
        return self._snapshot(self.old, self.skipped[0])

    @property
    def after(self) -> Snapshot:
        return self._snapshot(self.new, self.skipped[1])

    def without(self, path: str) -> "MergedCommit":
        """Return the commit as if one of its files had been left as it was."""
        new = {each: blob for each, blob in self.new.items() if each != path}
        if path in self.old:
            new[path] = self.old[path]
        return MergedCommit(self.name, self.store, self.old, new, self.skipped)

    def text(self, path: str, *, new: bool) -> str:
        """Return the text of a file on one side; empty where it is not there."""
        entries = self.new if new else self.old
        return StoredFiles(self.store, entries).bare(path).text if path in entries else ""

    def _snapshot(self, entries: Mapping[str, str], skipped: Mapping[str, str]) -> Snapshot:
        files = StoredFiles(self.store, entries)
        return Snapshot(commit=self.name, files=files, skipped=skipped)


def is_plain(entry) -> bool:
    return entry.mode in (0o100644, 0o100755) and 0 <= entry.size < _LARGE


# How a definition looks, in any of the languages: deliberately not the gate's own way of reading.
_DEFINITION = re.compile(
    r"(?m)^[ \t]*(?:(?:export|default|declare|abstract|async|public|private|protected|static|final"
    r"|pub(?:\([a-z]+\))?|unsafe|const(?=\s+fn))\s+)*"
    r"(?:(?:def|class|function\*?|interface|type|enum|struct|trait|fn|func|const|let|var)\s+"
    r"(?:\([^)\n]*\)\s*)?(?P<name>[A-Za-z_]\w*)"
    r"|(?P<constant>[A-Z][A-Z0-9_]{3,})\s*(?::[^=\n]+)?=[^=]"
    r"|[\w<>\[\], .?]+\s(?P<method>[a-z]\w*)\([^;\n]*\{[ \t]*$)"
)


@cache
def definitions(text: str) -> set[str]:
    """Name what a text defines, as far as its lines show it."""
    return {
        next(filter(None, match.groups())) for match in _DEFINITION.finditer(text)
    }  # fmt: skip
