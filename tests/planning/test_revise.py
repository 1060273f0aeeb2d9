import asyncio
from dataclasses import replace

import pytest

from codeorch.config import Settings
from codeorch.domain import (
    CancelledTask,
    ChangeSet,
    Completeness,
    Contract,
    DeadLetter,
    Deviation,
    Done,
    FilePatch,
    MissedUse,
    NeedsMore,
    NothingToDo,
    Plan,
    Rejected,
    Request,
    Round,
    Skipped,
    Task,
    TestRun,
    Usage,
    Verdict,
    Waiver,
)
from codeorch.errors import ServiceError
from codeorch.llm import ReplayModel, Reply
from codeorch.planning.request_plan import Unplanned
from codeorch.planning.revise import Evidence, next_step, revise, settled

SETTINGS = Settings(max_rounds=3)
CORE = Task(id="core", path="calc/core.py", goal="give area a unit")
ROOM = Task(id="room", path="calc/room.py", goal="hand it on", needs=("core",))
AREA = Contract(
    symbol="area", signature="def area(w, h, unit=1)", defined_in="calc/core.py",
    used_in=("calc/room.py",),
)  # fmt: skip
DONE = Done(task=CORE, patch=FilePatch(path=CORE.path, before=b"", after=b"x"), summary="did it")
GAP = MissedUse(
    symbol="area", change="signature", path="tests/test_core.py", line=5, text="area(2, 3)",
    certainty="sure", suggestion="give it the unit",
)  # fmt: skip


def a_round(*results, status="verified", stage=1, **more):
    plan = Plan(tasks=(CORE, ROOM), contracts=(AREA,), rationale="why", stage=stage)
    found = Round(
        plan=replace(plan, **more.pop("plan", {})),
        results=results,
        change=ChangeSet(base="0", patches=()),
        commit="1",
        verdict=Verdict(status=status, reason="as it was"),
    )
    return replace(found, **more)


@pytest.mark.parametrize(
    "last",
    [
        a_round(status="broken"),
        a_round(NeedsMore(task=ROOM, paths=("calc/house.py",), why="callers")),
        a_round(DeadLetter(task=ROOM, error="no", kind="timeout")),
        a_round(completeness=Completeness(gaps=(GAP,))),
        a_round(
            change=ChangeSet(
                base="0", patches=(), rejected=(Rejected(task="room", path="p", why="w"),)
            )
        ),
    ],
    ids=["red tests", "another file", "dead letter", "uses left", "refused edit"],
)
def test_what_is_missing_is_repaired(last):
    assert next_step([last], SETTINGS) == "repair"
    assert next_step([last, last, last], SETTINGS) == "none"


@pytest.mark.parametrize("status", ["verified", "no_worse", "red", "no_tests", "not_run"])
def test_what_is_complete_is_left(status):
    assert next_step([a_round(DONE, status=status)], SETTINGS) == "none"


def test_an_announced_stage_is_no_repair_but_bounded_as_repairs_are():
    staged = [a_round(plan={"next_stage": "more", "stage": n}) for n in (1, 2, 3)]
    assert next_step(staged[:1], SETTINGS) == "stage"
    assert next_step(staged[:2], SETTINGS) == "stage"
    assert next_step(staged, SETTINGS) == "none"
    red = a_round(status="broken", stage=3)
    assert next_step([*staged[:2], red], SETTINGS) == "repair"
    assert next_step([*staged[:2], red, red, red], SETTINGS) == "none"


def test_red_tests_between_stages_are_left_to_the_next_stage():
    assert next_step([a_round(status="broken", plan={"next_stage": "m"})], SETTINGS) == "stage"


def test_one_round_means_one_round():
    assert next_step([a_round(status="broken")], Settings(max_rounds=1)) == "none"


@pytest.fixture
def revised(snapshot_of, reading):
    def run(form, *rounds, answers=None, diffs=None, **settings):
        reply = Reply(text="", stop="tool_use", form=form, usage=Usage(calls=1))
        model = ReplayModel(answers or {f"plan/{len(rounds) + 1}": reply})
        evidence = Evidence(
            rounds=rounds, snapshot=snapshot_of(), diffs=diffs or {}, reading=reading
        )
        request = Request(text="add a unit", base="0")
        found = asyncio.run(revise(request, evidence, model, Settings(**settings)))
        return found, model.asked[0].shared

    return run


def form(*tasks, **more):
    rows = [{"id": task.id, "path": task.path, "goal": task.goal} for task in tasks]
    return {"rationale": "r", "tasks": rows, **more}


def test_the_reviser_sees_what_became_of_the_plan(revised):
    log = "E  File calc/house.py, line 5\n"
    red = Verdict(
        status="broken", reason="worse", broken=("tests/test_core.py::test_it",),
        after=TestRun(exit_code=1, seconds=1.0, log=log),
    )  # fmt: skip
    last = a_round(
        DONE,
        NeedsMore(task=ROOM, paths=("docs/use.md",), why="it is told there"),
        verdict=red,
        completeness=Completeness(gaps=(GAP,)),
    )
    _, asked = revised(form(), last, diffs={"calc/core.py": "+unit\n"})
    assert "- core (edit calc/core.py): done. did it" in asked
    assert "- room (edit calc/room.py): open; it asked for docs/use.md: it is told there\n" in asked
    assert "  Its goal was: hand it on" in asked
    assert "tasks for 2 files" in asked
    assert "`def area(w, h, unit=1)`, defined in calc/core.py, used in calc/room.py" in asked
    assert "Broken by the change: tests/test_core.py::test_it" in asked
    assert "tests/test_core.py:5: give it the unit (sure): area(2, 3)" in asked
    shown = [line for line in asked.split("\n") if line.startswith("## ")]
    assert shown == [
        "## calc/room.py",
        "## docs/use.md",
        "## tests/test_core.py",
        "## calc/house.py",
        "## calc/core.py",
    ]


def test_tasks_are_marked_with_their_round_and_contracts_stay_in_force(revised):
    mend = {"id": "mend", "path": "calc/house.py", "goal": "g", "needs": ["room"]}
    again = {"id": "room", "path": "calc/room.py", "goal": "g"}
    found, _ = revised({"rationale": "r", "tasks": [mend, again]}, a_round(status="broken"))
    plan = found.draft.plan
    assert [(t.id, t.needs) for t in plan.tasks] == [("r2-mend", ("r2-room",)), ("r2-room", ())]
    assert plan.contracts == (AREA,)
    assert plan.stage == 1


def test_a_contract_that_could_not_be_kept_goes_on_as_it_was_written(revised):
    strayed = Deviation(symbol="area", signature="def area(size)", why="it is one value")
    last = a_round(replace(DONE, deviations=(strayed,)), status="broken")
    found, asked = revised(form(ROOM), last)
    assert found.draft.plan.contracts == (replace(AREA, signature="def area(size)"),)
    assert "- area: `def area(size)`, defined in calc/core.py" in asked


def test_a_contract_written_again_takes_the_place_of_the_old_one(revised):
    new = {"symbol": "area", "signature": "def area(a)", "defined_in": "calc/core.py"}
    found, _ = revised(form(ROOM, contracts=[new]), a_round(status="broken"))
    assert [contract.signature for contract in found.draft.plan.contracts] == ["def area(a)"]


def test_the_next_stage_is_planned_as_it_was_announced(revised):
    last = a_round(DONE, plan={"next_stage": "then the callers"})
    found, asked = revised(form(ROOM), last)
    assert found.draft.plan.stage == 2
    assert "as you announced it\nthen the callers" in asked


def test_files_of_earlier_rounds_count_against_the_cap(revised):
    house = Task(id="h", path="calc/house.py", goal="g")
    found, _ = revised(
        form(house), a_round(status="broken"), max_tasks=2,
        answers={key: Reply(text="", stop="tool_use", form=form(house))
                 for key in ("plan/2", "plan/2/mended")},
    )  # fmt: skip
    assert isinstance(found, Unplanned)
    assert "2 of earlier rounds; at most 2 are allowed" in found.faults[0]


def test_a_service_that_fails_leaves_what_is_done(revised):
    error = ServiceError("overloaded", kind="overloaded", retryable=True)
    found, _ = revised(form(), a_round(status="broken"), answers={"plan/2": error})
    assert found == Unplanned(faults=("overloaded",))


def test_only_open_tasks_can_be_dropped(revised):
    last = a_round(DONE, Skipped(task=ROOM, because="x"), status="broken")
    found, _ = revised(form(dropped=[{"task": "room", "why": "nobody calls it"}]), last)
    assert found.draft.plan.cancelled_tasks == (CancelledTask(task="room", why="nobody calls it"),)
    bad = Reply(text="", stop="tool_use", form=form(dropped=[{"task": "core", "why": "w"}]))
    found, _ = revised(form(), last, answers={"plan/2": bad, "plan/2/mended": bad})
    assert "'core', which is no open task" in found.faults[0]


def test_what_is_cancelled_or_waived_is_settled_with_its_reason():
    last = a_round(
        DONE,
        DeadLetter(task=ROOM, error="no", kind="timeout"),
        completeness=Completeness(gaps=(GAP,)),
    )
    following = Plan(
        tasks=(),
        cancelled_tasks=(CancelledTask(task="room", why="nobody calls it"),),
        waivers=(Waiver(name="area", path="tests/test_core.py", why="the default does"),),
    )
    closed = settled(last, following)
    assert closed.results == (
        DONE,
        NothingToDo(task=ROOM, reason="not needed any more: nobody calls it"),
    )
    assert closed.completeness.open == ()
    assert closed.completeness.waived_uses[0].why == "the default does"
    assert settled(last, Plan(tasks=())) == last
