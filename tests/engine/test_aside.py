"""A real process beside us, which asks a real HTTP server by the real package."""

import asyncio
import os
import signal
import threading
import time

import pytest

from codeorch.engine.aside import Aside
from codeorch.errors import ServiceError
from codeorch.llm import Prompt


def prompt(text="hello", timeout_s=20.0):
    return Prompt(key="k", model="claude-test", user=text, timeout_s=timeout_s)


@pytest.fixture
def aside(tmp_path):
    def make(server):
        return Aside("anthropic", url=server.url, key="sk-test", receipts=tmp_path / "receipts")

    return make


def asked(model, *prompts):
    async def all_of_them():
        try:
            return await asyncio.gather(*map(model.ask, prompts), return_exceptions=True)
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


def test_questions_are_answered_side_by_side(serve, answer, aside, tmp_path):
    with serve(lambda request, _: answer(text=text_of(request).upper())) as server:
        replies = asked(aside(server), prompt("one"), prompt("two"), prompt("three"))
    assert [reply.text for reply in replies] == ["ONE", "TWO", "THREE"]
    assert not list((tmp_path / "receipts").glob("*"))  # whoever ends well needs none


def test_failures_keep_their_kind(serve, answer, aside):
    with serve(lambda *_: answer(status=401)) as server:
        (failure,) = asked(aside(server), prompt())
    assert isinstance(failure, ServiceError)
    assert (failure.kind, failure.retryable) == ("auth", False)
    assert "sk-test" not in str(failure)


def test_an_answer_is_on_disk_although_we_are_busy(serve, answer, aside, tmp_path):
    heard = threading.Event()

    def think(*_):
        heard.set()
        return answer(text="yes")

    async def busy(model):
        asking = asyncio.ensure_future(model.ask(prompt()))
        await asyncio.to_thread(heard.wait)
        while not any(file.stat().st_size for file in (tmp_path / "receipts").glob("*.jsonl")):
            os.sched_yield()  # our loop does not run
        assert not asking.done()
        reply = await asking
        await model.aclose()
        return reply

    with serve(think) as server:
        assert asyncio.run(busy(aside(server))).text == "yes"


def test_another_process_takes_over_when_one_is_killed(serve, answer, aside):
    def think(_, number):
        if number == 1:
            os.kill(model._process.popen.pid, signal.SIGKILL)
        return answer(text="again")

    with serve(think) as server:
        model = aside(server)

        async def twice():
            with pytest.raises(ServiceError, match="has ended") as failure:
                await model.ask(prompt())
            reply = await model.ask(prompt())
            await model.aclose()
            return failure.value, reply

        failure, reply = asyncio.run(twice())
    assert failure.retryable
    assert reply.text == "again"


def test_cancelling_ends_the_call_and_not_the_process(serve, answer, aside):
    heard = threading.Event()

    def think(request, _):
        heard.set()
        return answer(text="x", fault="hang" if "slow" in text_of(request) else "")

    async def impatient(model):
        asking = asyncio.ensure_future(model.ask(prompt("slow", timeout_s=60)))
        await asyncio.to_thread(heard.wait)
        asking.cancel()
        await asyncio.wait([asking])
        process = model._process
        reply = await model.ask(prompt("quick"))
        assert model._process is process
        await model.aclose()
        return asking.cancelled(), reply.text

    with serve(think) as server:
        assert asyncio.run(impatient(aside(server))) == (True, "x")


def test_the_process_ends_with_the_one_it_works_for(serve, answer, aside):
    with serve(lambda *_: answer(text="x")) as server:
        model = aside(server)

        async def gone():
            await model.ask(prompt())
            process = model._process.popen
            model._writer.close()  # as if we had been killed
            await asyncio.to_thread(process.wait, 30)
            return process.returncode

        assert asyncio.run(gone()) is not None


def test_an_answer_that_has_come_is_not_asked_for_again_by_the_next_process(serve, answer, aside):
    async def killed(model, server):
        asking = asyncio.ensure_future(model.ask(prompt()))
        await asyncio.to_thread(until, lambda: server.requests)
        process = model._process.popen
        process.send_signal(signal.SIGSTOP)  # as if it did not get the processor
        await asyncio.to_thread(until, lambda: server.finished)
        model._process = None  # it is not ours to end any more
        model._writer.close()
        process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(process.wait, 30)
        with pytest.raises(ServiceError):
            await asking

    async def resumed(model):
        reply = await model.ask(prompt())
        await model.aclose()
        return reply.text

    def think(*_):
        time.sleep(0.3)
        return answer(text="x")

    with serve(think) as server:
        asyncio.run(killed(aside(server), server))
        assert asyncio.run(resumed(aside(server))) == "x"
        assert len(server.requests) == 1


def test_without_a_question_nothing_is_left_either(serve, answer, aside):
    with serve(lambda *_: answer(text="x")) as server:
        model = aside(server)
        model.warm()
        process = model._process.popen
        asyncio.run(model.aclose())
    assert process.poll() is not None


def text_of(request):
    return request["messages"][0]["content"][0]["text"]


def until(holds):
    while not holds():
        time.sleep(0.01)
