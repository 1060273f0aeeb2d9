"""The journal: what was answered at a place, or to the same words, is not asked again."""

import asyncio
import json
from dataclasses import replace

import pytest

from codeorch.domain import Plan, Task, TestRun, Usage, Verdict
from codeorch.engine import InlineEngine, Journal, RunLog, content_id
from codeorch.errors import ServiceError
from codeorch.llm import Prompt

PROMPT = Prompt(key="work/t1/1", model="m", user="hello")


def ask(journal, *prompts):
    async def all_of_them():
        return [await journal.ask(prompt) for prompt in prompts]

    return asyncio.run(all_of_them())


def test_the_name_of_a_question_is_what_is_asked_and_nothing_else():
    same = replace(PROMPT, key="work/t2/1", timeout_s=99.0)
    assert content_id(PROMPT) == content_id(same)
    for change in (
        {"user": "hallo"}, {"model": "n"}, {"effort": "high"}, {"max_tokens": 5}, {"system": "s"},
    ):  # fmt: skip
        assert content_id(PROMPT) != content_id(replace(PROMPT, **change))
    assert content_id(PROMPT) != content_id(PROMPT, "another service")


def test_the_same_question_is_asked_once_and_costs_another_run_nothing(counting, tmp_path):
    engine = InlineEngine(counting)
    first = Journal(engine, RunLog(tmp_path / "a"))
    second = Journal(engine, RunLog(tmp_path / "b"))
    ask(first, PROMPT)
    reply = ask(second, PROMPT)[0]
    assert (counting.asked, reply.text, reply.usage) == (["hello"], "re hello", Usage())
    assert (second.tally.kept, second.tally.asked) == (1, 0)


def test_a_resumed_run_gets_the_answer_of_the_place_even_if_the_words_changed(counting, tmp_path):
    engine = InlineEngine(counting)
    ask(Journal(engine, RunLog(tmp_path / "log")), PROMPT)
    later = Journal(engine, RunLog(tmp_path / "log"))
    assert ask(later, replace(PROMPT, user="hello, others are done"))[0].text == "re hello"
    assert counting.asked == ["hello"]


def test_an_attempt_that_ran_out_of_time_is_over_for_a_resumed_run(counting, tmp_path):
    engine = InlineEngine(counting)
    failing = replace(PROMPT, user="fail")
    for _ in range(2):
        with pytest.raises(ServiceError, match="no luck"):
            ask(Journal(engine, RunLog(tmp_path / "log")), failing)
    assert counting.asked == ["fail"]


def test_a_task_that_gets_another_chance_is_asked_anew_and_what_came_of_it_is_dropped(
    counting, tmp_path
):
    engine, file = InlineEngine(counting), tmp_path / "log"
    log = RunLog(file)
    one, two = replace(PROMPT, key="1/work/t1/1"), replace(PROMPT, key="1/work/t2/1", user="two")
    ask(Journal(engine, log), one, two)
    log.planned(1, Plan(tasks=()), Usage())
    log.planned(2, None, Usage())
    log.forget(frozenset({"t1"}))
    again = RunLog(file)
    ask(Journal(engine, again), one, two)
    assert counting.asked == ["hello", "two", "hello"]
    assert again.plan(1) is not None
    assert again.plan(2) is None


def test_offline_only_kept_answers_are_given(counting, tmp_path):
    engine = InlineEngine(counting)
    ask(Journal(engine, RunLog(tmp_path / "log")), PROMPT)
    offline = Journal(engine, RunLog(tmp_path / "log"), offline=True)
    assert ask(offline, PROMPT)[0].text == "re hello"
    with pytest.raises(ServiceError) as caught:
        ask(offline, replace(PROMPT, key="work/t9/1", user="new"))
    assert caught.value.kind == "replay"
    assert counting.asked == ["hello"]


def test_plans_and_verdicts_come_back_as_they_were(tmp_path):
    file = tmp_path / "log"
    task = Task(id="t1", path="ä.py", goal="do", needs=("t0",), weight=2.0)
    plan = Plan(tasks=(task,), rationale="because", notes=("a",))
    after = TestRun(exit_code=0, seconds=1.0, tests={"a": "passed"})
    verdict = Verdict(status="verified", reason="green", after=after)
    log = RunLog(file)
    log.planned(1, plan, Usage(calls=2))
    log.judged("tree", verdict)
    again = RunLog(file)
    assert again.plan(1) == (plan, Usage(calls=2))
    assert again.verdict("tree") == verdict


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path):
    file = tmp_path / "log"
    log = RunLog(file)
    log.asked("1/work/t1/1", "abc")
    log.asked("1/work/t2/1", "def")
    raw = file.read_bytes()
    file.write_bytes(raw[:-9])
    again = RunLog(file)
    assert again.question("1/work/t1/1") == "abc"
    assert again.question("1/work/t2/1") is None
    again.asked("1/work/t3/1", "ghi")
    assert RunLog(file).question("1/work/t3/1") == "ghi"


def test_every_line_tells_its_time(tmp_path):
    log = RunLog(tmp_path / "log")
    log.asked("p", "q")
    assert json.loads((tmp_path / "log").read_text())["at_s"] >= 0
