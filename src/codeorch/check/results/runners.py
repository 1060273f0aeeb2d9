"""How each runner is asked for a report, and how the report is read."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codeorch.check.results import formats
from codeorch.check.results.counts import Counts, count
from codeorch.check.results.narrow import more
from codeorch.domain import TestOutcome

_LARGEST = 256 << 20  # bytes of a report that are read
# These always tell of the tests they run: when nothing is told, none ran.
_TALKATIVE = frozenset(
    ("pytest", "unittest", "go", "cargo", "jest", "vitest", "mocha", "maven", "gradle")
)
_XML_FOLDERS = {"maven": "target/surefire-reports", "gradle": "build/test-results"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run told about its tests."""

    tests: Mapping[str, TestOutcome]
    counts: Counts
    log: str


def ask(runner: str, argv: tuple[str, ...], report: Path) -> tuple[str, ...]:
    """Extend a command so that it writes a report file."""
    if runner == "go":
        # The events go to the file alone: they are many times what is worth keeping as a log.
        script = 'report=$1; shift; exec "$@" > "$report"'
        go, test, *rest = argv
        return ("/bin/sh", "-c", script, "sh", str(report), go, test, "-json", *rest)
    if runner == "unittest" and argv[1:3] == ("-m", "unittest"):
        script = Path(__file__).with_name("unittest_report.py").read_text("utf-8")
        return (argv[0], "-c", script, str(report), *argv[3:])
    return more(argv, [word.format(report) for word in _ASK.get(runner, ())])


def variables(report: Path) -> dict[str, str]:
    """Give the variables that make pytest write a report, whoever starts it.

    The older form of JUnit XML is the one that names each test's file.
    """
    return {"PYTEST_ADDOPTS": f"--junitxml={report} -o junit_family=xunit1"}


def clear(runner: str, folder: Path) -> None:
    """Take away the reports of an earlier run, or they would pass for those of the next."""
    for file in _xml_files(runner, folder):
        file.unlink(missing_ok=True)


def read(runner: str, log: str, report: Path, folder: Path, where: str) -> Report:
    """Read what a run told. `where` is the path at which it saw its folder."""
    text = "" if runner in _XML_FOLDERS else _text(report)
    rows: Iterator[tuple[str, TestOutcome]]
    if runner in _XML_FOLDERS:
        rows = (row for file in _xml_files(runner, folder) for row in formats.junit(_text(file)))
    elif runner == "cargo":
        rows = formats.cargo(log)
    else:
        rows = _READ.get(runner, _junit)(text, where)
    tests = formats.worst(rows)
    if runner == "go" and text:
        log = _go_log(text, log)
    if runner == "mocha":
        log += formats.mocha_log(text)
    counts = Counts.of(tests) if tests else count(log)
    if counts == Counts() and runner in _TALKATIVE:
        counts = Counts.of({})
    return Report(tests=tests, counts=counts, log=log)


def _xml_files(runner: str, folder: Path) -> list[Path]:
    if runner not in _XML_FOLDERS:
        return []
    inside = folder.resolve()
    found = folder.glob(f"**/{_XML_FOLDERS[runner]}/**/*.xml")
    # A test may have put a link to the user's files in the place of a folder.
    return sorted(file for file in found if file.resolve().is_relative_to(inside))


def _junit(text: str, _where: str) -> Iterator[tuple[str, TestOutcome]]:
    return formats.junit(text)


def _go(text: str, _where: str) -> Iterator[tuple[str, TestOutcome]]:
    return formats.go(text)


_ASK: Mapping[str, tuple[str, ...]] = {
    "vitest": ("--reporter=default", "--reporter=json", "--outputFile.json={}"),
    "jest": ("--json", "--outputFile={}"),
    "mocha": ("--reporter", "json", "--reporter-option", "output={}"),
}
_READ: Mapping[str, Callable[[str, str], Iterator[tuple[str, TestOutcome]]]] = {
    "vitest": formats.jest,
    "jest": formats.jest,
    "mocha": formats.mocha,
    "go": _go,
}


def _go_log(events: str, log: str) -> str:
    """Put together the output of what failed; of the rest, the lines that sum up a package."""
    failed = {name for name, outcome in formats.worst(formats.go(events)).items()
              if outcome == "failed"}  # fmt: skip
    kept = []
    for event in formats.go_events(events):
        package, test = event.get("Package", ""), event.get("Test")
        if event.get("Action") in ("output", "build-output") and (
            not test or f"{package}.{test}" in failed
        ):
            kept.append(str(event.get("Output", "")))
    return log + "".join(kept)


def _text(path: Path) -> str:
    """Read a file that a test may have swapped for a link, a pipe or something huge."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return ""
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    finally:
        os.close(fd)
