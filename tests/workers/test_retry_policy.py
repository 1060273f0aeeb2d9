"""Each cause has its own next step; all others climb the ladder."""

from dataclasses import replace

import pytest

from codeorch.config import Settings
from codeorch.domain import DeadLetter, Done, Task
from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Reply
from codeorch.workers.prompt import Approach
from codeorch.workers.retry_policy import Failure, next_approach

SETTINGS = Settings(planner_model="big", worker_model="mid", cheap_model="small")
FIRST = Approach(model="mid", room=9_000, max_tokens=8_000, timeout_s=30.0)
TALK = Conversation(system="s").say("q").say("This cannot be used; see below.")
FORK = Approach(model="big", fork=True, room=9_000, max_tokens=8_000, timeout_s=30.0)


def after(kind, approach=FIRST, size=100, settings=SETTINGS, service=""):
    failure = Failure(kind=kind, message="it is wrong.", talk=TALK, service=service)
    return next_approach(approach, failure, size, settings)


def changed(after, before=FIRST):
    """What a retry changes, the bookkeeping left out."""
    names = set(Approach.__slots__) - {"number", "tried"}
    return {n: getattr(after, n) for n in names if getattr(after, n) != getattr(before, n)}


REMARK = "Your answer cannot be used: it is wrong.\n\nGive the whole answer again."
FRESH_REMARK = "An earlier answer to this could not be used: it is wrong."


def test_the_first_rung_adds_the_diagnosis_and_the_second_changes_what_it_can():
    second = after("ambiguous")
    assert changed(second) == {"talk": TALK, "remark": REMARK}
    third = after("ambiguous", second)
    assert changed(third) == {
        "remark": FRESH_REMARK, "dialect": "whole", "effort": "high", "timeout_s": 60.0,
        "model": "big", "temperature": 0.7,
    }  # fmt: skip
    assert (second.number, third.number) == (2, 3)
    assert after("ambiguous", third) is None


def test_a_fork_goes_on_in_its_conversation_until_a_rung_changes_what_it_shares():
    second = after("ambiguous", FORK)
    assert changed(second, FORK) == {"talk": TALK, "remark": REMARK}
    third = after("ambiguous", second)
    assert (third.fork, third.talk, third.model) == (False, None, "mid")


@pytest.mark.parametrize("rung", ["diagnosis", "dialect", "diagnosis+dialect"])
def test_a_rung_that_changes_neither_model_nor_effort_nor_temperature_leaves_a_fork(rung):
    assert after("ambiguous", FORK, settings=Settings(retry_ladder=(rung,))).fork


@pytest.mark.parametrize("rung", ["effort", "model", "temperature", "diagnosis+model"])
def test_a_rung_that_changes_one_of_them_begins_anew(rung):
    again = after("ambiguous", FORK, settings=Settings(retry_ladder=(rung,)))
    assert (again.fork, again.talk) == (False, None)


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("declined", {"model": "mid", "fork": False}),
        ("too_large", {"max_tokens": 4_000, "fork": False}),
        ("timeout", {"effort": "low", "timeout_s": 60.0, "fork": False}),
    ],
)
def test_a_remedy_that_breaks_with_the_planner_begins_anew(kind, step):
    assert changed(after(kind, FORK), FORK) == step


def test_what_passes_is_asked_of_the_same_fork():
    assert changed(after("overloaded", FORK, service="transient"), FORK) == {}
    assert after("truncated", FORK).fork


def test_a_long_file_is_not_written_out_whole():
    assert after("syntax", after("syntax"), size=50_000).dialect == "blocks"


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("declined", {"model": "big"}),
        ("too_large", {"room": 3_000, "max_tokens": 4_000}),
        ("timeout", {"effort": "low", "timeout_s": 60.0}),
    ],
)
def test_causes_with_a_remedy_get_it_and_nothing_else(kind, step):
    assert changed(after(kind)) == step


@pytest.mark.parametrize("kind", ["cut_stream", "connection", "overloaded", "of_the_future"])
def test_what_passes_is_asked_again_as_it_was(kind):
    assert changed(after(kind, service="transient")) == {}


def test_a_torso_gets_more_room_and_is_not_sent_back():
    again = after("truncated")
    assert (again.max_tokens, again.talk) == (16_000, None)
    assert "small hunks" in again.remark
    whole = after("truncated", Approach(**{**_fields(FIRST), "dialect": "whole"}))
    assert whole.dialect == "diff"
    largest = Approach(**{**_fields(FIRST), "max_tokens": 64_000})
    assert after("truncated", largest).max_tokens == 64_000


def test_a_second_refusal_goes_to_a_third_model():
    assert after("declined", after("declined")).model == "small"


def test_a_second_timeout_goes_to_another_model_with_twice_the_time():
    again = after("timeout", after("timeout"))
    assert (again.model, again.timeout_s, again.effort) == ("big", 120.0, "low")


def test_a_service_that_does_not_know_effort_is_asked_without():
    strict = Approach(**{**_fields(FIRST), "effort": "high"})
    assert changed(after("bad_request", strict), strict) == {"effort": None}


@pytest.mark.parametrize("kind", ["auth", "quota", "unknown_model", "not_api", "budget"])
def test_what_no_retry_can_mend_is_not_tried(kind):
    assert after(kind, service="permanent") is None


def test_the_ladder_is_the_users():
    settings = Settings(planner_model="big", worker_model="mid", retry_ladder=("model",))
    again = after("ambiguous", settings=settings)
    assert changed(again) == {"model": "big"}
    assert after("ambiguous", again, settings=settings) is None


def _fields(approach):
    return {name: getattr(approach, name) for name in Approach.__slots__}


# ------------------------------------------------------------------------------- played through

TASK = Task(id="a", path="a.py", goal="g")


def play(stage, script, edit, first, files=None):
    model = script(lambda p: first if p.key == "work/a/1" else edit("a.py"))
    here = stage(files or {"a.py": "x = 1\n"}, TASK)
    (result,), _ = here.run(model, planner_model="big", worker_model="mid")
    return result, model.prompts


def stopped(stop):
    return Reply(text="```diff\n--- a/a.py\n+++ b/a.py\n@@\n-x", stop=stop)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (stopped("max_tokens"), "truncated"),
        (stopped("refusal"), "declined"),
        (stopped("context_overflow"), "too_large"),
        (ServiceError("too long", kind="too_large", retryable=False), "too_large"),
        (ServiceError("cut", kind="cut_stream", retryable=True), "cut_stream"),
        (Reply(text="", stop="end_turn"), "empty"),
    ],
)
def test_four_ways_to_have_no_answer_are_told_apart(stage, script, edit, first, kind):
    result, asked = play(stage, script, edit, first)
    assert isinstance(result, Done)
    assert [attempt.kind for attempt in result.attempts] == [kind, ""]
    assert [prompt.key for prompt in asked] == ["work/a/1", "work/a/2"]


def test_after_a_context_overflow_the_prompt_is_smaller(stage, script, edit):
    files = {
        "a.py": "from b import f\nx = 1\n",
        "b.py": "def f():\n" + "    y = 1\n" * 200,
        **{f"c{n}.py": "from a import x\nprint(x)\n" for n in range(9)},
    }
    result, (first, second) = play(stage, script, edit, stopped("context_overflow"), files)
    assert isinstance(result, Done)
    assert len(second.conversation.messages) == len(first.conversation.messages)
    assert second.conversation.length <= first.conversation.length


def test_the_form_of_a_bad_answer_goes_back_as_a_call_with_its_verdict(stage, script, edit):
    wrong = edit("a.py", old="y = 1")
    _, (first, second) = play(stage, script, edit, wrong)
    sent = first.conversation.messages
    assert second.conversation.messages[: len(sent)] == sent
    answer, verdict, remark = second.conversation.messages[len(sent) :]
    assert (answer.role, answer.text, answer.calls) == (
        "assistant", wrong.text.strip(), wrong.calls,
    )  # fmt: skip
    assert [one.id for one in verdict.returned] == [wrong.calls[0].id]
    assert "x = 1" in remark.text  # the nearest place


def test_what_is_missing_in_an_empty_answer_is_said(stage, script, edit):
    _, (first, second) = play(stage, script, edit, Reply(text=" ", stop="end_turn"))
    answer, *_, remark = second.conversation.messages[len(first.conversation.messages) :]
    assert answer.text == "(empty)"
    assert "Give the edit, then call the tool `result`." in remark.text


def test_no_rungs_mean_no_retries(stage, script):
    model = script(lambda _: Reply(text="no", stop="end_turn"))
    (result,), _ = stage({"a.py": "x = 1\n"}, TASK).run(model, retry_ladder=())
    assert isinstance(result, DeadLetter)
    assert len(result.attempts) == 1


def test_a_repair_that_a_service_failed_is_asked_again_in_its_own_conversation():
    repair = replace(FORK, talk=TALK, remark="mend it")
    assert changed(after("overloaded", repair, service="transient"), repair) == {}
