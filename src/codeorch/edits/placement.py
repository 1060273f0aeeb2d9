"""All hunks of an answer -> the new text: together, else each on what the ones before leave."""

from collections.abc import Sequence

from codeorch.edits.align import align
from codeorch.edits.build import build
from codeorch.edits.hunks import Hunk, Placement, Refusal
from codeorch.edits.lines import TIERS, Lines, weight
from codeorch.edits.locate import Search, choose_places, in_order, occurrences, search
from codeorch.edits.parts import parts
from codeorch.edits.repair import parts_at_gaps
from codeorch.edits.suggestions import not_found

_MOST_IN_TURN = 100  # hunks; each costs a look at the whole file

_TIERS = [name for name, _ in TIERS]
_SPACE_AT_END, _INDENTATION = _TIERS.index("trailing space"), _TIERS.index("indentation")

Placed = tuple[str, list[Placement]]


def place(hunks: Sequence[Hunk], file: Lines) -> Placed:
    """Write all hunks, or none.

    Hunks may speak of the file as it is, or as the hunks before leave it. Both are tried with
    lines as quoted before either is tried with misquoted ones.

    Raises:
        Refusal: with the reason and the nearest place.
    """
    refusals: list[Refusal] = []
    for misquoted in (False, True):
        for attempt in (_together, _in_turn):
            if attempt is _in_turn and not 1 < len(hunks) <= _MOST_IN_TURN:
                continue
            try:
                placed = attempt(hunks, file, misquoted=misquoted)
                return placed if misquoted else _closest(placed, hunks, file)
            except Refusal as refusal:
                if refusal.code != "not_found" and attempt is _together:
                    other = None if _all_stand(hunks, file) else _read_in_turn(hunks, file)
                    if other:
                        return other
                    raise
                refusals.append(refusal)
    # The attempt that tolerates misquoted lines in the file as it is knows the most.
    raise refusals[len(refusals) // 2]


def _closest(placed: Placed, hunks: Sequence[Hunk], file: Lines) -> Placed:
    """Prefer hunks read one after another where lines of the file as it is fit less closely.

    An earlier hunk that indents lines anew leaves others as a later one quotes them.
    """
    return placed if _looseness(placed) < _INDENTATION else _read_in_turn(hunks, file) or placed


def _read_in_turn(hunks: Sequence[Hunk], file: Lines) -> Placed | None:
    """Read hunks one after another, if each then stands just as it is quoted."""
    if not 1 < len(hunks) <= _MOST_IN_TURN:
        return None
    try:
        placed = _in_turn(hunks, file, misquoted=False)
    except Refusal:
        return None
    return placed if _looseness(placed) < _INDENTATION else None


def _all_stand(hunks: Sequence[Hunk], file: Lines) -> bool:
    """Whether each hunk stands in the file as it is, just as it is quoted."""
    return all(any(occurrences(hunk.old, file, tier) for tier in (0, 1)) for hunk in hunks)


def _looseness(placed: Placed) -> int:
    return max((_TIERS.index(one.tier) for one in placed[1] if one.tier in _TIERS), default=0)


def _together(hunks: Sequence[Hunk], file: Lines, *, misquoted: bool) -> Placed:
    numbered = [
        (number, part)
        for number, hunk in enumerate(hunks, start=1)
        for part in parts_at_gaps(hunk, file)
        if part.changes
    ]
    placements = _placed(numbered, file, misquoted=misquoted)
    return build(file, placements), placements


def _in_turn(hunks: Sequence[Hunk], file: Lines, *, misquoted: bool) -> Placed:
    done: list[Placement] = []
    text = ""
    for number, hunk in enumerate(hunks, start=1):
        placements = _placed(
            [(number, part) for part in parts_at_gaps(hunk, file) if part.changes],
            file,
            misquoted=misquoted,
        )
        text = build(file, placements)
        file = Lines(text)
        done += placements
    return text, done


def _placed(
    numbered: Sequence[tuple[int, Hunk]], file: Lines, *, misquoted: bool
) -> list[Placement]:
    searches = [
        candidate
        for number, hunk in numbered
        for candidate in _searched(hunk, number, file, misquoted=misquoted)
    ]
    placements = choose_places(searches, file)
    chosen = {at: placement.start for at, placement in placements.items()}
    for at, candidate in enumerate(searches):
        if at in placements:
            continue
        if _is_there(candidate.hunk, file):
            nowhere = (None,) * len(candidate.hunk.old)
            placements[at] = Placement(
                hunk=candidate.hunk,
                number=candidate.number,
                at=nowhere,
                tier="already there",
                done=True,
            )
        elif misquoted:
            low, high = in_order(at, chosen)
            placements[at] = align(candidate.hunk, candidate.number, file, (low + 1, high))
        else:
            raise not_found(candidate.hunk, candidate.number, file)
    return [placements[at] for at in sorted(placements)]


def _searched(hunk: Hunk, number: int, file: Lines, *, misquoted: bool) -> list[Search]:
    whole = search(hunk, number, file)
    if whole.starts or not misquoted or _is_there(hunk, file):
        return [whole]
    return [search(part, number, file) for part in parts(hunk, file)] or [whole]


def _is_there(hunk: Hunk, file: Lines) -> bool:
    """Whether the file already holds what the hunk would write, in its surroundings.

    A hunk that only takes lines away must keep some before and after each of them, and none of
    them may be there: else what it leaves may be there although the lines are, too.
    """
    new = any(line.mark == "+" and weight(line.text) > 0.3 for line in hunk.lines)
    return (new or _is_framed(hunk, file)) and _holds_result(hunk, file)


def _holds_result(hunk: Hunk, file: Lines) -> bool:
    """Whether the lines that a hunk leaves stand together; those that are kept may end in space."""
    left = [line for line in hunk.lines if line.mark != "-"]
    return any(
        all(file.texts[start + at] == line.text for at, line in enumerate(left) if line.mark == "+")
        for start in occurrences(hunk.new, file, _SPACE_AT_END)
    )


def _is_framed(hunk: Hunk, file: Lines) -> bool:
    """Whether telling lines are kept on both sides, and no telling line that goes is there."""
    telling = [line for line in hunk.lines if weight(line.text) > 0.3]
    kept = sum(line.mark == " " for line in telling)
    gone = not any(line.mark == "-" and file.holds(line.text) for line in telling)
    return kept > 1 and gone and hunk.lines[0].mark == hunk.lines[-1].mark == " "
