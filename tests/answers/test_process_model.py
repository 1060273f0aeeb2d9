"""A real model process, which asks a real HTTP server by the real package.

It is OpenAI's here, as it loads in less than half the time; test_api_keys.py asks by the other one.
"""

import asyncio
import os
import signal
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from codeorch.answers import AnswerStore, ProcessModel, question_id
from codeorch.api_keys import Keys, start_model_process
from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Prompt

pytestmark = pytest.mark.system


def prompt(text="hello", timeout_s=20.0):
    asked = Prompt(
        key="k",
        model="local",
        conversation=Conversation().say(text),
        timeout_s=timeout_s,
    )
    return replace(asked, question_id=question_id(asked))


@pytest.fixture
def open_model(tmp_path):
    def open_it(server, *hears, run_id="run1"):
        process = start_model_process(Keys({"openai": "sk-test"}))
        opening = {
            "provider": "openai-compatible", "url": f"{server.url}/v1", "key": "openai",
            "store": str(tmp_path / "answers.sqlite"), "run_id": run_id,
        }  # fmt: skip
        return ProcessModel(process, opening, *hears)

    return open_it


@pytest.fixture
def stored(tmp_path):
    """Look for a stored answer as another process does."""

    def look(text):
        with closing(AnswerStore(tmp_path / "answers.sqlite")) as store:
            answer = store.answer(prompt(text).question_id)
            return answer.reply.text if answer else None

    return look


def ask(model, *prompts):
    async def all_of_them():
        try:
            return await asyncio.gather(*map(model.ask, prompts), return_exceptions=True)
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


def test_questions_are_answered_side_by_side_and_stored(serve, answer, open_model, stored):
    with serve(lambda request, _: answer(text=text_of(request).upper())) as server:
        replies = ask(open_model(server), prompt("one"), prompt("two"), prompt("three"))
    assert [reply.text for reply in replies] == ["ONE", "TWO", "THREE"]
    assert [stored("one"), stored("two"), stored("four")] == ["ONE", "TWO", None]
    assert all("sk-test" in " ".join(headers.values()) for headers in server.headers)


def test_failures_keep_their_kind_and_are_not_stored(serve, answer, open_model, stored):
    with serve(lambda *_: answer(status=401)) as server:
        (failure,) = ask(open_model(server), prompt())
    assert isinstance(failure, ServiceError)
    assert (failure.kind, failure.retryable) == ("auth", False)
    assert "sk-test" not in str(failure)
    assert stored("hello") is None


def test_an_answer_is_on_disk_although_we_are_busy(serve, answer, open_model, stored):
    heard = threading.Event()

    def think(*_):
        heard.set()
        return answer(text="yes", pace_s=0.2)  # so that we are busy before it has come

    async def busy(model):
        asking = asyncio.ensure_future(model.ask(prompt()))
        await asyncio.to_thread(heard.wait)
        until(lambda: stored("hello"))  # our loop does not run
        assert not asking.done()
        reply = await asking
        await model.aclose()
        return reply

    with serve(think) as server:
        assert asyncio.run(busy(open_model(server))).text == "yes"


def test_without_the_process_nothing_can_be_asked(serve, answer, open_model):
    def think(*_):
        os.kill(model._process.pid, signal.SIGKILL)
        return answer(text="too late")

    with serve(think) as server:
        model = open_model(server)
        failures = ask(model, prompt())
    assert [(type(one), one.retryable) for one in failures] == [(ServiceError, False)]
    assert "has ended" in str(failures[0])


def test_cancelling_ends_a_call_that_has_not_begun_and_not_the_process(
    serve, answer, open_model, stored
):
    heard = threading.Event()

    def think(request, _):
        heard.set()
        return answer(text="x", fault="hang" if "slow" in text_of(request) else "")

    async def impatient(model):
        asking = asyncio.ensure_future(model.ask(prompt("slow", timeout_s=60)))
        await asyncio.to_thread(heard.wait)
        asking.cancel()
        await asyncio.wait([asking])
        reply = await model.ask(prompt("quick"))
        start = time.monotonic()
        await model.aclose()
        return asking.cancelled(), reply.text, time.monotonic() - start

    with serve(think) as server:
        cancelled, text, seconds = asyncio.run(impatient(open_model(server)))
    assert (cancelled, text) == (True, "x")
    assert seconds < 4  # it did not wait for the slow one
    assert stored("slow") is None


@pytest.mark.parametrize("end", ["close", "kill"])
def test_an_answer_that_has_begun_to_arrive_is_stored(serve, answer, open_model, stored, end):
    """Whether the run is cancelled and closed, or its process is gone at once."""
    begun = threading.Event()

    def think(*_):
        begun.set()
        return answer(text="a" * 400, pace_s=0.1)

    async def ended(model):
        asking = asyncio.ensure_future(model.ask(prompt()))
        await asyncio.to_thread(begun.wait)
        await asyncio.sleep(0.4)
        asking.cancel()
        await asyncio.wait([asking])
        assert stored("hello") is None
        if end == "close":
            await model.aclose()
        else:
            process = model._process
            model._writer.close()
            await asyncio.to_thread(os.waitpid, process.pid, 0)

    with serve(think) as server:
        asyncio.run(ended(open_model(server)))
        assert len(server.finished) == 1
    assert stored("hello") == "a" * 400


def test_an_answer_that_takes_too_long_is_not_waited_for(serve, answer, open_model, stored):
    begun = threading.Event()

    def think(*_):
        begun.set()
        return answer(text="a", fault="hang_mid")

    async def ended(model):
        asking = asyncio.ensure_future(model.ask(prompt()))
        await asyncio.to_thread(begun.wait)
        await asyncio.sleep(0.4)
        asking.cancel()
        start = time.monotonic()
        await model.aclose()
        return time.monotonic() - start

    with serve(think) as server:
        seconds = asyncio.run(ended(open_model(server)))
    assert 4.5 < seconds < 15
    assert stored("hello") is None


def test_a_resumed_run_waits_for_what_the_killed_one_still_receives(serve, answer, open_model):
    begun = threading.Event()

    def think(*_):
        begun.set()
        return answer(text="a" * 400, pace_s=0.1)

    async def killed(model):
        asking = asyncio.ensure_future(model.ask(prompt()))
        await asyncio.to_thread(begun.wait)
        await asyncio.sleep(0.4)
        process = model._process
        model._writer.close()
        with pytest.raises(ServiceError):
            await asking
        return process

    with serve(think) as server:
        process = asyncio.run(killed(open_model(server)))
        (reply,) = ask(open_model(server), prompt())
        assert (reply.text, reply.usage.calls) == ("a" * 400, 1)
        assert len(server.requests) == 1
    os.waitpid(process.pid, 0)


def test_without_a_question_nothing_is_left_either(serve, answer, open_model):
    with serve(lambda *_: answer(text="x")) as server:
        model = open_model(server)
        pid = model._process.pid
        asyncio.run(model.aclose())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_closed_model_says_that_it_is_closed(serve, answer, open_model):
    with serve(lambda *_: answer(text="x")) as server:
        model = open_model(server)
        ask(model, prompt())
        (failure,) = ask(model, prompt())
    assert isinstance(failure, ServiceError)


def text_of(request):
    return request["messages"][0]["content"]


def until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_comes_of_an_answer_is_told_a_few_times_a_second_outside_of_the_process(
    serve, answer, open_model
):
    told = []
    place = replace(prompt(), key="1/work/t3/2")
    with serve(lambda *_: answer(text="x" * 3600, pace_s=0.01)) as server:
        hears = lambda asked, arrival: told.append((asked.key, arrival))  # noqa: E731
        (reply,) = ask(open_model(server, hears), place)
    assert reply.text == "x" * 3600
    assert {key for key, _ in told} == {"1/work/t3/2"}
    arrivals = [arrival for _, arrival in told]
    assert arrivals[0].tokens == 0
    assert [one.tokens for one in arrivals] == sorted(one.tokens for one in arrivals)
    assert len(arrivals) <= 2 + 4 * arrivals[-1].seconds  # of more than ninety events
    assert 0 < arrivals[-1].tokens <= 1000
