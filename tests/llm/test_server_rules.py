"""Rules of servers for the conversation that they are sent, from a real server that has them."""

import asyncio
import json
from itertools import pairwise

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Message, Prompt, Returned, Tool, open_service

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
FORM = Tool(name="form", description="Fill in.", schema=SCHEMA, is_form=True)
READ = Tool(name="read", description="Show.", schema={"type": "object", "properties": {}})
FILLED = {"name": "form", "input": {"a": 1}}
CALL = Call(id="call_1", name="read", input={"path": "x"})


def talk_with(call=CALL, **more):
    """A look-up, what it gave back, and words of ours behind it."""
    begun = Conversation(system="s", tools=(READ, FORM)).say("u")
    said = begun.hear(Message(role="assistant", calls=(call,), **more))
    return said.say("go on", returned=[Returned(id=call.id, text="lines")])


def ask(api, *talks, provider="openai-compatible", base="/v1"):
    async def all_of_them():
        model = open_service(provider, url=api.url + base, key="sk-x")
        prompts = [
            Prompt(key="k", model="m", conversation=talk, answer_tool="form", timeout_s=5.0)
            for talk in talks
        ]
        try:
            return [await model.ask(one) for one in prompts]
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


def roles_of(request):
    return [message["role"] for message in request["messages"]]


def user_after_tool(request):
    said = roles_of(request)
    if ("tool", "user") in pairwise(said):
        return "Unexpected role 'user' after role 'tool'"
    return ""


def tool_role(request):
    said = roles_of(request)
    if "tool" in said:
        place = f"body.messages.{said.index('tool')}.role"
        return f"{place}: Input should be 'system', 'user' or 'assistant'"
    return ""


def null_content(request):
    for number, message in enumerate(request["messages"]):
        if not message["content"]:
            return f"Invalid type for 'messages[{number}].content': expected a string, but got null"
    return ""


def call_ids(request):
    for message in request["messages"]:
        for call in message.get("tool_calls", ()):
            if len(call["id"]) != 9 or not call["id"].isalnum():
                return (
                    f"Tool call id was {call['id']} but must be a-z, A-Z, 0-9, with a length of 9."
                )
    return ""


@pytest.mark.parametrize(
    ("rule", "keeps_tools"),
    [(user_after_tool, True), (tool_role, False), (null_content, True), (call_ids, True)],
)
def test_a_rule_is_learnt_by_one_refusal_and_nothing_else_is_given_up(
    serve, answer, rule, keeps_tools
):
    def brain(request, _n):
        refusal = rule(request)
        if refusal:
            return answer(status=400, message=refusal)
        return answer(text='form:\n{"a": 1}') if "tools" not in request else answer(tool=FILLED)

    with serve(brain) as api:
        replies = ask(api, talk_with(), talk_with())
    assert [reply.form_of("form") for reply in replies] == [{"a": 1}] * 2
    assert len(api.requests) == 3
    assert ("tools" in api.requests[-1]) == keeps_tools
    words = json.dumps(api.requests[-1]["messages"])
    assert "lines" in words
    assert "go on" in words


def test_what_a_service_puts_beside_a_call_goes_back_with_it(serve, answer):
    signed = {"google": {"thought_signature": "c2ln"}}

    def spoil(body):
        body["choices"][0]["message"]["tool_calls"][0] |= {"extra_content": signed, "odd": 1}
        return body

    with serve(lambda *_: answer(tool=FILLED, spoil=spoil)) as api:
        (reply,) = ask(api, talk_with())
        again = talk_with().hear(reply.message)
        ask(api, again.say(returned=[Returned(id=reply.calls[0].id, text="so")]))
    sent = api.requests[-1]["messages"][-2]["tool_calls"][0]
    assert sent["extra_content"] == signed
    assert "odd" not in sent


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("The maximum tokens exceed the limit of 5120. Try again with less than 5120.", 5119),
        ("`max_tokens` must be at most `6000`, which is less than the `context_window`", 6000),
    ],
)  # fmt: skip
def test_the_longest_answer_is_learnt_at_once(serve, answer, said, limit):
    def brain(request, _n):
        is_long = request["max_tokens"] > limit
        return answer(status=400, message=said) if is_long else answer(tool=FILLED)

    with serve(brain) as api:
        ask(api, talk_with())
    assert [request["max_tokens"] for request in api.requests] == [16_000, limit]


def test_events_without_an_empty_line_between_them_are_read(serve, answer):
    def chunk(delta, stop=None):
        return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": stop}]})

    lines = [chunk({"content": "so "}), chunk({"content": "it is"}), chunk({}, "stop"), "[DONE]"]
    with serve(lambda *_: answer(chunks=("\ndata: ".join(lines),))) as api:
        (reply,) = ask(api, Conversation().say("u"))
    assert (reply.text, reply.stop) == ("so it is", "end_turn")


def test_an_encoding_that_nobody_asked_for_is_said(serve, answer):
    def brain(*_):
        return answer(status=299, headers={"content-encoding": "br"}, message="x")

    with serve(brain) as api, pytest.raises(ServiceError, match="compressed as br") as failed:
        ask(api, talk_with())
    assert not failed.value.retryable


def test_a_page_that_refuses_is_no_word_about_the_key(serve, answer):
    page = "<!DOCTYPE html><html>Just a moment...</html>"

    def brain(*_):
        return answer(status=403, fault="page", message=page)

    with serve(brain) as api, pytest.raises(ServiceError, match=r"firewall .* 403") as failed:
        ask(api, talk_with())
    assert failed.value.kind == "auth"


def test_a_key_that_a_400_refuses_turns_everybody_away(serve, answer):
    said = "API key not valid. Please pass a valid API key."
    with (
        serve(lambda *_: answer(status=400, message=said)) as api,
        pytest.raises(ServiceError, match="API key not valid") as failed,
    ):
        ask(api, talk_with())
    assert failed.value.kind == "auth"
    assert len(api.requests) == 1
