"""The headline says no more than what was proven."""

from dataclasses import replace

import pytest

from codeorch.domain import (
    ChangeSet,
    Completeness,
    DeadLetter,
    Plan,
    Round,
    Task,
    Verdict,
    VerdictStatus,
)
from codeorch.report import record
from codeorch.report.sections import headline, page

TASK = Task(id="t1", path="a.py", goal="g")
RED = "Complete, not verified: the checks are not green, and not by this change alone (because so)"
LOST = DeadLetter(task=TASK, error="no", kind="refused")
BROKE = DeadLetter(task=TASK, error="no money", kind="budget")


def one_round(status="verified", commit="c", results=(), **more):
    return Round(
        plan=Plan(tasks=(TASK,), next_stage=more.pop("next_stage", "")),
        results=tuple(results),
        change=ChangeSet(base="b", patches=()),
        commit=commit,
        verdict=Verdict(status=status, reason="because so"),
        **more,
    )


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (one_round(), "Complete and verified: because so"),
        (one_round("no_worse"), "Complete, no worse: because so"),
        (one_round("not_run"), "Complete, not tested: because so"),
        (one_round("broken"), "Complete, not verified: the change breaks the checks (because so)"),
        (
            one_round("red"),
            RED,
        ),
        (one_round("no_tests"), "Complete, not verified: not tested (because so)"),
        (
            one_round(results=[LOST]),
            "Partial: 1 task not done; the tests pass with what is there (because so)",
        ),
        (
            one_round("no_worse", results=[LOST]),
            "Partial: 1 task not done; no test fails that did not fail before (because so)",
        ),
        (
            one_round("broken", results=[BROKE]),
            "Over budget: 1 task not done; the change breaks the checks (because so)",
        ),
        (
            one_round("no_tests", commit="", results=[BROKE]),
            "Over budget: 1 task not done; nothing was changed",
        ),
        (
            one_round("not_run", next_stage="more"),
            "Partial: a further stage is not done; not tested (because so)",
        ),
        (one_round("no_tests", commit="", results=[LOST]),
         "Failed, nothing was changed: 1 task not done"),
        (one_round("no_tests", commit=""), "Nothing to change"),
    ],
)  # fmt: skip
def test_the_headline_follows_from_what_is_there(eventful, last, said):
    assert headline(record.record(eventful(rounds=(last,), branch=None))) == said


def test_open_uses_make_a_run_partial_and_are_counted(eventful):
    gaps = eventful().last.completeness.gaps
    last = one_round(completeness=Completeness(gaps=gaps))
    said = headline(record.record(eventful(rounds=(last,))))
    assert said.startswith("Partial: 2 missed uses of changed definitions; the tests pass")


def test_only_what_is_verified_is_green(eventful):
    tones = {
        status: page(record.record(eventful(rounds=(one_round(status),)))).tone
        for status in VerdictStatus
    }
    assert tones == {
        "verified": "good", "no_worse": "warn", "not_run": "warn", "red": "warn", "broken": "warn",
        "no_tests": "warn",
    }  # fmt: skip
    lost = record.record(eventful(rounds=(one_round("no_tests", commit="", results=[LOST]),)))
    assert page(lost).tone == "bad"


def test_a_run_without_anything_to_tell_is_short(eventful):
    plain = replace(
        eventful(rounds=(one_round("no_tests", commit=""),), branch=None), notices=(), timings=()
    )
    titles = [section.title for section in page(record.record(plain)).sections]
    assert titles == ["Tests", "Plan and what became of it", "Cost and time"]
