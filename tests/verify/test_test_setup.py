import os

import pytest

from codeorch.config import Settings
from codeorch.errors import UserError
from codeorch.retrieval import read_snapshot
from codeorch.verify.linters import find_linters
from codeorch.verify.test_setup import prepare

VARIABLES = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
FILES = {"test_a.py": "import unittest\n"}


@pytest.fixture
def prepared(make_repo):
    """Prepare the trial of a project; gives it, and what the user is told."""

    def run(files=FILES, variables=VARIABLES, **settings):
        repo = make_repo(files)
        told = []
        snapshot = read_snapshot(repo, repo.resolve("HEAD"))
        trial = prepare(repo, snapshot.files, Settings(**settings), variables, told.append)
        return trial, told

    return run


def test_what_the_settings_say_is_what_the_trial_does(prepared, quick):
    trial, _ = prepared(
        test_timeout_s=7.0, setup_cmd="make", test_network=True, lint_cmd="lint", fast=True
    )
    assert (trial.limits.time_s, trial.setup, trial.network) == (7.0, "make", True)
    assert trial.linters == find_linters(None, "lint")
    assert trial.first.keys() == FILES.keys()
    assert trial.formatters == ()


def test_a_project_without_tests_is_told_before_anything_else(prepared):
    trial, told = prepared({"a.txt": ""}, {"PATH": ""})
    assert trial is None
    assert told == ["no tests found; name them with --test-cmd"]


def test_a_project_without_tests_is_linted_all_the_same(prepared, quick):
    trial, told = prepared({"a.txt": ""}, lint_cmd="make lint")
    assert (trial.command, trial.argv, trial.runner) == (None, (), "")
    assert told[0].startswith("no tests found")


def test_a_container_that_cannot_be_run_stops_the_run_at_once(prepared):
    with pytest.raises(UserError, match="no container of tools:1 can be run"):
        prepared(variables={"PATH": ""}, container="tools:1")
