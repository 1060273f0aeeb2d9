"""Each question is asked once, whoever asks it, and its answer is stored before it is handed on."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import codeorch
from codeorch.answers import AnswerStore, StoredAnswer, StoredModel, question_id
from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Prompt, Reply


def prompt(text):
    return Prompt(key="k", model="m", conversation=Conversation().say(text))


PROMPT = prompt("hello")


@pytest.fixture
def open_model(tmp_path, counting):
    def open_it(run_id="run1"):
        return StoredModel(counting, AnswerStore(tmp_path / "answers.sqlite"), run_id)

    return open_it


def ask(model, *texts):
    async def all_of_them():
        prompts = map(prompt, texts)
        try:
            return await asyncio.gather(*map(model.ask, prompts), return_exceptions=True)
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


def test_answers_outlive_the_model_and_failures_do_not(open_model, counting):
    first = ask(open_model(), "one", "fail", "two")
    second = ask(open_model(), "one", "fail", "two")
    assert [str(getattr(reply, "text", reply)) for reply in first] == [
        "re one",
        "no luck",
        "re two",
    ]
    assert [type(reply) for reply in second] == [Reply, ServiceError, Reply]
    assert sorted(counting.asked) == ["fail", "fail", "one", "two"]
    assert counting.closed


def test_tasks_with_the_same_question_ask_once_and_pay_once(open_model, counting):
    replies = ask(open_model(), *["same"] * 20)
    assert counting.asked == ["same"]
    assert {reply.text for reply in replies} == {"re same"}
    assert sum(reply.usage.calls for reply in replies) == 1


def test_the_next_task_asks_when_the_first_was_cancelled(open_model):
    class Slow:
        asked = 0
        running = asyncio.Event()

        async def ask(self, prompt):
            self.asked += 1
            self.running.set()
            await asyncio.sleep(600 if self.asked == 1 else 0)
            return Reply(text="late", stop="end_turn")

        async def aclose(self):
            pass

    async def scenario():
        model = open_model()
        model._model = slow = Slow()
        first, second = (asyncio.create_task(model.ask(PROMPT)) for _ in range(2))
        await slow.running.wait()
        first.cancel()
        reply = await second
        await model.aclose()
        return reply.text, slow.asked

    assert asyncio.run(scenario()) == ("late", 2)


@pytest.mark.parametrize(("run_id", "calls"), [("run1", 1), ("run2", 0)])
def test_a_stored_answer_costs_the_run_that_paid_for_it_and_no_other(
    open_model, tmp_path, run_id, calls
):
    store = AnswerStore(tmp_path / "answers.sqlite")
    reply = Reply(text="stored", stop="end_turn", usage=Usage(calls=1))
    store.add(question_id(PROMPT), StoredAnswer(PROMPT, reply, "run1"))
    store.close()
    replies = ask(open_model(run_id), "hello", "hello")
    assert [one.text for one in replies] == ["stored", "stored"]
    assert sum(one.usage.calls for one in replies) == calls


def test_an_answer_that_cannot_be_stored_is_a_failure_and_no_silence(tmp_path):
    class Spoiling:
        async def ask(self, prompt):
            database = sqlite3.connect(tmp_path / "answers.sqlite")
            database.execute("DROP TABLE answers")
            database.close()
            return Reply(text="lost", stop="end_turn")

        async def aclose(self):
            pass

    (failure,) = ask(StoredModel(Spoiling(), AnswerStore(tmp_path / "answers.sqlite")), "hello")
    assert isinstance(failure, ServiceError)
    assert (failure.kind, failure.retryable) == ("store", False)


# Asks the question of argv[2]; each wire call leaves a file. `die` kills the process while the
# question is asked, `die-after` the moment that the answer was handed on.
ASKER = """
import asyncio, os, signal, sys, tempfile
from pathlib import Path
from codeorch.answers import AnswerStore, StoredModel
from codeorch.llm import Conversation, Prompt, Reply

folder, text, way = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

class Wire:
    async def ask(self, prompt):
        tempfile.mkstemp(dir=folder, prefix="asked-")
        await asyncio.sleep(0.5)
        if way == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return Reply(text="from the wire", stop="end_turn")

    async def aclose(self):
        pass

async def main():
    model = StoredModel(Wire(), AnswerStore(folder / "answers.sqlite"), "run1")
    print("asks", flush=True)
    conversation = Conversation().say(text)
    reply = await model.ask(Prompt(key="k", model="m", conversation=conversation))
    if way == "die-after":
        os.kill(os.getpid(), signal.SIGKILL)
    print(reply.text)

asyncio.run(main())
"""


def start_asker(folder, text, way="live"):
    source = str(Path(codeorch.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", ASKER, str(folder), text, way],
        env={"PYTHONPATH": source}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def wire_calls(folder):
    return len(list(folder.glob("asked-*")))


def until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_of_several_processes_one_asks_and_the_others_wait(tmp_path):
    processes = [start_asker(tmp_path, "same") for _ in range(4)]
    outputs = [process.communicate()[0] for process in processes]
    assert outputs == ["asks\nfrom the wire\n"] * 4
    assert wire_calls(tmp_path) == 1


def test_another_process_takes_over_when_the_first_dies(tmp_path):
    first = start_asker(tmp_path, "same", "die")
    until(lambda: wire_calls(tmp_path))
    second = start_asker(tmp_path, "same")
    output, _ = second.communicate()
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    assert output == "asks\nfrom the wire\n"
    assert wire_calls(tmp_path) == 2


def test_an_answer_is_stored_before_it_is_handed_on(tmp_path):
    killed = start_asker(tmp_path, "q", "die-after")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert start_asker(tmp_path, "q").communicate()[0] == "asks\nfrom the wire\n"
    assert wire_calls(tmp_path) == 1


def test_other_questions_do_not_wait(tmp_path):
    stopped = start_asker(tmp_path, "one")
    until(lambda: wire_calls(tmp_path))
    os.kill(stopped.pid, signal.SIGSTOP)
    assert start_asker(tmp_path, "two").communicate()[0] == "asks\nfrom the wire\n"
    os.kill(stopped.pid, signal.SIGCONT)
    assert stopped.communicate()[0] == "asks\nfrom the wire\n"
