"""The base's tests while a change is made: side by side, and gone when nobody needs them."""

import asyncio
import os
import sys

import pytest

from codeorch.verify.base_run import BaseRun
from codeorch.verify.command import TestCommand
from codeorch.verify.test_setup import TestSetup

UNITTEST = TestCommand(argv=(sys.executable, "-m", "unittest"), runner="unittest", reason="")
TEST = "import time, unittest\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        {}\n"


@pytest.fixture
def with_base_run(make_repo, quick):
    """Begin the tests of a base whose only test does something, and use the run."""

    def run(statement, use):
        repo = make_repo({"test_a.py": TEST.format(statement)})
        variables = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
        setup = TestSetup(command=UNITTEST, sandbox=quick, variables=variables, reruns=1)

        async def scenario():
            return await use(BaseRun(repo, repo.resolve("HEAD"), setup))

        return asyncio.run(scenario())

    return run


def test_the_result_is_the_base_s_test_run(with_base_run):
    found = with_base_run("pass", lambda run: run.result())
    assert (found.green, found.passed) == (True, 1)


def test_tests_give_way_to_the_user(with_base_run):
    check = "import os; assert os.getpriority(os.PRIO_PROCESS, 0) >= 10"
    assert with_base_run(check, lambda run: run.result()).green


def test_a_run_that_nobody_needs_is_ended(with_base_run):
    async def cancel(run):
        await asyncio.sleep(0.3)
        await run.cancel()
        return await run.result()

    assert with_base_run("time.sleep(500)", cancel) is None
