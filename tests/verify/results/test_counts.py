import pytest

from codeorch.verify.results import Counts, read_counts

_I = "\N{INFORMATION SOURCE}"
LOGS = {
    "pytest": ("collected 4 items\n== 1 failed, 2 passed, 1 skipped in 0.12s ==\n", (2, 1, 1)),
    "pytest -q": ("..\n2 passed in 0.01s\n", (2, 0, 0)),
    "pytest with colours": ("\x1b[32m\x1b[1m3 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m\n", (3, 0, 0)),
    "pytest with errors": ("== 1 passed, 2 errors in 61.02s (0:01:01) ==\n", (1, 2, 0)),
    "pytest with warnings": ("== 1 passed, 1 xfailed, 9 warnings in 1.02s ==\n", (1, 0, 1)),
    "pytest without tests": ("== no tests ran in 0.00s ==\n", (0, 0, 0)),
    "pytest with all deselected": ("== 3 deselected in 0.00s ==\n", (0, 0, 0)),
    "pytest twice": ("= 2 passed in 0.1s =\nmore\n= 1 failed, 3 passed in 0.2s =\n", (5, 1, 0)),
    "cargo": (
        ("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n"
        "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n"),
        (4, 2, 1),
    ),
    "jest": (
        "Test Suites: 1 failed, 1 total\nTests:       1 failed, 2 passed, 3 total\n", (2, 1, 0)),
    "vitest": (" Test Files  1 passed (1)\n      Tests  2 passed | 1 skipped (3)\n", (2, 0, 1)),
    "maven": (
        ("[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in A\n"
        "[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1\n"),
        (2, 2, 1),
    ),
    "unittest": ("Ran 5 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1)\n", (2, 2, 1)),
    "unittest, all well": ("Ran 1 test in 0.000s\n\nOK\n", (1, 0, 0)),
    "unittest without tests": ("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", (0, 0, 0)),
    "mocha": ("  3 passing (12ms)\n  1 pending\n  2 failing\n", (3, 2, 1)),
    "node --test, as TAP": ("# tests 3\n# pass 2\n# fail 1\n# skipped 0\n# todo 0\n", (2, 1, 0)),
    "node --test": (f"{_I} pass 2\n{_I} fail 0\n{_I} cancelled 1\n{_I} skipped 0\n", (2, 1, 0)),
    "ctest": ("80% tests passed, 1 tests failed out of 5\n", (4, 1, 0)),
    "rspec": ("5 examples, 1 failure, 1 pending\n", (3, 1, 1)),
    "minitest": ("4 runs, 9 assertions, 1 failures, 1 errors, 0 skips\n", (2, 2, 0)),
    "no runner": ("all is well\n12 files checked\n", (None, None, None)),
    "nothing": ("", (None, None, None)),
}  # fmt: skip


@pytest.mark.parametrize("runner", LOGS)
def test_counts_are_read_from_the_summary(runner):
    log, (passed, failed, skipped) = LOGS[runner]
    assert read_counts(log) == Counts(passed=passed, failed=failed, skipped=skipped)
