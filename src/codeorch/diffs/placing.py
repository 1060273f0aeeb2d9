"""Where a hunk belongs: exact first, then looser, each unique or refused."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from codeorch.diffs.reading import Hunk
from codeorch.diffs.refusal import Refusal

_SPACE = re.compile(r"\s+")
# Curly quotes, dashes, no-break space and ellipsis, as word processors and models put them.
_LOOKALIKES = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u00a0": " ",
        "\u2026": "...",
    }
)


def _bare(line: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", line.translate(_LOOKALIKES)))


# Each tier compares what it leaves of a line; the first with a hit counts.
TIERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("exact", lambda line: line),
    ("trailing space", str.rstrip),
    ("indentation", str.strip),
    ("white space and look-alikes", _bare),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The first line, from 0, of the lines that a hunk is about; and the tier that found it."""

    line: int
    tier: int


def place(hunk: Hunk, number: int, lines: Sequence[str], after: int) -> Place:
    """Find the one place of a hunk; `after` is the line where the hunk before it ends.

    Raises:
        Refusal: there is none, or more than one and nothing tells them apart.
    """
    old = hunk.old
    if not any(line.strip() for line in old):
        raise Refusal(
            "no_anchor", "it names no line of the file", hunk=number,
            detail="Give a few unchanged lines around the change, each with one space in front.",
        )  # fmt: skip
    for tier, (_, form) in enumerate(TIERS):
        found = _occurrences([form(line) for line in old], [form(line) for line in lines])
        if found:
            return Place(line=_one_of(found, hunk, number, lines, after), tier=tier)
    raise _not_found(hunk, number, lines)


def _occurrences(old: Sequence[str], lines: Sequence[str]) -> list[int]:
    # The longest line is the rarest, as a rule, and found fast.
    anchor = max(range(len(old)), key=lambda i: len(old[i]))
    return [
        at - anchor
        for at, line in enumerate(lines)
        if line == old[anchor]
        and at >= anchor
        and list(lines[at - anchor : at - anchor + len(old)]) == list(old)
    ]


def _one_of(found: Sequence[int], hunk: Hunk, number: int, lines: Sequence[str], after: int) -> int:
    if len(found) == 1:
        return found[0]
    in_order = [at for at in found if at >= after]
    if hunk.section:
        under = [at for at in found if _heading(hunk.section, at, lines)]
        if len(under) == 1:
            return under[0]
        in_order = [at for at in in_order if at in under] or in_order
    if hunk.stated and hunk.stated - 1 in found:
        return hunk.stated - 1
    if len(in_order) == 1:
        return in_order[0]
    places = ", ".join(str(at + 1) for at in found[:8])
    raise Refusal(
        "ambiguous", f"its lines occur {len(found)} times, at lines {places}", hunk=number,
        detail="Give more unchanged lines around the change, or head the hunk with "
        "`@@ <line of the enclosing definition>`.",
    )  # fmt: skip


def _heading(section: str, at: int, lines: Sequence[str]) -> bool:
    """Whether the section's line is the nearest line above that opens a block of its indent."""
    wanted = section.strip()
    depth = _indent(lines[at]) if lines[at].strip() else 10_000
    for line in reversed(lines[: at + 1]):
        if not line.strip():
            continue
        if line.strip().startswith(wanted) or wanted.startswith(line.strip()):
            return True
        depth = min(depth, _indent(line))
        if depth == 0 and not line[:1].isspace():
            return wanted in line
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _not_found(hunk: Hunk, number: int, lines: Sequence[str]) -> Refusal:
    """Say where the file is most like the hunk, and the first line that differs."""
    old = [line.strip() for line in hunk.old]
    bare = [line.strip() for line in lines]
    rare = {text for text in old if text and bare.count(text) <= 3}
    starts = {at - old.index(text) for at, text in enumerate(bare) if text in rare}
    best = max(
        (at for at in starts if at >= 0),
        key=lambda at: sum(a == b for a, b in zip(old, bare[at:], strict=False)),
        default=None,
    )
    if best is None:
        best = _most_similar(old, bare)
    if best is None:
        return Refusal("not_found", "its lines are not in the file", hunk=number)
    wrong = next(
        (i for i, text in enumerate(old) if best + i >= len(bare) or bare[best + i] != text), 0
    )
    there = lines[best + wrong] if best + wrong < len(lines) else "(the end of the file)"
    shown = "\n".join(
        f"{at + 1}: {lines[at]}" for at in range(max(0, best), min(len(lines), best + len(old) + 1))
    )
    return Refusal(
        "not_found",
        f"its lines are not in the file; nearest is line {best + 1}, where line "
        f"{best + wrong + 1} differs",
        hunk=number,
        detail=f"Your line: {hunk.old[wrong]!r}\nThe file:  {there!r}\n"
        f"The file at that place, with line numbers:\n{shown}",
    )


def _most_similar(old: Sequence[str], bare: Sequence[str]) -> int | None:
    wanted = max(old, key=len)
    ratios = [
        (SequenceMatcher(None, wanted, text).quick_ratio(), -at)
        for at, text in enumerate(bare[:5000])
        if text
    ]
    ratio, at = max(ratios, default=(0.0, 0))
    return max(0, -at - old.index(wanted)) if ratio > 0.6 else None
