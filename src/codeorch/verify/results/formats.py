"""What a test runner wrote -> the outcome of each test, or at least counts. Untrusted text."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Self
from xml.etree import ElementTree as ET

from codeorch.domain import TestOutcome

_DOC_LINE = re.compile(r" \(line \d+\)")
Tests = dict[str, TestOutcome]
_RANK: dict[TestOutcome, int] = {"skipped": 0, "passed": 1, "failed": 2}
_WORDS: Mapping[str, TestOutcome] = {
    "passed": "passed", "pass": "passed", "ok": "passed",
    "failed": "failed", "fail": "failed", "FAILED": "failed",
    "pending": "skipped", "skipped": "skipped", "skip": "skipped", "todo": "skipped",
    "disabled": "skipped", "ignored": "skipped",
}  # fmt: skip


def worst_outcomes(rows: Iterable[tuple[str, TestOutcome]]) -> Tests:
    """Return the worst outcome of each test: one that fails in its teardown is reported twice."""
    tests: Tests = {}
    for name, outcome in rows:
        if _RANK[outcome] >= _RANK[tests.get(name, "skipped")]:
            tests[name] = outcome
    return tests


# ------------------------------------------------------------------------------- JUnit XML


def junit(text: str) -> Iterator[tuple[str, TestOutcome]]:
    """Read JUnit XML; with the `file` of pytest's xunit1 form, the ids are pytest's own."""
    if "<!DOCTYPE" in text:
        return  # no runner writes one, and entities can grow without bound
    try:
        root = ET.fromstring(text)  # noqa: S314 - see above
    except ET.ParseError:
        return
    for case in root.iter("testcase"):
        kinds = {child.tag for child in case}
        outcome: TestOutcome = "passed"
        if kinds & {"failure", "error"}:
            outcome = "failed"
        elif "skipped" in kinds:
            outcome = "skipped"
        yield _junit_id(case), outcome


def _junit_id(case: ET.Element) -> str:
    owner, name, file = (case.get(key, "") for key in ("classname", "name", "file"))
    if not file.endswith(".py"):
        return f"{owner}.{name}" if owner else name
    module = ".".join(PurePosixPath(file).with_suffix("").parts)
    classes = owner.removeprefix(module).strip(".")
    return "::".join((file, *(classes.split(".") if classes else ()), name))


# ------------------------------------------------------------------------------- JavaScript


def jest(text: str, root: str) -> Iterator[tuple[str, TestOutcome]]:
    """Read the JSON of jest, which vitest writes, too. `root` is cut off the paths."""
    for suite in _dicts(_object(text).get("testResults")):
        file = str(suite.get("name", "")).removeprefix(root).lstrip("/")
        cases = list(_dicts(suite.get("assertionResults")))
        for case in cases:
            outcome = _WORDS.get(str(case.get("status")))
            if outcome:
                yield f"{file} > {case.get('fullName', '')}", outcome
        if not cases and suite.get("status") == "failed":
            yield file, "failed"


def mocha(text: str, root: str) -> Iterator[tuple[str, TestOutcome]]:
    """Read the JSON of mocha."""
    report = _object(text)
    kinds: tuple[tuple[str, TestOutcome], ...] = (
        ("passes", "passed"),
        ("failures", "failed"),
        ("pending", "skipped"),
    )
    for key, outcome in kinds:
        for case in _dicts(report.get(key)):
            file = str(case.get("file") or "").removeprefix(root).lstrip("/")
            yield f"{file} > {case.get('fullTitle', '')}", outcome


def mocha_log(text: str) -> str:
    """Return the failures as mocha itself shows them, which it does not while it writes JSON."""
    failures = []
    for number, case in enumerate(_dicts(_object(text).get("failures")), 1):
        error = case.get("err")
        message = error.get("stack") or error.get("message") if isinstance(error, dict) else ""
        failures.append(f"  {number}) {case.get('fullTitle', '')}:\n{message}\n")
    return "".join(failures)


# ------------------------------------------------------------------------------- Go and Rust


def go(text: str) -> Iterator[tuple[str, TestOutcome]]:
    """Read the events of `go test -json`; a package that fails without a test is named itself."""
    failed_packages: set[str] = set()  # with a test that failed
    for event in go_events(text):
        package, test = str(event.get("Package", "")), event.get("Test")
        outcome = _WORDS.get(str(event.get("Action")))
        if outcome and test:
            if outcome == "failed":
                failed_packages.add(package)
            yield f"{package}.{test}", outcome
        elif outcome == "failed" and package not in failed_packages:
            yield package, "failed"


def go_events(text: str) -> Iterator[dict[str, Any]]:
    """Read the lines that are JSON objects."""
    for line in text.splitlines():
        if line.startswith("{") and (event := _object(line)):
            yield event


def cargo(text: str) -> Iterator[tuple[str, TestOutcome]]:
    """Read what `cargo test` prints; the binary is part of the id, without its hash."""
    binary = ""
    seen: dict[str, int] = {}
    for line in text.splitlines():
        if start := re.match(r"\s+Running (?:unittests )?(\S+)|\s+Doc-tests (\S+)", line):
            binary = start[1] or f"doc {start[2]}"
        elif case := re.match(r"test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)", line):
            # The line of a documentation test moves with every edit above it.
            name = f"{binary} {_DOC_LINE.sub('', case[1])}"
            seen[name] = seen.get(name, 0) + 1
            yield name if seen[name] == 1 else f"{name} #{seen[name]}", _WORDS[case[2]]


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# Each row finds the lines in which one family of runners sums up; then its words are counted.
# Rows are tried in order; all lines of the first row that fits are added up, because workspaces
# print one line for each package.
_SUMMARIES: tuple[tuple[str, Mapping[str, str]], ...] = (
    (  # pytest
        r"^=*\s*(?:\d+ [a-z]+, )*\d+ [a-z]+ in [\d.]+s.*$|^=*\s*no tests (?:ran|collected)\b.*$",
        {"passed": r"(\d+) (?:passed|xpassed)", "failed": r"(\d+) (?:failed|error)",
         "skipped": r"(\d+) (?:skipped|xfailed)"},
    ),
    (  # cargo
        r"^test result: .*$",
        {"passed": r"(\d+) passed", "failed": r"(\d+) failed", "skipped": r"(\d+) ignored"},
    ),
    (  # jest and vitest
        r"^\s*Tests:?\s+.*\d+ (?:passed|failed|skipped|todo|pending|total).*$",
        {"passed": r"(\d+) passed", "failed": r"(\d+) failed",
         "skipped": r"(\d+) (?:skipped|todo|pending)"},
    ),
    (  # surefire's last word: the lines for each class name a time, too
        r"^(?:\[\w+\]\s*)?Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+\s*$",
        {"total": r"run: (\d+)", "failed": r"Failures: (\d+)", "errors": r"Errors: (\d+)",
         "skipped": r"Skipped: (\d+)"},
    ),
    (  # unittest
        r"^Ran \d+ tests? in [\d.]+s$|^(?:OK|FAILED)(?: \(.*\))?$",
        {"total": r"Ran (\d+)", "failed": r"failures=(\d+)", "errors": r"errors=(\d+)",
         "skipped": r"(?:skipped|expected failures)=(\d+)"},
    ),
    (  # mocha
        r"^\s+\d+ (?:passing|failing|pending)\b.*$",
        {"passed": r"(\d+) passing", "failed": r"(\d+) failing", "skipped": r"(\d+) pending"},
    ),
    (  # node --test, in both of its forms
        r"^[#ℹ] (?:pass|fail|skipped|todo|cancelled) \d+$",  # noqa: RUF001 - as node prints it
        {"passed": r"pass (\d+)", "failed": r"fail (\d+)", "errors": r"cancelled (\d+)",
         "skipped": r"(?:skipped|todo) (\d+)"},
    ),
    (  # ctest
        r"^\d+% tests passed, \d+ tests failed out of \d+$",
        {"total": r"out of (\d+)", "failed": r"(\d+) tests failed"},
    ),
    (  # rspec and minitest
        r"^\d+ (?:examples|runs|tests), .*\d+ failures?.*$",
        {"total": r"(\d+) (?:examples|runs|tests)", "failed": r"(\d+) failures?",
         "errors": r"(\d+) errors?", "skipped": r"(\d+) (?:pending|skips)"},
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many tests ended how; None = the output does not tell."""

    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None

    @classmethod
    def of(cls, tests: Mapping[str, TestOutcome]) -> Self:
        """Return the counts of some outcomes."""
        outcomes = tuple(tests.values())
        return cls(
            passed=outcomes.count("passed"),
            failed=outcomes.count("failed"),
            skipped=outcomes.count("skipped"),
        )


def read_counts(log: str) -> Counts:
    """Return the counts that a runner's output sums up; None in each where it does not.

    read_counts("=== 2 passed, 1 failed in 0.1s ===") == Counts(passed=2, failed=1, skipped=0)
    """
    plain = _COLOUR.sub("", log).replace("\r\n", "\n")
    for line, words in _SUMMARIES:
        summary = "\n".join(match.group() for match in re.finditer(line, plain, re.MULTILINE))
        if summary:
            return _counts({word: _sum(pattern, summary) for word, pattern in words.items()})
    return Counts()


def _sum(pattern: str, text: str) -> int:
    return sum(map(int, re.findall(pattern, text)))


def _counts(sums: Mapping[str, int]) -> Counts:
    failed, skipped = sums.get("failed", 0) + sums.get("errors", 0), sums.get("skipped", 0)
    passed = sums["passed"] if "passed" in sums else sums["total"] - failed - skipped
    return Counts(passed=max(0, passed), failed=failed, skipped=skipped)
