"""Damage that a look at the file can undo, before any hunk is placed."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial

from codeorch.edits.entities import is_escaped, unescape_entities
from codeorch.edits.hunks import Answer, Hunk, HunkLine
from codeorch.edits.lines import Lines, bare, lead
from codeorch.edits.placeholders import elides

_GUTTERS = tuple(
    re.compile(pattern)
    for pattern in (r"\s*\d+(?:\t|$)", r"\s*\d+:(?: |$|(?=\t))", r"\s*\d+ ?[|│](?: |$|(?=\t))",
                    r"\s*\d+→", r"\s*L?\d+[:.)]? ?(?=\s|$)")
)  # fmt: skip
_MOST_COMPARED = 300_000  # pairs of lines
_LIKE = 0.8  # a kept line that is at least this similar to one of the file is meant to be it


def mend(answer: Answer, file: Lines) -> tuple[tuple[Hunk, ...], tuple[str, ...]]:
    """Undo copied line numbers, HTML escapes, prose behind hunks and forgotten marks.

    Raises:
        Refusal: a part of it is HTML-escaped, and it is not clear which.
    """
    hunks = answer.hunks
    repairs: list[str] = []
    steps: tuple[tuple[str, Callable[[Sequence[Hunk], Lines], tuple[Hunk, ...]]], ...] = (
        ("line numbers in front of lines left out", _without_gutter),
        ("HTML escapes undone", _without_entities),
        ("forgotten marks restored", _with_marks),
    )
    if not answer.fenced:
        steps = (("prose behind the diff left out", _without_prose), *steps)
    for name, step in steps:
        mended = step(hunks, file)
        if mended != hunks:
            repairs.append(name)
        hunks = mended
    return hunks, tuple(repairs)


def parts_at_gaps(hunk: Hunk, file: Lines) -> Iterator[Hunk]:
    """Part a hunk where a kept line stands for lines left out, e.g. `...`."""
    part: list[HunkLine] = []
    for line in hunk.lines:
        if line.mark == " " and elides(line.text) and not file.holds(line.text):
            yield from _part_of(hunk, part)
            part = []
        else:
            part.append(line)
    yield from _part_of(hunk, part)


def _part_of(hunk: Hunk, part: Sequence[HunkLine]) -> Iterator[Hunk]:
    if len(part) == len(hunk.lines):
        yield hunk
    elif any(line.mark != " " for line in part):
        first = part[0] is hunk.lines[0]
        stated, section = (hunk.stated, hunk.section) if first else (0, "")
        yield replace(hunk, lines=tuple(part), counts=None, stated=stated, section=section)


# ------------------------------------------------------------------------------- prose


def _without_prose(hunks: Sequence[Hunk], file: Lines) -> tuple[Hunk, ...]:
    return tuple(replace(hunk, lines=_before_prose(hunk, file)) for hunk in hunks)


def _before_prose(hunk: Hunk, file: Lines) -> tuple[HunkLine, ...]:
    """Cut at the first empty line behind which there is nothing but prose."""
    cut = len(hunk.lines)
    for at in range(len(hunk.lines) - 1, -1, -1):
        line = hunk.lines[at]
        if not line.raw:
            cut = at
        elif line.raw.strip() and not _is_prose(line, file):
            break
    if not any(line.raw for line in hunk.lines[cut:]):
        return hunk.lines
    while cut and not hunk.lines[cut - 1].raw:
        cut -= 1
    return hunk.lines[:cut]


def _is_prose(line: HunkLine, file: Lines) -> bool:
    if line.raw[:1] in ("+", " ", "\t") or file.holds(line.raw) or file.holds(line.text):
        return False
    return line.mark == " " or bool(re.match(r"- [A-Za-z0-9`*\"']", line.raw))


# ------------------------------------------------------------------------------- whole lines


def _map(hunks: Sequence[Hunk], change: Callable[[str], str]) -> tuple[Hunk, ...]:
    return tuple(
        replace(
            hunk,
            lines=tuple(
                replace(line, text=change(line.text), raw=line.raw[:1] + change(line.raw[1:]))
                for line in hunk.lines
            ),
        )
        for hunk in hunks
    )


def _match_count(hunks: Sequence[Hunk], file: Lines) -> int:
    return sum(file.holds(text) for hunk in hunks for text in hunk.old if text.strip())


def _without_gutter(hunks: Sequence[Hunk], file: Lines) -> tuple[Hunk, ...]:
    """Leave out the line numbers of a listing that were copied with the lines."""
    texts = [line.text for hunk in hunks for line in hunk.lines if line.text.strip()]
    for gutter in _GUTTERS:
        numbered = sum(bool(gutter.match(text)) for text in texts)
        if len(texts) > 1 and numbered >= 0.9 * len(texts):
            plain = _map(hunks, partial(gutter.sub, "", count=1))
            if _match_count(plain, file) > _match_count(hunks, file):
                return plain
    return tuple(hunks)


def _without_entities(hunks: Sequence[Hunk], file: Lines) -> tuple[Hunk, ...]:
    return _map(hunks, unescape_entities) if is_escaped(hunks, file) else tuple(hunks)


# ------------------------------------------------------------------------------- marks


def _with_marks(hunks: Sequence[Hunk], file: Lines) -> tuple[Hunk, ...]:
    return tuple(
        replace(hunk, lines=_new_between(_lines_as_in_file(hunk, file), file)) for hunk in hunks
    )


def _lines_as_in_file(hunk: Hunk, file: Lines) -> tuple[HunkLine, ...]:
    """Take kept lines with or without their first character, as the file has them.

    That a line is in the file with it may be chance, so it counts when nearly all lines fit so.
    """
    exact = file.index(0)
    kept = [line for line in hunk.lines if line.mark == " " and line.raw.strip()]
    marked = sum(line.text in exact for line in kept)
    unmarked = sum(line.raw in exact for line in kept)
    either = sum(line.text in exact or line.raw in exact for line in kept)
    if _is_outdented(hunk, kept):
        return hunk.lines
    none_marked = unmarked > marked and unmarked * 2 >= len(kept)
    if not none_marked and not (either > marked and either * 5 >= len(kept) * 4):
        return hunk.lines

    def as_file(line: HunkLine) -> HunkLine:
        if line.mark == "-" and none_marked:
            lost = not file.holds(line.text) and file.holds(line.raw)
            return replace(line, mark=" ", text=line.raw) if lost else line
        if line.mark != " " or not line.raw.strip() or line.text in exact:
            return line
        return replace(line, text=line.raw) if line.raw in exact or none_marked else line

    return tuple(as_file(line) for line in hunk.lines)


def _is_outdented(hunk: Hunk, kept: Sequence[HunkLine]) -> bool:
    """Whether new lines stand as far in as the kept ones with their marks taken off.

    Then a space in front of a kept line is its mark, though a line of the file begins with one.
    """
    new = [len(lead(line.text)) for line in hunk.lines if line.mark == "+" and line.text.strip()]
    if not new or not kept or not all(line.raw.startswith(" ") for line in kept):
        return False
    return min(new) == min(len(lead(line.text)) for line in kept)


def _new_between(lines: tuple[HunkLine, ...], file: Lines) -> tuple[HunkLine, ...]:
    """Take kept lines between new ones as new when the file has nothing like them."""
    inner = enclosed(lines)
    if len(inner) * len(file.index(3)) > _MOST_COMPARED:
        return lines
    new = {at for at in inner if not _similar_in(lines[at].text, file)}
    return tuple(replace(line, mark="+") if at in new else line for at, line in enumerate(lines))


def enclosed(lines: Sequence[HunkLine]) -> list[int]:
    """Return the kept lines that have a new line before and behind them."""
    return [
        at
        for at in range(1, len(lines) - 1)
        if lines[at].mark == " " and lines[at - 1].mark == lines[at + 1].mark == "+"
    ]


def _similar_in(text: str, file: Lines) -> bool:
    wanted = bare(text)
    if wanted in file.index(3):
        return True
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    for other in file.index(3):
        if abs(len(other) - len(wanted)) > len(wanted) * 0.5:
            continue
        matcher.set_seq1(other)
        if matcher.quick_ratio() >= _LIKE and matcher.ratio() >= _LIKE:
            return True
    return False
