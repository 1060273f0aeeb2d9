"""Where hunks belong: the first tier at which their old lines occur counts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codeorch.edits.hunks import Hunk, Placement, Refusal
from codeorch.edits.lines import TIERS, Lines, bare, lead
from codeorch.edits.repair import enclosed

_CLOSING = re.compile(r"\s*(?:[)}\]>*#]|end\b|\*/|//)")
_NAMED = re.compile(r"[A-Za-z_$]")
_MANY = 200  # places: more than these are not told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A hunk and the lines at which it may begin; none when no tier finds it."""

    hunk: Hunk
    number: int
    tier: int = 0
    starts: tuple[int, ...] = ()

    def at(self, start: int) -> Placement:
        """Place the hunk at one of its starts."""
        places = tuple(range(start, start + len(self.hunk.old)))
        return Placement(hunk=self.hunk, number=self.number, at=places, tier=TIERS[self.tier][0])


def search(hunk: Hunk, number: int, file: Lines) -> Search:
    """Look for a hunk with each tier; without a hit, once more with enclosed kept lines as new."""
    for variant in _variants(hunk):
        for tier in range(len(TIERS)):
            if starts := occurrences(variant.old, file, tier):
                return Search(hunk=variant, number=number, tier=tier, starts=starts)
    return Search(hunk=hunk, number=number)


def _variants(hunk: Hunk) -> Iterator[Hunk]:
    yield hunk
    if inner := enclosed(hunk.lines):
        yield replace(
            hunk,
            lines=tuple(
                replace(line, mark="+") if at in inner else line
                for at, line in enumerate(hunk.lines)
            ),
        )


def occurrences(old: Sequence[str], file: Lines, tier: int) -> tuple[int, ...]:
    """Return every line of the file at which the old lines begin, as a tier compares them."""
    target = [TIERS[tier][1](text) for text in old]
    index, forms = file.index(tier), file.forms(tier)
    rarest = min(range(len(target)), key=lambda i: len(index.get(target[i], ())), default=None)
    if rarest is None:
        return ()
    starts = (at - rarest for at in index.get(target[rarest], ()))
    return tuple(
        start for start in starts if start >= 0 and forms[start : start + len(target)] == target
    )


def choose_places(searches: Sequence[Search], file: Lines) -> dict[int, Placement]:
    """Choose one place for each hunk that has any; the keys are indexes into the searches.

    Raises:
        Refusal: code `ambiguous`.
    """
    chosen: dict[int, int] = {}
    pending = [at for at, candidate in enumerate(searches) if candidate.starts]
    while pending:
        unplaced = []
        for at in pending:
            fits = _narrowed(searches, at, chosen, file)
            if len(fits) == 1:
                chosen[at] = fits[0]
            else:
                unplaced.append(at)
        if len(unplaced) == len(pending):
            raise _ambiguous(searches[unplaced[0]])
        pending = unplaced
    return {at: searches[at].at(start) for at, start in chosen.items()}


def in_order(at: int, chosen: Mapping[int, int]) -> tuple[int, int]:
    """Return the lines between which a hunk must begin, by the neighbours that are sure.

    Hunks stand in the file's order unless the sure ones show that they do not.
    """
    before = [chosen[other] for other in sorted(chosen) if other < at]
    after = [chosen[other] for other in sorted(chosen) if other > at]
    known = before + after
    if known != sorted(known):
        return -1, 1 << 60
    return (before[-1] if before else -1), (after[0] if after else 1 << 60)


def _narrowed(
    searches: Sequence[Search], at: int, chosen: Mapping[int, int], file: Lines
) -> Sequence[int]:
    candidate = searches[at]
    starts: Sequence[int] = candidate.starts
    low, high = in_order(at, chosen)
    starts = [start for start in starts if low < start < high] or starts
    if candidate.hunk.section and len(starts) <= _MANY:
        starts = [s for s in starts if is_under(candidate.hunk.section, s, file)] or starts
    starts = _by_number(starts, candidate.hunk.stated)
    return starts[:1] if _same_outcome(candidate, starts, file) else starts


def _by_number(starts: Sequence[int], stated: int) -> Sequence[int]:
    """Believe the number in the header when it is right to the line, or nearly and no other is."""
    if len(starts) < 2 or not stated:
        return starts
    near, second = sorted(starts, key=lambda start: abs(start + 1 - stated))[:2]
    off, other = abs(near + 1 - stated), abs(second + 1 - stated)
    sure = off == 0 or (off <= 3 and other >= 12 and other >= 5 * off)
    return [near] if sure else starts


def _same_outcome(candidate: Search, starts: Sequence[int], file: Lines) -> bool:
    """Whether the text comes out the same at each start, as when one of two equal lines goes."""
    size = len(candidate.hunk.old)
    first, last = starts[0], starts[-1]
    if candidate.tier or last - first > size * len(starts):
        return False
    new = list(candidate.hunk.new)
    window = file.texts[first : last + size]
    outcomes = (window[: s - first] + new + window[s - first + size :] for s in starts)
    first_outcome = next(outcomes)
    return all(outcome == first_outcome for outcome in outcomes)


def is_under(section: str, start: int, file: Lines) -> bool:
    """Whether the section's line is above a place, with nothing between that ends its block.

    Either the lines between are indented deeper, or none of them is one that git would have
    named instead: git names the nearest line that begins with a letter.
    """
    header = bare(section)
    depth, named = 1 << 30, False
    for at in range(min(start, len(file.texts) - 1), -1, -1):
        text = file.texts[at]
        if not text.strip():
            continue
        indent = len(lead(text))
        if bare(text).startswith(header):
            return depth > indent or (not indent and not named)
        if at < start:
            named = named or bool(_NAMED.match(text))
            depth = depth if _CLOSING.match(text) else min(depth, indent)
        if named and not depth:
            return False
    return False


def _ambiguous(candidate: Search) -> Refusal:
    places = ", ".join(str(start + 1) for start in candidate.starts[:8])
    more = ", ..." if len(candidate.starts) > 8 else ""
    return Refusal(
        code="ambiguous",
        brief=f"its lines occur {len(candidate.starts)} times, at lines {places}{more}",
        hunk=candidate.number,
        detail="Give more unchanged lines around the change, enough to occur only once, or head "
        "the hunk with `@@ <line of the enclosing definition>`.",
    )
