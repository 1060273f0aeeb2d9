"""The planner's conversation: look-ups, plans, what goes back, and what it is remembered by."""

import asyncio
from dataclasses import replace

import pytest

from codeorch.config import Settings
from codeorch.domain import Request, ScriptResult, Usage
from codeorch.errors import ServiceError
from codeorch.llm import Call, CallFailed, Conversation, ReplayModel, Reply
from codeorch.planning import Opening, Unplanned, decompose, plan_tool, project_facts, system_text
from codeorch.retrieval import Codebase

TASK = {"id": "t1", "path": "calc/core.py", "goal": "g"}
PLAN = {"rationale": "because", "tasks": [TASK]}
BAD = {"rationale": "because", "tasks": [{**TASK, "path": "nosuch.py"}]}
DIFF = (
    "--- a/calc/core.py\n+++ b/calc/core.py\n@@\n-def area(width, height):\n"
    "+def area(width, height, unit=1):\n"
)


def called(name, form, **more):
    call = Call(id=f"{name}_1", name=name, input=form)
    usage = Usage(calls=1, output_tokens=5)
    return Reply(**{"text": "", "stop": "tool_use", "calls": (call,), "usage": usage, **more})


def planned(form):
    return called("plan", form)


@pytest.fixture
def plan_for(findings_of):
    """Plan with a script of answers; gives what came of it, and the prompts."""

    def run(*answers, text="add a unit", ask=None, run_script=None, scope=(), **settings):
        keys = ["plan/1", *(f"plan/1/{n}" for n in range(2, len(answers) + 1))]
        model = ReplayModel(dict(zip(keys, answers, strict=True)))
        findings = findings_of("calc/core.py", "calc/room.py")
        reading = replace(findings.reading, run_script=run_script)
        findings = replace(findings, reading=reading)
        options = Settings(**settings)
        opening = Opening(
            conversation=Conversation(system=system_text(options), tools=(plan_tool(),)),
            facts=project_facts(findings.snapshot),
            codebase=Codebase(snapshot=findings.snapshot, names=findings.names),
            on_look_ups=lambda _calls, _look_ups: None,
        )
        request = Request(text=text, base="0", paths=scope)
        found = asyncio.run(decompose(request, findings, opening, model, options, ask))
        return found, model.asked

    return run


def last_word(prompt):
    message = prompt.conversation.messages[-1]
    return message.text + "".join(one.text for one in message.returned)


def paths(found):
    return [task.path for task in found.draft.plan.tasks]


def test_a_valid_plan_costs_one_call(plan_for):
    found, asked = plan_for(planned(PLAN))
    assert paths(found) == ["calc/core.py"]
    assert (found.usage.calls, len(asked)) == (1, 1)
    assert "add a unit" in last_word(asked[0])


def test_what_is_looked_up_comes_back_and_what_was_sent_stays_as_it_was(plan_for):
    look = called("read", {"places": ["calc/room.py"]})
    found, (first, second) = plan_for(look, planned(PLAN))
    assert "class Room:" in last_word(second)
    assert second.conversation.messages[:1] == first.conversation.messages
    assert (second.conversation.system, second.conversation.tools) == (
        first.conversation.system, first.conversation.tools,
    )  # fmt: skip
    assert found.talk.look_ups.shown.has("calc/room.py", 1, 3)
    assert found.talk.conversation.messages[:3] == second.conversation.messages
    assert found.usage.calls == 2


def test_without_turns_left_nothing_is_looked_up(plan_for):
    look = called("read", {"places": ["calc/room.py"]})
    found, asked = plan_for(look, planned(PLAN), look_ups=0)
    assert "class Room:" not in last_word(asked[1])
    assert paths(found) == ["calc/core.py"]


def test_an_invalid_plan_goes_back_with_its_faults_as_what_its_call_gave(plan_for):
    found, asked = plan_for(planned(BAD), planned(PLAN))
    assert found.usage.calls == 2
    assert "'nosuch.py', which is not in the repository" in last_word(asked[1])
    assert [one.id for one in asked[1].conversation.messages[-1].returned] == ["plan_1"]


def test_only_what_changes_has_to_be_handed_in_again(plan_for):
    other = {**TASK, "id": "t2", "path": "calc/house.py"}
    first = {**PLAN, "tasks": [{**TASK, "path": "nosuch.py"}, other], "strategy": "dependency"}
    found, _ = plan_for(planned(first), planned({"rationale": "", "tasks": [TASK]}))
    assert sorted(paths(found)) == ["calc/core.py", "calc/house.py"]
    assert (found.draft.plan.rationale, found.draft.plan.strategy) == ("because", "dependency")


@pytest.mark.parametrize("path", ["nosuch.py", ".git/config"])
def test_a_whole_plan_without_what_was_wrong_is_taken_at_its_word(plan_for, path):
    other = {**TASK, "id": "t2", "path": "calc/house.py"}
    first = {**PLAN, "tasks": [TASK, other, {**TASK, "id": "bad", "path": path}]}
    found, _ = plan_for(planned(first), planned({**PLAN, "tasks": [TASK, other]}))
    assert paths(found) == ["calc/core.py", "calc/house.py"]


def test_a_whole_plan_may_leave_out_a_codemod_that_cannot_be_done(plan_for):
    bad = {**PLAN, "codemods": ["rename function `nosuch` to `other`"]}
    found, _ = plan_for(planned(bad), planned(PLAN))
    assert (found.draft.codemods, found.usage.calls) == ((), 2)


def test_what_amends_one_fault_of_several_keeps_all_else(plan_for):
    other = {**TASK, "id": "t2", "path": "calc/house.py"}
    first = {
        **PLAN,
        "tasks": [{**TASK, "path": "nosuch.py"}, other, {**BAD["tasks"][0], "id": "x"}],
    }
    last = planned({"rationale": "", "dropped": [{"task": "x", "why": "w"}]})
    found, asked = plan_for(planned(first), planned({"rationale": "", "tasks": [TASK]}), last)
    assert "Task 'x' is to edit 'nosuch.py'" in last_word(asked[2])
    assert sorted(paths(found)) == ["calc/core.py", "calc/house.py"]


def test_a_task_that_comes_to_need_another_one_of_its_file_does_not_replace_it(plan_for):
    first = {**PLAN, "tasks": [TASK, {**TASK, "id": "t2"}]}
    found, _ = plan_for(
        planned(first), planned({**PLAN, "tasks": [{**TASK, "id": "t2", "needs": ["t1"]}]})
    )
    assert [(task.id, task.needs) for task in found.draft.plan.tasks] == [
        ("t1", ()),
        ("t2", ("t1",)),
    ]


def test_an_answer_without_the_tool_is_asked_for_it(plan_for):
    found, asked = plan_for(Reply(text="I think so.", stop="end_turn"), planned(PLAN))
    assert "did not call the tool `plan`" in last_word(asked[1])
    assert paths(found) == ["calc/core.py"]


def test_the_first_answer_without_the_tool_costs_no_try(plan_for):
    silent = Reply(text="I would add a unit.", stop="end_turn")
    found, asked = plan_for(silent, planned(BAD), planned(BAD), planned(PLAN))
    assert (paths(found), len(asked)) == (["calc/core.py"], 4)
    found, _ = plan_for(silent, silent, silent, planned(BAD))
    assert isinstance(found, Unplanned)


def test_every_fault_is_told_at_once(plan_for):
    """Of form, of groups, of paths, and of each codemod: two tries have to do."""
    plan = {
        "rationale": "r",
        "tasks": [
            {**TASK, "id": "no id"},
            {"id": "far", "path": "calc/nosuch.py", "goal": "g", "needs": ["no id", "nobody"]},
            {**TASK, "id": "odd", "path": "calc/house.py", "weight": "heavy", "colour": "red"},
        ],
        "groups": [{"id": "g", "template": "t", "paths": ["nowhere/*.py"]}],
        "contracts": [
            {"symbol": "f", "signature": "f()", "defined_in": "calc/core.py", "used_in": ["x/*"]}
        ],
        "codemods": ["rename thing `a` to `b`", "rename function `nosuch` to `b`"],
        "questions": "none",
    }
    found, (_, second) = plan_for(planned(plan), planned(PLAN))
    assert paths(found) == ["calc/core.py"]
    said = last_word(second).split("\n")[1:-1]
    expected = [
        "- Task 'no id', id: letters, digits, `_`, `.` and `-`, at most 40, a letter or digit",
        "- Task 'odd', weight: Input should be a valid number, unable to parse string as a number",
        "- Task 'odd', colour: there is no such field",
        "- questions: Input should be a valid list",
        "- Group 'g': 'nowhere/*.py' matches no file.",
        "- Task 'far' is to edit 'calc/nosuch.py', which is not in the repository.",
        "- Task 'far' needs 'nobody', which is no task.",
        "- The contract of 'f' names 'x/*', which matches no file.",
        "- This is no codemod: 'rename thing `a` to `b`'.",
        "- The codemod 'rename function `nosuch` to `b`' cannot be done: ",
    ]
    assert len(said) == len(expected)
    for line, begin in zip(said, expected, strict=True):
        assert line.startswith(begin)


def test_who_was_told_of_form_alone_has_not_insisted(plan_for):
    both = {**PLAN, "tasks": [TASK, {**TASK, "id": "t2"}]}
    silent = Reply(text="soon", stop="end_turn")
    joined = {"rationale": "", "dropped": [{"task": "t2", "why": "joined"}]}
    found, asked = plan_for(silent, planned(both), planned(joined))
    assert paths(found) == ["calc/core.py"]
    assert "Tasks 't1' and 't2' both change calc/core.py." in last_word(asked[2])


def test_a_plan_that_was_cut_off_gets_more_room(plan_for):
    _, asked = plan_for(Reply(text="", stop="max_tokens"), planned(PLAN))
    assert asked[1].max_tokens == 2 * asked[0].max_tokens


def test_plans_that_stay_invalid_are_replaced_by_references(plan_for):
    found, _ = plan_for(*[planned(BAD)] * 3, text="mend `area`")
    plan = found.draft.plan
    assert (plan.source, found.usage.calls, found.talk) == ("fallback", 3, None)
    assert paths(found) == ["calc/core.py", "calc/room.py"]
    assert "nosuch.py" in plan.notes[-1]


def test_without_names_to_go_by_the_models_faults_are_reported(plan_for):
    found, _ = plan_for(*[planned(BAD)] * 3)
    assert isinstance(found, Unplanned)
    assert "nosuch.py" in found.faults[0]


def test_a_declined_request_has_no_fallback(plan_for):
    found, _ = plan_for(Reply(text="no", stop="refusal"), text="mend `area`")
    assert (type(found), found.declined) == (Unplanned, True)


def test_a_codemod_that_cannot_be_done_goes_back(plan_for):
    bad = {**PLAN, "codemods": ["rename function `nosuch` to `other`"]}
    good = {**PLAN, "codemods": ["rename function `area` to `surface`"]}
    found, asked = plan_for(planned(bad), planned(good))
    assert found.draft.codemods == ("rename function `area` to `surface`",)
    assert "The codemod 'rename function `nosuch` to `other`' cannot be done" in last_word(asked[1])


def test_a_planner_that_was_too_slow_is_asked_again_with_twice_the_time(plan_for):
    used = Usage(calls=1, input_tokens=10)
    slow = CallFailed("slow", kind="timeout", retryable=True, usage=used)
    found, asked = plan_for(slow, planned(PLAN))
    assert found.usage.calls == 2
    assert asked[1].timeout_s == 2 * asked[0].timeout_s
    with pytest.raises(CallFailed) as failed:
        plan_for(slow, slow)
    assert failed.value.usage.calls == 2


# ------------------------------------------------------------------- edits at hand


def test_an_edit_that_fits_needs_no_worker(plan_for):
    found, asked = plan_for(planned({**PLAN, "tasks": [{**TASK, "diff": DIFF}]}))
    (task,) = found.draft.plan.tasks
    assert (DIFF in task.answer, len(asked)) == (True, 1)


@pytest.mark.parametrize(
    "diff",
    [DIFF.replace("area(width, height):\n+", "surface(w):\n+"), DIFF.replace("unit=1):", "unit=")],
    ids=["fits nowhere", "does not parse"],
)
def test_an_edit_that_cannot_be_used_goes_back_once_and_then_to_a_worker(plan_for, diff):
    bad = planned({**PLAN, "tasks": [{**TASK, "diff": diff}]})
    found, asked = plan_for(bad, bad)
    assert "Task 't1', calc/core.py: " in last_word(asked[1])
    assert [task.answer for task in found.draft.plan.tasks] == [""]
    mended, _ = plan_for(bad, planned({**PLAN, "tasks": [{**TASK, "diff": DIFF}]}))
    assert mended.draft.plan.tasks[0].answer


def test_a_new_file_can_be_at_hand(plan_for):
    new = {
        "id": "n", "path": "calc/unit.py", "action": "create", "goal": "g",
        "diff": "--- /dev/null\n+++ b/calc/unit.py\n@@\n+METRE = 1\n",
    }  # fmt: skip
    found, _ = plan_for(planned({**PLAN, "tasks": [new]}))
    assert found.draft.plan.tasks[0].answer


def test_a_service_that_fails_afterwards_costs_no_valid_plan(plan_for):
    bad = planned({**PLAN, "tasks": [{**TASK, "diff": DIFF.replace("(width", "(wide")}]})
    error = ServiceError("overloaded", kind="overloaded", retryable=True)
    found, _ = plan_for(bad, error)
    assert paths(found) == ["calc/core.py"]
    assert found.draft.plan.notes[-1].endswith("overloaded")


# ------------------------------------------------------------------- questions

QUESTION = {"text": "Which unit?", "assumption": "metres", "blocks": True}
ASKING = {**PLAN, "questions": [QUESTION, {"text": "Rounded?", "assumption": "no"}]}


def test_a_question_that_blocks_is_asked_and_the_plan_follows_the_answer(plan_for):
    heard = []

    def ask(question):
        heard.append(question.text)
        return "feet"

    found, asked = plan_for(planned(ASKING), planned({"rationale": "in feet"}), ask=ask)
    assert heard == ["Which unit?"]
    assert "Which unit?\n  Answer: feet" in last_word(asked[1])
    assert found.draft.plan.questions[0].answer == "feet"
    assert found.draft.plan.rationale == "in feet"


def test_an_empty_answer_leaves_the_assumption_and_costs_nothing(plan_for):
    found, asked = plan_for(planned(ASKING), ask=lambda _: "")
    assert len(asked) == 1
    assert [one.assumption for one in found.draft.plan.questions] == ["metres", "no"]


def test_answers_that_make_no_valid_plan_leave_the_one_before(plan_for):
    found, _ = plan_for(planned(ASKING), *[planned(BAD)] * 3, ask=lambda _: "feet")
    assert paths(found) == ["calc/core.py"]
    assert "left out: " in found.draft.plan.notes[-1]


def test_the_system_prompt_holds_caps_strategy_and_workers():
    text = system_text(Settings(max_tasks=17, strategy="dependency"))
    assert "At most 17 tasks" in text
    assert "The user wants `dependency`" in text
    assert "- refactorer: changes structure" in text


# ------------------------------------------------------------------------------- scripts


def comment_out(_code, texts):
    """Stand in for the sandbox: what a script makes of each text."""
    return {path: ScriptResult(text=f"# {text}") for path, text in texts.items()}


def script(name, *paths):
    return {"id": name, "purpose": "mark it", "paths": list(paths), "code": "def edit(p, t): ..."}


def scripted(*scripts, **more):
    return planned({"rationale": "because", "tasks": [], "scripts": list(scripts), **more})


def test_the_tasks_of_a_script_count_as_tasks(plan_for):
    found, (_, second) = plan_for(
        scripted(script("s", "calc/*.py")),
        planned(PLAN | {"scripts": [script("s", "calc/room.py")]}),
        run_script=comment_out,
        max_tasks=2,
    )
    assert "The plan has 3 tasks; at most 2 are allowed." in last_word(second)
    assert paths(found) == ["calc/core.py", "calc/room.py"]


def test_two_scripts_over_one_file_go_back_once(plan_for):
    both = [script("s", "calc/core.py"), script("t", "calc/core.py", "calc/room.py")]
    found, (_, second) = plan_for(
        scripted(*both), scripted(both[0], script("t", "calc/room.py")), run_script=comment_out
    )
    assert "Tasks 's.1' and 't.1' both change calc/core.py." in last_word(second)
    assert paths(found) == ["calc/core.py", "calc/room.py"]
    assert all(task.diff for task in found.draft.plan.tasks)


def test_two_scripts_over_one_file_are_merged_for_who_insists(plan_for):
    both = scripted(script("s", "calc/core.py"), script("t", "calc/core.py"))
    found, asked = plan_for(both, both, run_script=comment_out)
    assert (paths(found), len(asked)) == (["calc/core.py", "calc/core.py"], 2)


def test_a_script_changes_no_file_that_the_user_did_not_allow(plan_for):
    found, (_, second) = plan_for(
        scripted(script("s", "*.py")),
        scripted(script("s", "calc/core.py")),
        run_script=comment_out,
        scope=("calc/core.py",),
    )
    assert "calc/house.py may not change: the user allows only calc/core.py." in last_word(second)
    assert paths(found) == ["calc/core.py"]


def test_scripts_that_stay_too_many_leave_no_plan(plan_for):
    too_many = scripted(script("s", "calc/*.py"))
    found, _ = plan_for(too_many, too_many, too_many, run_script=comment_out, max_tasks=2, text="x")
    assert isinstance(found, Unplanned)
    assert "The plan has 3 tasks" in found.faults[0]


# ------------------------------------------------------------------------------- odd amendments


@pytest.mark.parametrize(
    ("odd", "fault"),
    [
        ({"tasks": [{**TASK, "needs": 3}]}, "Task 't1', needs: Input should be a valid list"),
        (
            {"tasks": [{**TASK, "path": ["a.py"]}]},
            "Task 't1', path: Input should be a valid string",
        ),
        (
            {"tasks": [{**TASK, "id": ["t1"]}]},
            "Task 'calc/core.py', id: Input should be a valid string",
        ),
        ({"codemods": None}, "codemods: Input should be a valid list"),
        ({"tasks": "oops", "dropped": [{"task": "t2", "why": "w"}]}, "tasks: Input should be"),
        ({"tasks": [3, TASK]}, "Task number 2: Input should be"),
        ({"dropped": [3]}, "dropped number 1: Input should be"),
        ({"groups": 7, "tasks": [TASK]}, "groups: Input should be a valid list"),
    ],
)
def test_an_amendment_of_any_shape_is_told_and_leaves_the_plan(plan_for, odd, fault):
    other = {**TASK, "id": "t2", "path": "calc/house.py"}
    first = {**PLAN, "tasks": [{**TASK, "path": "nosuch.py"}, other]}
    found, asked = plan_for(
        planned(first),
        planned({"rationale": "", **odd}),
        planned({"rationale": "", "tasks": [TASK]}),
    )
    assert fault in last_word(asked[2])
    stay = [] if "dropped" in odd and odd["dropped"] != [3] else ["calc/house.py"]
    assert sorted(paths(found)) == ["calc/core.py", *stay]


def test_what_needed_a_task_needs_the_one_in_its_place(plan_for):
    user = {**TASK, "id": "t2", "path": "calc/house.py", "needs": ["t1"]}
    first = {**PLAN, "tasks": [TASK, user, {**TASK, "id": "bad", "path": "nosuch.py"}]}
    amended = {
        "rationale": "",
        "tasks": [{**TASK, "id": "new"}],
        "dropped": [{"task": "bad", "why": "w"}],
    }
    found, _ = plan_for(planned(first), planned(amended))
    assert {task.id: task.needs for task in found.draft.plan.tasks} == {
        "t2": ("new",),
        "new": (),
    }
