"""Calls that a server passes on in a model's own marks."""

import pytest

from codeorch.llm.channels import split_channels
from codeorch.llm.conversation import Conversation, Tool
from codeorch.llm.model import Prompt
from codeorch.llm.native_calls import name_of, plain_calls
from codeorch.llm.parse_answer import RawCall, parse_answer

EDIT = "```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n```"
FORM = {"status": "done", "rows": [{"a": "b}"}]}
WRITTEN = '{"status": "done", "rows": [{"a": "b}"}]}'
ROW = {"type": "object", "properties": {"a": {"type": "string"}}}
SCHEMA = {
    "type": "object", "required": ["status"],
    "properties": {"status": {"type": "string"}, "rows": {"type": "array", "items": ROW}},
}  # fmt: skip
RESULT = Tool(name="result", description="", schema=SCHEMA, is_form=True)
READ = Tool(name="read", description="", schema={"properties": {"places": {"type": "array"}}})
TALK = Conversation(tools=(READ, RESULT)).say("u")
PROMPT = Prompt(key="k", model="m", conversation=TALK, answer_tool="result")
BAR = "\uff5c"  # in DeepSeek's tokens


def deepseek(head, tail=""):
    text = f"<|tool▁calls▁begin|><|tool▁call▁begin|>{head}{WRITTEN}{tail}<|tool▁call▁end|>"
    return f"{text}<|tool▁calls▁end|>".replace("|", BAR)


MARKED = [
    f'<tool_call>\n{{"name": "result", "arguments": {WRITTEN}}}\n</tool_call>',
    f'[TOOL_CALLS] [{{"name": "result", "arguments": {WRITTEN}}}]',
    f"[TOOL_CALLS]result[ARGS]{WRITTEN}",
    f"[TOOL_CALLS]result[CALL_ID]abcdefghi[ARGS]{WRITTEN}",
    f'<|python_tag|>{{"name": "result", "parameters": {WRITTEN}}}<|eom_id|>',
    deepseek("function<|tool▁sep|>result\n```json\n", "\n```"),
    deepseek("result<|tool▁sep|>"),
    (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.result:0"
        f"<|tool_call_argument_begin|>{WRITTEN}<|tool_call_end|><|tool_calls_section_end|>"
    ),
    '<|tool_call>call:result{status:<|"|>done<|"|>,rows:[{a:<|"|>b}<|"|>}]}<tool_call|>',
]


@pytest.mark.parametrize("call", MARKED)
def test_a_form_in_the_marks_of_a_model(call):
    for edit in (EDIT, ""):
        found = parse_answer(PROMPT, f"{edit}\n\n{call}\n")
        assert (found.text, [one.input for one in found.calls]) == (edit, [FORM])


def test_look_ups_in_the_marks_of_a_model():
    for call in (
        '<tool_call>{"name": "functions.read", "arguments": {"places": ["a.py"]}}</tool_call>',
        '[TOOL_CALLS]read[ARGS]{"places": ["a.py"]}',
        '<function=read>\n<parameter=places>\n["a.py"]\n</parameter>\n</function>',
    ):
        found = parse_answer(PROMPT, f"Let me see.\n{call}")
        assert [(one.name, one.input) for one in found.calls] == [("read", {"places": ["a.py"]})]


@pytest.mark.parametrize("call", MARKED)
def test_marks_in_an_edit_stay(call):
    marked = "".join(f"+{line}\n" for line in call.split("\n"))
    text = f"```diff\n@@ -1 +1 @@\n-a\n{marked}```"
    found = parse_answer(PROMPT, text)
    assert (found.text, found.calls) == (text, ())


def test_what_ends_an_answer_is_left_out_of_it():
    for token in ("<|im_end|>", "</s>", "<|eot_id|>\n", f"<{BAR}end▁of▁sentence{BAR}>"):
        assert plain_calls(f"{EDIT}{token}") == EDIT
        assert plain_calls(f"{EDIT}\n\nDone.{token}") == f"{EDIT}\n\nDone."
    for text in (f"{EDIT[:-4]}\n+</s>", "```\n<|im_end|>"):  # lines of a file
        assert plain_calls(text) == text


def test_channels_are_parted_and_a_draft_is_none_of_the_answer():
    draft = EDIT.replace("+b", "+DRAFT")
    form = f"to=functions.result <|constrain|>json<|message|>{WRITTEN}<|call|>"
    whole = (
        f"<|channel|>analysis<|message|>{draft}<|end|><|start|>assistant<|channel|>final<|message|>"
        f"{EDIT}<|end|><|start|>assistant<|channel|>commentary {form}"
    )
    bare = (
        f"analysis{draft[:3]}\nWe {draft[3:]}assistantfinal{EDIT}\n"
        f"assistantcommentary to=functions.result json{WRITTEN}"
    ).replace("analysis```", "analysis We write ```")
    for text in (whole, bare, whole.removeprefix("<|channel|>analysis<|message|>")):
        found = parse_answer(PROMPT, text)
        assert (found.text, [one.input for one in found.calls]) == (EDIT, [FORM])
        assert "DRAFT" in found.reasoning


def test_an_answer_that_speaks_of_channels_has_none():
    for text in (f"It starts with `<|channel|>final<|message|>`.\n{EDIT}", "analysis of it\nDone."):
        assert split_channels(text) is None


@pytest.mark.parametrize(
    "name",
    ["functions.result", "default_api:result", "result<|channel|>commentary", " result ",
     "functions.result:0", "Result"],
)  # fmt: skip
def test_names_with_more_around_them_are_known(name):
    assert name_of(name).casefold() == "result"
    found = parse_answer(PROMPT, EDIT, [RawCall(id="", name=name, arguments=WRITTEN)])
    assert [(one.name, one.input) for one in found.calls] == [("result", FORM)]
    other = name.replace("esult", "ead")
    found = parse_answer(PROMPT, "", [RawCall(id="", name=other, arguments='{"places": ["a"]}')])
    assert [one.name for one in found.calls] == ["read"]


def test_a_call_that_came_empty_leaves_the_form_to_the_text():
    call = RawCall(id="c1", name="result", arguments="{}")
    found = parse_answer(PROMPT, f"{EDIT}\n\nresult:\n{WRITTEN}", [call])
    assert (found.text, found.calls[0].input, found.calls[0].id) == (EDIT, FORM, "c1")
    assert parse_answer(PROMPT, EDIT, [call]).calls[0].input == {}


def test_empty_objects_before_the_arguments_are_none():
    call = RawCall(id="", name="result", arguments="{}" + WRITTEN)
    assert parse_answer(PROMPT, EDIT, [call]).calls[0].input == FORM


def test_ids_of_ours_have_nine_letters_and_digits():
    calls = [RawCall(id="", name="read", arguments="{}")] * 2
    ids = [call.id for call in parse_answer(PROMPT, "", calls).calls]
    assert len({*ids}) == 2
    assert all(len(one) == 9 and one.isalnum() for one in ids)
