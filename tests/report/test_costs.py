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


def test_an_unknown_price_of_one_task_makes_the_rest_unknown(eventful):
    paid = Attempt(number=1, usage=Usage(calls=1, output_tokens=5, cost_usd=None))
    whole = Usage(calls=3, output_tokens=50, cost_usd=None)
    lines = said(with_attempts(eventful(), paid, usage=whole))
    assert sum("price unknown" in text for text in lines) == 3
    assert not any("$" in text for text in lines)


def test_what_planning_took_is_the_rest(eventful):
    paid = Attempt(number=1, usage=Usage(calls=1, output_tokens=5, cost_usd=0.25))
    whole = Usage(calls=3, output_tokens=50, cost_usd=2.0)
    (line,) = [
        text for text in said(with_attempts(eventful(), paid, usage=whole)) if "else" in text
    ]
    assert line.endswith("planning and all else: 2 model calls, 0 tokens in, 45 out, $1.75")


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
