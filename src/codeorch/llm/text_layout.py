"""Which lines of an answer are prose, and which quote a file: fences, diffs, SEARCH blocks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from codeorch.edits import closes_fence, opening_fence

_DIFF_INFO = frozenset({"diff", "patch", "udiff"})
_HUNK = re.compile(r"@@(?: |$)|diff --git |\*\*\* (?:Begin Patch|(?:Update|Add) File)")
_SEARCH = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL):?\s*$")
_REPLACE = re.compile(r">{5,9} ?(?:REPLACE|UPDATED)\s*$")
_MARKS = ("+", "-", " ", "@", "\\")
_HEADERS = ("diff --git ", "index ", "--- ", "+++ ", "*** ")


@dataclass(slots=True)
class TextLine:
    """One line of an answer. `start` is its place in the text; `text` is without its end."""

    start: int
    text: str
    fence: int | None = None  # the line that opens the fence it stands in or makes
    is_edge: bool = False  # it opens or closes that fence
    is_diff: bool = False  # it is a line of a diff
    is_quoted: bool = False  # it stands for a line of a file, not for words of the model

    @property
    def end(self) -> int:
        """The place behind its text, in front of its line end."""
        return self.start + len(self.text)


def lines_of(text: str) -> list[TextLine]:
    """Return the lines of an answer, each with what it is; a fence that stays open has no end."""
    lines: list[TextLine] = []
    start = 0
    for raw in text.split("\n"):
        lines.append(TextLine(start, raw.removesuffix("\r")))
        start += len(raw) + 1
    _mark_fences(lines)
    _mark_diffs(lines)
    _mark_blocks(lines)
    return lines


def _mark_fences(lines: Sequence[TextLine]) -> None:
    opened: tuple[str, str, str] | None = None
    at_opening = 0
    for at, line in enumerate(lines):
        if opened is None:
            opened, at_opening = opening_fence(line.text), at
            if opened is not None:
                line.fence, line.is_edge = at, True
        else:
            line.fence = at_opening
            line.is_edge = closes_fence(line.text, opened)
            line.is_diff = opened[2] in _DIFF_INFO and line.text.startswith(_MARKS)
            # A line without a mark is none of a diff.
            line.is_quoted = not line.is_edge and (opened[2] not in _DIFF_INFO or line.is_diff)
            if line.is_edge:
                opened = None


def _mark_diffs(lines: Sequence[TextLine]) -> None:
    """Mark the lines of diffs that no fence announces."""
    is_open = False
    for at, line in enumerate(lines):
        after = lines[at + 1].text if at + 1 < len(lines) else ""
        if line.is_edge:
            is_open = False
        elif _HUNK.match(line.text) or (line.text[:4] == "--- " and after[:4] == "+++ "):
            is_open = line.is_diff = True
        elif is_open and line.text.startswith((*_MARKS, *_HEADERS)):
            line.is_diff = True
        elif line.text:
            is_open = False
        line.is_quoted = line.is_quoted or line.is_diff


def _mark_blocks(lines: Sequence[TextLine]) -> None:
    """Mark SEARCH/REPLACE blocks that are finished."""
    opened: int | None = None
    for at, line in enumerate(lines):
        if _SEARCH.match(line.text):
            opened = at
        elif opened is not None and _REPLACE.match(line.text):
            for inner in lines[opened : at + 1]:
                inner.is_quoted = True
            opened = None
