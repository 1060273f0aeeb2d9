"""A hunk that is several: where the separator between them was forgotten."""

from collections.abc import Sequence
from dataclasses import replace

from codeorch.edits.hunks import Hunk
from codeorch.edits.lines import TIERS, Lines
from codeorch.edits.locate import occurrences

_MOST_LINES = 3000  # to look for jumps in more takes too long


def parts(hunk: Hunk, file: Lines) -> tuple[Hunk, ...]:
    """Part a hunk where its lines jump in the file; nothing when that does not explain it."""
    if len(hunk.lines) > _MOST_LINES:
        return ()
    for tier in range(len(TIERS)):
        if pieces := _parts(hunk, file, tier):
            return pieces
    return ()


def _parts(hunk: Hunk, file: Lines, tier: int) -> tuple[Hunk, ...]:
    cuts = _cuts(hunk)
    pieces: list[Hunk] = []
    start = 0
    while start < len(hunk.lines):
        ends = [cut for cut in cuts if cut > start]
        end = _longest(hunk, start, ends, file, tier)
        if not end:
            return ()
        part = replace(hunk, lines=hunk.lines[start:end], counts=None)
        pieces.append(part if not start else replace(part, stated=0, section=""))
        start = end
    return tuple(part for part in pieces if part.changes) if len(pieces) > 1 else ()


def _cuts(hunk: Hunk) -> list[int]:
    """Return the places between two kept lines, and the end."""
    marks = [line.mark for line in hunk.lines]
    inner = [at for at in range(1, len(marks)) if marks[at - 1] == marks[at] == " "]
    return [*inner, len(marks)]


def _longest(hunk: Hunk, start: int, ends: Sequence[int], file: Lines, tier: int) -> int:
    """Return the last of the ends up to which the lines stand together in the file, 0 for none.

    Lines that stand together do so without the last one too, so the ends can be halved.
    """
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        lines = hunk.lines[start : ends[middle]]
        old = [line.text for line in lines if line.mark != "+"]
        if old and occurrences(old, file, tier):
            low = middle + 1
        else:
            high = middle
    return ends[low - 1] if low else 0
