"""Logs as runners write them: those of installed ones are made here, the others are samples."""

import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.verify.failure_excerpt import failure_excerpt, failures_of

CALC = "import json\n\ndef parse(text):\n    return json.loads(text)\n"
BROKEN = (
    "from calc import parse\n{0}\ndef test_fine():\n    pass\n\ndef test_old():\n    assert 0\n"
)


@pytest.fixture
def log_of(tmp_path):
    """Write files, run a command among them, and give all that it prints."""

    def run(files, *argv):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "GOFLAGS": "-vet=off"}
        done = subprocess.run(
            argv, cwd=tmp_path, env=env, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout

    return run


def test_of_pytest_stay_the_assertion_and_the_frames_of_the_repository(log_of, tmp_path):
    files = {
        "calc.py": CALC,
        "test_calc.py": (
            "from calc import parse\n\ndef test_old():\n    assert 1 == 2\n\n"
            "def test_json():\n    assert parse('{') == {}\n\ndef test_more():\n    assert 3 == 4\n"
        ),
    }
    log = log_of(files, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    broken = ["test_calc.py::test_json", "test_calc.py::test_more"]
    trimmed = failure_excerpt(log, files, str(tmp_path), broken)
    assert ">       assert parse('{') == {}" in trimmed
    assert "calc.py:4: in parse" in trimmed
    assert "E           json.decoder.JSONDecodeError: Expecting property name" in trimmed
    assert "json/decoder.py" not in trimmed
    assert "scan_once" not in trimmed
    assert "test_old" not in trimmed
    assert trimmed.splitlines()[-1] == "test_more: E assert 3 == 4"


def test_of_unittest_stay_the_assertion_and_the_frames_of_the_repository(log_of, tmp_path):
    files = {
        "calc.py": CALC,
        "test_calc.py": (
            "import unittest\nfrom calc import parse\n\nclass CalcTest(unittest.TestCase):\n"
            "    def test_json(self):\n        self.assertEqual(parse('{'), {})\n"
        ),
    }
    log = log_of(files, sys.executable, "-m", "unittest")
    trimmed = failure_excerpt(log, files, str(tmp_path), ["test_calc.CalcTest.test_json"])
    assert '  File "test_calc.py", line 6, in test_json' in trimmed
    assert '  File "calc.py", line 4, in parse' in trimmed
    assert trimmed.count('  File "') == 2
    assert trimmed.splitlines()[-1].startswith("json.decoder.JSONDecodeError: ")


def test_of_go_stays_what_the_broken_test_said(log_of, tmp_path):
    if not shutil.which("go"):
        pytest.skip("go is not installed here")
    files = {
        "go.mod": "module example.org/m\n\ngo 1.18\n",
        "m_test.go": (
            'package m\n\nimport "testing"\n\nfunc TestOld(t *testing.T) { t.Error("old") }\n'
            'func TestNew(t *testing.T) { t.Error("got 3") }\n'
        ),
    }
    log = log_of(files, "go", "test", "-v", "./...")
    trimmed = failure_excerpt(log, files, str(tmp_path), ["example.org/m.TestNew"])
    assert "m_test.go:6: got 3" in trimmed
    assert "old" not in trimmed


ARROW = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
BULLET = "\N{BLACK CIRCLE}"
CHEVRON = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
SAMPLES = {
    "jest": (
        f"""
FAIL test/a.test.js
  {BULLET} box {CHEVRON} opens

    expect(received).toBe(expected)

    Expected: 1
    Received: 2

      at Object.toBe (test/a.test.js:4:9)
      at run (node_modules/jest-circus/build/run.js:10:5)
      at node:internal/process/task_queues:95:5

Test Suites: 1 failed, 1 total
""",
        ["test/a.test.js > box opens"],
        ["Expected: 1", "at Object.toBe (test/a.test.js:4:9)"],
        ["jest-circus", "task_queues", "Test Suites"],
    ),
    "vitest": (
        f"""
 FAIL  test/a.test.js > box > opens
Error: expected 2 to be 1
 {ARROW} test/a.test.js:4:9
      3| test
       | ^
 {ARROW} run node_modules/vitest/dist/x.js:1:2
      3| theirs
 Test Files  1 failed
""",
        ["test/a.test.js > box opens"],
        ["Error: expected 2 to be 1", "test/a.test.js:4:9", "3| test"],
        ["node_modules", "theirs", "Test Files"],
    ),
    "cargo": (
        """
---- tests::old stdout ----
old

---- tests::opens stdout ----

thread 'tests::opens' (7) panicked at src/lib.rs:6:14:
assertion failed
stack backtrace:
   0: core::panicking::panic_fmt
             at /rustc/abc/library/core/src/panicking.rs:80:14
   1: m::tests::opens
             at ./src/lib.rs:6:14

failures:
    tests::opens
""",
        ["src/lib.rs tests::opens"],
        ["panicked at src/lib.rs:6:14", "1: m::tests::opens"],
        ["tests::old", "panic_fmt", "/rustc/"],
    ),
    "rust that does not compile": (
        """
   Compiling m
error[E0425]: cannot find value `x`
 --> src/lib.rs:3:5
  |
3 | x

error: aborting due to 1 previous error
""",
        [],
        ["cannot find value `x`", "--> src/lib.rs:3:5"],
        ["Compiling", "aborting"],
    ),
    "maven": (
        """
[ERROR] org.m.BoxTest.opens -- Time elapsed: 0.01 s <<< FAILURE!
org.opentest4j.AssertionFailedError: expected: <1> but was: <2>
\tat org.junit.jupiter.api.Assertions.assertEquals(Assertions.java:150)
\tat org.m.BoxTest.opens(BoxTest.java:9)
\tat java.base/java.lang.reflect.Method.invoke(Method.java:569)
[INFO]
[INFO] more
""",
        ["org.m.BoxTest.opens"],
        ["expected: <1> but was: <2>", "at org.m.BoxTest.opens(BoxTest.java:9)"],
        ["Assertions.java", "Method.java", "more"],
    ),
    "gradle": (
        """
BoxTest > opens() FAILED
    org.opentest4j.AssertionFailedError at BoxTest.java:9

3 tests completed, 1 failed
""",
        ["org.m.BoxTest.opens()"],
        ["BoxTest.java:9"],
        ["completed"],
    ),
    "no runner": (
        """
make: *** [test] Error 1
""",
        [],
        ["make: *** [test] Error 1"],
        [],
    ),
}
PATHS = ["src/lib.rs", "test/a.test.js", "src/test/java/org/m/BoxTest.java"]


@pytest.mark.parametrize("runner", SAMPLES)
def test_of_every_runner_stays_what_mending_needs(runner):
    log, broken, kept, left_out = SAMPLES[runner]
    trimmed = failure_excerpt(f"\x1b[1mpreparing\x1b[0m\n{log}", PATHS, "/work", broken)
    assert [text for text in kept if text not in trimmed] == []
    assert [text for text in left_out if text in trimmed] == []


def test_of_many_failures_one_is_told_whole_and_the_others_in_a_line():
    part = (
        "{0}\n{1}: t{2} (m.T.t{2})\n{3}\nTraceback (most recent call last):\nValueError: no {2}\n\n"
    )
    log = "".join(part.format("=" * 70, "ERROR", number, "-" * 70) for number in range(40))
    lines = failure_excerpt(log, [], "/work").splitlines()
    assert lines[-1] == "and 19 more failures"
    assert lines[-2] == "ERROR: t20 (m.T.t20): ValueError: no 20"
    assert lines.count("Traceback (most recent call last):") == 1


def test_a_flood_is_cut_and_its_end_is_kept():
    log = "_" * 9 + " test_x " + "_" * 9 + "\n" + "x\n" * 99_999 + "E   assert 1 == 2\n"
    trimmed = failure_excerpt(log, [], "/work")
    assert len(trimmed) < 4_100
    assert trimmed.endswith("E   assert 1 == 2")


@given(st.lists(st.sampled_from([
    "___ a ___", "=== b ===", "E   x", "a.py:1: in f", '  File "a.py", line 1', "  at f (a.js:1:2)",
    "\tat a.b.C.d(C.java:1)",
    "_ _ _ _", "", "    code", "--- FAIL: T", "=== RUN   T", "\t/a.go:1",
])), st.lists(st.sampled_from(["a.py::a", "T", "", "x > y"])))  # fmt: skip
def test_any_mixture_of_parts_is_trimmed_to_its_room(lines, broken):
    assert len(failure_excerpt("\n".join(lines), ["a.py"], "/work", broken)) <= 6_020


def test_each_newly_failing_test_has_its_part_of_the_log():
    log = (
        "=================================== FAILURES ===================================\n"
        "___________________________________ test_a ____________________________________\n\n"
        "E   assert 1 == 2\n\n/root/tests/test_x.py:3: AssertionError\n"
        "__________________________________ test_b[7] __________________________________\n\n"
        f"E   {'long ' * 900}\n"
        "=========================== short test summary info ============================\n"
    )
    broken = ["tests/test_x.py::test_a", "tests/test_x.py::test_b[7]", "tests/test_x.py::test_c"]
    found = failures_of(log, ["tests/test_x.py"], "/root", broken)
    assert list(found) == broken[:2]
    assert "assert 1 == 2" in found[broken[0]]
    assert "\ntests/test_x.py:3: AssertionError" in found[broken[0]]
    assert "test_b" not in found[broken[0]]
    assert len(found[broken[1]]) <= 2_010


def test_a_failure_ends_before_the_table_of_a_plugin():
    """pytest-pretty draws one after the last failure, without pytest's own ruled line."""
    table = "│  tests/test_x.py  │  test_a  │  3  │  4  │  AssertionE…  │\n" * 60
    log = (
        "___________________________________ test_a ____________________________________\n\n"
        "E   assert 1 == 2\n\n/root/tests/test_x.py:3: AssertionError\n"
        f"                              Summary of Failures                              \n{table}"
    )
    test = "tests/test_x.py::test_a"
    assert "│" not in failures_of(log, ["tests/test_x.py"], "/root", [test])[test]
