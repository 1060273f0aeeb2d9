"""The change of a branch, as the notes look at it."""

from collections.abc import Iterator
from dataclasses import dataclass

from codeorch.domain import Snapshot, SourceFile, Symbol
from codeorch.git import Repo
from codeorch.prereview.finding import Comparison, Finding, Level, Place
from codeorch.prereview.gate_findings import Hunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Both sides of a change, and what lies between them."""

    repo: Repo
    comparison: Comparison
    before: Snapshot
    after: Snapshot
    hunks: Hunks  # of every changed path

    def files(self) -> Iterator[SourceFile]:
        """Give the changed files that are there, as they are now."""
        return (self.after.files[path] for path in self.hunks if path in self.after.files)

    def touches(self, *roles: str) -> bool:
        """Whether a file of some role was changed, came or went."""
        sides = (self.before, self.after)
        return any(
            path in side.files and side.bare(path).role in roles
            for path in self.hunks for side in sides
        )  # fmt: skip

    def added_lines(self, path: str) -> Iterator[tuple[int, str]]:
        """Give the lines that the change has put into a file, with their numbers."""
        return _lines_of(self.after, path, [(h.new_start, h.new_length) for h in self.hunks[path]])

    def removed_lines(self, path: str) -> Iterator[tuple[int, str]]:
        """Give the lines that the change has taken out of a file, with their old numbers."""
        return _lines_of(self.before, path, [(h.old_start, h.old_length) for h in self.hunks[path]])

    def changed_symbols(self, file: SourceFile) -> Iterator[Symbol]:
        """Give the innermost definitions of a file in which lines were exchanged."""
        for hunk in self.hunks[file.path]:
            first, last = hunk.new_start, hunk.new_start + max(1, hunk.new_length) - 1
            inside = [s for s in file.symbols if s.line <= last and first <= s.end_line]
            outer = {each.parent for each in inside}
            yield from (each for each in inside if each.qualified not in outer)

    def note(
        self, rule: str, path: str, line: int, message: str, *, symbol: str = "",
        level: Level = "note",
    ) -> Finding:  # fmt: skip
        """Make a finding of a line of the result."""
        text = self.after.bare(path).text.split("\n") if path in self.after.files else []
        return Finding(
            rule=rule, level=level, place=Place(path=path, line=line), message=message,
            symbol=symbol, text=text[line - 1].strip() if line <= len(text) else "",
        )  # fmt: skip


def _lines_of(
    side: Snapshot, path: str, ranges: list[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    lines = side.bare(path).text.split("\n") if path in side.files else []
    for start, length in ranges:
        yield from enumerate(lines[start - 1 : start - 1 + length] if length else (), start)
