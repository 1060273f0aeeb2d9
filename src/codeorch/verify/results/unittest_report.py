"""Runs unittest as `python -m unittest` does, and writes how each test ended as JUnit XML.

This text is handed to the project's own interpreter, which may be older than ours and has nothing
of ours. Its first argument is the report's path, the others are unittest's own.
"""

import sys
import unittest
from xml.sax.saxutils import quoteattr

_REPORT = sys.argv.pop(1)


class _Result(unittest.TextTestResult):
    def startTestRun(self) -> None:  # noqa: N802 - unittest's own name
        super().startTestRun()
        self.started = []  # type: list[str]

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's own name
        super().startTest(test)
        self.started.append(test.id())

    def rows(self) -> "dict[str, str]":
        """Return each test with what it holds in the report; a part of a test counts for it."""
        rows = dict.fromkeys(self.started, "")
        for tests, mark in (
            (self.skipped, "<skipped/>"),
            ([(test, "") for test in self.unexpectedSuccesses], "<failure/>"),
            (self.failures, "<failure/>"),
            (self.errors, "<error/>"),
        ):
            for test, _ in tests:
                rows[getattr(test, "test_case", test).id()] = mark
        return rows


class _Runner(unittest.TextTestRunner):
    resultclass = _Result  # type: ignore[assignment]

    def run(self, test: "unittest.TestSuite | unittest.TestCase") -> _Result:
        result = super().run(test)
        assert isinstance(result, _Result)
        rows = result.rows().items()
        cases = (f"<testcase name={quoteattr(name)}>{mark}</testcase>" for name, mark in rows)
        with open(_REPORT, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - old
            file.write("\n".join(("<testsuite>", *cases, "</testsuite>")))
        return result


sys.argv[0] = "python -m unittest"
unittest.main(module=None, testRunner=_Runner)
