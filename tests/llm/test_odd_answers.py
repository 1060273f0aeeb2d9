"""What models and servers really answer, through the real package from a real server."""

import asyncio
import json

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import (
    Call,
    CallFailed,
    Conversation,
    Message,
    Prompt,
    Returned,
    Tool,
    open_service,
    usage_of,
)
from codeorch.llm.retry import Backoff, RetryingModel

FIELDS = {"a": {"type": "integer"}, "b": {"type": "string"}}
TOOL = Tool(
    name="form", description="Fill in.",
    schema={"type": "object", "properties": FIELDS, "required": ["a"],
            "additionalProperties": False},
    is_form=True,
)  # fmt: skip
FORM = {"name": "form", "input": {"a": 1}}
PROVIDERS = {"anthropic": "", "openai-compatible": "/v1"}


def prompt(user="hello", *, tool=None, tools=(), messages=(), **more):
    """A question; `tool` is the form that its answer ends with, `messages` came before it."""
    talk = Conversation(tools=(*tools, *([tool] if tool else [])), messages=tuple(messages))
    name = tool.name if tool else ""
    settings = {"key": "k", "model": "m", "timeout_s": 5.0, "answer_tool": name, **more}
    return Prompt(conversation=talk.say(user) if user else talk, **settings)


@pytest.fixture(params=PROVIDERS)
def ask(request):
    """Ask a server by each API in turn; waits are not waited."""
    return asker(request.param)


def asker(provider):
    def ask(api, *prompts, **more):
        async def sleep(_seconds):
            pass

        async def all_of_them():
            service = open_service(provider, url=api.url + PROVIDERS[provider], key="sk-x", **more)
            model = RetryingModel(service, backoff=Backoff(sleep=sleep))
            try:
                return [await model.ask(one) for one in prompts]
            finally:
                await model.aclose()

        return asyncio.run(all_of_them())

    return ask


chat = asker("openai-compatible")


# ------------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    "arguments",
    ['{"a": 1,}', '```json\n{"a": 1}\n```', '{"a": 1}\nDone!', "{'a': 1}", '\ufeff{"a": 1}'],
)
def test_arguments_with_one_reading_are_read(serve, answer, ask, arguments):
    with serve(lambda *_: answer(tool={"name": "form", "input": arguments})) as api:
        (reply,) = ask(api, prompt(tool=TOOL))
    assert (reply.form_of("form"), reply.fault) == ({"a": 1}, "")


def test_arguments_that_are_cut_off_are_a_fault_in_words_and_are_paid_for(serve, answer, ask):
    with serve(lambda *_: answer(text="edit", tool={"name": "form", "input": '{"b": "x'})) as api:
        (reply,) = ask(api, prompt(tool=TOOL))
    assert (reply.form_of("form"), reply.text, reply.usage.calls) == (None, "edit", 1)
    assert "`form`" in reply.fault


def test_a_tool_of_another_case_or_called_twice_is_the_form(serve, answer, ask):
    calls = ({"name": "Form", "input": {"a": 2}},)
    with serve(lambda *_: answer(calls=calls, tool={**FORM, "name": "FORM"})) as api:
        (reply,) = ask(api, prompt(tool=TOOL))
    assert reply.form_of("form") == {"a": 1}


def test_a_server_that_drops_tools_without_a_word_is_understood(serve, answer, ask):
    with serve(lambda *_: answer(text='the edit\n\nform:\n{"a": 1}')) as api:
        (reply,) = ask(api, prompt(tool=TOOL))
    assert (reply.text, reply.form_of("form")) == ("the edit", {"a": 1})


def test_nulls_in_place_of_what_is_left_out_are_none(serve, answer, ask):
    with serve(lambda *_: answer(tool={"name": "form", "input": {"a": 1, "b": None}})) as api:
        (reply,) = ask(api, prompt(tool=TOOL))
    assert reply.form_of("form") == {"a": 1}


# ------------------------------------------------------------------------------- reasoning


def test_reasoning_in_the_text_is_no_answer(serve, answer, ask):
    with serve(lambda *_: answer(text="<think>\nPerhaps so?\n</think>\n\nSo.")) as api:
        (reply,) = ask(api, prompt())
    assert (reply.text, reply.reasoning) == ("So.", "Perhaps so?")


def test_reasoning_beside_the_text_is_kept_and_sent_back_with_its_calls(serve, answer):
    look = Tool(name="look", description="Look.", schema={"type": "object", "properties": {}})
    brain = lambda *_: answer(reasoning="Hm.", calls=({"name": "look", "input": {}},))  # noqa: E731
    with serve(brain) as api:
        (reply,) = chat(api, prompt(tool=TOOL, tools=(look,)))
        said = Message(role="assistant", text="", calls=reply.calls, thinking=reply.thinking)
        back = Message(
            role="user", text="", returned=(Returned(id=reply.calls[0].id, text="seen"),)
        )
        history = (Message(role="user", text="one"), said, back)
        chat(api, prompt("", messages=history, tool=TOOL, tools=(look,)))
    assert (reply.text, reply.reasoning) == ("", "Hm.")
    assert api.requests[1]["messages"][1]["reasoning_content"] == "Hm."


def test_thinking_blocks_go_back_as_they_came(serve, answer):
    block = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    calls = (Call(id="c1", name="look", input={}),)
    history = (
        Message(role="user", text="one"),
        Message(role="assistant", text="so", calls=calls, thinking=(block,)),
        Message(role="user", text="", returned=(Returned(id="c1", text="seen"),)),
    )
    with serve(lambda *_: answer(text="ok")) as api:
        asker("anthropic")(api, prompt("", messages=history))
    content = api.requests[0]["messages"][1]["content"]
    assert [one["type"] for one in content] == ["thinking", "text", "tool_use"]
    assert content[0] == block


# ------------------------------------------------------------------------------- envelopes


def spoil_message(**more):
    def spoil(body):
        choice = body["choices"][0]
        return {**body, "choices": [{**choice, "message": {**choice["message"], **more}}]}

    return spoil


def spoil_choice(**more):
    return lambda body: {**body, "choices": [{**body["choices"][0], **more}]}


@pytest.mark.parametrize("is_whole", [False, True])
@pytest.mark.parametrize(
    "spoil",
    [
        spoil_message(content=[{"type": "text", "text": "ok"}]),
        spoil_message(role=None),
        spoil_choice(finish_reason=None),
        spoil_choice(finish_reason="eos"),
        lambda body: {**body, "model": None, "usage": None},
        lambda body: {
            **body,
            "choices": [*body["choices"], *spoil_message(content="no")(body)["choices"]],
        },
    ],
)
def test_a_whole_body_of_any_form_is_an_answer(serve, answer, spoil, is_whole):
    with serve(lambda *_: answer(text="ok", spoil=spoil, is_whole=is_whole)) as api:
        (reply,) = chat(api, prompt())
    assert (reply.text, reply.stop) == ("ok", "end_turn")


@pytest.mark.parametrize("is_whole", [False, True])
def test_no_choices_are_an_empty_answer_that_is_paid_for(serve, answer, is_whole):
    spoil = lambda body: {**body, "choices": []}  # noqa: E731
    with serve(lambda *_: answer(spoil=spoil, is_whole=is_whole)) as api:
        (reply,) = chat(api, prompt())
    assert (reply.text, reply.usage.calls) == ("", 1)


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_mark_before_the_body_is_skipped(serve, answer, is_whole):
    with serve(lambda *_: answer(text="ok", prefix=b"\xef\xbb\xbf", is_whole=is_whole)) as api:
        (reply,) = chat(api, prompt())
    assert reply.text == "ok"


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 50, "completion_tokens": 7}, (50, 7, 0)),
        ({"prompt_tokens": "50", "completion_tokens": 7.0}, (50, 7, 0)),
        ({"prompt_tokens": 50, "completion_tokens": 7,
          "prompt_tokens_details": {"cached_tokens": 40}}, (10, 7, 40)),
        ({"prompt_tokens": None, "completion_tokens": -1}, (100, 10, 0)),
        (None, (100, 10, 0)),
    ],
)  # fmt: skip
def test_tokens_are_counted_or_guessed(serve, answer, usage, tokens):
    spoil = lambda body: {**body, "usage": usage}  # noqa: E731
    with serve(lambda *_: answer(text="x" * 36, spoil=spoil)) as api:
        (reply,) = chat(api, prompt(user="y" * 360))
    used = reply.usage
    assert (used.input_tokens, used.output_tokens, used.cache_read_tokens) == tokens


# ------------------------------------------------------------------------------- failures


def test_an_error_in_place_of_an_answer_is_asked_again(serve, answer):
    spoil = lambda _: {"error": {"message": "Provider returned error", "code": 502}}  # noqa: E731
    with serve(lambda _, n: answer(spoil=spoil) if n == 1 else answer(text="ok")) as api:
        (reply,) = chat(api, prompt())
    assert (reply.text, reply.usage.calls) == ("ok", 1)


@pytest.mark.parametrize("fault", ["cut", "reset", "error_event"])
def test_a_broken_answer_is_asked_again_and_counted(serve, answer, ask, fault):
    broken = answer(text="x" * 400, fault=fault)
    with serve(lambda _, n: broken if n == 1 else answer(text="ok")) as api:
        (reply,) = ask(api, prompt())
    assert reply.text == "ok"
    assert (reply.usage.calls, len(api.requests)) == (2, 2)
    assert all("tools" not in request for request in api.requests)


def test_failed_calls_are_counted_when_all_fail(serve, answer, ask):
    brain = lambda *_: answer(text="x" * 400, fault="cut")  # noqa: E731
    with serve(brain) as api, pytest.raises(CallFailed) as failed:
        ask(api, prompt())
    assert usage_of(failed.value).calls == len(api.requests) == 5
    assert usage_of(failed.value).output_tokens > 0


def test_a_gateway_that_fails_once_costs_no_tools(serve, answer, ask):
    brain = lambda _, n: answer(status=502) if n == 1 else answer(tool=FORM)  # noqa: E731
    with serve(brain) as api:
        (reply,) = ask(api, prompt(tool=TOOL))
    assert reply.form_of("form") == {"a": 1}
    assert all("tools" in request for request in api.requests)


@pytest.mark.parametrize(
    "answer_of",
    [{"status": 402}, {"status": 400, "message": "Your credit balance is too low"},
     {"status": 401}],
)  # fmt: skip
@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_is_turned_away_asks_no_more(serve, answer, provider, answer_of):
    def both(api):
        async def twice():
            url = api.url + PROVIDERS[provider]
            model = RetryingModel(open_service(provider, url=url, key="sk-x"))
            kinds = []
            for number in range(2):
                try:
                    await model.ask(prompt(user=str(number)))
                except ServiceError as error:
                    kinds.append(error.kind)
            await model.aclose()
            return kinds

        return asyncio.run(twice())

    with serve(lambda *_: answer(**answer_of)) as api:
        kinds = both(api)
    assert len(set(kinds)) == 1
    assert len(api.requests) == 1


def test_a_service_that_is_down_is_not_asked_five_times_each_time(serve, answer):
    async def sleep(_seconds):
        pass

    async def thrice(api):
        service = open_service("openai-compatible", url=f"{api.url}/v1")
        model = RetryingModel(service, backoff=Backoff(sleep=sleep))
        for number in range(3):
            with pytest.raises(ServiceError):
                await model.ask(prompt(user=str(number)))
        await model.aclose()

    with serve(lambda *_: answer(status=503)) as api:
        asyncio.run(thrice(api))
    assert len(api.requests) == 5 + 2 + 2


def test_a_wrong_name_shows_the_nearest_ones(serve, answer, ask):
    brain = lambda *_: answer(status=404, message="model 'qwen' not found")  # noqa: E731
    names = ("gemma:2b", "qwen3:8b", "llama")
    with serve(brain, models=names) as api, pytest.raises(ServiceError) as failed:
        ask(api, prompt(model="qwn3"))
    assert "model 'qwn3'" in str(failed.value)
    assert "it lists qwen3:8b, gemma:2b, llama" in str(failed.value)
    assert failed.value.kind == "unknown_model"


def test_without_a_name_the_server_says_what_it_has(serve, answer, ask):
    said = pytest.raises(ServiceError, match="no model is named; it lists gemma:2b")
    with serve(lambda *_: answer(text="ok"), models=("gemma:2b",)) as api, said:
        ask(api, prompt(model=""))
    assert api.requests == []


# ------------------------------------------------------------------------------- what is learnt


def test_what_is_refused_is_refused_once_however_many_ask(serve, answer):
    def brain(request, _):
        refusal = answer(status=400, message="tools are not supported")
        return refusal if "tools" in request else answer(text='form:\n{"a": 1}')

    async def at_once(api):
        model = open_service("openai-compatible", url=f"{api.url}/v1")
        asked = (model.ask(prompt(user=str(n), tool=TOOL)) for n in range(8))
        replies = await asyncio.gather(*asked)
        await model.aclose()
        return replies

    with serve(brain) as api:
        replies = asyncio.run(at_once(api))
    assert [reply.form_of("form") for reply in replies] == [{"a": 1}] * 8
    assert sum("tools" in request for request in api.requests) == 1


def test_what_is_learnt_is_known_to_the_next_run(serve, answer, ask, tmp_path):
    def brain(request, _):
        refusal = answer(status=400, message="local does not support tools")
        return refusal if "tools" in request else answer(text='form:\n{"a": 1}')

    with serve(brain) as api:
        for _ in range(2):
            (reply,) = ask(api, prompt(tool=TOOL), servers_file=tmp_path / "servers.json")
            assert reply.form_of("form") == {"a": 1}
    assert ["tools" in request for request in api.requests] == [True, False, False]


def test_a_plan_alone_is_asked_for_as_json_where_there_are_no_tools(serve, answer):
    def brain(request, _):
        refusal = answer(status=400, message="tools are not supported")
        return refusal if "tools" in request else answer(text='{"a": 1}')

    with serve(brain) as api:
        (reply,) = chat(api, prompt(tool=TOOL, form_alone=True))
    assert reply.form_of("form") == {"a": 1}
    assert api.requests[1]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    "said", ["use max_completion_tokens", "max_tokens is not supported", "max_tokens is invalid"]
)
def test_a_refusal_that_changes_no_request_is_met_once(serve, answer, tmp_path, said):
    file = tmp_path / "servers.json"
    with serve(lambda *_: answer(status=400, message=said)) as api:
        with pytest.raises(ServiceError, match="max_"):
            asker("anthropic")(api, prompt(), servers_file=file)
        with pytest.raises(ServiceError, match="max_"):
            chat(api, prompt())
    sent = [json.dumps(request, sort_keys=True) for request in api.requests]
    assert len(set(sent)) == len(sent)
    assert not file.exists()


def test_an_answer_is_cut_to_what_the_window_leaves(serve, answer, ask):
    def brain(request, _):
        size = len(json.dumps(request["messages"])) // 4
        if size + request["max_tokens"] > 8192:
            said = f"maximum context length is 8192 tokens ({size} in the messages)"
            return answer(status=400, message=said)
        return answer(text="ok")

    with serve(brain) as api:
        (reply,) = ask(api, prompt(user="x" * 8000))
    assert reply.text == "ok"
    assert len(api.requests) == 2
    assert 5000 < api.requests[1]["max_tokens"] < 6500


def test_a_question_beyond_the_window_is_not_sent_again(serve, answer, ask, tmp_path):
    said = "prompt is too long: 30000 tokens > 8192 maximum context length"
    with serve(lambda *_: answer(status=400, message=said)) as api:
        for _ in range(2):
            with pytest.raises(ServiceError) as failed:
                ask(api, prompt(user="x" * 90_000), servers_file=tmp_path / "servers.json")
            assert (failed.value.kind, failed.value.context_tokens) == ("too_large", 8192)
    assert len(api.requests) == 1


# ------------------------------------------------------------------------------- time


def test_an_answer_may_take_longer_than_its_limit_while_it_comes(serve, answer, ask):
    slow = answer(text="x" * 400, pace_s=0.1)
    with serve(lambda *_: slow) as api:
        (reply,) = ask(api, prompt(timeout_s=0.5, max_tokens=16_000))
    assert len(reply.text) == 400


@pytest.mark.parametrize("fault", ["hang", "hang_mid"])
def test_silence_is_a_timeout_in_words(serve, answer, ask, fault):
    silent = answer(text="x" * 900, fault=fault)
    said = pytest.raises(ServiceError, match=r"for 0\.5 s")
    with serve(lambda *_: silent) as api, said as failed:
        ask(api, prompt(timeout_s=0.5))
    assert failed.value.kind == "timeout"
    assert usage_of(failed.value).calls == 1  # the service had the question


def test_a_service_that_says_nothing_six_times_is_asked_no_more(serve, answer):
    with serve(lambda *_: answer(text="", reasoning="Hm.")) as api:
        with pytest.raises(ServiceError, match="the last 6 answers were empty") as caught:
            chat(api, *[prompt(str(n)) for n in range(9)])
        assert len(api.requests) == 6
    assert (caught.value.kind, caught.value.retryable) == ("empty", False)


def test_one_answer_that_says_something_clears_what_was_empty(serve, answer):
    def say(*_):
        return answer(text="so" if len(api.requests) == 4 else "")

    with serve(say) as api:
        chat(api, *[prompt(str(n)) for n in range(9)])
    assert len(api.requests) == 9
