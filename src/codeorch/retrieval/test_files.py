"""Source files -> the test files that belong to them, judged by their paths alone."""

import re
from collections.abc import Iterable, Iterator, Sequence

from codeorch.languages import family_for_tests
from codeorch.source import is_test

# What frameworks add to a source's name to name its test.
_ADDED = re.compile(r"^tests?[_-]|[_.-](tests?|specs?|it)$|(?<=[a-z0-9])(Tests?|Specs?|IT)$")
_MANY = 3  # tests of one name, after which the name says nothing


def tests_of(sources: Sequence[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Return the tests of some sources among the paths, those of the first sources first.

    A test of the same name as its source comes before one whose name only begins with the
    source's, and of several the one in the nearest folder. Where many tests have a name such as
    `index`, only those near to the source count.
    """
    tests: dict[str, list[tuple[str, str]]] = {family_for_tests(source): [] for source in sources}
    for path in paths:
        if (family := tests.get(family_for_tests(path))) is not None and is_test(path):
            family.append((path, _subject(path)))
    scores: dict[str, float] = {}
    for place, source in enumerate(sources):
        for path, fit in _fits(source, tests[family_for_tests(source)]):
            scores[path] = max(scores.get(path, 0.0), fit / (place + 4))
    return tuple(sorted(scores, key=lambda path: (-scores[path], path)))


def _fits(source: str, tests: Sequence[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    name = _parts(source)[1].split(".")[0].strip("_").lower()
    same = [path for path, subject in tests if subject == name]
    far = len(same) > _MANY
    yield from (
        (path, 3.0 + near / 2)
        for path in same
        if (near := _nearness(source, path)) > 0.5 or not far
    )
    if len(name) > 3 and not far:
        begins = re.compile(rf"{re.escape(name)}[_.-]|.*[_.-]{re.escape(name)}$")
        yield from (
            (path, 1.0 + _nearness(source, path))
            for path, subject in tests
            if begins.match(subject)
        )


def _nearness(source: str, test: str) -> float:
    """Return how much of its folders a source shares with a test: from 0 to 1."""
    source_folders, test_folders = (_parts(path)[0].lower().split("/") for path in (source, test))
    shared = len({*source_folders} & {*test_folders} - {""})
    return shared / max(1, len(source_folders))


def _subject(test: str) -> str:
    """Return the name of a test file without what makes it the name of a test."""
    return _ADDED.sub("", _parts(test)[1]).strip("_").lower()


def _parts(path: str) -> tuple[str, str, str]:
    """Return a path's folder, its name without the suffix, and the suffix in lower case."""
    folder, _, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return (folder, stem, f"{dot}{suffix.lower()}") if stem else (folder, name, "")
