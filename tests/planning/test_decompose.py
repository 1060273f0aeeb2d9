import asyncio

import pytest

from codeorch.config import Settings
from codeorch.domain import RankedFile, Request, Usage
from codeorch.errors import ServiceError
from codeorch.llm import ReplayModel, Reply
from codeorch.planning.decompose import decompose
from codeorch.planning.prompt import question, system_text
from codeorch.planning.request_plan import Unplanned

PLAN = {"rationale": "because", "tasks": [{"id": "t1", "path": "calc/core.py", "goal": "g"}]}
BAD = {"rationale": "because", "tasks": [{"id": "t1", "path": "nosuch.py", "goal": "g"}]}


def said(plan, stop="tool_use"):
    return Reply(text="", stop=stop, form=plan, usage=Usage(calls=1, output_tokens=5))


@pytest.fixture
def plan_for(findings_of):
    def run(answers, text="add a unit", ask=None, *, direct=False, expand=None, **settings):
        model = ReplayModel(answers)
        findings = findings_of("calc/core.py", "calc/room.py", direct=direct, expand=expand)
        request = Request(text=text, base="0")
        found = asyncio.run(decompose(request, findings, model, Settings(**settings), ask))
        return found, model.asked

    return run


def test_a_valid_plan_costs_one_call(plan_for):
    found, asked = plan_for({"plan/1": said(PLAN)})
    assert [task.path for task in found.draft.plan.tasks] == ["calc/core.py"]
    assert found.usage.calls == 1
    assert "- calc/core.py: calc/room.py (area), tests/test_core.py (area)" in asked[0].shared


def test_an_invalid_plan_goes_back_once_with_its_faults(plan_for):
    found, asked = plan_for({"plan/1": said(BAD), "plan/1/mended": said(PLAN)})
    assert found.usage.calls == 2
    assert "'nosuch.py', which is not in the repository" in asked[1].user
    assert "nosuch.py" in asked[1].history[1].text


def test_a_plan_that_was_cut_off_gets_more_room(plan_for):
    cut = Reply(text="", stop="max_tokens")
    _, asked = plan_for({"plan/1": cut, "plan/1/mended": said(PLAN)})
    assert asked[1].max_tokens == 2 * asked[0].max_tokens


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Reply(text="", stop="end_turn", reasoning="Hm."), "holds reasoning alone"),
        (Reply(text="", stop="end_turn", fault="The JSON is cut off."), "The JSON is cut off."),
        (Reply(text="no", stop="end_turn"), "did not call the tool `plan`"),
    ],
)
def test_an_answer_without_a_plan_is_told_what_it_lacks(plan_for, wrong, words):
    _, asked = plan_for({"plan/1": wrong, "plan/1/mended": said(PLAN)})
    assert words in asked[1].user


def test_plans_that_stay_invalid_are_replaced_by_references(plan_for):
    found, _ = plan_for({"plan/1": said(BAD), "plan/1/mended": said(BAD)}, "mend `area`")
    plan = found.draft.plan
    assert (plan.source, found.usage.calls) == ("fallback", 2)
    assert [task.path for task in plan.tasks] == ["calc/core.py", "calc/room.py"]
    assert "nosuch.py" in plan.notes[-1]
    assert "No valid plan came from the model" in plan.rationale


def test_without_names_to_go_by_the_models_faults_are_told(plan_for):
    found, _ = plan_for({"plan/1": said(BAD), "plan/1/mended": said(BAD)})
    assert isinstance(found, Unplanned)
    assert "nosuch.py" in found.faults[0]
    assert found.usage.calls == 2


def test_a_codemod_that_cannot_be_done_goes_back_to_the_planner(plan_for):
    bad = {**PLAN, "codemods": ["rename function `nosuch` to `other`"]}
    good = {**PLAN, "codemods": ["rename function `area` to `surface`"]}
    found, asked = plan_for({"plan/1": said(bad), "plan/1/mended": said(good)})
    assert found.draft.codemods == ("rename function `area` to `surface`",)
    assert "The codemod 'rename function `nosuch` to `other`' cannot be done" in asked[1].user


def test_a_declined_request_has_no_fallback(plan_for):
    no = Reply(text="no", stop="refusal")
    found, _ = plan_for({"plan/1": no, "plan/1/mended": no}, "mend `area`")
    assert (type(found), found.declined) == (Unplanned, True)


QUESTION = {"text": "Which unit?", "assumption": "metres", "blocks": True}
ASKING = {**PLAN, "questions": [QUESTION, {"text": "Rounded?", "assumption": "no"}]}


def test_a_question_that_blocks_is_asked_and_the_plan_follows_the_answer(plan_for):
    asked_user = []

    def ask(question):
        asked_user.append(question.text)
        return "feet"

    found, asked = plan_for({"plan/1": said(ASKING), "plan/1/answered": said(PLAN)}, ask=ask)
    assert asked_user == ["Which unit?"]
    assert "Which unit?\n  Answer: feet" in asked[1].user
    assert found.draft.plan.questions[0].answer == "feet"
    assert found.usage.calls == 2


def test_an_empty_answer_leaves_the_assumption_and_costs_nothing(plan_for):
    found, _ = plan_for({"plan/1": said(ASKING)}, ask=lambda _: "")
    assert found.usage.calls == 1
    assert [one.assumption for one in found.draft.plan.questions] == ["metres", "no"]


def test_answers_that_make_no_valid_plan_leave_the_one_before(plan_for):
    answers = {
        "plan/1": said(ASKING),
        "plan/1/answered": said(BAD),
        "plan/1/answered/mended": said(BAD),
    }
    found, _ = plan_for(answers, ask=lambda _: "feet")
    assert found.draft.plan.tasks[0].path == "calc/core.py"
    assert "the answers did not change the plan: " in found.draft.plan.notes[-1]
    assert found.usage.calls == 3


def test_nobody_to_ask_means_the_questions_stay_in_the_plan(plan_for):
    found, _ = plan_for({"plan/1": said(ASKING)})
    told = [(one.text, one.assumption, one.answer) for one in found.draft.plan.questions]
    assert told == [("Which unit?", "metres", ""), ("Rounded?", "no", "")]


def test_the_system_prompt_holds_caps_strategy_and_workers():
    told = system_text(Settings(max_tasks=17, strategy="dependency"))
    assert "At most 17 tasks" in told
    assert "The user wants `dependency`" in told
    assert "- refactorer: changes structure" in told


# ------------------------------------------------------------------- files offered afterwards


def offering(score):
    def expand(paths):
        assert paths == ["calc/core.py"]
        return (
            RankedFile(path="calc/core.py", score=9.0),
            RankedFile(path="calc/house.py", score=score, why=(("together", 0.4),)),
        )

    return expand


def test_convincing_additions_are_offered_once_and_join_the_plan(plan_for):
    more = {
        "rationale": "",
        "tasks": [{"id": "t2", "path": "calc/house.py", "goal": "g", "needs": ["t1"]}],
    }
    found, asked = plan_for(
        {"plan/1": said(PLAN), "plan/1/widened": said(more)}, expand=offering(1)
    )
    plan = found.draft.plan
    assert [(t.path, t.needs) for t in plan.tasks] == [
        ("calc/core.py", ()),
        ("calc/house.py", ("t1",)),
    ]
    assert plan.rationale == "because"
    assert found.usage.calls == 2
    assert "calc/house.py (was changed together with files of your plan)" in asked[1].user
    assert "calc/core.py (" not in asked[1].user


def test_nothing_to_add_leaves_the_plan_as_it_is(plan_for):
    answers = {"plan/1": said(PLAN), "plan/1/widened": said({"rationale": "no", "tasks": []})}
    found, _ = plan_for(answers, expand=offering(1))
    plain, _ = plan_for({"plan/1": said(PLAN)})
    assert found.draft == plain.draft


def test_weak_additions_cost_no_call(plan_for):
    found, _ = plan_for({"plan/1": said(PLAN)}, expand=offering(0.1))
    assert found.usage.calls == 1


def test_invalid_additions_are_left_out(plan_for):
    answers = dict.fromkeys(("plan/1/widened", "plan/1/widened/mended"), said(BAD))
    found, _ = plan_for({"plan/1": said(PLAN), **answers}, expand=offering(1))
    assert [task.path for task in found.draft.plan.tasks] == ["calc/core.py"]
    assert "to be added to the plan is left out: " in found.draft.plan.notes[-1]
    assert found.usage.calls == 3


def test_a_service_that_fails_afterwards_costs_no_valid_plan(plan_for):
    error = ServiceError("overloaded", kind="overloaded", retryable=True)
    found, _ = plan_for({"plan/1": said(PLAN), "plan/1/widened": error}, expand=offering(1))
    assert found.draft.plan.notes[-1].endswith("is left out: overloaded")
    assert found.usage.calls == 1


# ------------------------------------------------------------------- one call without a plan

EDIT = {
    "path": "calc/core.py",
    "old": "def area(width, height):\n",
    "new": "def area(width: int, height: int) -> int:\n",
}
CHANGE = {"status": "done", "summary": "area has types", "reason": "", "edits": [EDIT]}


def test_an_obvious_small_change_is_one_call(plan_for):
    found, asked = plan_for({"plan/direct": said(CHANGE)}, "give `area` types", direct=True)
    plan = found.draft.plan
    assert (plan.source, found.usage.calls, len(asked)) == ("direct", 1, 1)
    assert [task.path for task in plan.tasks] == ["calc/core.py"]
    assert "+" not in plan.tasks[0].answer
    assert "def area(width: int" in plan.tasks[0].answer
    assert "- calc/room.py: area" in asked[0].user
    assert "# tests/test_core.py\n" in asked[0].user
    assert "calc/core.py" in plan.rationale


def test_when_more_is_needed_the_usual_plan_follows_with_the_reason(plan_for):
    hand_over = {**CHANGE, "status": "needs_plan", "reason": "callers in room", "edits": []}
    answers = {"plan/direct": said(hand_over), "plan/1": said(PLAN)}
    found, asked = plan_for(answers, "give `area` a unit", direct=True)
    assert (found.draft.plan.source, found.usage.calls) == ("model", 2)
    assert "callers in room" in asked[1].shared


@pytest.mark.parametrize(
    "edits",
    [
        [{**EDIT, "old": "def surface():\n"}],
        [{**EDIT, "new": "def area(width\n"}],
        [{**EDIT, "old": ""}],
    ],
)
def test_an_edit_that_does_not_fit_or_parse_becomes_a_workers_task(plan_for, edits):
    answers = {"plan/direct": said({**CHANGE, "edits": edits})}
    found, _ = plan_for(answers, "give `area` types", direct=True)
    task = found.draft.plan.tasks[0]
    assert (task.answer, task.path) == ("", "calc/core.py")
    assert "give `area` types" in task.goal


@pytest.mark.parametrize(
    "change",
    [
        {**CHANGE, "edits": []},
        {**CHANGE, "edits": [{**EDIT, "path": "calc/house.py"}]},
        {**CHANGE, "edits": [{**EDIT, "path": "../x.py"}]},
        {**CHANGE, "status": "perhaps"},
    ],
)
def test_an_unusable_answer_leads_to_the_usual_plan(plan_for, change):
    answers = {"plan/direct": said(change), "plan/1": said(PLAN)}
    found, _ = plan_for(answers, "give `area` types", direct=True)
    assert found.draft.plan.source == "model"


def test_a_direct_change_that_would_delete_a_file_is_planned(plan_for, snapshot_of):
    whole = {**EDIT, "old": snapshot_of().files[EDIT["path"]].text, "new": ""}
    change = {"status": "done", "summary": "s", "reason": "", "edits": [whole]}
    answers = {"plan/direct": said(change), "plan/1": said(PLAN)}
    found, asked = plan_for(answers, "give `area` types", direct=True)
    assert found.draft.plan.source == "model"
    assert "is to be deleted" in asked[1].shared


def test_a_new_file_may_be_part_of_a_direct_change(plan_for):
    new = {"path": "calc/units.py", "old": "", "new": "METRE = 1\n"}
    answers = {"plan/direct": said({**CHANGE, "edits": [EDIT, new]})}
    found, _ = plan_for(answers, "give `area` types", direct=True)
    assert [(t.action, bool(t.answer)) for t in found.draft.plan.tasks] == [
        ("edit", True),
        ("create", True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "add a unit",
        "mend `area` " + "x " * 800,
        "mend `area`, `Room` and `total`",
        "give `area` types everywhere",
        "let `area` raise `UnitError`",
    ],
)
def test_what_is_not_plain_is_planned(plan_for, text):
    found, asked = plan_for({"plan/1": said(PLAN)}, text, direct=True)
    assert (found.usage.calls, asked[0].key) == (1, "plan/1")


def test_of_a_long_file_without_definitions_the_planner_sees_the_beginning(findings_of):
    text = "".join(f"{n}. This has changed.\n" for n in range(1_000))
    findings = findings_of("CHANGES.rst", files={"CHANGES.rst": text})
    asked = "\n\n".join(question(Request(text="x", base="0"), findings, ""))
    assert "## CHANGES.rst (the beginning, of 1000 lines)\n```\n0. This has changed.\n" in asked
    assert "```\n\n```" not in asked
