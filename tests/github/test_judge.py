"""The job that runs code: tests on both sides of a bundle, and nothing of them believed blindly."""

import sys

import pytest

from codeorch.errors import UnsafeError
from codeorch.github.test_verdict import read_verdict

GOOD = "def area(width, height, unit=1):\n    return width * height * unit\n"
BROKEN = "def area(width, height):\n    return width + height\n"


@pytest.fixture
def ready(workflow):
    assert workflow.gate_here()
    workflow.inputs["INPUT_TEST_CMD"] = f"{sys.executable} -m pytest -q -p no:cacheprovider"
    return workflow


def judge(workflow, files):
    workflow.offer(files)
    (workflow.temp / "verdict" / "verdict.json").unlink()
    assert workflow.here("test") == 0
    return read_verdict((workflow.temp / "verdict" / "verdict.json").read_bytes())


def test_a_change_that_keeps_the_tests_green_is_verified(ready):
    verdict = judge(ready, {"calc/core.py": GOOD})
    assert (verdict.status, verdict.before, verdict.after) == (
        "verified", "1 passed, 0 failed, 0 skipped", "1 passed, 0 failed, 0 skipped",
    )  # fmt: skip
    assert verdict.regressions == 0
    assert verdict.protection


def test_a_change_that_breaks_a_test_names_it(ready):
    verdict = judge(ready, {"calc/core.py": BROKEN})
    assert verdict.status == "broken"
    assert verdict.regressions == 1
    assert "test_floor" in verdict.broken[0]
    ready.publish_here()
    assert "test_floor" in ready.hub.pulls[0]["body"]
    assert ready.outputs["regressions"] == "1"


def test_tests_see_no_variable_of_the_job(ready, monkeypatch):
    spy = "import os\n\n\ndef test_spy():\n    assert 'SECRET_OF_THE_JOB' not in os.environ\n"
    ready.inputs["SECRET_OF_THE_JOB"] = "x" * 20
    monkeypatch.setenv("SECRET_OF_THE_JOB", "x" * 20)
    verdict = judge(ready, {"tests/test_spy.py": spy})
    assert verdict.after.startswith("2 passed")


def test_tests_cannot_write_the_verdict(ready):
    """What they print and leave is no verdict: it is written when they are over, elsewhere."""
    target = ready.temp / "verdict" / "verdict.json"
    spy = (
        "import pathlib\n\n\ndef test_spy():\n"
        f"    try:\n        pathlib.Path({str(target)!r}).write_text('forged')\n"
        "    except OSError:\n        pass\n"
    )
    assert judge(ready, {"tests/test_spy.py": spy, "calc/core.py": BROKEN}).status == "broken"


def test_a_forged_bundle_is_not_even_run(ready):
    ready.offer({"calc/core.py": GOOD, "tests/conftest.py": "import os\n"})
    with pytest.raises(UnsafeError, match="runs by itself"):
        ready.here("test")


def test_a_project_without_tests_is_told(make_workflow):
    workflow = make_workflow({"calc/core.py": "x = 1\n"})
    assert workflow.gate_here()
    verdict = judge(workflow, {"calc/core.py": "x = 2\n"})
    assert verdict.status == "no_tests"
