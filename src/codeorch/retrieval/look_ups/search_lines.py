"""Text or regular expression -> the lines that hold it, by file, none left out silently."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import Final

from codeorch.domain import FileRole, Snapshot, SourceFile
from codeorch.retrieval.look_ups.definitions import join_ranges
from codeorch.retrieval.look_ups.globs import select_paths
from codeorch.retrieval.look_ups.line_pattern import LinePattern
from codeorch.retrieval.look_ups.places import (
    fold_counts,
    lines_of,
    numbers,
    plural,
    short_line,
    shown_line,
)
from codeorch.retrieval.look_ups.shown_lines import ShownLines

# Of CPU, that one search may take. Only what was made to be slow takes as long, so that in a
# resumed run the same search has the same answer.
_SECONDS: Final = 8.0
# Matches that are counted, and those of an expression, which takes longer.
_MOST, _MOST_OF_REGEX = 50_000, 5_000
_CONTEXT: Final = 5
_SLOW: Final = 100  # characters; on a shorter line no pattern takes long
_PER_FILE: Final = (40, 12, 6, 3, 1)  # lines of a file that are shown, the fewer the more files
_FOLDED: Final = 1_200  # characters of the counts of what is not shown
_ORDER: Final[Mapping[FileRole, int]] = {
    "source": 0, "test": 1, "config": 2, "docs": 2, "data": 3, "generated": 4, "vendored": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The lines of each path that hold a text, by number; and what could not be looked at."""

    lines: Mapping[str, Sequence[int]]
    unsearched: int = 0  # lines that the pattern could take too long on
    unread: int = 0  # files that there was no time or room for

    @property
    def total(self) -> int:
        """How many lines there are."""
        return sum(map(len, self.lines.values()))


def find_matches(pattern: LinePattern, paths: Iterable[str], snapshot: Snapshot) -> Matches:
    """Return the lines of some files that a pattern matches."""
    found: dict[str, list[int]] = {}
    unsearched = total = unread = 0
    end = time.thread_time() + _SECONDS
    most = _MOST_OF_REGEX if pattern.is_regex else _MOST
    for path in paths:
        if total > most or time.thread_time() > end:
            unread += 1
            continue
        file = snapshot.bare(path)
        if not pattern.may_match(file.text):
            continue
        results = list(_results(pattern, file, end))
        unsearched += results.count(None)
        if some := [number for number, result in enumerate(results, 1) if result]:
            found[path] = some
            total += len(some)
    return Matches(lines=found, unsearched=unsearched, unread=unread)


def _results(pattern: LinePattern, file: SourceFile, end: float) -> Iterator[bool | None]:
    """Yield for each line of a file whether it matches; None where that was not found out."""
    for line in lines_of(file):
        slow = len(line) > _SLOW and time.thread_time() > end
        yield None if slow else pattern.matches(line)


@dataclass(kw_only=True)
class LineSearch:
    """Searches the files of a commit; `rank` has the place of the best files."""

    snapshot: Snapshot
    rank: Mapping[str, int]
    shown: ShownLines
    room: int

    def search(self, text: str, *, regex: bool = False, glob: str = "", context: int = 0) -> str:
        """Return the matching lines, by file; of what there is no room for, counts by folder.

        Raises:
            LookUpError: the text cannot be used.
        """
        pattern = LinePattern(text, regex=regex)
        paths = self._paths(glob)
        found = find_matches(pattern, paths, self.snapshot)
        notes = list(_notes(found))
        if not found.lines:
            return "\n".join([self._nothing(text, paths, glob, regex=regex), *notes])
        head = (
            f"{plural(found.total, 'match')} of `{text}` in {plural(len(found.lines), 'file')}"
            + (f" of {glob}" if glob else "")
        )
        around = max(0, min(context, _CONTEXT))
        self.room -= len(head) + sum(map(len, notes)) + 2
        blocks = self._blocks(found.lines, text if not regex else "", around)
        return "\n".join([head + ":", *notes, *blocks])

    def _paths(self, glob: str) -> list[str]:
        paths = select_paths(glob, self.snapshot.files)
        roles = {path: self.snapshot.bare(path).role for path in paths}
        last = len(self.rank)

        def order(path: str) -> tuple[int, int, str]:
            place = self.rank.get(path, last)
            return (0, place, path) if place < last else (1 + _ORDER.get(roles[path], 9), 0, path)

        return sorted((path for path in paths if roles[path] in _ORDER), key=order)

    def _nothing(self, text: str, paths: Sequence[str], glob: str, *, regex: bool) -> str:
        where = f"the {plural(len(paths), 'file')} of {glob}" if glob else "the repository"
        said = f"No line in {where} {'matches' if regex else 'holds'} `{text}`."
        if not paths:
            return f"No file fits the glob {glob!r}; e.g. `src/**/*.py`, `*.md`, `tests/`."
        other = LinePattern(text, regex=regex, any_case=True)
        found = find_matches(other, paths, self.snapshot)
        if found.lines:
            said += f" In another case: {fold_counts(_counts(found.lines), 'match', 600)}."
        return said

    # --------------------------------------------------------------------------- what is shown

    def _blocks(self, found: Mapping[str, Sequence[int]], text: str, around: int) -> list[str]:
        """Show as many lines of each file as all have room for; else those of the best files.

        The lines around go first where there is no room for all.
        """
        blocks: list[str] = []
        for most, context in _forms(around):
            blocks = [self._block(path, some[:most], context, text) for path, some in found.items()]
            more = [_other_lines(some[most:]) for some in found.values()]
            blocks = [f"{each}{left}" for each, left in zip(blocks, more, strict=True)]
            if sum(len(each) + 1 for each in blocks) <= self.room:
                self._note({path: some[:most] for path, some in found.items()}, context)
                return blocks
        share = min(_FOLDED, self.room // 3)
        room = self.room - share
        shown = list(takewhile(lambda total: total <= room, accumulate(len(b) + 1 for b in blocks)))
        left = {path: len(some) for path, some in list(found.items())[len(shown) :]}
        rest = fold_counts(left, "match", share)
        return [*blocks[: len(shown)], f"[not shown: {rest}; a `glob` shows them]"]

    def _block(self, path: str, some: Sequence[int], around: int, text: str) -> str:
        lines = lines_of(self.snapshot.bare(path))
        if not around:
            listed = [f"  {number}: {short_line(lines[number - 1], text)}" for number in some]
            return "\n".join([f"{path}:", *listed])
        parts: list[str] = []
        for first, last in _around(some, around, len(lines)):
            inside = numbers([number for number in some if first <= number <= last])
            head = f"{path}, lines {first} to {last} (match in {inside})"
            if self.shown.has(path, first, last):
                parts.append(f"{head}: shown above")
            else:
                parts += [f"{head}:", *map(shown_line, lines[first - 1 : last])]
        return "\n".join(parts)

    def _note(self, found: Mapping[str, Sequence[int]], around: int) -> None:
        for path, some in found.items() if around else ():
            count = len(lines_of(self.snapshot.bare(path)))
            for first, last in _around(some, around, count):
                self.shown.add(path, first, last)


def _forms(around: int) -> Iterator[tuple[int, int]]:
    """Yield how many lines of a file to show, and how many around each; the richest first."""
    if around:
        yield from ((most, around) for most in _PER_FILE[:3])
    yield from ((most, 0) for most in _PER_FILE)


def _other_lines(more: Sequence[int]) -> str:
    if not more:
        return ""
    return f"\n  [and in {'line' if len(more) == 1 else 'lines'} {numbers(more, 12)}]"


def _around(some: Sequence[int], around: int, count: int) -> list[tuple[int, int]]:
    return join_ranges(((max(1, at - around), min(count, at + around)) for at in some), gap=0)


def _notes(found: Matches) -> Iterable[str]:
    if found.unsearched:
        yield f"[{plural(found.unsearched, 'line')} too long for this pattern, not searched]"
    if found.unread:
        yield f"[{plural(found.unread, 'file')} more not searched: too many matches; give a `glob`]"


def _counts(found: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {path: len(some) for path, some in found.items()}
