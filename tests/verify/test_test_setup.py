import os
import sys
from dataclasses import replace

import pytest

from codeorch.config import Settings
from codeorch.errors import UserError
from codeorch.retrieval import read_snapshot
from codeorch.verify.linters import find_linters
from codeorch.verify.test_setup import prepare_tests

VARIABLES = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
FILES = {"test_a.py": "import unittest\n"}


@pytest.fixture
def prepared(make_repo):
    """Prepare the trial of a project; gives it, and what the user is told."""

    def run(files=FILES, variables=VARIABLES, **settings):
        repo = make_repo(files)
        report = []
        snapshot = read_snapshot(repo, repo.resolve("HEAD"))
        test_setup = prepare_tests(
            repo, snapshot.files, Settings(**settings), variables, report.append
        )
        return test_setup, report

    return run


def test_what_the_settings_say_is_what_the_trial_does(prepared, quick):
    test_setup, _ = prepared(
        test_timeout_s=7.0, setup_cmd="make", test_network=True, lint_cmd="lint", fast=True
    )
    assert (test_setup.limits.time_s, test_setup.setup_command, test_setup.network) == (
        7.0,
        "make",
        True,
    )
    assert test_setup.linters == find_linters(None, "lint")
    assert test_setup.base_files.keys() == FILES.keys()
    assert test_setup.formatters == ()


def test_a_project_without_tests_is_told_before_anything_else(prepared):
    test_setup, report = prepared({"a.txt": ""}, {"PATH": ""})
    assert test_setup is None
    assert report == ["no tests found; name them with --test-cmd"]


def test_a_project_without_tests_is_linted_all_the_same(prepared, quick):
    test_setup, report = prepared({"a.txt": ""}, lint_cmd="make lint")
    assert (test_setup.command, test_setup.argv, test_setup.runner) == (None, (), "")
    assert report[0].startswith("no tests found")


def test_a_container_that_cannot_be_run_stops_the_run_at_once(prepared):
    with pytest.raises(UserError, match="no container of tools:1 can be run"):
        prepared(variables={"PATH": ""}, container="tools:1")


def test_what_tests_need_and_is_not_there_is_known_beforehand(prepared, quick, tmp_path):
    test_setup, _ = prepared({"go.mod": "module a\n"})

    def missing(path):
        return replace(test_setup, variables={"PATH": str(path)}).missing_tool(tmp_path)

    (tmp_path / "bin").mkdir()
    assert missing(tmp_path / "bin") == "go"
    (tmp_path / "bin/go").write_text("#!/bin/sh\n")
    (tmp_path / "bin/go").chmod(0o755)
    assert missing(tmp_path / "bin") == ""


@pytest.mark.parametrize(("module", "missing"), [("pytest", "pytest"), ("unittest", "")])
def test_a_module_that_the_projects_interpreter_lacks_is_named(
    prepared, quick, tmp_path, module, missing
):
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    (tmp_path / ".venv/pyvenv.cfg").write_text("home = /nowhere\n")
    python.symlink_to(sys.executable)
    test_setup, _ = prepared()
    command = replace(test_setup.command, argv=(str(python), "-m", module))
    test_setup = replace(test_setup, command=command)
    assert test_setup.missing_tool(tmp_path) == missing
    (tmp_path / ".venv/lib/python3.11/site-packages/pytest").mkdir(parents=True)
    assert test_setup.missing_tool(tmp_path) == ""
