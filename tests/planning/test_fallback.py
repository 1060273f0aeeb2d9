import pytest

from codeorch.domain import Request
from codeorch.errors import PlanInvalid
from codeorch.planning.fallback import by_hand, fall_back
from codeorch.planning.faults import Limits


def planned(text, findings, max_tasks=50, **more):
    limits = Limits(paths=findings.snapshot.files.keys(), max_tasks=max_tasks, **more)
    return fall_back(Request(text=text, base="0"), findings, limits).plan


def test_the_named_files_and_the_users_of_named_symbols_are_planned(findings_of):
    findings = findings_of("calc/house.py", "calc/room.py", "calc/core.py", "tests/test_core.py")
    plan = planned("let `area` take a unit, see docs/use.md", findings)
    assert plan.source == "fallback"
    assert [(task.path, task.needs) for task in plan.tasks] == [
        ("docs/use.md", ()),
        ("calc/core.py", ()),
        ("calc/room.py", ("f2",)),
        ("tests/test_core.py", ("f2",)),
    ]
    assert all("let `area` take a unit" in task.goal for task in plan.tasks)


def test_the_cap_on_tasks_holds(findings_of):
    findings = findings_of("calc/room.py", "calc/core.py")
    plan = planned("let `area` take a unit", findings, max_tasks=1)
    assert [task.path for task in plan.tasks] == ["calc/core.py"]


def test_files_that_use_each_other_make_no_cycle(findings_of):
    findings = findings_of(
        files={
            "a.py": "import b\ndef one_a():\n    two_b()\n",
            "b.py": "import a\ndef two_b():\n    one_a()\n",
        }
    )
    plan = planned("mend `one_a` and `two_b`", findings)
    assert [task.needs for task in plan.tasks] == [(), ("f1",)]
    assert "broken" in plan.notes[0]


def test_a_request_that_names_nothing_has_no_fallback(findings_of):
    with pytest.raises(PlanInvalid, match="names no file"):
        planned("make it faster", findings_of("calc/core.py"))


def test_the_users_limits_hold(findings_of):
    with pytest.raises(PlanInvalid, match="allows only docs"):
        planned("mend `area`", findings_of(), scope=("docs/*",))


@pytest.mark.parametrize(("text", "paths"), [("mend `area`", ["calc/core.py"]), ("faster", [])])
def test_a_plan_by_hand_begins_with_what_the_request_names(findings_of, text, paths):
    findings = findings_of()
    limits = Limits(paths=findings.snapshot.files.keys(), max_tasks=9)
    plan = by_hand(Request(text=text, base="0"), findings, limits, "no key").plan
    assert [task.path for task in plan.tasks] == paths
    assert (plan.source, plan.notes) == ("manual", ("no key",))
