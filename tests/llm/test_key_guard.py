"""An answer that holds the key is none."""

import asyncio

import pytest

from codeorch.errors import UserError
from codeorch.llm import Call, Conversation, Prompt, Reply, UnpaidModel
from codeorch.llm.key_guard import mask, without_key

KEY = "sk-test-0123456789"
PROMPT = Prompt(key="k", model="m", conversation=Conversation().say("u"))


@pytest.mark.parametrize(
    "more",
    [
        {"text": f"+KEY = '{KEY}'"},
        {
            "calls": (
                Call(id="1", name="result", input={"status": "done", "summary": f"used {KEY}"}),
            )
        },
        {"calls": (Call(id="1", name="result", input={"edits": [{"new": [f"a{KEY}b"]}]}),)},
        {"calls": (Call(id="1", name="result", input={KEY: 1}),)},
        {"calls": (Call(id="1", name="search_text", input={"text": KEY}),)},
        {"fault": f"near '{KEY}'"},
        {"thinking": ({"type": "thinking", "thinking": f"so {KEY}"},)},
    ],
)
def test_an_answer_that_holds_the_key_is_replaced_by_a_fault(more):
    reply = without_key(Reply(**{"text": "", "stop": "end_turn", **more}), KEY)
    assert (reply.text, reply.calls) == ("", ())
    assert "holds the API key" in reply.fault
    assert KEY not in repr(reply)


def test_reasoning_that_holds_the_key_is_left_out():
    reply = without_key(Reply(text="edit", stop="end_turn", reasoning=f"Hm, {KEY}"), KEY)
    assert (reply.text, reply.reasoning, reply.fault) == ("edit", "", "")


@pytest.mark.parametrize("key", ["", "x", "ollama", "sk-1234"])
def test_short_keys_are_no_secret(key):
    reply = Reply(
        text=f"use {key} for x", stop="end_turn", calls=(Call(id="1", name="f", input={"a": key}),)
    )
    assert without_key(reply, key) is reply


def test_a_key_that_cannot_be_one_is_told_when_a_model_is_asked():
    with pytest.raises(UserError, match="holds a line break"):
        asyncio.run(UnpaidModel("OPENAI_API_KEY holds a line break").ask(PROMPT))


def test_only_a_key_that_is_one_is_masked():
    assert mask("bad sk-0123456789 here", "sk-0123456789") == "bad *** here"
    assert mask("no such thing", "o") == "no such thing"
