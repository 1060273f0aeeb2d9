"""Request + findings -> the tests that call what will probably change, by name and line."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from codeorch.domain import SourceFile
from codeorch.planning.dependencies import Uses
from codeorch.planning.findings import Findings

_TESTS, _NAMES, _LINES = 15, 4, 5  # tests, names of each, lines of each name


def touched_tests(
    names: Sequence[str], using: Mapping[str, Uses], findings: Findings
) -> Iterator[str]:
    """Name the tests that use what a request names, or what the best files define.

    `using` has the users of each of these files.
    """
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name in names:
        for test in _tests_with(name, findings):
            found[test][name] = None
    for path, uses in using.items():
        symbols = findings.snapshot.files[path].symbols
        outer = {one.name for one in symbols if not one.parent and not findings.common(one.name)}
        for user, used in uses.items():
            telling = [name for name in used if name in outer]
            if telling and findings.snapshot.files[user].role == "test" and user != path:
                found[user] |= dict.fromkeys(telling)
    asked = set(names)
    rank = {test: (-len(asked & set(found[test])), -len(found[test]), test) for test in found}
    order = iter(sorted(found, key=rank.__getitem__))
    files = findings.snapshot.files
    told = ((test, said) for test in order if (said := _told(files[test], list(found[test]))))
    yield from (f"- {test}: {said}" for test, said in islice(told, _TESTS))
    if left := len(list(order)):
        yield f"- and {left} more"


def _tests_with(name: str, findings: Findings) -> Iterator[str]:
    files = findings.snapshot.files
    if findings.names.definers(name, tests=False) and not findings.common(name):
        users = (path for path in findings.names.users(name) if path in files)
        yield from (path for path in sorted(users) if files[path].role == "test")


def _told(test: SourceFile, names: Sequence[str]) -> str:
    at = {name: lines for name in names if (lines := _lines(test, name))}
    told = [f"{name} ({_numbers(lines)})" for name, lines in list(at.items())[:_NAMES]]
    more = [f"{len(at) - _NAMES} more names"] if len(at) > _NAMES else []
    return ", ".join([*told, *more])


def _numbers(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:_LINES]))
    more = f" and {len(lines) - _LINES} more" if len(lines) > _LINES else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"


def _lines(test: SourceFile, name: str) -> list[int]:
    """Find the lines that hold a name, also in strings, where mocks have it; no imports."""
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    imports = {one.line for one in test.imports}
    lines = enumerate(test.text.split("\n"), start=1)
    return [number for number, line in lines if number not in imports and whole.search(line)]
