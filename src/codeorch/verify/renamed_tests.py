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
from itertools import islice, product

from codeorch.domain import TestRun

SameTest = Callable[[str, str], bool]
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\S")
_CLOSERS = (")", "]", "}")
_MAX_BODY_CHARS = 8_000
_MOST_OCCURRENCES = 8


def renamed_test_matcher(before: Sequence[str], after: Sequence[str]) -> SameTest:
    """Return what tells whether a new test is an old one under another name.

    `before` and `after` are the texts of the changed files.

        same_test = renamed_test_matcher(["def test_a(): f()"], ["def test_b(): f()"])
        same_test("test_a", "test_b")
    """

    @cache
    def old_bodies(name: str) -> Sequence[Sequence[str]]:
        return [body for text in before for body in _bodies(text, name)]

    @cache
    def new_bodies(name: str) -> Sequence[Sequence[str]]:
        return [body for text in after for body in _bodies(text, name)]

    def same_test(old: str, new: str) -> bool:
        pairs = product(old_bodies(old), new_bodies(new))
        return any(_differ_in_names_only(*pair) for pair in pairs)

    return same_test


def never_same(_old: str, _new: str) -> bool:
    """Return False: without texts, no test is taken for another."""
    return False


def _bodies(text: str, name: str) -> Iterator[list[str]]:
    """Yield what is defined or described under a name: its line, and what is indented below."""
    words = re.split(r"[\[(/]", name)[0].split()
    # Runners in JavaScript put the titles of the groups around a test before its own.
    for skipped in range(len(words)):
        own = " ".join(words[skipped:])
        places = list(islice(_places(text, own), _MOST_OCCURRENCES))
        for start in dict.fromkeys(text.rfind("\n", 0, place) + 1 for place in places):
            body = "\n".join(_block(text[start : start + _MAX_BODY_CHARS].split("\n")))
            yield [_nameless(token, own) for token in _TOKEN.findall(body)]
        if places:
            return


def _places(text: str, name: str) -> Iterator[int]:
    """Yield the offsets of a name where it is not a part of a longer one."""
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


def _differ_in_names_only(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return whether two texts differ only in names, each of them in the same way throughout."""
    if len(old) != len(new):
        return False
    forward: dict[str, str] = {}
    backward: dict[str, str] = {}
    for ours, theirs in zip(old, new, strict=True):
        if ours != theirs and not (_is_name(ours) and _is_name(theirs)):
            return False
        if forward.setdefault(ours, theirs) != theirs or backward.setdefault(theirs, ours) != ours:
            return False
    return True


def _is_name(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"


_LINE_ID = re.compile(r"([^\s\[\]:]+):(\d+)(?:-(\d+))?")
_LineRange = tuple[int, int, int]  # first line before, first line after, lines


def move_line_ids(
    run: TestRun, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]
) -> TestRun:
    """Return a run whose tests with line numbers in their ids have those of after a change.

    `before` and `after` hold the bytes of the changed files; None = no file. A test whose own
    lines changed keeps its id, marked if another test has that id now.
    """
    unchanged_parts: dict[str, list[_LineRange]] = {}

    def renumber(match: re.Match[str]) -> str:
        path = _changed_file(match[1], before)
        if path is None:
            return match[0]
        if path not in unchanged_parts:
            unchanged_parts[path] = _unchanged(_lines(before[path]), _lines(after.get(path)))
        first, last = int(match[2]), int(match[3] or match[2])
        for old, new, count in unchanged_parts[path]:
            if old <= first <= last < old + count:
                end = f"-{last + new - old}" if match[3] else ""
                return f"{match[1]}:{first + new - old}{end}"
        return match[0]

    names = {test: _LINE_ID.sub(renumber, test) for test in run.tests}
    new_names = {new for old, new in names.items() if old != new}
    if not new_names:
        return run
    return replace(
        run,
        tests={
            f"{new} (as it was)" if old == new and new in new_names else new: run.tests[old]
            for old, new in names.items()
        },
    )


def _changed_file(name: str, files: Mapping[str, bytes | None]) -> str | None:
    """Find the file that a name in a test's id means; it may begin further up or further down."""
    paths = [path for path in files if f"/{path}".endswith(f"/{name}") or name.endswith(f"/{path}")]
    return paths[0] if len(paths) == 1 else None


def _lines(data: bytes | None) -> list[bytes]:
    return [] if data is None else data.split(b"\n")


def _unchanged(before: list[bytes], after: list[bytes]) -> list[_LineRange]:
    """Return the line ranges that both have; lines count from 1."""
    matches = SequenceMatcher(None, before, after).get_matching_blocks()
    parts = [(match.a + 1, match.b + 1, match.size) for match in matches if match.size]
    joined: list[_LineRange] = []
    for part in parts:
        if joined and _goes_on(joined[-1], part):
            old, new, count = joined.pop()
            joined.append((old, new, count + part[2]))
        else:
            joined.append(part)
    return joined


def _goes_on(first: _LineRange, other: _LineRange) -> bool:
    return (first[0] + first[2], first[1] + first[2]) == other[:2]
