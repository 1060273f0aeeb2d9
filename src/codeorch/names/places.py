"""Where a name is defined and used, by path: the question, and its answer from a snapshot."""

from collections import defaultdict
from collections.abc import Collection
from typing import Protocol

from codeorch.domain import Snapshot


class Names(Protocol):
    """Who defines and who uses a name in a repository; both by path."""

    def definers(self, name: str, *, tests: bool = True) -> Collection[str]:
        """Give the paths that define a name, exactly as it is written; tests take longest."""

    def users(self, name: str) -> Collection[str]:
        """Give the paths that use a name, or at least hold it as a word."""


class SnapshotNames:
    """Answers from a snapshot, which is read and parsed whole for the first question."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._definers: dict[str, dict[str, None]] = {}
        self._users: dict[str, dict[str, None]] = {}

    def definers(self, name: str, *, tests: bool = True) -> Collection[str]:
        """See `Names`."""
        self._read()
        files = self._snapshot.files
        found = self._definers.get(name, {})
        return [path for path in found if tests or files[path].role != "test"]

    def users(self, name: str) -> Collection[str]:
        """See `Names`."""
        self._read()
        return self._users.get(name, {}).keys()

    def _read(self) -> None:
        if self._definers:
            return
        self._definers, self._users = defaultdict(dict), defaultdict(dict)
        for path, file in self._snapshot.files.items():
            if file.role in ("source", "test"):
                for symbol in file.symbols:
                    self._definers[symbol.name][path] = None
                for reference in file.references:
                    self._users[reference.name][path] = None
