"""The store on a real file, also a damaged one, and with several processes."""

import asyncio
import hashlib
import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import codeorch
from codeorch.answers import AnswerStore, StoredAnswer, question_id
from codeorch.answers.question_id import dump, dump_prompt, fields
from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Message, Prompt, Reply, Returned, Tool

PROMPT = Prompt(key="work/t1/1", model="m", conversation=Conversation().say("hello"))
ANSWER = StoredAnswer(PROMPT, Reply(text="hi", stop="end_turn"), "run1")
ID = question_id(PROMPT)

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
counts = st.integers(0, 10**9)
values = st.dictionaries(texts, st.one_of(texts, counts, st.none(), st.lists(texts, max_size=2)))
calls = st.builds(Call, id=texts, name=texts, input=values)
messages = st.builds(
    Message,
    role=st.sampled_from(["user", "assistant"]),
    text=texts,
    calls=st.tuples(calls),
    returned=st.tuples(st.builds(Returned, id=texts, text=texts)),
    thinking=st.tuples(values),
    cache_mark=st.booleans(),
)
conversations = st.builds(
    Conversation,
    system=texts,
    tools=st.tuples(st.builds(Tool, name=texts, description=texts, schema=values)),
    messages=st.tuples(messages, messages),
)
prompts = st.builds(Prompt, key=texts, model=texts, conversation=conversations, answer_tool=texts)
replies = st.builds(
    Reply,
    text=texts,
    stop=st.sampled_from(["end_turn", "tool_use", "max_tokens"]),
    calls=st.tuples(calls),
    thinking=st.tuples(values),
    usage=st.builds(Usage, calls=counts, input_tokens=counts, cache_read_tokens=counts),
    model=texts,
)


@pytest.fixture
def store(tmp_path):
    store = AnswerStore(tmp_path / "answers.sqlite")
    yield store
    store.close()


@given(prompt=prompts, reply=replies, run=texts)
def test_an_answer_comes_back_as_it_was(tmp_path_factory, prompt, reply, run):
    file = tmp_path_factory.mktemp("store") / "answers.sqlite"
    writer, reader = AnswerStore(file), AnswerStore(file)
    answer = StoredAnswer(prompt, reply, run)
    writer.add(question_id(prompt), answer)
    assert reader.answer(question_id(prompt)) == answer
    writer.close()
    reader.close()


@given(prompt=prompts, key=texts, timeout_s=st.floats(1, 99))
def test_the_id_of_a_question_is_what_is_asked_and_nothing_else(prompt, key, timeout_s):
    same = replace(prompt, key=key, timeout_s=timeout_s, question_id="other")
    assert question_id(prompt) == question_id(same)
    talk = prompt.conversation
    other_talks = (
        replace(talk, system=f"{talk.system}!"), replace(talk, tools=()), talk.say("and more"),
        replace(talk, messages=talk.messages[:1]),
    )  # fmt: skip
    for change in (
        {"model": f"{prompt.model}!"}, {"effort": "high"}, {"temperature": 0.7},
        {"max_tokens": prompt.max_tokens + 1}, *({"conversation": other} for other in other_talks),
    ):  # fmt: skip
        assert question_id(prompt) != question_id(replace(prompt, **change))
    assert question_id(prompt) != question_id(prompt, "another service")


@given(prompt=prompts, extra=messages)
def test_a_question_is_written_as_its_plain_json_however_much_was_written_before(prompt, extra):
    def plain(value):
        added = ("thinking", "extra")
        return {k: one for k, one in fields(value).items() if one or k not in added}

    for one in (prompt, replace(prompt, conversation=prompt.conversation.hear(extra)), prompt):
        left_out = ("key", "question_id", "timeout_s")
        asked = {name: value for name, value in fields(one).items() if name not in left_out}
        raw = json.dumps([asked, ""], sort_keys=True, ensure_ascii=False, default=plain)
        assert question_id(one) == hashlib.sha256(raw.encode()).hexdigest()[:40]
        assert dump_prompt(one) == dump(one)


def test_what_forks_share_is_written_once():
    class Counted(dict):
        written = 0

        def items(self):
            Counted.written += 1
            return super().items()

    call = Call(id="p", name="plan", input=Counted(tasks=[]))
    talk = (
        Conversation(system="s").say("the request").hear(Message(role="assistant", calls=(call,)))
    )
    forks = [replace(PROMPT, conversation=talk.say(f"task {n}")) for n in range(20)]
    question_id(forks[0]), dump_prompt(forks[0])
    once = Counted.written
    assert once > 0
    for fork in forks:
        question_id(fork), dump_prompt(fork)
    assert Counted.written == once
    assert len({question_id(fork) for fork in forks}) == 20


def test_answers_are_dropped_by_question_and_by_age(store, monkeypatch):
    for number, time_s in enumerate((100.0, 200.0, 300.0)):
        monkeypatch.setattr("codeorch.answers.store.time.time", lambda time_s=time_s: time_s)
        store.add(f"{number:040x}", ANSWER)
    assert store.drop_before(150.0) == 1
    assert store.drop([f"{1:040x}", f"{7:040x}"]) == 1
    assert [store.answer(f"{n:040x}") is None for n in range(3)] == [True, True, False]


def test_what_was_asked_when_and_by_whom_can_be_read_with_sqlite_alone(store, tmp_path):
    usage = Usage(calls=1, input_tokens=11, output_tokens=7)
    store.add(ID, replace(ANSWER, reply=replace(ANSWER.reply, usage=usage)))
    database = sqlite3.connect(f"file:{tmp_path}/answers.sqlite?mode=ro", uri=True)
    query = "SELECT question, run, model, time_s, prompt, reply, usage FROM answers"
    *plain, time_s, prompt, reply, usage = database.execute(query).fetchone()
    database.close()
    assert plain == [ID, "run1", "m"]
    assert abs(time_s - time.time()) < 60
    asked, said, paid = map(json.loads, (prompt, reply, usage))
    (message,) = asked["conversation"]["messages"]
    assert (message["text"], said["text"], paid["output_tokens"]) == ("hello", "hi", 7)


@pytest.mark.parametrize("form", [None, 99])
def test_a_file_that_is_no_store_of_ours_is_put_aside_and_not_deleted(store, tmp_path, form):
    file = tmp_path / "answers.sqlite"
    if form is None:
        file.write_bytes(b"this is no database at all" * 99)
    else:
        database = sqlite3.connect(file)
        database.execute(f"PRAGMA user_version={form}")
        database.close()
    before = file.read_bytes()
    store.add(ID, ANSWER)
    assert store.answer(ID) == ANSWER
    assert [path.read_bytes() for path in tmp_path.glob("*.damaged-*")] == [before]


def test_a_store_that_cannot_be_written_is_a_failure_with_a_name(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ServiceError) as caught:
        AnswerStore(tmp_path / "file" / "answers.sqlite").answer(ID)
    assert (caught.value.kind, caught.value.retryable) == ("store", False)


def test_without_a_file_answers_are_kept_as_long_as_the_store_is_open():
    store = AnswerStore(None)
    store.add(ID, ANSWER)
    assert store.answer(ID) == ANSWER
    store.close()
    assert store.answer(ID) is None
    store.close()


def test_a_question_is_held_by_one_and_freed_for_the_next(tmp_path):
    async def scenario():
        store = AnswerStore(tmp_path / "answers.sqlite")
        async with store.turn(ID):
            other = start_process(HOLDER, tmp_path, ID)
            await asyncio.to_thread(other.stdout.readline)  # it waits
            await asyncio.sleep(0.3)
            assert not (tmp_path / "held").exists()
        assert await asyncio.to_thread(other.stdout.readline) == "held\n"
        other.kill()  # while it holds the question
        other.communicate()
        async with asyncio.timeout(30), store.turn(ID):
            pass
        store.close()

    asyncio.run(scenario())


@pytest.mark.system
def test_many_processes_open_and_write_a_new_store_at_once(store, tmp_path):
    processes = [start_process(WRITER, tmp_path, str(number)) for number in range(6)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 6
    found = [store.answer(f"{10 * number + n:040x}") for number in range(6) for n in range(10)]
    assert [answer.reply.text for answer in found] == ["hi"] * 60


HOLDER = """
import asyncio, sys
from pathlib import Path
from codeorch.answers import AnswerStore

async def hold():
    store = AnswerStore(Path(sys.argv[1]) / "answers.sqlite")
    print("waits", flush=True)
    async with store.turn(sys.argv[2]):
        (Path(sys.argv[1]) / "held").touch()
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""

WRITER = """
import sys
from pathlib import Path
from codeorch.answers import AnswerStore, StoredAnswer
from codeorch.llm import Conversation, Prompt, Reply

store = AnswerStore(Path(sys.argv[1]) / "answers.sqlite")
reply = Reply(text="hi", stop="end_turn")
prompt = Prompt(key="k", model="m", conversation=Conversation().say("u"))
answer = StoredAnswer(prompt, reply, "run")
for number in range(10):
    store.add(f"{10 * int(sys.argv[2]) + number:040x}", answer)
store.close()
"""


def start_process(script, *arguments):
    source = str(Path(codeorch.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={"PYTHONPATH": source}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
