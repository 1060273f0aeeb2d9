"""Both snapshots of a change, each with a reader for each family of languages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from codeorch.analysis.ast_grep import word
from codeorch.analysis.parse_cache import ParseCache
from codeorch.analysis.use_sites import Reader
from codeorch.domain import Certainty, ChangeKind, MissedUse, Snapshot
from codeorch.engines import Diagnostic
from codeorch.languages import facts_of, family_of, languages_of, reader_of
from codeorch.references.changes import Change


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
                # A pattern that begins by looking back is much slower than a search for the name.
                some = (name for name in words if name in text)
                yield from ((path, name) for name in some if words[name].search(text))

    def text(self, path: str) -> str:
        """Give the text of a file."""
        return self.snapshot.bare(path).text

    def line(self, path: str, number: int) -> str:
        """Give a line of a file, without what is around it."""
        lines = self.text(path).split("\n")
        return lines[number - 1].strip() if number <= len(lines) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCheck:
    """What a type checker says of the result of a change and did not say of its base."""

    engine: str  # name and version
    paths: frozenset[str]  # the files in which its silence says something
    diagnostics: tuple[Diagnostic, ...]  # about names and calls

    def confirms(self, path: str, line: int, name: str) -> bool:
        """Whether it says something at a line, or of a name in what begins there."""
        return any(
            each.line == line or (line < each.line <= line + _CALL and name in words_of(each))
            for each in self.diagnostics if each.path == path
        )  # fmt: skip


def words_of(diagnostic: Diagnostic) -> frozenset[str]:
    """Return the names that a message has in quotes, dotted ones part by part."""
    quoted = re.findall(r"`([^`]+)`", diagnostic.message)
    return frozenset(word for text in quoted for word in re.findall(r"\w+", text))


_CALL = 8  # lines of a call; what is said of an argument is said at its line


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotPair:
    """Before and after, in one family of languages."""

    family: str
    before: SnapshotSide
    after: SnapshotSide
    paths: Sequence[str]  # the changed files of the family, old and new ones
    changes: Sequence[Change]  # the changed definitions in them
    type_check: TypeCheck | None = None  # None where no type checker was to be had

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
        judgement: tuple[Certainty, str],
        is_checkable: bool = False,
    ) -> MissedUse:
        """Make a gap of a place in the result.

        `is_checkable` is a place that a type checker says something of when it is wrong. Where it
        does, the gap is sure; where it was asked and is silent, the text alone does not tell.
        """
        certainty, why = judgement
        is_read = self.is_read(path)
        if self.is_waived(path, line):
            certainty = "maybe"
        elif is_checkable and is_read:
            certainty = "maybe" if self.is_refuted(path, line, symbol) else "sure"
        return MissedUse(
            symbol=symbol, change=change, path=path, line=line, text=self.after.line(path, line),
            certainty=certainty, suggestion=why,
        )  # fmt: skip

    def is_refuted(self, path: str, line: int, symbol: str) -> bool:
        """Whether a type checker has read a place and says nothing anew of a name there."""
        check = self.type_check
        if check is None or not self.is_read(path):
            return False
        return not check.confirms(path, line, symbol.rpartition(".")[2])

    def is_read(self, path: str) -> bool:
        """Whether a type checker has read a file, and would have said what is wrong there."""
        check = self.type_check
        return check is not None and path in check.paths

    @property
    def is_checked(self) -> bool:
        """Whether a type checker was asked whose silence says something."""
        return self.type_check is not None and bool(self.type_check.paths)

    def is_set(self, name: str) -> bool:
        """Whether anything sets a member of this name on a value, or holds it as a string."""
        sets = re.compile(rf"\.{re.escape(name)}\s*=(?!=)|[\"']{re.escape(name)}[\"']")
        holding = self.after.holding(self.family, [name])
        return any(sets.search(self.after.text(path)) for path, _ in holding)

    def is_waived(self, path: str, line: int) -> bool:
        """Whether the text says that a line is wrong and meant to be, or is expected to fail."""
        facts = facts_of(self.after.snapshot.bare(path).language) if self.after.has(path) else None
        if facts is None or facts.family != self.family:
            return False
        near = [line, line - 1] if facts.waives_next_line else [line]
        pattern = facts.waiver
        said = pattern and any(pattern.search(self.after.line(path, each)) for each in near)
        return bool(said) or self.new.is_to_fail(path, line)
