"""Placed hunks -> the new text. Only changed lines are written; kept ones stay the file's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from codeorch.edits.hunks import Placement, Refusal
from codeorch.edits.indent import Pair, Rule, learn
from codeorch.edits.lines import Lines, lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Lines `start` to `end` of the file become `new`."""

    start: int
    end: int
    new: tuple[str, ...]


def build(file: Lines, placements: Sequence[Placement]) -> str:
    """Return the text with all hunks written.

    Raises:
        Refusal: code `contradiction`, `indentation` or `not_found`.
    """
    active = [placement for placement in placements if not placement.done]
    pairs = [pair for placement in active for pair in _pairs(placement, file)]
    edits = [edit for placement in active for edit in _edits(placement, file, pairs)]
    texts, ends = list(file.texts), list(file.ends)
    for edit in reversed(_ordered(edits)):
        ends[edit.start : edit.end] = _ends(edit, file)
        texts[edit.start : edit.end] = edit.new
    for at in range(len(ends) - 1):
        ends[at] = ends[at] or file.end
    if ends:
        ends[-1] = (ends[-1] or file.end) if _is_ended(file, active) else ""
    return "".join(part for pair in zip(texts, ends, strict=True) for part in pair)


def _is_ended(file: Lines, placements: Sequence[Placement]) -> bool:
    """Say whether the last line keeps its line end: as before, unless a hunk at the end says."""
    for placement in placements:
        hunk = placement.hunk
        if placement.end >= len(file.texts) and (hunk.old_unended or hunk.new_unended):
            return not hunk.new_unended
    return file.ended


def _ends(edit: Edit, file: Lines) -> Iterator[str]:
    """Return each new line the end of the line it replaces, else of the line before."""
    near = file.ends[edit.start - 1] if edit.start else ""
    for offset in range(len(edit.new)):
        if edit.start + offset < edit.end:
            near = file.ends[edit.start + offset]
        yield near or file.end


def _ordered(edits: Sequence[Edit]) -> list[Edit]:
    """Put edits into the file's order. The same edit twice is one; different ones clash."""
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for first, second in pairwise(ordered):
        if second.start < first.end or (second.start, second.end) == (first.start, first.end):
            raise Refusal(
                code="contradiction", brief=f"two hunks change line {second.start + 1} differently",
                detail="Change each line in one hunk only.",
            )  # fmt: skip
    return ordered


# ------------------------------------------------------------------------------- one hunk


def _edits(placement: Placement, file: Lines, pairs: Sequence[Pair]) -> Iterator[Edit]:
    rule = learn(_pairs(placement, file), pairs)
    new: list[str] = []
    gone: list[int] = []
    before: int | None = None  # the file's line of the kept line above
    places = iter(placement.at)
    for line in placement.hunk.lines:
        if line.mark == "+":
            new.append(_indented(line.text, rule, placement))
            continue
        at = next(places)
        if line.mark == "-":
            assert at is not None
            gone.append(at)
            continue
        if new or gone:
            yield _edit(placement, file, new, gone, (before, at))
            new, gone = [], []
        before = at
    if new or gone:
        yield _edit(placement, file, new, gone, (before, None))


def _edit(
    placement: Placement,
    file: Lines,
    new: Sequence[str],
    gone: Sequence[int],
    around: tuple[int | None, int | None],
) -> Edit:
    if gone:
        if gone[-1] - gone[0] != len(gone) - 1:
            raise _unclear(placement, "deleted lines that do not follow each other in the file")
        return Edit(start=gone[0], end=gone[-1] + 1, new=tuple(new))
    at = _insertion(placement, file, new, around)
    return Edit(start=at, end=at, new=tuple(new))


def _insertion(
    placement: Placement,
    file: Lines,
    new: Sequence[str],
    around: tuple[int | None, int | None],
) -> int:
    above, below = around
    if above is None and below is None:
        raise _unclear(placement, "new lines between lines that are not in the file")
    if above is None or below is None:
        return below if above is None and below is not None else (above or 0) + 1
    if any(text.strip() for text in file.texts[above + 1 : below]):
        raise _unclear(placement, f"new lines somewhere between lines {above + 1} and {below + 1}")
    # Blank lines that the hunk has not: the new lines bring their own on the side they part from.
    return below if not new[-1].strip() else above + 1


def _unclear(placement: Placement, what: str) -> Refusal:
    return Refusal(
        code="not_found", brief=f"it has {what}", hunk=placement.number,
        detail="Copy the lines around the change exactly from the file, leaving none out.",
    )  # fmt: skip


# ------------------------------------------------------------------------------- indentation


def _pairs(placement: Placement, file: Lines) -> list[Pair]:
    return [
        (lead(said), lead(file.texts[at]))
        for said, at in zip(placement.hunk.old, placement.at, strict=True)
        if at is not None and said.strip() and file.texts[at].strip()
    ]


def _indented(text: str, rule: Rule | None, placement: Placement) -> str:
    ours = lead(text)
    if not text.strip():
        return text
    theirs = rule(ours) if rule else None
    if theirs is None:
        raise Refusal(
            code="indentation", hunk=placement.number,
            brief="how its new lines are to be indented cannot be told from the lines around",
            detail="Copy the indentation of the file exactly: the same tabs or spaces.",
        )  # fmt: skip
    return theirs + text[len(ours) :]
