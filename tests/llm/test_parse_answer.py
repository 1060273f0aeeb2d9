"""One message in each of the ways in which services give it."""

import json
from dataclasses import replace

import pytest

from codeorch.llm import Conversation, Message, Prompt, Tool
from codeorch.llm.parse_answer import RawCall, parse_answer

EDIT = "```diff\n--- a/f.py\n+++ b/f.py\n@@\n-old = 1\n+new = 1\n```"
FORM = {"status": "done", "summary": "so"}
SCHEMA = {"properties": {"status": {"enum": ["done"]}, "summary": {}}, "required": ["status"]}
RESULT = Tool(name="result", description="", schema=SCHEMA)
READ = Tool(name="read", description="", schema={"properties": {"places": {}}})
PROMPT = Prompt(
    key="k",
    model="m",
    conversation=Conversation(tools=(READ, RESULT)).say("u"),
    answer_tool="result",
)


def form_of(found):
    """What was filled in last; None when no form came."""
    return ([None] + [one.input for one in found.calls if one.name == "result"])[-1]


def call(name, arguments):
    return RawCall(id="c1", name=name, arguments=arguments)


@pytest.mark.parametrize("name", ["result", "Result", "functions.result", "reslt"])
@pytest.mark.parametrize("arguments", [FORM, json.dumps(FORM), json.dumps(FORM)[:-1] + ",}"])
def test_a_form_as_a_call(name, arguments):
    found = parse_answer(PROMPT, EDIT, [call(name, arguments)])
    assert (found.text, form_of(found), found.fault) == (EDIT, FORM, "")


def test_a_form_in_the_text_with_reasoning_around():
    content = (
        f"<think>\nresult:\n{json.dumps(FORM)}\n</think>\n{EDIT}\n\nresult:\n{json.dumps(FORM)}"
    )
    found = parse_answer(PROMPT, [{"type": "text", "text": content}], reasoning="before")
    assert (found.text, form_of(found)) == (EDIT, FORM)
    assert found.reasoning.startswith("before\n\nresult:")


def test_calls_of_both_kinds_and_twice():
    calls = [call("read", '{"places": ["a"]}'), call("result", "{}"), call("result", FORM)]
    found = parse_answer(PROMPT, None, calls)
    assert [one.name for one in found.calls] == ["read", "result", "result"]
    assert found.calls[0].input == {"places": ["a"]}
    assert form_of(found) == FORM


def test_arguments_that_cannot_be_read_say_why():
    found = parse_answer(PROMPT, EDIT, [call("result", '{"status": "done", "summary": "a')])
    assert form_of(found) is None
    assert "`result`" in found.fault
    assert "cut off within a text" in found.fault
    again = parse_answer(PROMPT, EDIT, [call("result", "{"), call("result", FORM)])
    assert (form_of(again), again.fault) == (FORM, "")


TAGGED = [
    (
        "<tool_call>\n<function=result>\n<parameter=status>\ndone\n</parameter>\n"
        "<parameter=summary>\nso\n</parameter>\n</function>\n</tool_call>"
    ),
    (
        '<function_calls>\n<invoke name="result">\n<parameter name="status">done</parameter>\n'
        '<parameter name="summary">so</parameter>\n</invoke>\n</function_calls>'
    ),
    (
        "<tool_call>result\n<arg_key>status</arg_key>\n<arg_value>done</arg_value>\n"
        "<arg_key>summary</arg_key>\n<arg_value>so</arg_value>\n</tool_call>"
    ),
    "<function=Result><parameter=status>Done</parameter><parameter=summary>so</parameter></tool_call>",
]


@pytest.mark.parametrize("call_text", TAGGED)
def test_a_form_in_the_tags_of_a_model(call_text):
    found = parse_answer(PROMPT, f"{EDIT}\n\n{call_text}\n")
    assert (found.text, found.calls[-1].input) == (EDIT, FORM)


@pytest.mark.parametrize("call_text", TAGGED[:3])
def test_tags_in_an_edit_are_no_form(call_text):
    marked = "".join(f"+{line}\n" for line in call_text.split("\n"))
    for text in (f"```diff\n@@\n-a\n{marked}```", f"```xml\n{call_text}\n```"):
        found = parse_answer(PROMPT, text)
        assert (found.text, found.calls) == (text, ())


def test_fields_that_are_written_as_texts_are_read():
    schema = {"properties": {"status": {"enum": ["done"]}, "paths": {"type": "array"}}}
    tool = Tool(name="r", description="", schema=schema, is_form=True)
    talk = Conversation(tools=(tool,)).say("u")
    prompt = Prompt(key="k", model="m", conversation=talk, answer_tool="r")
    found = parse_answer(prompt, "", [call("r", {"status": "Done", "paths": '["a"]'})])
    assert found.calls[-1].input == {"status": "done", "paths": ["a"]}


def test_a_call_of_a_tool_that_is_not_there_is_told_which_are():
    found = parse_answer(PROMPT, "", [call("read_file", {"path": "a"})])
    assert not found.calls
    assert found.fault == "There is no tool `read_file`; there are `read`, `result`."


def test_without_a_form_to_fill_in_the_text_stays():
    plain = Prompt(key="k", model="m", conversation=Conversation().say("u"))
    assert parse_answer(plain, json.dumps(FORM)).text == json.dumps(FORM)


@pytest.mark.parametrize(
    ("content", "calls"),
    [
        (f"result:\n{json.dumps(FORM)}", []),
        ('read:\n{"places": ["a.py"]}', []),
        (None, [RawCall(id="", name="read", arguments={})] * 2),
        (None, [RawCall(id="call_0", name="read", arguments={})] * 2),
        (None, [RawCall(id="call_1", name="read", arguments={}),
                RawCall(id="", name="read", arguments={})]),
    ],
)  # fmt: skip
def test_an_id_stands_once_in_a_conversation(content, calls):
    talk = PROMPT.conversation
    for _ in range(3):
        found = parse_answer(replace(PROMPT, conversation=talk), content, calls)
        assert found.calls
        talk = talk.hear(Message(role="assistant", calls=found.calls)).say("go on")
    ids = [call.id for message in talk.messages for call in message.calls]
    assert len(set(ids)) == len(ids)


def test_an_id_that_a_service_gave_is_kept():
    assert parse_answer(PROMPT, "", [call("read", "{}")]).calls[0].id == "c1"


def test_a_look_up_in_the_text_is_a_call():
    found = parse_answer(PROMPT, 'Let me see.\n\nread:\n{"places": ["a.py"]}')
    assert [(one.name, one.input) for one in found.calls] == [("read", {"places": ["a.py"]})]
    assert found.text == "Let me see."
