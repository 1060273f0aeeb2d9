"""Tests that are called by the lines where they stand, such as examples in a document. Pure.

Text above them that comes or goes gives them other names. What the lines of a file tell of an
unchanged part is proof enough that a test is the same one.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher

from codeorch.domain import TestRun

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
