"""Both snapshots of a change, each with a reader for each family of languages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from codeorch.analysis.ast_grep import word
from codeorch.analysis.parse_cache import ParseCache
from codeorch.analysis.use_sites import Reader
from codeorch.domain import Certainty, ChangeKind, MissedUse, Snapshot
from codeorch.languages import family_of, languages_of, reader_of
from codeorch.references.changes import Change

# Says that the next line is wrong, and meant to be.
_ON_PURPOSE: Final = re.compile(r"@ts-(?:expect-error|ignore)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSide:
    """One snapshot, with a reader for each family of languages that is asked for."""

    snapshot: Snapshot
    parses: ParseCache  # the same on both sides: most of their texts are
    _readers: dict[str, Reader] = field(default_factory=dict)

    def reader(self, family: str) -> Reader:
        """Give the reader of a family of languages."""
        if family not in self._readers:
            self._readers[family] = reader_of(self.snapshot, family, self.parses)
        return self._readers[family]

    def family(self, path: str) -> str:
        """Name the family of a file's language; empty when no reader knows it."""
        return family_of(self.snapshot.bare(path).language) if self.has(path) else ""

    def has(self, path: str) -> bool:
        """Whether there is a file at a path."""
        return path in self.snapshot.files

    def holding(self, family: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give each path of a family with each of the names that it holds."""
        words = {name: word(name) for name in names}
        for path in self.snapshot.files if words else ():
            if self.family(path) == family:
                text = self.text(path)
                yield from ((path, name) for name in words if words[name].search(text))

    def text(self, path: str) -> str:
        """Give the text of a file."""
        return self.snapshot.bare(path).text

    def line(self, path: str, number: int) -> str:
        """Give a line of a file, without what is around it."""
        lines = self.text(path).split("\n")
        return lines[number - 1].strip() if number <= len(lines) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotPair:
    """Before and after, in one family of languages."""

    family: str
    before: SnapshotSide
    after: SnapshotSide
    paths: Sequence[str]  # the changed files of the family, old and new ones
    found: Sequence[Change]  # the changed definitions in them

    @property
    def old(self) -> Reader:
        """What names stood for."""
        return self.before.reader(self.family)

    @property
    def new(self) -> Reader:
        """What names stand for now."""
        return self.after.reader(self.family)

    @property
    def receivers(self) -> frozenset[str]:
        """What methods of these languages call their object or class."""
        return frozenset[str]().union(*(each.receivers for each in languages_of(self.family)))

    @property
    def base_receivers(self) -> frozenset[str]:
        """What they call what their class derives from."""
        return frozenset[str]().union(*(each.base_receivers for each in languages_of(self.family)))

    @property
    def initializers(self) -> frozenset[str]:
        """The methods that are called by the name of their class."""
        return frozenset(each.initializer for each in languages_of(self.family))

    def gap(
        self,
        path: str,
        line: int,
        *,
        symbol: str,
        change: ChangeKind,
        told: tuple[Certainty, str],
    ) -> MissedUse:
        """Make a gap of a place in the result."""
        certainty, why = told
        if _ON_PURPOSE.search(self.after.line(path, line - 1)):
            certainty = "maybe"
        return MissedUse(
            symbol=symbol, change=change, path=path, line=line, text=self.after.line(path, line),
            certainty=certainty, suggestion=why,
        )  # fmt: skip
