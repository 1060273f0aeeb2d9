"""What a ranking asks of a repository (words, names, past commits), and answers from memory.

The questions are small on purpose. A ranking looks at the postings of the request's words and at
the neighbours of a few good files, never at every text, so an index on disk can answer as well.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from codeorch.domain import Snapshot
from codeorch.git import LogEntry
from codeorch.retrieval.words import chunks, words


class Texts(Protocol):
    """Small texts, numbered; each belongs to an owner: a path, or a commit."""

    @property
    def size(self) -> int:
        """How many texts there are."""

    @property
    def mean_length(self) -> float:
        """How many words a text has on average."""

    def postings(self, word: str) -> Iterable[tuple[int, int]]:
        """Return the texts that hold a word (in the form of `words`), each with its count."""

    def length(self, text: int) -> int:
        """Return the number of words of a text, repetitions counted."""

    def owner(self, text: int) -> str:
        """Return the path or the commit that a text belongs to."""


class Corpus(Protocol):
    """The source files of one commit, as a ranking needs them. Only sources are in it."""

    @property
    def paths(self) -> Collection[str]:
        """Every source path, in git's order."""

    @property
    def tests(self) -> Collection[str]:
        """Every path of a test file, in git's order."""

    @property
    def chunks(self) -> Texts:
        """The chunks of each file's text."""

    @property
    def names(self) -> Texts:
        """The names that each file defines: one text a file."""

    def defined(self, path: str) -> Collection[str]:
        """Return the names that a file defines."""

    def used(self, path: str) -> Collection[str]:
        """Return the names that a file uses without defining them at that place."""

    def imported(self, path: str) -> Collection[str]:
        """Return the modules that a file imports, as written there."""

    def definers(self, name: str) -> Collection[str]:
        """Return the paths that define a name, exactly as it is written."""

    def users(self, name: str) -> Collection[str]:
        """Return the paths that use a name."""


class Past(Protocol):
    """The newest commits that lead to a commit. Paths may be of files that are gone since."""

    @property
    def messages(self) -> Texts:
        """The messages; each one's owner is its commit."""

    def touched(self, commit: str) -> Sequence[str]:
        """Return the paths that a commit touched."""

    def commits(self, path: str) -> Sequence[str]:
        """Return the commits that touched a path, newest first."""


def corpus_of(snapshot: Snapshot) -> Corpus:
    """Return a corpus in memory; the whole snapshot is read and parsed for it."""
    return _SnapshotCorpus(snapshot)


def past_of(log: Iterable[LogEntry]) -> Past:
    """Return past commits in memory; the log begins with the newest."""
    return _LogPast(log)


class _MemoryTexts:
    """Texts in memory, with an inverted index."""

    def __init__(self) -> None:
        self._postings: dict[str, array[int]] = defaultdict(lambda: array("L"))
        self._lengths = array("L")
        self._owners: list[str] = []

    def add(self, owner: str, counts: Counter[str]) -> None:
        text = len(self._owners)
        for word, count in counts.items():
            self._postings[word].extend((text, count))
        self._lengths.append(counts.total())
        self._owners.append(owner)

    @property
    def size(self) -> int:
        return len(self._owners)

    @property
    def mean_length(self) -> float:
        return sum(self._lengths) / max(1, len(self._lengths))

    def postings(self, word: str) -> Iterable[tuple[int, int]]:
        pairs = self._postings.get(word, ())
        return zip(pairs[::2], pairs[1::2], strict=True)

    def length(self, text: int) -> int:
        return self._lengths[text]

    def owner(self, text: int) -> str:
        return self._owners[text]


class _SnapshotCorpus:
    def __init__(self, snapshot: Snapshot) -> None:
        self.paths: dict[str, None] = {}
        self.tests: dict[str, None] = {}
        self.chunks = _MemoryTexts()
        self.names = _MemoryTexts()
        self._files = snapshot.files
        self._definers: dict[str, list[str]] = defaultdict(list)
        self._users: dict[str, list[str]] = defaultdict(list)
        for path in snapshot.files:
            role = snapshot.files[path].role
            if role == "source":
                self._add(path)
            elif role == "test":
                self.tests[path] = None

    def _add(self, path: str) -> None:
        self.paths[path] = None
        for chunk in chunks(self._files[path].text):
            self.chunks.add(path, words(chunk))
        names = self.defined(path)
        self.names.add(path, words(" ".join(names)))
        for name in names:
            self._definers[name].append(path)
        for name in self.used(path):
            self._users[name].append(path)

    def defined(self, path: str) -> Collection[str]:
        return {symbol.name: None for symbol in self._files[path].symbols}

    def used(self, path: str) -> Collection[str]:
        return {reference.name: None for reference in self._files[path].references}

    def imported(self, path: str) -> Collection[str]:
        return {statement.module: None for statement in self._files[path].imports}

    def definers(self, name: str) -> Collection[str]:
        return self._definers.get(name, ())

    def users(self, name: str) -> Collection[str]:
        return self._users.get(name, ())


class _LogPast:
    def __init__(self, log: Iterable[LogEntry]) -> None:
        self.messages = _MemoryTexts()
        self._touched: dict[str, tuple[str, ...]] = {}
        self._commits: dict[str, list[str]] = defaultdict(list)
        for entry in log:
            self.messages.add(entry.commit, words(entry.message))
            self._touched[entry.commit] = entry.paths
            for path in entry.paths:
                self._commits[path].append(entry.commit)

    def touched(self, commit: str) -> Sequence[str]:
        return self._touched[commit]

    def commits(self, path: str) -> Sequence[str]:
        return self._commits.get(path, ())
