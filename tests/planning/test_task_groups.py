"""Tasks that are written once and stand for many."""

import pytest

from codeorch.errors import PlanInvalid
from codeorch.planning.faults import Limits
from codeorch.planning.plan_schema import read

ODD = ("app/[id]/page.tsx", "{{cookiecutter}}/setup.py")
PATHS = ("core.py", "pages/old/p0.py", *ODD, *(f"pages/p{n}.py" for n in range(100)))
LIMITS = Limits(paths=PATHS, max_tasks=200)
GROUP = {"id": "g", "template": "Call area() with a unit.", "paths": ["pages/*.py"]}


def plan(*groups, tasks=(), contracts=()):
    form = {
        "rationale": "r", "groups": list(groups), "tasks": list(tasks),
        "contracts": list(contracts),
    }  # fmt: skip
    return read(form, LIMITS, "model").plan


def test_a_glob_is_a_task_for_each_file():
    tasks = plan(GROUP).tasks
    assert len(tasks) == 100
    assert {task.goal for task in tasks} == {"Call area() with a unit."}
    assert tasks[0].id == "g.1"


def test_values_stand_in_their_places():
    rows = [
        {"path": "core.py", "values": ["m", "2"]},
        {"path": "pages/p1.py", "values": ["s", "3"]},
    ]
    group = {
        "id": "g",
        "template": "{path}: unit {unit}, power {n}",
        "names": ["unit", "n"],
        "rows": rows,
    }
    assert [task.goal for task in plan(group).tasks] == [
        "core.py: unit m, power 2", "pages/p1.py: unit s, power 3",
    ]  # fmt: skip


def test_a_group_is_needed_and_used_by_its_id():
    core = {"id": "core", "path": "core.py", "goal": "g", "needs": ["g"]}
    contract = {"symbol": "area", "signature": "def area(unit)", "defined_in": "core.py"}
    found = plan(GROUP, tasks=[core], contracts=[{**contract, "used_in": ["g"]}])
    assert len(found.tasks[0].needs) == 100
    assert len(found.contracts[0].used_in) == 100
    assert plan(contracts=[{**contract, "used_in": ["pages/p1*.py"]}]).contracts[0].used_in[:2] == (
        "pages/p1.py", "pages/p10.py",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"paths": ["nosuch/*.py"]}, "matches no file"),
        ({"paths": []}, "neither `paths` nor `rows`"),
        ({"names": ["a"], "rows": [{"path": "core.py", "values": []}]}, "0 values for the names a"),
    ],
)
def test_what_is_wrong_with_a_group_is_said(change, fault):
    with pytest.raises(PlanInvalid, match=fault):
        plan({**GROUP, **change})


def test_a_path_with_a_task_of_its_own_is_left_out():
    own = {"id": "own", "path": "pages/p3.py", "goal": "Something else."}
    tasks = plan(GROUP, tasks=[own]).tasks
    assert len(tasks) == 100
    assert [task.id for task in tasks if task.path == "pages/p3.py"] == ["own"]


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("pages/**/p0.py", ["pages/old/p0.py", "pages/p0.py"]),
        ("pages/p{1,2}.py", ["pages/p1.py", "pages/p2.py"]),
        ("pages/*/*.py", ["pages/old/p0.py"]),
        *((path, [path]) for path in ODD),
    ],
)
def test_a_name_that_looks_like_a_glob_is_a_file_where_there_is_one(name, paths):
    found = plan({**GROUP, "paths": [name]})
    assert [task.path for task in found.tasks] == paths


def test_who_needs_a_group_needs_also_what_stands_alone_of_it():
    own = {"id": "own", "path": "pages/p3.py", "goal": "Something else.", "needs": ["g"]}
    core = {"id": "core", "path": "core.py", "goal": "Last.", "needs": ["g"]}
    needs = {task.id: task.needs for task in plan(GROUP, tasks=[own, core]).tasks}
    assert "own" in needs["core"]
    assert len(needs["core"]) == 100
    assert "own" not in needs["own"]
    assert len(needs["own"]) == 99


def test_a_group_of_which_each_file_stands_alone_can_be_needed():
    own = {"id": "own", "path": "core.py", "goal": "g"}
    user = {"id": "user", "path": "pages/p1.py", "goal": "g", "needs": ["g"]}
    group = {**GROUP, "paths": ["core.py"]}
    assert plan(group, tasks=[own, user]).tasks[1].needs == ("own",)


@pytest.mark.parametrize("written", ["./core.py", "a/core.py", "`core.py`", "core.py"])
def test_slips_in_the_paths_of_a_group_are_undone(written):
    found = plan({**GROUP, "paths": [written, "core.py"]})
    assert [(task.path, task.action) for task in found.tasks] == [("core.py", "edit")]


def test_an_empty_path_of_a_group_is_a_fault():
    with pytest.raises(PlanInvalid, match=r"Group .g., paths\.0: String should have at least 1"):
        plan({**GROUP, "paths": ["", "core.py"]})


def test_a_folder_is_all_that_is_in_it():
    found = plan({**GROUP, "paths": ["pages/old/"]})
    assert [task.path for task in found.tasks] == ["pages/old/p0.py"]
