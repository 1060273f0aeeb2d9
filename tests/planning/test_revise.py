import asyncio
from dataclasses import replace

import pytest

from codeorch.config import Settings
from codeorch.domain import (
    Attempt,
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
    Usage,
    Verdict,
    Waiver,
)
from codeorch.domain import TestRun as RunOfTests
from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Message, ReplayModel, Reply
from codeorch.planning import Opening, PlannerTalk, Unplanned, plan_tool, project_facts
from codeorch.planning.revise import Evidence, close_round, next_step, revise
from codeorch.retrieval import Codebase, LookUps

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


def dead(task, *kinds):
    tries = tuple(Attempt(number=n, kind=kind, error="no") for n, kind in enumerate(kinds, 1))
    return DeadLetter(task=task, error="no", kind=kinds[-1], attempts=tries)


def test_no_plan_is_asked_for_while_the_service_answers_nobody():
    down = a_round(dead(CORE, "timeout", "server"), Skipped(task=ROOM, because="core"))
    assert next_step([down], SETTINGS) == "none"
    answered = replace(DONE, attempts=(Attempt(number=1),))
    assert next_step([a_round(answered, dead(ROOM, "server"))], SETTINGS) == "repair"
    assert next_step([a_round(dead(CORE, "ambiguous", "timeout"))], SETTINGS) == "repair"


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


def handed_in(form):
    call = Call(id="p", name="plan", input=form)
    return Reply(text="", stop="tool_use", calls=(call,), usage=Usage(calls=1))


@pytest.fixture
def revised(findings_of, reading):
    """Ask for the next plan; gives what came of it, and the prompts."""

    def run(form, *rounds, answers=None, diffs=None, talk=None, authors=(), **settings):
        findings = findings_of()
        model = ReplayModel(answers or {f"plan/{len(rounds) + 1}": handed_in(form)})
        look_ups = LookUps(Codebase(snapshot=findings.snapshot, names=findings.names))
        evidence = Evidence(
            rounds=rounds,
            snapshot=findings.snapshot,
            diffs=diffs or {},
            reading=reading,
            authors=authors,
            talk=talk and PlannerTalk(conversation=talk, model="m", look_ups=look_ups),
        )
        opening = Opening(
            conversation=Conversation(system="You plan.", tools=(plan_tool(),)),
            facts=project_facts(findings.snapshot),
            codebase=Codebase(snapshot=findings.snapshot, names=findings.names),
            on_look_ups=lambda _calls, _look_ups: None,
        )
        request = Request(text="let area take a unit", base="0")
        found = asyncio.run(revise(request, evidence, opening, model, Settings(**settings)))
        return found, model.asked

    return run


def outcome_in(asked):
    """What a planner is told when it has no conversation to go on with."""
    return asked[0].conversation.last_text


def form(*tasks, **more):
    rows = [{"id": task.id, "path": task.path, "goal": task.goal} for task in tasks]
    return {"rationale": "r", "tasks": rows, **more}


RED = Verdict(
    status="broken", reason="worse", broken=("tests/test_core.py::test_it",),
    evidence="calc/room.py:10: in size\nE   TypeError: unit\n",
)  # fmt: skip


def test_a_planner_hears_what_became_of_its_plan_and_only_what_is_new(revised):
    last = a_round(
        replace(DONE, interface_notes="the unit is in metres"),
        NeedsMore(task=ROOM, paths=("docs/use.md",), why="it is told there"),
        verdict=RED,
        completeness=Completeness(gaps=(GAP,)),
        change=ChangeSet(
            base="0", patches=(), rejected=(Rejected(task="t", path="calc/use.py", why="gone"),)
        ),
    )
    _, asked = revised(form(), last, diffs={"calc/room.py": "+unit\n", "calc/house.py": "+x\n"})
    report = outcome_in(asked)
    assert "- core (edit calc/core.py): done. the unit is in metres" in report
    assert "- room (edit calc/room.py): open; it asks for docs/use.md: it is told there" in report
    assert "tasks for 2 files" in report
    assert "- calc/use.py: gone" in report
    assert "Newly failing: tests/test_core.py::test_it\n" in report
    assert "E   TypeError: unit" in report
    assert "tests/test_core.py:5: give it the unit (sure): area(2, 3)" in report
    assert "# The edit of calc/room.py\n```diff\n+unit" in report
    assert "calc/house.py" not in report.partition("# Outcome")[2]  # no trouble, no word


def test_a_planner_hears_how_many_tests_failed_before(revised):
    before = RunOfTests(exit_code=1, seconds=1.0, passed=7, failed=3)
    _, asked = revised(form(), a_round(DONE, verdict=replace(RED, before=before)))
    assert "Failed before the change already: 3.\n" in outcome_in(asked)


def test_a_use_that_may_be_of_many_classes_is_listed_once(revised):
    gaps = tuple(replace(GAP, symbol=f"Shape{n}.area") for n in range(9))
    _, asked = revised(form(), a_round(DONE, completeness=Completeness(gaps=gaps)))
    assert outcome_in(asked).count("tests/test_core.py:5") == 1
    assert "[so for `Shape1.area`, " in outcome_in(asked)
    assert "and 4 more]" in outcome_in(asked)


def test_what_workers_can_mend_is_not_put_to_the_planner(revised):
    """And what went back to them is named, where the planner is asked for something else."""
    verdict = Verdict(status="verified", reason="green", findings=("calc/core.py:1: unused",))
    found, asked = revised(form(), a_round(DONE, verdict=verdict), authors=("core",))
    assert asked == []
    (task,) = found.draft.plan.tasks
    assert (task.continues, found.draft.plan.contracts) == ("core", (AREA,))
    open_too = a_round(DONE, NeedsMore(task=ROOM, paths=("a.py",), why="w"), verdict=verdict)
    found, asked = revised(form(ROOM), open_too, authors=("core",))
    assert "- calc/core.py: Mend what linters find in calc/core.py" in outcome_in(asked)
    assert "calc/core.py:1: unused" not in outcome_in(asked)
    assert [one.id for one in found.draft.plan.tasks] == ["r2-room", "r2-mend-core"]


def test_a_planner_that_fails_keeps_no_worker_from_mending(revised):
    verdict = Verdict(status="verified", reason="green", findings=("calc/core.py:1: unused",))
    last = a_round(DONE, NeedsMore(task=ROOM, paths=("a.py",), why="w"), verdict=verdict)
    error = ServiceError("overloaded", kind="overloaded", retryable=True)
    found, _ = revised(form(), last, authors=("core",), answers={"plan/2": error})
    assert [one.id for one in found.draft.plan.tasks] == ["r2-mend-core"]
    assert found.draft.plan.notes == ("no further plan: overloaded",)


def test_after_a_repair_by_workers_the_planner_hears_of_both_rounds(revised):
    mend = replace(CORE, id="r2-mend-core", continues="core", goal="Mend it")
    second = a_round(replace(DONE, task=mend), status="broken", plan={"tasks": (mend,)})
    _, asked = revised(form(), a_round(replace(DONE, interface_notes="in metres")), second)
    assert "- core (edit calc/core.py): done. in metres" in outcome_in(asked)
    assert "- done: r2-mend-core" in outcome_in(asked)


def test_where_a_test_failed_the_definition_around_it_is_shown_as_it_is_now(revised):
    _, asked = revised(form(), a_round(DONE, verdict=RED))
    shown = outcome_in(asked).partition("# Where it failed, as it is now\n")[2]
    assert shown.startswith("calc/room.py, lines 9 to 10\n```python\n    def size(self):\n")
    assert "class Room" not in shown


def test_where_the_trouble_leads_to_no_edit_all_edits_are_shown(revised):
    red = replace(RED, evidence="E   AssertionError: 6 != 7\n")
    diffs = {"calc/room.py": "+unit\n", "calc/house.py": "+x\n" * 2_000}
    _, asked = revised(form(), a_round(DONE, verdict=red), diffs=diffs)
    assert "# The edit of calc/room.py\n```diff\n+unit" in outcome_in(asked)
    assert "# The edit of calc/house.py" not in outcome_in(asked)  # too long


def test_tasks_that_are_done_and_have_nothing_to_say_take_one_line(revised):
    others = [Task(id=f"t{n}", path=f"f{n}.py", goal="g") for n in range(3)]
    done = [replace(DONE, task=task) for task in others]
    _, asked = revised(form(), a_round(*done, status="broken"))
    assert "# Outcome of each task\n- done: t0, t1, t2\n" in outcome_in(asked)


def test_tests_of_this_run_are_told_from_others(revised):
    old = b"def test_a():\n    pass\n"
    patch = FilePatch(
        path="tests/test_core.py", before=old, after=old + b"\ndef test_it():\n    1\n"
    )
    change = ChangeSet(base="0", patches=(patch,))
    red = replace(RED, broken=(*RED.broken, "tests/test_core.py::test_a"))
    _, asked = revised(form(), a_round(DONE, verdict=red, change=change))
    assert "tests/test_core.py::test_it (written by this run), tests" in outcome_in(asked)
    assert "tests/test_core.py::test_a (written" not in outcome_in(asked)


def test_an_outcome_is_bounded_whatever_happened(revised):
    failed = [
        DeadLetter(
            task=Task(id=f"t{n}", path=f"f{n}.py", goal="g"), error="no " * 200, kind="syntax"
        )
        for n in range(200)
    ]
    names = tuple(f"tests/test_{n}.py::test_it" for n in range(5_000))
    verdict = replace(RED, broken=names, evidence="x\n" * 3_000)
    _, asked = revised(form(), a_round(*failed, verdict=verdict))
    assert len(outcome_in(asked)) < 22_000
    assert "more is left out for lack of room" in outcome_in(asked)


def test_a_repair_goes_on_in_the_planners_conversation(revised):
    call = Call(id="first", name="plan", input=form(CORE))
    talk = Conversation(system="You plan.", tools=(plan_tool(),)).say(
        "the request", cache_mark=True
    )
    talk = talk.hear(Message(role="assistant", calls=(call,)))
    last = a_round(DONE, status="broken")
    found, asked = revised(form(ROOM), last, talk=talk)
    messages = asked[0].conversation.messages
    assert messages[:2] == talk.messages
    (returned,) = messages[2].returned
    assert (returned.id, messages[2].cache_mark) == ("first", True)
    assert "- done: core" in returned.text
    assert "let area take a unit" not in returned.text
    assert AREA.signature not in returned.text  # that was said before
    assert [task.id for task in found.draft.plan.tasks] == ["r2-room"]
    assert found.talk.conversation.messages[:3] == messages


def test_a_plan_from_elsewhere_begins_a_conversation_with_the_request_and_the_files(revised):
    _, asked = revised(form(), a_round(DONE, status="broken"))
    (message,) = asked[0].conversation.messages
    assert asked[0].conversation.system == "You plan."
    assert message.text.startswith("# Change request\n```\nlet area take a unit")
    assert "# All files" in message.text
    assert "- room (calc/room.py): hand it on" in message.text
    assert "- area: `def area(w, h, unit=1)`, defined in calc/core.py" in message.text


def test_a_repair_may_look_up_the_files_as_they_are_now(revised):
    look = Call(id="l", name="read", input={"places": ["calc/house.py"]})
    first = Reply(text="", stop="tool_use", calls=(look,), usage=Usage(calls=1))
    answers = {"plan/2": first, "plan/2/2": handed_in(form(ROOM))}
    found, (_, second) = revised(form(), a_round(DONE, status="broken"), answers=answers)
    assert "def total(rooms):" in second.conversation.messages[-1].returned[0].text
    assert found.usage.calls == 2


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
    assert "did not keep the contract of area: it is now `def area(size)`" in outcome_in(asked)


def test_a_contract_written_again_takes_the_place_of_the_old_one(revised):
    new = {"symbol": "area", "signature": "def area(a)", "defined_in": "calc/core.py"}
    found, _ = revised(form(ROOM, contracts=[new]), a_round(status="broken"))
    assert [contract.signature for contract in found.draft.plan.contracts] == ["def area(a)"]


def test_the_next_stage_is_planned_as_it_was_announced(revised):
    last = a_round(DONE, plan={"next_stage": "then the callers"})
    found, asked = revised(form(ROOM), last)
    assert found.draft.plan.stage == 2
    assert "as you announced it\nthen the callers" in outcome_in(asked)


def test_files_of_earlier_rounds_count_against_the_cap(revised):
    house = Task(id="h", path="calc/house.py", goal="g")
    keys = ("plan/2", "plan/2/2", "plan/2/3")
    answers = {key: handed_in(form(house)) for key in keys}
    found, _ = revised({}, a_round(status="broken"), max_tasks=2, answers=answers)
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
    bad = handed_in(form(dropped=[{"task": "core", "why": "w"}]))
    found, _ = revised(form(), last, answers=dict.fromkeys(("plan/2", "plan/2/2", "plan/2/3"), bad))
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
    closed = close_round(last, following)
    assert closed.results == (
        DONE,
        NothingToDo(task=ROOM, reason="not needed any more: nobody calls it"),
    )
    assert closed.completeness.open == ()
    assert closed.completeness.waived_uses[0].why == "the default does"
    assert close_round(last, Plan(tasks=())) == last
