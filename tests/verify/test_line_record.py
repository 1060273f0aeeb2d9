"""A changed statement that no test runs is named; one that runs, or is none, never."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from codeorch.cli import main
from codeorch.languages.python.statements import changed_statements
from codeorch.verify.line_record import LineRecord


def _load():
    file = Path(__file__).parents[2] / "benchmarks" / "sabotage.py"
    spec = importlib.util.spec_from_file_location("sabotage", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["sabotage"] = module
    spec.loader.exec_module(module)
    return module


SABOTAGE = _load()
CASES = tuple(SABOTAGE.cases())


@cache
def interpreters():
    """Name our own interpreter and, of each other version that can read SHOP, the one on PATH."""
    minors = set(range(10, 16)) - {sys.version_info.minor}
    found = filter(None, (shutil.which(f"python3.{minor}") for minor in minors))
    works = {name: subprocess.run((name, "-c", ""), check=False, capture_output=True)
             for name in found}  # fmt: skip
    return (sys.executable, *(name for name, done in works.items() if done.returncode == 0))


def run_tests(python, folder, record):
    env = {"PATH": os.environ["PATH"], **record.variables(str(folder))}
    argv = (python, "-m", "unittest", "-q")
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def record_of(folder, case):
    for path, text in SABOTAGE.FILES.items():
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(case.after if path == case.path else text)
    before, after = ({case.path: text.encode()} for text in (case.before, case.after))
    return LineRecord.prepare(folder, folder, before, after)


def test_there_are_enough_of_both_kinds():
    assert sum(not case.runs for case in CASES) >= 20
    assert sum(case.runs for case in CASES) >= 15
    assert all(case.before != case.after for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_line_is_named_only_if_no_test_runs_it(tmp_path, case):
    for number, python in enumerate(interpreters()):
        folder = tmp_path / str(number)
        folder.mkdir()
        record = record_of(folder, case)
        if record is None:
            assert case.runs
            continue
        run_tests(python, folder, record)
        named = () if case.runs else (f"{case.path}:{case.line}",)
        assert record.unrun_lines("unittest") == named, python


@pytest.mark.parametrize(
    ("before", "after"),
    [("x = 1\n", "x = 1  # why\n"), ("x = 1\n", "# why\n\nx = 1\n"), ("", '"""Doc."""\n'),
     ("def f(): ...\n", "def f(a): ...\n"), ("x = 1\ny = 2\n", "y = 2\n")],
)  # fmt: skip
def test_what_is_no_other_statement_is_not_asked_for(before, after):
    assert changed_statements(before, after) == ()


def test_a_text_for_another_python_is_not_asked_for():
    assert changed_statements("", "print 'x'\n") is None
    assert changed_statements("", "(" * 5_000) is None


@pytest.fixture
def record(tmp_path):
    case = next(case for case in CASES if not case.runs)
    return record_of(tmp_path, case)


def test_without_a_record_nothing_is_said(record):
    assert record.unrun_lines("pytest") == ()


@pytest.mark.parametrize("note", ["unable", "monitoring\nunable"])
def test_one_interpreter_that_cannot_tell_is_enough(record, note):
    (record.folder / "lines").write_text(f"{note}\n")
    assert record.unrun_lines("pytest") == ()


@pytest.mark.parametrize(
    ("runner", "notes", "count"),
    [
        ("pytest", "monitoring", 1),
        ("pytest", "instrumenting", 1),
        ("tox", "monitoring", 0),  # perhaps another process, without a record, ran it
        ("tox", "monitoring\n0:1", 1),
        ("tox", "instrumenting", 0),
        ("tox", "instrumenting\nimported:0", 1),
        ("pytest", "instrumenting\nscript:0 shop.py", 0),
    ],
)
def test_what_other_processes_may_have_run_is_not_named(record, runner, notes, count):
    (record.folder / "lines").write_text(f"{notes}\n")
    assert len(record.unrun_lines(runner)) == count


def test_a_record_that_tests_have_swapped_is_none(record, tmp_path):
    (record.folder / "lines").symlink_to(tmp_path)
    assert record.unrun_lines("pytest") == ()


def test_the_environment_s_own_start_module_is_still_run(tmp_path, record):
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import sys\nsys.own_start = True\n")
    code = "import sys; assert sys.own_start; assert not any('lines' in p for p in sys.path)"
    env = {"PATH": os.environ["PATH"], **record.variables(str(site))}
    subprocess.run((sys.executable, "-c", code), env=env, check=True)


@pytest.mark.parametrize("runs", [True, False])
def test_the_headline_says_no_more_than_was_shown(make_repo, monkeypatch, capsys, tmp_path, runs):
    case = next(case for case in CASES if case.runs is runs and "branch" in case.kind)
    repo = make_repo(SABOTAGE.FILES)
    monkeypatch.chdir(repo.root)
    plan = tmp_path / "plan.json"
    plan.write_text(SABOTAGE.plan_of(case))
    assert main(["apply", "--plan", str(plan), "--unsafe-tests", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["status"] == "verified"
    named = f"Tests pass; 1 changed line is run by no test: {case.path}:{case.line}"
    assert result["reason"].startswith("Complete and verified" if runs else named)
