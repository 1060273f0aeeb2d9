import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from codeorch.verify import results


def run(folder, runner, argv, report, env=None):
    argv = results.with_report(runner, argv, report)
    done = subprocess.run(
        argv, cwd=folder, text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
    )  # fmt: skip
    return done.returncode, results.read_report(runner, done.stdout, report, folder, str(folder))


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))


def test_pytest_tells_through_any_command_that_starts_it(tmp_path):
    write(tmp_path, {"p/test_a.py": "class TestX:\n    def test_y(self):\n        assert 0\n"})
    command = ("/bin/sh", "-c", f"cd p && {sys.executable} -m pytest -q")
    report = tmp_path / "report"
    code, report = run(tmp_path, "custom", command, report, results.report_variables(report))
    assert (code, report.tests) == (1, {"test_a.py::TestX::test_y": "failed"})


UNITTEST = """
import unittest

class T(unittest.TestCase):
    def test_good(self): print("some <text>")
    def test_bad(self): self.assertEqual(1, 2)
    def test_error(self): raise ValueError
    @unittest.skip("later")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail()
    @unittest.expectedFailure
    def test_unknown(self): pass
    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertNotEqual(part, 1)
    def test_last_words(self):
        self.addCleanup(lambda: 1 / 0)

class U(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise OSError
    def test_never(self): pass
"""


def test_unittest_tells_of_each_test(tmp_path):
    write(tmp_path, {"test_a.py": UNITTEST, "test_b.py": "import nowhere"})
    command = (sys.executable, "-m", "unittest")
    code, report = run(tmp_path, "unittest", command, tmp_path / "report")
    assert code == 1
    outcomes = {name.removeprefix("test_a.T.test_"): how for name, how in report.tests.items()}
    assert outcomes == {
        "good": "passed", "bad": "failed", "error": "failed", "skipped": "skipped",
        "known": "passed", "unknown": "failed", "parts": "failed", "last_words": "failed",
        "setUpClass (test_a.U)": "failed", "unittest.loader._FailedTest.test_b": "failed",
    }  # fmt: skip
    assert "some <text>" in report.log
    assert "Ran " in report.log


def test_the_reports_of_an_earlier_run_do_not_pass_for_new_ones(tmp_path):
    old = tmp_path / "checkout/target/surefire-reports/TEST-A.xml"
    write(tmp_path, {
        "checkout/target/surefire-reports/TEST-A.xml": "<testsuite/>",
        "elsewhere/surefire-reports/TEST-B.xml": "<testsuite/>",
    })  # fmt: skip
    (tmp_path / "checkout/module").mkdir()
    (tmp_path / "checkout/module/target").symlink_to(tmp_path / "elsewhere")
    results.clear_reports("maven", tmp_path / "checkout")
    assert not old.exists()
    assert (tmp_path / "elsewhere/surefire-reports/TEST-B.xml").exists()


def test_a_link_to_itself_among_the_reports_is_no_report(tmp_path):
    folder = tmp_path / "target/surefire-reports"
    folder.mkdir(parents=True)
    (folder / "TEST-A.xml").symlink_to("TEST-A.xml")
    report = results.read_report("maven", "", tmp_path / "none", tmp_path, str(tmp_path))
    assert report.tests == {}
    results.clear_reports("maven", tmp_path)


def test_go_tells_of_each_test_and_keeps_the_log_of_those_that_fail(tmp_path):
    if not shutil.which("go"):
        pytest.skip("go is not installed here")
    write(tmp_path, {
        "go.mod": "module example.org/box\n\ngo 1.18\n",
        "box_test.go": """
            package box
            import "testing"
            func TestGood(t *testing.T) { t.Log("quiet") }
            func TestBad(t *testing.T) { t.Run("one", func(t *testing.T) { t.Error("loud") }) }
        """,
    })  # fmt: skip
    env = {"GOCACHE": str(tmp_path / "cache"), "GOFLAGS": "-vet=off", "GOPROXY": "off"}
    report = tmp_path / "report"
    code, report = run(tmp_path, "go", ("go", "test", "./..."), report, env)
    assert code == 1
    assert report.tests == {
        "example.org/box.TestGood": "passed",
        "example.org/box.TestBad": "failed",
        "example.org/box.TestBad/one": "failed",
    }
    assert "loud" in report.log
    assert "quiet" not in report.log
    again = results.select_tests("go", ("go", "test", "./..."), ["example.org/box.TestBad/one"])
    assert again == ("go", "test", "-count=1", "-run", "^(TestBad)$", "example.org/box")


@pytest.mark.parametrize(
    ("runner", "argv", "asked"),
    [
        ("jest", ("npm", "test"), ("npm", "test", "--", "--json", "--outputFile=/r")),
        ("jest", ("yarn", "test"), ("yarn", "test", "--json", "--outputFile=/r")),
        ("npm", ("npm", "test"), ("npm", "test")),
        ("make", ("make", "test"), ("make", "test")),
    ],
)
def test_runners_are_asked_for_a_report_in_their_own_way(runner, argv, asked):
    assert results.with_report(runner, argv, "/r") == asked


def test_reports_of_surefire_are_found_in_every_module(tmp_path):
    for module, outcome in (("a", ""), ("b", "<failure/>")):
        write(tmp_path, {
            f"{module}/target/surefire-reports/TEST-X.xml":
            f'<testsuite><testcase classname="{module}.X" name="t">{outcome}</testcase></testsuite>'
        })  # fmt: skip
    report = results.read_report("maven", "", tmp_path / "none", tmp_path, str(tmp_path))
    assert report.tests == {"a.X.t": "passed", "b.X.t": "failed"}


@pytest.mark.parametrize("kind", ["missing", "a folder", "a pipe", "a link", "a folder's link"])
def test_a_report_that_is_no_plain_file_is_not_read(tmp_path, kind):
    report = tmp_path / "report"
    if kind == "a folder":
        report.mkdir()
    elif kind == "a pipe":
        os.mkfifo(report)
    elif kind == "a link":
        (tmp_path / "real").write_text('<testsuite><testcase name="a"/></testsuite>')
        report.symlink_to(tmp_path / "real")
    elif kind == "a folder's link":
        (tmp_path / "user").mkdir()
        (tmp_path / "user/report").write_text('<testsuite><testcase name="a"/></testsuite>')
        (tmp_path / "reports").symlink_to(tmp_path / "user")
        report = tmp_path / "reports/report"
    report = results.read_report("pytest", "2 passed in 0.1s", report, tmp_path, str(tmp_path))
    assert (report.tests, report.counts.passed) == ({}, 2)
