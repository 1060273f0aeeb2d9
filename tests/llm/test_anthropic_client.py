"""The real SDK against a real local server, fault by fault."""

import asyncio

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Message, Prompt, Returned, Tool, open_service
from codeorch.llm.retry import Backoff, ConcurrencyLimiter, RetryingModel

KEY = "sk-ant-secret-key-0123456789"
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 1}},
    "required": ["a"],
    "additionalProperties": False,
}
TOOL = Tool(name="form", description="Fill in.", schema=SCHEMA)


def prompt(*tools, conversation=None, **more):
    conversation = conversation or Conversation(tools=tools).say("hello")
    fields = {"key": "k", "model": "m", "answer_tool": "form", "timeout_s": 5.0, **more}
    return Prompt(conversation=conversation, **fields)


def ask(url, *prompts, waits=None):
    """Ask one prompt after another; waits are noted, not waited."""
    noted = [] if waits is None else waits

    async def sleep(seconds):
        noted.append(seconds)

    async def all_of_them():
        backoff = Backoff(sleep=sleep, jitter=lambda: 1.0)
        model = RetryingModel(open_service("anthropic", url=url, key=KEY), backoff=backoff)
        try:
            return [await model.ask(one) for one in prompts]
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())[-1]


def test_text_form_and_usage_come_back(serve, answer):
    with serve(lambda *_: answer(text="x" * 100, tool={"name": "form", "input": {"a": 1}})) as api:
        reply = ask(api.url, prompt(TOOL))
    assert (reply.text, reply.form_of("form"), reply.stop) == ("x" * 100, {"a": 1}, "tool_use")
    usage = reply.usage
    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (1, 11, 9)
    assert (usage.cache_read_tokens, usage.cache_write_tokens) == (5, 3)
    assert usage.cost_usd is None


def test_the_request_says_what_the_prompt_says(serve, answer):
    conversation = (
        Conversation(system="sys", tools=(TOOL,)).say("all", cache_mark=True).say("one")
        .hear(Message(role="assistant", text="two")).say("hello")
    )  # fmt: skip
    with serve(lambda *_: answer(text="ok")) as api:
        ask(api.url, prompt(conversation=conversation, effort="high", max_tokens=99))
    (request,) = api.requests
    cached = {"type": "ephemeral"}
    assert [block["text"] for block in request["system"]] == ["sys"]
    first, second, third = request["messages"]
    assert first["content"] == [
        {"type": "text", "text": "all", "cache_control": cached},
        {"type": "text", "text": "one"},
    ]
    assert (second["role"], third["content"][0]["text"]) == ("assistant", "hello")
    assert request["output_config"] == {"effort": "high"}
    assert request["tool_choice"] == {"type": "auto"}
    assert request["tools"][0]["strict"] is True
    assert request["tools"][0]["input_schema"]["properties"] == {"a": {"type": "integer"}}
    assert (request["max_tokens"], request["stream"]) == (99, True)
    assert not {"temperature", "top_p", "top_k", "thinking"} & request.keys()


LOOK = Tool(name="look", description="Look.", schema={"type": "object", "properties": {}})


def test_look_ups_come_back_beside_the_form(serve, answer):
    looks = tuple({"name": "look", "input": {"at": n}} for n in (1, 2))
    brain = lambda *_: answer(text="hm", calls=looks, tool={"name": "form", "input": {"a": 1}})  # noqa: E731
    with serve(brain) as api:
        reply = ask(api.url, prompt(LOOK, TOOL))
    assert reply.form_of("form") == {"a": 1}
    assert reply.calls[:2] == (
        Call(id="toolu_1", name="look", input={"at": 1}),
        Call(id="toolu_2", name="look", input={"at": 2}),
    )
    assert [tool["name"] for tool in api.requests[0]["tools"]] == ["look", "form"]


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


def test_a_conversation_with_calls_is_sent_as_the_api_wants_it(serve, answer):
    with serve(lambda *_: answer(text="ok")) as api:
        ask(api.url, prompt(conversation=talk(LOOK, TOOL)))
    cached = {"type": "ephemeral"}
    first, second, third = api.requests[0]["messages"]
    assert first["content"] == [{"type": "text", "text": "one", "cache_control": cached}]
    assert second["content"] == [
        {"type": "text", "text": "let me see"},
        {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": 1}},
    ]
    assert third["content"] == [
        {"type": "tool_result", "tool_use_id": "c1", "content": "seen", "cache_control": cached},
        {"type": "text", "text": "hello"},
    ]


def test_no_more_marks_are_sent_than_the_service_takes(serve, answer):
    """The last ones: they are what further turns and forks begin with."""
    conversation = Conversation()
    for number in range(9):
        conversation = conversation.say(f"{number}", cache_mark=True)
    with serve(lambda *_: answer(text="ok")) as api:
        ask(api.url, prompt(conversation=conversation))
    (message,) = api.requests[0]["messages"]
    marked = [block["text"] for block in message["content"] if "cache_control" in block]
    assert 0 < len(marked) <= 4
    assert marked[-1] == "8"


def test_nothing_in_the_environment_redirects_host_or_key(serve, answer, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "other")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "other")
    with serve(lambda *_: answer(text="ok")) as api:
        assert ask(api.url, prompt()).text == "ok"
    assert KEY in " ".join(api.headers[0].values())


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        ("end_turn", "end_turn"),
        ("stop_sequence", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("refusal", "refusal"),
        ("model_context_window_exceeded", "context_overflow"),
        ("some_future_reason", "end_turn"),  # of a whole answer
    ],
)
def test_known_stop_reasons_are_told_apart(serve, answer, stop, word):
    with serve(lambda *_: answer(text="ok", stop=stop)) as api:
        assert ask(api.url, prompt()).stop == word


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_request"),
        (401, "auth"),
        (402, "quota"),
        (403, "auth"),
        (404, "unknown_model"),
        (413, "too_large"),
    ],
)
def test_what_asking_again_cannot_mend_is_asked_once(serve, answer, status, kind):
    with (
        serve(lambda *_: answer(status=status, message=f"no, not with {KEY}")) as api,
        pytest.raises(ServiceError) as failed,
    ):
        ask(api.url, prompt())
    assert (failed.value.kind, failed.value.retryable) == (kind, False)
    assert len(api.requests) == 1
    assert KEY not in str(failed.value)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429},
        {"status": 500},
        {"status": 503},
        {"status": 529},
        {"fault": "cut"},
        {"fault": "reset"},
        {"fault": "error_event"},
    ],
    ids=str,
)
def test_what_passes_is_asked_again_with_longer_waits(serve, answer, fault):
    waits = []
    with serve(lambda _, n: answer(**fault) if n < 4 else answer(text="ok")) as api:
        assert ask(api.url, prompt(), waits=waits).text == "ok"
    assert len(api.requests) == 4
    assert [w for w in waits if w in (0.5, 1.0, 2.0)][:3] == [0.5, 1.0, 2.0]


def test_tries_are_bounded(serve, answer):
    with serve(lambda *_: answer(status=529)) as api, pytest.raises(ServiceError) as failed:
        ask(api.url, prompt())
    assert (failed.value.kind, failed.value.retryable) == ("overloaded", True)
    assert len(api.requests) == 5


def test_the_wish_to_wait_is_obeyed(serve, answer):
    waits = []
    busy = answer(status=429, headers={"retry-after": "7"})
    with serve(lambda _, n: busy if n == 1 else answer(text="ok")) as api:
        ask(api.url, prompt(), waits=waits)
    assert 7.0 in waits


def test_the_wish_to_wait_an_hour_is_an_error(serve, answer):
    with (
        serve(lambda *_: answer(status=429, headers={"retry-after": "3600"})) as api,
        pytest.raises(ServiceError, match="3600") as failed,
    ):
        ask(api.url, prompt())
    assert not failed.value.retryable
    assert len(api.requests) == 1


@pytest.mark.parametrize("fault", ["hang", "hang_mid", "drip", "pings"])
def test_the_deadline_holds_whatever_trickles_in(serve, answer, fault):
    with (
        serve(lambda *_: answer(text="x" * 900, fault=fault)) as api,
        pytest.raises(ServiceError) as failed,
    ):
        ask(api.url, prompt(timeout_s=0.5))
    assert (failed.value.kind, failed.value.retryable) == ("timeout", True)
    assert len(api.requests) == 1


@pytest.mark.parametrize("fault", ["html", "bad_json"])
def test_what_is_no_messages_api_is_said_with_its_address(serve, answer, fault):
    with (
        serve(lambda *_: answer(text="ok", fault=fault)) as api,
        pytest.raises(ServiceError) as failed,
    ):
        ask(api.url, prompt())
    assert failed.value.kind == "not_api"
    assert api.url in str(failed.value)


def test_nobody_there_is_said(serve):
    with serve(lambda *_: None) as api:
        pass
    with pytest.raises(ServiceError, match="cannot be reached") as failed:
        ask(api.url, prompt())
    assert failed.value.kind == "connection"


def test_the_limiter_halves_and_recovers():
    async def scenario():
        limiter = ConcurrencyLimiter(most=8)
        limiter.slow_down(0)
        assert limiter.allowed == 4
        for _ in range(100):
            limiter.speed_up()
        return limiter.allowed

    assert asyncio.run(scenario()) == 8


def test_the_limiter_lets_no_more_in_than_allowed():
    async def scenario():
        limiter, most, running = ConcurrencyLimiter(most=3), 0, 0

        async def call():
            nonlocal most, running
            await limiter.enter(asyncio.sleep)
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            limiter.leave()

        await asyncio.gather(*(call() for _ in range(20)))
        return most

    assert asyncio.run(scenario()) == 3
