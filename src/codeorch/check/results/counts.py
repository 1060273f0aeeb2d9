"""How many tests passed, failed and were skipped, read from what runners print."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from codeorch.domain import TestOutcome

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
        """Count outcomes."""
        outcomes = tuple(tests.values())
        return cls(
            passed=outcomes.count("passed"),
            failed=outcomes.count("failed"),
            skipped=outcomes.count("skipped"),
        )


def count(log: str) -> Counts:
    """Read the counts from a runner's output."""
    plain = _COLOUR.sub("", log).replace("\r\n", "\n")
    for line, words in _SUMMARIES:
        found = "\n".join(match.group() for match in re.finditer(line, plain, re.MULTILINE))
        if found:
            return _counts({word: _sum(pattern, found) for word, pattern in words.items()})
    return Counts()


def _sum(pattern: str, text: str) -> int:
    return sum(map(int, re.findall(pattern, text)))


def _counts(sums: Mapping[str, int]) -> Counts:
    failed, skipped = sums.get("failed", 0) + sums.get("errors", 0), sums.get("skipped", 0)
    passed = sums["passed"] if "passed" in sums else sums["total"] - failed - skipped
    return Counts(passed=max(0, passed), failed=failed, skipped=skipped)
