import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from codeorch.check import results


def run(folder, runner, argv, report, env=None):
    argv = results.ask(runner, argv, report)
    done = subprocess.run(
        argv, cwd=folder, text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
    )  # fmt: skip
    return done.returncode, results.read(runner, done.stdout, report, folder, str(folder))


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))


def test_pytest_tells_through_any_command_that_starts_it(tmp_path):
    write(tmp_path, {"p/test_a.py": "class TestX:\n    def test_y(self):\n        assert 0\n"})
    command = ("/bin/sh", "-c", f"cd p && {sys.executable} -m pytest -q")
    report = tmp_path / "report"
    code, told = run(tmp_path, "custom", command, report, results.variables(report))
    assert (code, told.tests) == (1, {"test_a.py::TestX::test_y": "failed"})


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
    code, told = run(tmp_path, "go", ("go", "test", "./..."), report, env)
    assert code == 1
    assert told.tests == {
        "example.org/box.TestGood": "passed",
        "example.org/box.TestBad": "failed",
        "example.org/box.TestBad/one": "failed",
    }
    assert "loud" in told.log
    assert "quiet" not in told.log
    again = results.select("go", ("go", "test", "./..."), ["example.org/box.TestBad/one"])
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
    assert results.ask(runner, argv, "/r") == asked


def test_reports_of_surefire_are_found_in_every_module(tmp_path):
    for module, outcome in (("a", ""), ("b", "<failure/>")):
        write(tmp_path, {
            f"{module}/target/surefire-reports/TEST-X.xml":
            f'<testsuite><testcase classname="{module}.X" name="t">{outcome}</testcase></testsuite>'
        })  # fmt: skip
    told = results.read("maven", "", tmp_path / "none", tmp_path, str(tmp_path))
    assert told.tests == {"a.X.t": "passed", "b.X.t": "failed"}


@pytest.mark.parametrize("kind", ["missing", "a folder", "a pipe", "a link"])
def test_a_report_that_is_no_plain_file_is_not_read(tmp_path, kind):
    report = tmp_path / "report"
    if kind == "a folder":
        report.mkdir()
    elif kind == "a pipe":
        os.mkfifo(report)
    elif kind == "a link":
        (tmp_path / "real").write_text('<testsuite><testcase name="a"/></testsuite>')
        report.symlink_to(tmp_path / "real")
    told = results.read("pytest", "2 passed in 0.1s", report, tmp_path, str(tmp_path))
    assert (told.tests, told.counts.passed) == ({}, 2)
