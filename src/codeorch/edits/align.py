"""Where a hunk belongs that is quoted wrongly: the best alignment of its old lines, if clear.

Semi-global alignment (Needleman-Wunsch with free ends in the file), run only along the diagonals
on which lines of the hunk occur in the file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

from codeorch.edits.hunks import Hunk, HunkLine, Placement, Refusal
from codeorch.edits.lines import Lines, bare, weight
from codeorch.edits.placeholders import comment_text
from codeorch.edits.suggestions import not_found

_LIKE = {" ": 0.55, "-": 0.75}  # the least similarity of a pair of lines
_SHARPNESS = 2.5  # a pair is worth its weight times its similarity to this power
_NOT_EXACT = 0.99  # breaks ties for the line with the same indentation
_UNMATCHED = 0.3  # of its weight is what a kept line costs that the file has not
_SKIPPED = {"blank": 0.03, "comment": 0.22, "code": 0.75}  # for a line that the hunk has not
_MOST_CODE, _MOST = 3, 12  # lines of the file skipped in a row
_ENOUGH, _MARGIN = 0.60, 0.12  # of what a perfect place is worth
_BAND = 7  # lines that a diagonal may drift
_MOST_BANDS = 24
_MOST_LINES = 1500  # of a hunk; to look for more of them takes too long
_COMMON = 40  # places: a line with more of them marks no diagonal


@dataclass(frozen=True, slots=True)
class _Cell:
    """An old line on a file line: the best way here, its worth and the file line it began at."""

    worth: float
    start: int
    before: tuple[int, int] | None


class _Aligner:
    def __init__(self, hunk: Hunk, file: Lines) -> None:
        self.file = file
        self.old: Sequence[HunkLine] = [line for line in hunk.lines if line.mark != "+"]
        self.weights = [weight(line.text) for line in self.old]
        self.above = [0.0, *accumulate(self.weights)]  # the weights before each old line
        self.perfect = self.above[-1]
        changed = [at for at, line in enumerate(self.old) if line.mark != " "]
        self.first, self.last = (changed[0], changed[-1]) if changed else (len(self.old), -1)
        self.reach: list[int] = []  # of all rows down to each: the last line of the file in them
        self.joined = _joined(hunk)
        self.cells: dict[tuple[int, int], _Cell] = {}

    def run(self) -> None:
        """Fill the table, row by row."""
        rows: dict[int, set[int]] = {}
        for low, high in self._bands():
            for i in range(len(self.old)):
                span = range(max(0, i + low), min(len(self.file.texts), i + high + 1))
                rows.setdefault(i, set()).update(span)
        for i in sorted(rows):
            compare = _comparer(self.old[i])
            for j in sorted(rows[i]):
                alike = compare(self.file.forms(3)[j])
                if alike:
                    same = self.file.texts[j] == self.old[i].text
                    worth = self.weights[i] * alike**_SHARPNESS
                    self._fill(i, j, worth if same else worth * _NOT_EXACT)
            last = max((j for j in rows[i] if (i, j) in self.cells), default=-1)
            self.reach.append(max(last, self.reach[-1] if self.reach else -1))

    def ends(self) -> Iterator[tuple[float, int, tuple[int, int]]]:
        """Return worth, first line and last cell of every way to the end of the hunk."""
        for (i, j), cell in self.cells.items():
            if i >= self.last:
                rest = self.perfect - self.above[i + 1]
                yield cell.worth - _UNMATCHED * rest, cell.start, (i, j)

    def path(self, end: tuple[int, int]) -> tuple[int | None, ...]:
        """Return the file's line for each old line."""
        at: list[int | None] = [None] * len(self.old)
        step: tuple[int, int] | None = end
        while step is not None:
            at[step[0]] = step[1]
            step = self.cells[step].before
        return tuple(at)

    def _bands(self) -> list[tuple[int, int]]:
        """Return the stretches of diagonals with the most of the hunk's lines on them."""
        index = self.file.index(3)
        marks: dict[int, float] = {}
        for i, line in enumerate(self.old):
            places = index.get(bare(line.text), ()) if self.weights[i] > 0.3 else ()
            for j in places[:_COMMON]:
                marks[j - i] = marks.get(j - i, 0.0) + self.weights[i] / len(places)
        bands: list[tuple[float, int, int]] = []
        for mark in sorted(marks):
            votes, low, high = marks[mark], mark - _BAND, mark + _BAND
            if bands and low <= bands[-1][2]:
                before = bands.pop()
                votes, low = max(votes, before[0]), before[1]
            bands.append((votes, low, high))
        return [(low, high) for _, low, high in sorted(bands, reverse=True)[:_MOST_BANDS]]

    def _fill(self, i: int, j: int, worth: float) -> None:
        best: _Cell | None = None
        if i <= self.first:
            best = _Cell(worth - _UNMATCHED * self.above[i], j, None)
        for before, cost in self._steps(i, j):
            cell = self.cells.get(before)
            if cell and (best is None or cell.worth + worth - cost > best.worth):
                best = _Cell(cell.worth + worth - cost, cell.start, before)
        if best:
            self.cells[i, j] = best

    def _steps(self, i: int, j: int) -> Iterator[tuple[tuple[int, int], float]]:
        """Return the cells from which one can come, and what that costs."""
        missed = 0.0
        for back in range(1, i + 1):
            if self.reach[i - back] < j - 1 - _MOST:
                return  # all that stands further up in the hunk does so in the file
            for skip, cost in self._skips(j, 0 if self.joined[i] and back == 1 else _MOST):
                yield (i - back, j - 1 - skip), missed + cost
            left = self.old[i - back]
            if left.mark == "-":
                return
            missed += _UNMATCHED * self.weights[i - back]

    def _skips(self, j: int, most: int) -> Iterator[tuple[int, float]]:
        cost, code = 0.0, 0
        yield 0, 0.0
        for skip in range(1, min(most, j) + 1):
            kind = _kind(self.file.texts[j - skip])
            cost += _SKIPPED[kind]
            code += kind == "code"
            if code > _MOST_CODE:
                return
            yield skip, cost


def align(hunk: Hunk, number: int, file: Lines, span: tuple[int, int]) -> Placement:
    """Place a hunk where its lines fit best, between two lines of the file.

    Raises:
        Refusal: code `not_found`, or `ambiguous` when a second place fits about as well.
    """
    if len(hunk.lines) > _MOST_LINES:
        raise not_found(hunk, number, file)
    aligner = _Aligner(hunk, file)
    aligner.run()
    ends = [end for end in aligner.ends() if span[0] <= end[1] < span[1]]
    worth, start, cell = max(ends, default=(0.0, 0, (0, 0)))
    if not ends or worth < _ENOUGH * aligner.perfect:
        raise not_found(hunk, number, file)
    others = (end for end in ends if end[2][1] < start or end[1] > cell[1])
    second, other, _ = max(others, default=(0.0, 0, cell))
    if worth - second < _MARGIN * aligner.perfect:
        raise Refusal(
            code="ambiguous",
            brief=f"it fits at line {start + 1} and about as well at line {other + 1}",
            hunk=number,
            detail="Copy the lines around the change exactly from the file, and enough of them to "
            "occur only once.",
        )
    score = worth / aligner.perfect
    return Placement(hunk=hunk, number=number, at=aligner.path(cell), tier="alignment", score=score)


def _joined(hunk: Hunk) -> list[bool]:
    """Say for each old line whether it is deleted in one run with the old line before it."""
    joined: list[bool] = []
    mark = " "
    for line in hunk.lines:
        if line.mark != "+":
            joined.append(mark == line.mark == "-")
            mark = line.mark
    return joined


def _comparer(line: HunkLine) -> Callable[[str], float]:
    """Return a function from a line of the file to its similarity, 0 below the least."""
    wanted = bare(line.text)
    least = _LIKE[line.mark]
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    loose = weight(line.text) > 0.3
    known: dict[str, float] = {}

    def compare(other: str) -> float:
        if other == wanted:
            return 1.0
        if not loose or 2 * min(len(other), len(wanted)) < least * (len(other) + len(wanted)):
            return 0.0
        if other not in known:
            matcher.set_seq1(other)
            alike = matcher.ratio() if matcher.quick_ratio() >= least else 0.0
            known[other] = alike if alike >= least else 0.0
        return known[other]

    return compare


def _kind(text: str) -> str:
    if not text.strip():
        return "blank"
    return "code" if comment_text(text) is None else "comment"
