"""What the reference gate says of a change -> findings, each with the line that is its cause."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from codeorch.domain import Completeness, Mention, MissedUse, Snapshot, SymbolChange
from codeorch.git import Hunk
from codeorch.prereview.finding import LEVELS, Finding, Level, Place
from codeorch.prereview.rules import RULE_OF_USE

# A name that no sentence holds by chance: `put_in`, `putIn`, `PutIn`.
_MARKED: Final = re.compile(r"[A-Za-z0-9]_[A-Za-z0-9]|[a-z][A-Z]")
Hunks = Mapping[str, Sequence[Hunk]]


def gate_findings(found: Completeness, after: Snapshot, hunks: Hunks) -> Iterator[Finding]:
    """Yield what the gate has found: missed uses, and lines of text that name what is gone.

    A line of a document is likely to be left behind when it holds a name that no sentence holds by
    chance and that no code has any more.
    """
    by_symbol = {each.symbol: each for each in found.changes}
    seen = set[tuple[str, int, str]]()
    for gap in sorted(found.gaps, key=lambda gap: LEVELS.index(gap.certainty)):
        place = gap.path, gap.line, gap.symbol.rpartition(".")[2]
        if place not in seen:  # else it is the same, seen in another way
            seen.add(place)
            yield _finding_of_use(gap, _change_of(gap.symbol, by_symbol), hunks)
    lost = _lost_words(found, after)
    for mention in found.mentions:
        change = next((each for each in found.changes if _names(mention, each)), None)
        if change is not None:
            is_prose = after.bare(mention.path).role == "docs"
            level: Level = "likely" if is_prose and change.name in lost else "maybe"
            yield _finding_of_mention(mention, change, level, hunks)


def _lost_words(found: Completeness, after: Snapshot) -> frozenset[str]:
    """Return the names that look like code, and that no code holds any more."""
    names = {each.name for each in found.changes if each.change in ("removed", "renamed")}
    left = {name for name in names if found.mentions and _MARKED.search(name)}
    for path in after.files if left else ():
        file = after.bare(path)
        if file.role not in ("docs", "config"):
            left -= {name for name in left if name in file.text}
    return frozenset(left)


def uses_of(found: Completeness, after: Snapshot) -> int:
    """Count the places with names of changed definitions, the definitions themselves aside."""
    names = {each.name for each in found.changes}
    if not names:
        return 0
    word = re.compile(rf"(?<![\w$])(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w$])")
    files = (after.bare(path) for path in after.files)
    total = sum(len(word.findall(file.text)) for file in files if file.role in ("source", "test"))
    defined = sum(1 for each in found.changes if each.new_symbol.rpartition(".")[2] in names)
    return max(0, total - defined)


def cause_of(change: SymbolChange, hunks: Hunks) -> Place:
    """Return the changed line: where a definition is now, or where it was taken out."""
    if change.new_path:
        return Place(path=change.new_path, line=change.new_line)
    return Place(path=change.path, line=line_after(hunks.get(change.path, ()), change.line))


def line_after(hunks: Iterable[Hunk], old: int) -> int:
    """Return the line of the result at which an old line is, or was taken out."""
    shift = 0
    for hunk in hunks:
        first = hunk.old_start + (hunk.old_length == 0)
        if old < first:
            break
        if old < first + hunk.old_length:
            return max(1, hunk.new_start + (hunk.new_length == 0))
        shift = hunk.new_start + hunk.new_length - hunk.old_start - hunk.old_length
        shift -= (hunk.new_length == 0) - (hunk.old_length == 0)
    return max(1, old + shift)


def _change_of(symbol: str, changes: Mapping[str, SymbolChange]) -> SymbolChange | None:
    """Find what became of a definition, or of the one around it that it went along with."""
    while symbol not in changes and "." in symbol:
        symbol = symbol.rpartition(".")[0]
    return changes.get(symbol)


def _finding_of_use(gap: MissedUse, change: SymbolChange | None, hunks: Hunks) -> Finding:
    return Finding(
        rule=RULE_OF_USE[gap.kind],
        level=gap.certainty,
        place=Place(path=gap.path, line=gap.line),
        message=_one_line(f"{gap.suggestion}: `{gap.text}`" if gap.text else gap.suggestion),
        symbol=gap.symbol,
        text=gap.text,
        cause=cause_of(change, hunks) if change else None,
    )


def _names(mention: Mention, change: SymbolChange) -> bool:
    word = re.compile(rf"(?<!\w){re.escape(change.name)}(?!\w)")
    return change.change in ("removed", "renamed") and bool(word.search(mention.text))


def _finding_of_mention(
    mention: Mention, change: SymbolChange, level: Level, hunks: Hunks
) -> Finding:
    return Finding(
        rule="CO104",
        level=level,
        place=Place(path=mention.path, line=mention.line),
        message=_one_line(f"{change.detail}; this names it: `{mention.text}`"),
        symbol=change.symbol,
        text=mention.text,
        cause=cause_of(change, hunks),
    )


_LONGEST = 300  # characters of a message


def _one_line(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 4]} ..."
