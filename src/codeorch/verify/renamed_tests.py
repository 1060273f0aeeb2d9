"""Tests that are gone and tests that are new: the same under another name or line? Pure.

A renamed test keeps its text, but for names that were changed all through it. One with other
values, or with less to prove, is another test; a change must not swap that for the old one unseen.

Text above them that comes or goes gives them other names. What the lines of a file tell of an
unchanged part is proof enough that a test is the same one.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from itertools import islice

from codeorch.domain import TestRun

Alike = Callable[[str, str], bool]
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\S")
_CLOSERS = (")", "]", "}")
_LONGEST = 8_000  # characters
_PLACES = 8


def alike_in(before: Sequence[str], after: Sequence[str]) -> Alike:
    """Give the comparison of tests in the files of a change, as they were and as they are."""

    @cache
    def ours(name: str) -> Sequence[Sequence[str]]:
        return [body for text in before for body in _bodies(text, name)]

    @cache
    def theirs(name: str) -> Sequence[Sequence[str]]:
        return [body for text in after for body in _bodies(text, name)]

    def alike(old: str, new: str) -> bool:
        return any(_renamed(one, other) for one in ours(old) for other in theirs(new))

    return alike


def never(_old: str, _new: str) -> bool:
    """Take no test for another."""
    return False


def _bodies(text: str, name: str) -> Iterator[list[str]]:
    """Give what is defined or described under a name: its line, and what is indented below."""
    words = re.split(r"[\[(/]", name)[0].split()
    # Runners in JavaScript put the titles of the groups around a test before its own.
    for skipped in range(len(words)):
        own = " ".join(words[skipped:])
        places = list(islice(_places(text, own), _PLACES))
        for start in dict.fromkeys(text.rfind("\n", 0, place) + 1 for place in places):
            body = "\n".join(_block(text[start : start + _LONGEST].split("\n")))
            yield [_nameless(token, own) for token in _TOKEN.findall(body)]
        if places:
            return


def _places(text: str, name: str) -> Iterator[int]:
    """Find a name where it is not a part of a longer one."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        around = text[at - 1 : at] + text[end : end + 1]
        if not any(_is_name(character) or character.isdigit() for character in around):
            yield at
        at = text.find(name, at + 1)


def _nameless(token: str, name: str) -> str:
    if token == name:
        return "_"
    return token.replace(name, "_") if token[0] in "\"'" else token


def _block(lines: Sequence[str]) -> Iterator[str]:
    first, *others = lines
    yield first
    for line in others:
        if line.strip() and _indent(line) <= _indent(first):
            if line.strip().startswith(_CLOSERS):
                yield line
            return
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _renamed(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Tell whether two texts differ only in names, each of them in the same way throughout."""
    if len(ours) != len(theirs):
        return False
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for one, other in zip(ours, theirs, strict=True):
        named = _is_name(one) and _is_name(other)
        if not named and one != other:
            return False
        if there.setdefault(one, other) != other or back.setdefault(other, one) != one:
            return False
    return True


def _is_name(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"


_PLACE = re.compile(r"([^\s\[\]:]+):(\d+)(?:-(\d+))?")
_Part = tuple[int, int, int]  # first line before, first line after, lines


def by_new_places(
    run: TestRun, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]
) -> TestRun:
    """Call the tests of a run by where their lines are after a change.

    A test whose own lines changed keeps its name, marked if another one has that name now.
    """
    kept: dict[str, list[_Part]] = {}

    def moved(found: re.Match[str]) -> str:
        path = _changed_file(found[1], before)
        if path is None:
            return found[0]
        if path not in kept:
            kept[path] = _unchanged(_lines(before[path]), _lines(after.get(path)))
        first, last = int(found[2]), int(found[3] or found[2])
        for old, new, count in kept[path]:
            if old <= first <= last < old + count:
                end = f"-{last + new - old}" if found[3] else ""
                return f"{found[1]}:{first + new - old}{end}"
        return found[0]

    names = {test: _PLACE.sub(moved, test) for test in run.tests}
    taken = {new for old, new in names.items() if old != new}
    if not taken:
        return run
    return replace(
        run,
        tests={
            f"{new} (as it was)" if old == new and new in taken else new: run.tests[old]
            for old, new in names.items()
        },
    )


def _changed_file(said: str, files: Mapping[str, bytes | None]) -> str | None:
    """Find the file that a name in a test's id means; it may begin further up or further down."""
    found = [path for path in files if f"/{path}".endswith(f"/{said}") or said.endswith(f"/{path}")]
    return found[0] if len(found) == 1 else None


def _lines(data: bytes | None) -> list[bytes]:
    return [] if data is None else data.split(b"\n")


def _unchanged(before: list[bytes], after: list[bytes]) -> list[_Part]:
    """Give the parts that both have, numbered from 1."""
    matches = SequenceMatcher(None, before, after).get_matching_blocks()
    parts = [(match.a + 1, match.b + 1, match.size) for match in matches if match.size]
    joined: list[_Part] = []
    for part in parts:
        if joined and _goes_on(joined[-1], part):
            old, new, count = joined.pop()
            joined.append((old, new, count + part[2]))
        else:
            joined.append(part)
    return joined


def _goes_on(one: _Part, other: _Part) -> bool:
    return (one[0] + one[2], one[1] + one[2]) == other[:2]
