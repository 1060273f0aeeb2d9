"""The index's answers to what a ranking asks (see `read.corpus`)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from codeorch.domain import SourceFile
from codeorch.retrieval.index.segments import Shelf


class IndexCorpus:
    """The source files of a snapshot, answered for by an index that knows all of them."""

    def __init__(self, shelf: Shelf, files: Mapping[str, SourceFile]) -> None:
        self._shelf = shelf
        self._files = files
        roles = {path: shelf.facts[path].role for path in files if path in shelf.facts}
        self.paths = {path: None for path, role in roles.items() if role == "source"}
        self.tests = {path: None for path, role in roles.items() if role == "test"}
        owners, lengths = shelf.chunks()
        self.chunks = _Texts(lambda word: shelf.postings("text", word), self._ours(owners), lengths)
        self.names = _Texts(
            lambda word: shelf.postings("names", word), self._ours(shelf.paths), shelf.names()
        )

    def _ours(self, owners: Iterable[str]) -> Sequence[str]:
        return [path if path in self.paths else "" for path in owners]

    def defined(self, path: str) -> Collection[str]:
        """Give the names that a file defines."""
        return {symbol.name: None for symbol in self._files[path].symbols}

    def used(self, path: str) -> Collection[str]:
        """Give the names that a file uses."""
        return {reference.name: None for reference in self._files[path].references}

    def imported(self, path: str) -> Collection[str]:
        """Give the modules that a file imports."""
        return {each.module: None for each in self._files[path].imports}

    def definers(self, name: str) -> Collection[str]:
        """Give the paths that define a name."""
        return [path for path in self._shelf.holders("defines", name) if path in self.paths]

    def users(self, name: str) -> Collection[str]:
        """Give the paths that hold a name anywhere: it is looked for as a word, not parsed."""
        return [path for path in self._shelf.holders("uses", name) if path in self.paths]


class _Texts:
    """Numbered texts; those without an owner are of other commits, and not counted."""

    def __init__(
        self,
        postings: Callable[[str], Iterable[tuple[int, int]]],
        owners: Sequence[str],
        lengths: Sequence[int],
    ) -> None:
        self._postings = postings
        self._owners = owners
        self._lengths = lengths
        known = [length for owner, length in zip(owners, lengths, strict=True) if owner]
        self.size = len(known)
        self.mean_length = sum(known) / max(1, len(known))

    def postings(self, word: str) -> Iterable[tuple[int, int]]:
        owners = self._owners
        return [found for found in self._postings(word) if owners[found[0]]]

    def length(self, text: int) -> int:
        return self._lengths[text]

    def owner(self, text: int) -> str:
        return self._owners[text]
