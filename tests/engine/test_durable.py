"""DBOS keeps answers over the end of a process. Each test pays for a launch, so there are few."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import codeorch
from codeorch.engine import Question, content_id
from codeorch.engine.durable import DurableEngine
from codeorch.errors import ServiceError
from codeorch.llm import Prompt, Reply

PROMPT = Prompt(key="k", model="m", user="hello")


def question(user):
    prompt = replace(PROMPT, user=user)
    return Question(id=content_id(prompt), prompt=prompt)


def within(model, folder, body):
    """Run a body with an engine that is open."""

    async def whole():
        engine = DurableEngine(model, folder, 4)
        await engine.start()
        try:
            return await body(engine)
        finally:
            await engine.aclose()

    return asyncio.run(whole())


def test_answers_outlive_the_engine_and_failures_do_not(counting, tmp_path):
    async def first(engine):
        replies = await asyncio.gather(*(engine.ask(question(f"q{n}")) for n in (1, 2, 2)))
        with pytest.raises(ServiceError) as caught:
            await engine.ask(question("fail"))
        return [answer.reply.text for answer in replies], caught.value

    texts, failure = within(counting, tmp_path, first)
    assert texts == ["re q1", "re q2", "re q2"]
    assert (failure.kind, failure.retryable) == ("timeout", True)
    assert sorted(counting.asked) == ["fail", "q1", "q2"]
    assert counting.closed

    async def second(engine):
        kept = await engine.answered(question("q1").id)
        none = await engine.answered(question("fail").id)
        with pytest.raises(ServiceError):
            await engine.ask(question("fail"))
        again = await engine.ask(question("q2"))
        dropped = await engine.forget(time.time() + 60)
        return kept, none, again, dropped, await engine.answered(question("q1").id)

    kept, none, again, dropped, gone = within(counting, tmp_path, second)
    assert (kept, none) == (Reply(text="re q1", stop="end_turn"), None)
    assert (again.reply.text, again.kept) == ("re q2", True)
    assert (dropped, gone) == (4, None)
    assert sorted(counting.asked) == ["fail", "fail", "q1", "q2"]


def test_cancelling_stops_the_call_and_asks_again_later(tmp_path):
    class Slow:
        started, stopped, ended = 0, 0, 0
        running = asyncio.Event()

        async def ask(self, prompt):
            Slow.started += 1
            Slow.running.set()
            try:
                await asyncio.sleep(30 if Slow.started == 1 else 0)
            except asyncio.CancelledError:
                Slow.stopped += 1
                raise
            return Reply(text="late", stop="end_turn")

        async def aclose(self):
            Slow.ended += 1

    async def body(engine):
        asking = asyncio.create_task(engine.ask(question("slow")))
        await Slow.running.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        return (await engine.ask(question("slow"))).reply

    assert within(Slow(), tmp_path, body).text == "late"
    assert (Slow.started, Slow.stopped, Slow.ended) == (2, 1, 1)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from codeorch.engine import Question, content_id
from codeorch.engine.durable import DurableEngine
from codeorch.llm import Prompt, Reply

class Model:
    async def ask(self, prompt):
        if prompt.user == "never":
            os.kill(os.getpid(), signal.SIGKILL)
        return Reply(text="kept", stop="end_turn")
    async def aclose(self): pass

async def main():
    engine = DurableEngine(Model(), Path(sys.argv[1]), 4)
    await engine.start()
    for user in ("done", "never"):
        prompt = Prompt(key="k", model="m", user=user)
        await engine.ask(Question(id=content_id(prompt), prompt=prompt))

asyncio.run(main())
"""


def test_a_killed_process_leaves_its_answers_and_its_open_question_is_taken_up(counting, tmp_path):
    source = str(Path(codeorch.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": source}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr

    async def body(engine):
        return [(await engine.ask(question(user))).reply.text for user in ("done", "never")]

    assert within(counting, tmp_path, body) == ["kept", "re never"]
    assert counting.asked == ["never"]


def test_a_damaged_store_is_put_aside(counting, tmp_path):
    (tmp_path / "engine.sqlite").write_bytes(b"this is no database at all" * 99)

    async def body(engine):
        return (await engine.ask(question("q"))).reply.text

    assert within(counting, tmp_path, body) == "re q"
    assert list(tmp_path.glob("engine.sqlite.damaged-*"))


def test_old_sqlite_gets_the_function_that_the_schema_needs(tmp_path):
    from codeorch.engine.durable import _opened

    store = _opened(tmp_path / "x.sqlite")
    with store.connect() as connection:
        stamp = connection.exec_driver_sql("select unixepoch('subsec')").scalar()
        mode = connection.exec_driver_sql("pragma journal_mode").scalar()
    store.dispose()
    assert abs(float(stamp) - time.time()) < 60
    assert mode == "wal"


def test_an_answer_that_cannot_be_kept_is_a_failure_and_no_silence(tmp_path):
    class Spoiling:
        async def ask(self, prompt):
            with contextlib.closing(sqlite3.connect(tmp_path / "engine.sqlite")) as store:
                store.execute("drop table workflow_status")
            return Reply(text="lost", stop="end_turn")

        async def aclose(self):
            pass

    async def body(engine):
        with pytest.raises(ServiceError) as caught:
            await asyncio.wait_for(engine.ask(question("q")), 30)
        return caught.value

    failure = within(Spoiling(), tmp_path, body)
    assert (failure.kind, failure.retryable) == ("engine", False)


def test_many_answers_at_once_are_all_handed_on(counting, tmp_path):
    async def body(engine):
        asked = [engine.ask(question(f"q{n}")) for n in range(40)]
        return [answer.reply.text for answer in await asyncio.gather(*asked)]

    assert within(counting, tmp_path, body) == [f"re q{n}" for n in range(40)]
    assert len(counting.asked) == 40
