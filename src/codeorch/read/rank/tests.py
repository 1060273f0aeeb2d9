"""Source files -> the test files that belong to them, judged by their paths alone."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from codeorch.read.roles import is_test

# What frameworks add to a source's name to name its test.
_ADDED = re.compile(r"^tests?[_-]|[_.-](tests?|specs?|it)$|(?<=[a-z0-9])(Tests?|Specs?|IT)$")
_MANY = 3  # tests of one name, after which the name says nothing


def tests_of(sources: Sequence[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Name the tests of some sources, those of the first ones first.

    A test of the same name as its source comes before one whose name only begins with the
    source's, and of several the one in the nearest folder. Where many tests have a name such as
    `index`, only those near to the source count.
    """
    tests = [(path, _stem(path)) for path in paths if is_test(path)]
    scores: dict[str, float] = {}
    for place, source in enumerate(sources):
        for path, fit in _fits(source, tests):
            scores[path] = max(scores.get(path, 0.0), fit / (place + 4))
    return tuple(sorted(scores, key=lambda path: (-scores[path], path)))


def _fits(source: str, tests: Sequence[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    name, family = _name(source), _family(source)
    akin = [(path, stem) for path, stem in tests if _family(path) == family]
    same = [path for path, stem in akin if stem == name]
    far = len(same) > _MANY
    yield from (
        (path, 3.0 + near / 2)
        for path in same
        if (near := _nearness(source, path)) > 0.5 or not far
    )
    if len(name) > 3 and not far:
        begins = re.compile(rf"{re.escape(name)}[_.-]|.*[_.-]{re.escape(name)}$")
        yield from (
            (path, 1.0 + _nearness(source, path)) for path, stem in akin if begins.match(stem)
        )


def _nearness(source: str, test: str) -> float:
    """Say how much of its folders a test shares with a source: from 0 to 1."""
    ours, theirs = _folders(source), _folders(test)
    shared = len(set(ours) & set(theirs))
    return shared / max(1, len(ours))


def _folders(path: str) -> list[str]:
    return [part.lower() for part in PurePosixPath(path).parts[:-1]]


def _name(source: str) -> str:
    return PurePosixPath(source).name.split(".")[0].strip("_").lower()


def _stem(test: str) -> str:
    """Give the name of a test file without what makes it the name of a test."""
    stem = PurePosixPath(test).name
    stem = stem[: -len(PurePosixPath(test).suffix)] if PurePosixPath(test).suffix else stem
    return _ADDED.sub("", stem).strip("_").lower()


def _family(path: str) -> str:
    """Name the languages that a file's tests may be written in; data has none."""
    suffix = PurePosixPath(path).suffix.lower()
    return _FAMILIES.get(suffix, suffix)


_FAMILIES = {
    suffix: family
    for family, suffixes in {
        "js": ".js .jsx .mjs .cjs .ts .tsx .mts .cts .vue .svelte",
        "c": ".c .cc .cpp .cxx .h .hh .hpp",
        "jvm": ".java .kt .scala .groovy",
    }.items()
    for suffix in suffixes.split()
}
