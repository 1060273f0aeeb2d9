"""How each runner writes a report, how that is read, and how it runs only some tests."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from codeorch.domain import TestOutcome
from codeorch.sandbox import read_written
from codeorch.verify.results import formats
from codeorch.verify.results.formats import Counts, read_counts

_MOST_BYTES = 256 << 20  # of a report; a larger one counts as none
# These always report the tests they run: when nothing is reported, none ran.
_ALWAYS_REPORTING = frozenset(
    ("pytest", "unittest", "go", "cargo", "jest", "vitest", "mocha", "maven", "gradle")
)
_XML_FOLDERS = {"maven": "target/surefire-reports", "gradle": "build/test-results"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of each test of a run, as far as its runner reports it, and the log."""

    tests: Mapping[str, TestOutcome]
    counts: Counts
    log: str


def with_report(runner: str, argv: tuple[str, ...], report: Path) -> tuple[str, ...]:
    """Return a command extended so that it writes a report to a file, where its runner can."""
    if runner == "go":
        # The events go to the file alone: they are many times what is worth keeping as a log.
        script = 'report=$1; shift; exec "$@" > "$report"'
        go, test, *rest = argv
        return ("/bin/sh", "-c", script, "sh", str(report), go, test, "-json", *rest)
    if runner == "unittest" and argv[1:3] == ("-m", "unittest"):
        script = Path(__file__).with_name("unittest_report.py").read_text("utf-8")
        return (argv[0], "-c", script, str(report), *argv[3:])
    return append_words(argv, [word.format(report) for word in _REPORT_OPTIONS.get(runner, ())])


def report_variables(report: Path) -> dict[str, str]:
    """Return the variables that make pytest write a report, whoever starts it.

    The older form of JUnit XML is the one that names each test's file.
    """
    return {"PYTEST_ADDOPTS": f"--junitxml={report} -o junit_family=xunit1"}


def clear_reports(runner: str, folder: Path) -> None:
    """Delete the reports of an earlier run, or they would pass for those of the next."""
    for file in _xml_files(runner, folder):
        file.unlink(missing_ok=True)


def read_report(runner: str, log: str, report: Path, folder: Path, root: str) -> Report:
    """Return the outcomes of a run, by its report where there is one, else by its log.

    `folder` is the checkout, and `root` the path at which the run saw it.
    """
    text = "" if runner in _XML_FOLDERS else _text(report)
    rows: Iterator[tuple[str, TestOutcome]]
    if runner in _XML_FOLDERS:
        rows = (row for file in _xml_files(runner, folder) for row in formats.junit(_text(file)))
    elif runner == "cargo":
        rows = formats.cargo(log)
    else:
        rows = _REPORT_READERS.get(runner, _junit)(text, root)
    tests = formats.worst_outcomes(rows)
    if runner == "go" and text:
        log = _go_log(text, log)
    if runner == "mocha":
        log += formats.mocha_log(text)
    counts = Counts.of(tests) if tests else read_counts(log)
    if counts == Counts() and runner in _ALWAYS_REPORTING:
        counts = Counts.of({})
    return Report(tests=tests, counts=counts, log=log)


def _xml_files(runner: str, folder: Path) -> list[Path]:
    if runner not in _XML_FOLDERS:
        return []
    inside = folder.resolve()
    try:
        files = list(folder.glob(f"**/{_XML_FOLDERS[runner]}/**/*.xml"))
        # A test may have put a link to the user's files in the place of a folder, or one to itself.
        return sorted(file for file in files if Path(os.path.realpath(file)).is_relative_to(inside))
    except (OSError, RecursionError):  # or made folders deeper than names may be long
        return []


def _junit(text: str, _root: str) -> Iterator[tuple[str, TestOutcome]]:
    return formats.junit(text)


def _go(text: str, _root: str) -> Iterator[tuple[str, TestOutcome]]:
    return formats.go(text)


_REPORT_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "vitest": ("--reporter=default", "--reporter=json", "--outputFile.json={}"),
    "jest": ("--json", "--outputFile={}"),
    "mocha": ("--reporter", "json", "--reporter-option", "output={}"),
}
_REPORT_READERS: Mapping[str, Callable[[str, str], Iterator[tuple[str, TestOutcome]]]] = {
    "vitest": formats.jest,
    "jest": formats.jest,
    "mocha": formats.mocha,
    "go": _go,
}


def _go_log(events: str, log: str) -> str:
    """Return the output of what failed; of the rest, the lines that sum up a package."""
    outcomes = formats.worst_outcomes(formats.go(events))
    failed_tests = {name for name, outcome in outcomes.items() if outcome == "failed"}
    output = []
    for event in formats.go_events(events):
        package, test = event.get("Package", ""), event.get("Test")
        if event.get("Action") in ("output", "build-output") and (
            not test or f"{package}.{test}" in failed_tests
        ):
            output.append(str(event.get("Output", "")))
    return log + "".join(output)


def _text(path: Path) -> str:
    return (read_written(path, _MOST_BYTES) or b"").decode("utf-8", "replace")


Argv = tuple[str, ...]
_NEED_DASHES = ("npm", "bun")  # these want `--` before words that they pass on


def select_tests(runner: str, argv: Argv, tests: Sequence[str]) -> Argv | None:
    """Return the command that runs these tests alone; None where the runner has none."""
    select = _TEST_SELECTORS.get(runner)
    return select(argv, tests) if select and tests else None


def select_files(runner: str, argv: Argv, paths: Sequence[str]) -> Argv | None:
    """Return the command that runs the tests of these files; None where the runner has none."""
    select = _FILE_SELECTORS.get(runner)
    return select(argv, paths) if select and paths else None


def append_words(argv: Argv, words: Sequence[str]) -> Argv:
    """Return a command with more words for the runner, through whatever starts it."""
    needs_dashes = words and argv[0] in _NEED_DASHES and "--" not in argv
    return (*argv, *(("--",) if needs_dashes else ()), *words)


# ------------------------------------------------------------------------------- some tests


def _pytest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return (*argv, *tests) if all("::" in test for test in tests) else None


def _unittest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    names = (re.fullmatch(r"([\w.]+\.)+\w+", test) for test in tests)
    return (*argv, *tests) if all(names) else None


def _jest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return append_words(
        argv, ("--testNamePattern", _titles(tests), "--runTestsByPath", *_files(tests))
    )


def _vitest(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return append_words(argv, ("--testNamePattern", _titles(tests), *_files(tests)))


def _mocha(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return append_words(argv, ("--grep", _titles(tests)))


def _files(tests: Sequence[str]) -> Iterator[str]:
    yield from dict.fromkeys(test.partition(" > ")[0] for test in tests)


def _titles(tests: Sequence[str]) -> str:
    titles = (test.partition(" > ")[2] for test in tests)
    return f"^({'|'.join(sorted({re.escape(title) for title in titles}))})$"


def _go_tests(argv: Argv, tests: Sequence[str]) -> Argv | None:  # noqa: ARG001 - the whole of it is new
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
    test_filter = ",".join(f"{owner}#{'+'.join(names)}" for owner, names in methods.items())
    return _surefire(argv, test_filter)


def _gradle(argv: Argv, tests: Sequence[str]) -> Argv | None:
    return _gradle_filter(argv, dict.fromkeys(".".join(pair) for pair in _java(tests)))


def _java(tests: Sequence[str]) -> Iterator[tuple[str, str]]:
    for test in tests:
        bare = re.split(r"[(\[{ ]", test)[0]  # a parametrized test is named with its values
        owner, _, method = bare.rpartition(".")
        yield owner, method


def _surefire(argv: Argv, test_filter: str) -> Argv:
    no_test_is_no_failure = ("-Dsurefire.failIfNoSpecifiedTests=false", "-DfailIfNoTests=false")
    return (*argv, f"-Dtest={test_filter}", *no_test_is_no_failure)


def _gradle_filter(argv: Argv, names: Iterator[str] | Mapping[str, None]) -> Argv:
    *head, task = argv  # without the other task, nothing new would run at all
    return (*head, "cleanTest", task, *(word for name in names for word in ("--tests", name)))


# ------------------------------------------------------------------------------- some files


def _by_path(argv: Argv, paths: Sequence[str]) -> Argv:
    return append_words(argv, paths)


def _jest_files(argv: Argv, paths: Sequence[str]) -> Argv:
    return append_words(argv, ("--runTestsByPath", *paths))


def _go_packages(argv: Argv, paths: Sequence[str]) -> Argv:
    folders = sorted({PurePosixPath(path).parent.as_posix() for path in paths})
    return (*(word for word in argv if word != "./..."), *(f"./{folder}" for folder in folders))


def _maven_classes(argv: Argv, paths: Sequence[str]) -> Argv:
    return _surefire(argv, ",".join(PurePosixPath(path).stem for path in paths))


def _gradle_classes(argv: Argv, paths: Sequence[str]) -> Argv:
    return _gradle_filter(argv, (f"*{PurePosixPath(path).stem}" for path in paths))


_TEST_SELECTORS: Mapping[str, Callable[[Argv, Sequence[str]], Argv | None]] = {
    "pytest": _pytest,
    "unittest": _unittest,
    "jest": _jest,
    "vitest": _vitest,
    "mocha": _mocha,
    "go": _go_tests,
    "cargo": _cargo,
    "maven": _maven,
    "gradle": _gradle,
}
_FILE_SELECTORS: Mapping[str, Callable[[Argv, Sequence[str]], Argv | None]] = {
    "pytest": _by_path,
    "unittest": _by_path,
    "jest": _jest_files,
    "vitest": _by_path,
    "go": _go_packages,
    "maven": _maven_classes,
    "gradle": _gradle_classes,
}
