import asyncio

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Message, Prompt, Returned, Tool, open_service
from codeorch.llm.retry import Backoff, RetryingModel

KEY = "sk-other-secret-key-987654321"
TOOL = Tool(name="form", description="Fill in.", schema={"type": "object"})


def prompt(*tools, conversation=None, **more):
    conversation = conversation or Conversation(tools=tools).say("hello")
    fields = {"key": "k", "model": "m", "answer_tool": "form", "timeout_s": 5.0, **more}
    return Prompt(conversation=conversation, **fields)


def ask(url, *prompts):
    async def sleep(_seconds):
        pass

    async def all_of_them():
        backoff = Backoff(sleep=sleep, jitter=lambda: 1.0)
        service = open_service("openai-compatible", url=f"{url}/v1", key=KEY)
        model = RetryingModel(service, backoff=backoff)
        try:
            return [await model.ask(one) for one in prompts]
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


def test_text_and_tool_call_come_back_with_an_estimate_of_tokens(serve, answer):
    brain = lambda *_: answer(text="diff", tool={"name": "form", "input": {"a": 1}})  # noqa: E731
    with serve(brain) as api:
        (reply,) = ask(api.url, prompt(conversation=Conversation(tools=(TOOL,)).say("s" * 360)))
    assert (reply.text, reply.form_of("form"), reply.stop) == ("diff", {"a": 1}, "tool_use")
    assert reply.usage.input_tokens > 100
    assert f"Bearer {KEY}" in api.headers[0].values()


def test_a_server_without_tools_is_asked_for_json_in_the_text_from_then_on(serve, answer):
    def brain(request, _):
        if "tools" in request:
            return answer(status=400, message="tools are not supported")
        return answer(text='the edit\n\nform:\n```json\n{"a": 2}\n```')

    with serve(brain) as api:
        first, second = ask(api.url, prompt(TOOL), prompt(TOOL))
    assert (first.text, first.form_of("form")) == ("the edit", {"a": 2})
    assert second.form_of("form") == {"a": 2}
    assert ["tools" in request for request in api.requests] == [True, False, False]
    assert "form:" in api.requests[1]["messages"][0]["content"]


def test_messages_are_in_order_and_neighbours_of_one_side_are_joined(serve, answer):
    conversation = (
        Conversation(system="sys").say("all").say("one")
        .hear(Message(role="assistant", text="two")).say("hello")
    )  # fmt: skip
    with serve(lambda *_: answer(text="ok")) as api:
        ask(api.url, prompt(conversation=conversation))
    said = [(m["role"], m["content"]) for m in api.requests[0]["messages"]]
    assert said == [
        ("system", "sys"), ("user", "all\n\none"), ("assistant", "two"), ("user", "hello"),
    ]  # fmt: skip


def talk(*tools, system=""):
    """A conversation that was let to look once; what it has said last is `hello`."""
    calls = (Call(id="c1", name="look", input={"at": 1}),)
    return (
        Conversation(system=system, tools=tools)
        .say("one", cache_mark=True)
        .hear(Message(role="assistant", text="let me see", calls=calls))
        .say(returned=[Returned(id="c1", text="seen")], cache_mark=True)
        .say("hello")
    )


LOOK = Tool(name="look", description="Look.", schema={"type": "object"})


def test_calls_go_both_ways(serve, answer):
    brain = lambda *_: answer(calls=({"name": "look", "input": {"at": 2}},))  # noqa: E731
    with serve(brain) as api:
        (reply,) = ask(api.url, prompt(conversation=talk(LOOK, TOOL), temperature=0.7))
    assert reply.calls == (Call(id="toolu_1", name="look", input={"at": 2}),)
    assert reply.form_of("form") is None
    _, called, seen, last = api.requests[0]["messages"]
    assert called["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"at": 1}'}
    assert seen == {"role": "tool", "tool_call_id": "c1", "content": "seen"}
    assert last == {"role": "user", "content": "hello"}
    assert api.requests[0]["temperature"] == 0.7


def piece(arguments="", **more):
    """A piece of a call, in a chunk; what is None is left out."""
    function = {"arguments": arguments, **({"name": more.pop("name")} if "name" in more else {})}
    call = {"function": function, **{key: one for key, one in more.items() if one is not None}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


@pytest.mark.parametrize("index", [0, None, "0", [0]])
@pytest.mark.parametrize("repeats_id", [True, False])
def test_pieces_of_parallel_calls_go_to_the_call_that_began_last(serve, answer, index, repeats_id):
    chunks = []
    for name in ("a", "b", "c"):
        chunks.append(piece(index=index, id=name, name="look"))
        again = name if repeats_id else None
        chunks += [piece(text, index=index, id=again) for text in ('{"at":', f' "{name}"}}')]
    with serve(lambda *_: answer(chunks=tuple(chunks))) as api:
        (reply,) = ask(api.url, prompt(LOOK, TOOL))
    assert [(call.id, call.input) for call in reply.calls] == [
        ("a", {"at": "a"}), ("b", {"at": "b"}), ("c", {"at": "c"}),
    ]  # fmt: skip


def test_pieces_of_calls_with_indices_may_come_in_any_order(serve, answer):
    begin = [piece(index=n, id=f"c{n}", name="look") for n in range(2)]
    rest = [piece(text, index=n) for text in ('{"at": ', "7}") for n in (1, 0)]
    with serve(lambda *_: answer(chunks=(*begin, *rest))) as api:
        (reply,) = ask(api.url, prompt(LOOK, TOOL))
    assert [(call.id, call.input) for call in reply.calls] == [("c0", {"at": 7}), ("c1", {"at": 7})]


def test_a_server_without_tools_is_told_of_earlier_calls_in_words(serve, answer):
    def brain(request, _):
        refusal = answer(status=400, message="tools are not supported")
        return refusal if "tools" in request else answer(text="ok")

    with serve(brain) as api:
        ask(api.url, prompt(conversation=talk(LOOK, TOOL)))
    said = [message["content"] for message in api.requests[1]["messages"]]
    assert said[1:] == ["one", 'let me see\n\nlook:\n{"at": 1}', "seen\n\nhello"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 401}, "auth"),
        ({"status": 404}, "unknown_model"),
        ({"status": 400, "message": "exceeds the available context size"}, "too_large"),
        ({"fault": "html"}, "not_api"),
        ({"text": "x", "stop": "error"}, "cut_stream"),
    ],
)
def test_faults_are_typed_and_hide_the_key(serve, answer, fault, kind):
    fault = {"message": f"bad {KEY}", **fault}
    with serve(lambda *_: answer(**fault)) as api, pytest.raises(ServiceError) as failed:
        ask(api.url, prompt())
    assert failed.value.kind == kind
    assert KEY not in str(failed.value)


def test_a_crowded_server_is_asked_again(serve, answer):
    with serve(lambda _, n: answer(status=529) if n < 3 else answer(text="ok")) as api:
        (reply,) = ask(api.url, prompt())
    assert reply.text == "ok"


def test_the_deadline_holds(serve, answer):
    with serve(lambda *_: answer(fault="hang")) as api, pytest.raises(ServiceError) as failed:
        ask(api.url, prompt(timeout_s=0.3))
    assert failed.value.kind == "timeout"
