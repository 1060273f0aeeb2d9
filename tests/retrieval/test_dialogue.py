"""A conversation with look-ups: whatever is called gives something back, and it ends."""

import asyncio
from itertools import pairwise

import pytest

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Snapshot, Usage
from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Message, Prompt, ReplayModel, Reply, Tool
from codeorch.retrieval import Codebase, Dialogue, LookUps, respond
from codeorch.source import parse_file

CART = "class Cart:\n    def total(self):\n        return 1\n"
READ = {"places": ["cart.py"]}

TOOLS = tuple(
    Tool(name=name, description="d", schema={}, is_form=True) for name in ("plan", "result")
)


def call(name, call_id="c1", **given):
    return Call(id=call_id, name=name, input=given)


def reply(*calls, text="", stop="tool_use"):
    return Reply(text=text, stop=stop, calls=calls, usage=Usage(calls=1, output_tokens=5))


END = reply(call("result", status="done"))


@pytest.fixture
def talk():
    """Hold a dialogue with a script; gives it with its last reply, and the prompts."""

    def hold(*answers, turns=12, on_look_ups=lambda _calls, _look_ups: None, granted=None):
        snapshot = Snapshot(commit="0", files={"cart.py": parse_file("cart.py", CART.encode())})
        codebase = Codebase(snapshot=snapshot, names=SnapshotIndex(snapshot))
        look_ups = LookUps(codebase, turns=turns, granted=granted)
        conversation = Conversation(system="s", tools=TOOLS).say("the task", cache_mark=True)
        prompt = Prompt(key="work/t/1", model="m", conversation=conversation, answer_tool="result")
        keys = ["work/t/1", *(f"work/t/1/{n}" for n in range(2, 30))]
        model = ReplayModel(dict(zip(keys, answers, strict=False)))
        dialogue = Dialogue(prompt, model, look_ups, on_look_ups)
        return dialogue, asyncio.run(dialogue.reply()), model.asked

    return hold


def last(prompt):
    return prompt.conversation.messages[-1]


def test_without_look_ups_there_is_one_question(talk):
    dialogue, found, asked = talk(END)
    assert (found, len(asked), dialogue.usage.calls) == (END, 1, 1)
    assert dialogue.conversation.messages[1] == END.message


def test_look_ups_are_answered_until_the_answers_own_tool_is_called(talk):
    heard = []
    dialogue, found, asked = talk(
        reply(call("read", **READ), text="let me see"), reply(call("outline", path="cart.py")), END,
        on_look_ups=lambda calls, look_ups: heard.append((calls[0].name, look_ups.turns_left)),
    )  # fmt: skip
    assert (found, dialogue.usage.calls) == (END, 3)
    assert [prompt.key for prompt in asked] == ["work/t/1", "work/t/1/2", "work/t/1/3"]
    assert "return 1" in last(asked[1]).returned[0].text
    assert last(asked[1]).text.startswith("Look-ups left: 11 turns")
    assert heard == [("read", 11), ("outline", 10)]


def test_what_was_sent_is_never_sent_in_another_form(talk):
    _, _, asked = talk(reply(call("read", **READ)), reply(call("outline", path="cart.py")), END)
    for earlier, later in pairwise(asked):
        sent = earlier.conversation.messages
        assert later.conversation.messages[: len(sent)] == sent
    assert [message.cache_mark for message in asked[2].conversation.messages] == [
        True, False, True, False, True,
    ]  # fmt: skip


def test_a_model_that_only_looks_is_told_twice_and_then_taken_as_it_is(talk):
    look = reply(call("read", **READ))
    dialogue, found, asked = talk(*[look] * 9, turns=2)
    assert found == look
    assert len(asked) == 5  # two turns, two that were told that none are left, and the last one
    said = [last(prompt).returned[0].text for prompt in asked[1:]]
    assert "No look-ups are left" not in "".join(said[:2])
    assert all("No look-ups are left: answer now" in text for text in said[2:])
    assert dialogue.usage.calls == 5


def test_a_tool_of_another_role_is_answered_with_the_one_that_would_be_right(talk):
    _, found, asked = talk(reply(call("plan", tasks=[]), call("read", "c2", **READ)), END)
    wrong, right = last(asked[1]).returned
    assert wrong.id == "c1"
    assert wrong.text == "This tool is not for you now. End your answer with `result`."
    assert "return 1" in right.text
    assert found == END


def test_calling_the_wrong_tool_for_ever_ends(talk):
    wrong = reply(call("plan", tasks=[]))
    _, found, asked = talk(*[wrong] * 20, turns=3)
    assert found == wrong
    assert len(asked) < 12


def test_a_look_up_that_is_not_granted_says_what_is(talk):
    _, _, asked = talk(reply(call("read", **READ)), END, granted=("outline",))
    (told,) = last(asked[1]).returned
    assert told.text == "`read` is not granted to this task. Granted are: outline."


def test_a_look_up_beside_the_answer_does_not_hold_it_up(talk):
    both = reply(call("read", **READ), call("result", "c2", status="done"))
    _, found, asked = talk(both)
    assert (found, len(asked)) == (both, 1)


@pytest.mark.parametrize("stop", ["max_tokens", "refusal", "context_overflow"])
def test_what_broke_off_is_not_gone_on_with(talk, stop):
    _, found, asked = talk(reply(call("read", **READ), stop=stop))
    assert (found.stop, len(asked)) == (stop, 1)


def test_a_failure_leaves_what_was_said_and_what_it_cost(talk):
    class Failing:
        asked = 0

        async def ask(self, _prompt):
            self.asked += 1
            if self.asked == 2:
                raise ServiceError("busy", kind="overloaded", retryable=True)
            return reply(call("read", **READ))

    dialogue, _, _ = talk(END)
    prompt = dialogue.prompt
    second = Dialogue(prompt, Failing(), dialogue.look_ups)
    with pytest.raises(ServiceError):
        asyncio.run(second.reply())
    assert second.usage.calls == 1
    assert last(second.prompt).returned[0].id == "c1"


def test_a_word_after_an_answer_goes_on_with_further_keys(talk):
    dialogue, _, asked = talk(reply(call("read", **READ)), END, END)
    dialogue.say("This is wrong.")
    dialogue.allow(99)
    dialogue.allow_time(2.0)
    asyncio.run(dialogue.reply())
    assert (asked[2].key, asked[2].max_tokens) == ("work/t/1/3", 99)
    assert asked[2].timeout_s == 2 * asked[1].timeout_s
    assert [one.text for one in last(asked[2]).returned] == ["This is wrong."]


# ------------------------------------------------------------------------------- our word


def after(*calls):
    return Conversation().say("q").hear(Message(role="assistant", text="a", calls=calls))


def test_to_an_answer_without_calls_our_word_is_plain():
    message = respond(after(), "wrong", "result").messages[-1]
    assert (message.text, message.returned, message.cache_mark) == ("wrong", (), True)


def test_our_word_is_what_the_answers_call_gave_back():
    message = respond(after(call("result")), "wrong", "result").messages[-1]
    assert [(one.id, one.text) for one in message.returned] == [("c1", "wrong")]
    assert message.text == ""


def test_each_call_gives_something_back_once():
    """A service refuses a conversation in which one is left without."""
    calls = (call("read", "c1"), call("result", "c2"), call("result", "c3"))
    message = respond(after(*calls), "wrong", "result").messages[-1]
    assert [one.id for one in message.returned] == ["c1", "c2", "c3"]
    assert [one.text == "wrong" for one in message.returned] == [False, False, True]
    assert all(one.text for one in message.returned)


def test_to_calls_of_other_tools_our_word_comes_after_what_they_gave_back():
    message = respond(after(call("read")), "wrong", "result").messages[-1]
    assert ([one.id for one in message.returned], message.text) == (["c1"], "wrong")
