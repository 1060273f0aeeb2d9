"""Edits of a text by character -> the new text, or the diff that they make."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_CONTEXT: Final = 3  # unchanged lines around a hunk


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TextEdit:
    """Put `text` in place of the characters from `start` up to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """Lines `first` up to `last`, from 0, give way to others."""

    first: int
    last: int
    lines: list[str]


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Carry out edits that do not overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def unified_diff(path: str, text: str, edits: Iterable[TextEdit]) -> str:
    """Write the edits of a file as a unified diff; line ends and a missing last one are kept.

    The edits say which lines change, so nothing has to be searched for: it takes linear time, where
    comparing two texts takes minutes for thousands of equal lines.
    """
    before = _lines(text)
    changes = list(_changes(text, before, sorted(set(edits))))
    hunks = "".join(_hunks(before, changes))
    return f"--- a/{path}\n+++ b/{path}\n{hunks}" if hunks else ""


def _changes(text: str, lines: Sequence[str], edits: Sequence[TextEdit]) -> Iterator[_Change]:
    starts = [0, *accumulate(len(line) for line in lines)]
    for together in _touching(starts, edits):
        first = bisect_right(starts, together[0].start, hi=len(lines)) - 1
        last = bisect_right(starts, together[-1].end, hi=len(lines))
        low, high = starts[first], starts[last]
        inside = [TextEdit(start=e.start - low, end=e.end - low, text=e.text) for e in together]
        yield _Change(first=first, last=last, lines=_lines(apply_edits(text[low:high], inside)))


def _touching(starts: Sequence[int], edits: Sequence[TextEdit]) -> Iterator[list[TextEdit]]:
    """Put edits together that share a line."""
    group: list[TextEdit] = []
    for edit in edits:
        if group and bisect_right(starts, edit.start) > bisect_right(starts, group[-1].end):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _hunks(before: Sequence[str], changes: Sequence[_Change]) -> Iterator[str]:
    moved = 0
    for group in _near(changes):
        low = max(group[0].first - _CONTEXT, 0)
        high = min(group[-1].last + _CONTEXT, len(before))
        grown = sum(len(each.lines) - (each.last - each.first) for each in group)
        old, new = _range(low, high - low), _range(low + moved, high - low + grown)
        yield f"@@ -{old} +{new} @@\n"
        at = low
        for each in group:
            yield from _with_mark(" ", before[at : each.first])
            yield from _with_mark("-", before[each.first : each.last])
            yield from _with_mark("+", each.lines)
            at = each.last
        yield from _with_mark(" ", before[at:high])
        moved += grown


def _near(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Put changes together whose contexts meet."""
    group: list[_Change] = []
    for each in changes:
        if group and each.first - group[-1].last > 2 * _CONTEXT:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _range(start: int, length: int) -> str:
    return f"{start + 1 if length else start},{length}"


def _with_mark(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    # Only a line feed ends a line of a diff: `splitlines` would also break at form feeds.
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
