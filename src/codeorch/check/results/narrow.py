"""A command that runs all tests -> one that runs some of them, in each runner's own way."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

Argv = tuple[str, ...]
_BEFORE_WORDS_FOR_THE_SCRIPT = ("npm", "bun")  # these want `--` before words that they pass on


def only(runner: str, argv: Argv, tests: Sequence[str]) -> Argv | None:
    """Run these tests alone; None where the runner cannot be told so."""
    narrow = _ONLY.get(runner)
    return narrow(argv, tests) if narrow and tests else None


def within(runner: str, argv: Argv, paths: Sequence[str]) -> Argv | None:
    """Run the tests of these files; None where the runner does not go by files."""
    narrow = _WITHIN.get(runner)
    return narrow(argv, paths) if narrow and paths else None


def more(argv: Argv, words: Sequence[str]) -> Argv:
    """Append words for the runner, through whatever starts it."""
    wanted = words and argv[0] in _BEFORE_WORDS_FOR_THE_SCRIPT and "--" not in argv
    return (*argv, *(("--",) if wanted else ()), *words)


# ------------------------------------------------------------------------------- some tests


def _pytest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return (*argv, *tests) if all("::" in test for test in tests) else None


def _unittest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    names = (re.fullmatch(r"([\w.]+\.)+\w+", test) for test in tests)
    return (*argv, *tests) if all(names) else None


def _jest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return more(argv, ("--testNamePattern", _titles(tests), "--runTestsByPath", *_files(tests)))


def _vitest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return more(argv, ("--testNamePattern", _titles(tests), *_files(tests)))


def _mocha(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return more(argv, ("--grep", _titles(tests)))


def _files(tests: Sequence[str]) -> Iterator[str]:
    yield from dict.fromkeys(test.partition(" > ")[0] for test in tests)


def _titles(tests: Sequence[str]) -> str:
    titles = (test.partition(" > ")[2] for test in tests)
    return f"^({'|'.join(sorted({re.escape(title) for title in titles}))})$"


def _go(argv: Argv, tests: Sequence[str]) -> Argv | None:  # noqa: ARG001 - the whole of it is new
    rows = [re.match(r"(.*?[^/]*)\.(Test[^/]*)", test) for test in tests]
    if not all(rows):
        return None
    names = "|".join(sorted({row[2] for row in rows if row}))
    packages = sorted({row[1] for row in rows if row})
    return ("go", "test", "-count=1", "-run", f"^({names})$", *packages)


def _cargo(argv: Argv, tests: Sequence[str]) -> Argv | None:
    if any(test.startswith("doc ") for test in tests):
        return None
    names = dict.fromkeys(test.partition(" ")[2] for test in tests)
    return (*argv, "--", "--exact", *names)


def _maven(argv: Argv, tests: Sequence[str]) -> Argv | None:
    methods: dict[str, dict[str, None]] = {}
    for owner, method in _java(tests):
        methods.setdefault(owner, {})[method] = None
    chosen = ",".join(f"{owner}#{'+'.join(names)}" for owner, names in methods.items())
    return _surefire(argv, chosen)


def _gradle(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return _gradle_filter(argv, dict.fromkeys(".".join(pair) for pair in _java(tests)))


def _java(tests: Sequence[str]) -> Iterator[tuple[str, str]]:
    for test in tests:
        bare = re.split(r"[(\[{ ]", test)[0]  # a parametrized test is named with its values
        owner, _, method = bare.rpartition(".")
        yield owner, method


def _surefire(argv: Argv, chosen: str) -> Argv:
    anyway = ("-Dsurefire.failIfNoSpecifiedTests=false", "-DfailIfNoTests=false")
    return (*argv, f"-Dtest={chosen}", *anyway)


def _gradle_filter(argv: Argv, names: Iterator[str] | Mapping[str, None]) -> Argv:
    *head, task = argv  # without the other task, nothing new would run at all
    return (*head, "cleanTest", task, *(word for name in names for word in ("--tests", name)))


# ------------------------------------------------------------------------------- some files


def _by_path(argv: Argv, paths: Sequence[str]) -> Argv:
    return more(argv, paths)


def _jest_files(argv: Argv, paths: Sequence[str]) -> Argv:
    return more(argv, ("--runTestsByPath", *paths))


def _go_packages(argv: Argv, paths: Sequence[str]) -> Argv:
    folders = sorted({PurePosixPath(path).parent.as_posix() for path in paths})
    return (*(word for word in argv if word != "./..."), *(f"./{folder}" for folder in folders))


def _maven_classes(argv: Argv, paths: Sequence[str]) -> Argv:
    return _surefire(argv, ",".join(PurePosixPath(path).stem for path in paths))


def _gradle_classes(argv: Argv, paths: Sequence[str]) -> Argv:
    return _gradle_filter(argv, (f"*{PurePosixPath(path).stem}" for path in paths))


_ONLY: Mapping[str, Callable[[Argv, Sequence[str]], Argv | None]] = {
    "pytest": _pytest,
    "unittest": _unittest,
    "jest": _jest,
    "vitest": _vitest,
    "mocha": _mocha,
    "go": _go,
    "cargo": _cargo,
    "maven": _maven,
    "gradle": _gradle,
}
_WITHIN: Mapping[str, Callable[[Argv, Sequence[str]], Argv | None]] = {
    "pytest": _by_path,
    "unittest": _by_path,
    "jest": _jest_files,
    "vitest": _by_path,
    "go": _go_packages,
    "maven": _maven_classes,
    "gradle": _gradle_classes,
}
