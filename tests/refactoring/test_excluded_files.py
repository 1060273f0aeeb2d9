"""Excluded files stay as they are; what they use of a renamed name is told, place by place."""

import pytest

from codeorch.domain import Completeness, MissedUse
from codeorch.errors import UserError

FILES = {
    "core.py": "def grind(x):\n    return x\n\n\nown = grind(1)\n",
    "gen/made.py": "from core import grind\n\nvalue = grind(2)\n",
}


def test_each_use_in_an_excluded_file_is_left_and_told(plan_for):
    plan = plan_for("rename function grind to mill", FILES, ["gen/made.py"])
    assert [task.path for task in plan.tasks] == ["core.py"]
    assert [(use.path, use.line, use.why) for use in plan.unproven_uses] == [
        ("gen/made.py", 1, "it is meant, but the file is excluded"),
        ("gen/made.py", 3, "it is meant, but the file is excluded"),
    ]
    assert not plan.notes


def test_a_name_that_only_an_excluded_file_defines_is_refused(plan_for):
    with pytest.raises(UserError, match=r"defined in core\.py, which is excluded"):
        plan_for("rename function grind to mill", FILES, ["core.py"])


def test_a_module_that_is_excluded_does_not_move(plan_for):
    with pytest.raises(UserError, match=r"core\.py.* excluded"):
        plan_for("rename module core to heart", FILES, ["core.py"])


def test_a_replacement_passes_over_excluded_files(plan_for):
    plan = plan_for("replace `grind($X)` with `mill($X)`", FILES, ["gen/made.py"])
    assert [task.path for task in plan.tasks] == ["core.py"]


@pytest.mark.parametrize(("rule", "certainty"), [(True, "sure"), (False, "maybe")])
def test_what_an_excluded_file_uses_is_no_work_for_a_model(plan_for, rule, certainty):
    plan = plan_for("rename function grind to mill", FILES)
    if not rule:
        plan = plan.__class__(tasks=plan.tasks, source="model")
    gap = MissedUse(
        symbol="mill.x", change="renamed", path="gen/made.py", line=1, text="", certainty="sure",
        suggestion="",
    )  # fmt: skip
    (found,) = Completeness(gaps=(gap,)).of_plan(plan, {"gen/made.py"}).gaps
    assert found.certainty == certainty
