"""Where a name is defined and used, by path; a text -> the words in it that name code."""

import re
from collections import defaultdict
from collections.abc import Collection
from typing import Protocol

from codeorch.domain import Snapshot


class SymbolIndex(Protocol):
    """Who defines and who uses a name in a repository; both by path."""

    def definers(self, name: str, *, tests: bool = True) -> Collection[str]:
        """Give the paths that define a name, exactly as it is written; tests take longest."""

    def users(self, name: str) -> Collection[str]:
        """Give the paths that use a name, or at least hold it as a word."""


class SnapshotIndex:
    """Answers from a snapshot, which is read and parsed whole for the first question."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._definers: dict[str, dict[str, None]] = {}
        self._users: dict[str, dict[str, None]] = {}

    def definers(self, name: str, *, tests: bool = True) -> Collection[str]:
        """See `SymbolIndex`."""
        self._read()
        files = self._snapshot.files
        found = self._definers.get(name, {})
        return [path for path in found if tests or files[path].role != "test"]

    def users(self, name: str) -> Collection[str]:
        """See `SymbolIndex`."""
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


_QUOTED = re.compile(r"`([^`\n]+)`")
_PATH_OF_NAMES = re.compile(r"[@.&*$]*([A-Za-z_]\w*(?:(?:\.|::|#|->)\w+)*)(?:\W*|\s*[(<\[].*)")
_CALLED = re.compile(r"\b(\w++)\(")
_MARKED = re.compile(r"\b(?:\w+_\w+|_\w+|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*)\b")
_DOTTED = re.compile(r"(?<![\w./-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w+)+(?![\w/])")
_WORD = re.compile(r"[A-Za-z_]\w+")


def code_words(text: str) -> set[str]:
    """Name the words of a text that are surely code: quoted alone, called, or with inner marks.

    Of a quoted phrase, such as a command, a word counts only if it would count without quotes.
    """
    spans = filter(None, (_PATH_OF_NAMES.fullmatch(span) for span in _QUOTED.findall(text)))
    quoted = [name for span in spans for name in _WORD.findall(span[1])]
    return {*quoted, *_CALLED.findall(text), *_MARKED.findall(text)}


def sure_words(text: str) -> set[str]:
    """Name the words of a text that are written like code, parts of dotted names included."""
    dotted = (part for found in _DOTTED.findall(text) for part in found.split("."))
    return {*code_words(text), *dotted}


def is_rare(word: str, names: SymbolIndex, most: int) -> bool:
    """Whether code that is no test defines a name, and at most so many files hold it."""
    definers = names.definers(word, tests=False)
    return bool(definers) and len({*definers, *names.users(word)}) <= most
