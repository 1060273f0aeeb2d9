"""What was answered at a place of the run, or to the same words, is not asked again."""

import asyncio
from dataclasses import replace

import pytest

from codeorch.answers import AnswerStore, RecordedModel, RunLog, StoredModel
from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Prompt


def prompt(*texts, key="work/t1/1"):
    conversation = Conversation(system="s")
    for text in texts:
        conversation = conversation.say(text)
    return Prompt(key=key, model="m", conversation=conversation)


PROMPT = prompt("hello")


@pytest.fixture
def open_run(counting, tmp_path):
    """Open the model of a run by its id, as a process does that starts anew."""

    def open_it(run_id, *, offline=False, **more):
        store = AnswerStore(tmp_path / "answers.sqlite")
        log = RunLog(tmp_path / run_id / "log.jsonl")
        (tmp_path / run_id).mkdir(exist_ok=True)
        model = None if offline else StoredModel(counting, store, run_id)
        return RecordedModel(model, store, log, **more)

    return open_it


def ask(model, *prompts):
    async def all_of_them():
        try:
            return [await model.ask(prompt) for prompt in prompts]
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


def test_the_same_question_is_asked_once_and_costs_another_run_nothing(counting, open_run):
    first, second = open_run("a"), open_run("b")
    assert ask(first, PROMPT)[0].usage.calls == 1
    reply = ask(second, PROMPT)[0]
    assert (counting.asked, reply.text, reply.usage) == (["hello"], "re hello", Usage())
    assert (first.tally.kept, first.tally.asked) == (0, 1)
    assert (second.tally.kept, second.tally.asked) == (1, 0)


def test_a_run_that_is_resumed_books_what_it_has_paid_before_once(counting, open_run):
    ask(open_run("a"), PROMPT)
    booked = []
    elsewhere = replace(PROMPT, key="work/t2/1")
    first, second = ask(open_run("a", book=booked.append), PROMPT, elsewhere)
    assert (first.usage.calls, second.usage.calls) == (1, 0)
    assert booked == [first.usage]
    assert counting.asked == ["hello"]


def test_what_was_free_at_first_stays_free_when_the_run_is_resumed(open_run):
    ask(open_run("a"), PROMPT)
    ask(open_run("b"), PROMPT)
    booked = []
    assert ask(open_run("b", book=booked.append), PROMPT)[0].usage == Usage()
    assert booked == []


def test_another_service_is_asked_for_itself(counting, open_run):
    ask(open_run("a", salt="http://one"), PROMPT)
    ask(open_run("b", salt="http://two"), PROMPT)
    assert counting.asked == ["hello", "hello"]


def test_a_resumed_run_gets_the_answer_of_the_place_even_if_the_words_changed(counting, open_run):
    ask(open_run("a"), PROMPT)
    assert ask(open_run("a"), prompt("hello, others are done"))[0].text == "re hello"
    assert counting.asked == ["hello"]


def test_an_attempt_that_ran_out_of_time_is_over_for_a_resumed_run(counting, open_run):
    failing = prompt("fail")
    for _ in range(2):
        with pytest.raises(ServiceError, match="no luck"):
            ask(open_run("a"), failing)
    assert counting.asked == ["fail"]
    with pytest.raises(ServiceError, match="no luck"):  # another run asks for itself
        ask(open_run("b"), failing)
    assert counting.asked == ["fail", "fail"]


def test_a_part_of_a_run_has_places_of_its_own(open_run, tmp_path):
    model = open_run("a")
    ask(model.at("2/"), PROMPT)
    asyncio.run(model.aclose())
    log = RunLog(tmp_path / "a" / "log.jsonl")
    assert log.question("2/work/t1/1")
    assert log.places("t1") == ("2/work/t1/1",)


def test_offline_only_stored_answers_are_given(counting, open_run):
    ask(open_run("a"), PROMPT)
    assert ask(open_run("a", offline=True), PROMPT)[0].text == "re hello"
    with pytest.raises(ServiceError) as caught:
        ask(open_run("a", offline=True), prompt("new", key="work/t9/1"))
    assert caught.value.kind == "replay"
    assert counting.asked == ["hello"]
