"""What a run took is told as far as it is known, and no further."""

from dataclasses import replace

import pytest

from codeorch.domain import Attempt, Usage
from codeorch.report import record
from codeorch.report.sections.costs import costs, price, usage_text


@pytest.mark.parametrize(
    ("cost", "said"),
    [(None, "price unknown"), (0.0, "$0.0000"), (0.00012, "$0.0001"), (12.345, "$12.35")],
)
def test_a_price_that_is_not_known_is_never_0(cost, said):
    assert price(Usage(calls=1, cost_usd=cost)) == said


def test_without_calls_there_is_nothing_to_pay():
    assert usage_text(Usage()) == "no model calls"


def said(outcome):
    section = costs(record.record(outcome))
    return ["".join(one.pieces) for one in (*section.lead, *section.lines)]


def with_attempts(outcome, *attempts, **changes):
    """One round with one task that took these attempts."""
    first = outcome.rounds[0]
    done = replace(first.results[1], attempts=attempts)
    plan = replace(first.plan, tasks=(done.task,))
    return replace(outcome, rounds=(replace(first, plan=plan, results=(done,)),), **changes)


def test_an_unknown_price_of_one_task_makes_the_whole_unknown(eventful):
    paid = Attempt(number=1, usage=Usage(calls=1, output_tokens=5, cost_usd=None))
    whole = Usage(calls=3, output_tokens=50, cost_usd=None)
    stages = {"plan": replace(whole, calls=2), "work": paid.usage}
    lines = said(with_attempts(eventful(), paid, usage=whole, usage_by_stage=stages))
    calls = [text for text in lines if "model call" in text]
    assert len(calls) == 4  # in all, two stages, one task
    assert all("price unknown" in text for text in calls)
    assert not any("$" in text for text in lines)


def test_what_each_stage_took_is_told_with_what_came_from_the_cache(eventful):
    stages = {
        "plan": Usage(calls=2, input_tokens=10, cache_write_tokens=90, cost_usd=0.5),
        "work": Usage(calls=3, cache_read_tokens=1_200, output_tokens=45, cost_usd=1.75),
        "revise": Usage(),
    }
    lines = said(replace(eventful(), usage_by_stage=stages))
    assert "planning: 2 model calls, 100 tokens in, 0 out, $0.5000" in lines
    cached = "3 model calls, 1,200 tokens in (1,200 from the cache), 45 out, $1.75"
    assert f"workers: {cached}" in lines
    assert not any(text.startswith("repairs") for text in lines)


@pytest.mark.parametrize(
    ("uncached", "told"), [(4.0, "; $4.0000 without the prompt cache"), (2.0, ""), (None, "")]
)
def test_what_the_cache_saved_is_told_where_it_saved_something(eventful, uncached, told):
    usage = Usage(calls=3, output_tokens=50, cost_usd=2.0, uncached_usd=uncached)
    assert said(replace(eventful(), usage=usage))[0].endswith(f"$2.00{told}")


def test_a_model_that_does_not_count_is_not_called_free(eventful):
    answers = {"reused_answers": 0, "new_answers": 2}
    lines = said(with_attempts(eventful(), Attempt(number=1), usage=Usage(), **answers))
    assert lines[0] == "2 answers of a model that does not say what they took"
    assert lines[-1] == "calc/room.py (t2): 1 attempt, no call was counted"


def test_kept_answers_are_told_by_task_and_in_all(eventful):
    answers = {"reused_answers": 3, "new_answers": 0}
    lines = said(with_attempts(eventful(), Attempt(number=1), usage=Usage(), **answers))
    assert lines[:2] == [
        "no model calls",
        "3 of 3 answers kept from before and not paid again; --fresh asks anew",
    ]
    assert lines[-1] == "calc/room.py (t2): 1 attempt, the answer was kept from before"


def test_a_task_that_is_carried_over_is_counted_once(eventful):
    lines = said(eventful())
    assert len([text for text in lines if text.startswith("calc/shed.py")]) == 1
