"""Each statement of a report comes from its field: with another value it says something else."""

import json
from functools import reduce

import pytest

from codeorch.report import record
from codeorch.report.markdown import markdown

LAST = "rounds.1."
VERDICT = f"{LAST}verdict."
CORE = "rounds.0.results.0."
ROOM = "rounds.0.results.1."
SHED = f"{LAST}results.3."
NEW = "something-else"

# field of the record, the value put there, what was said before, what is said now
STATEMENTS = [
    ("request.text", NEW, "add a unit", NEW),
    ("branch.name", NEW, "codeorch/add-a-unit", NEW),
    ("branch.commit", "d" * 40, "bbbbbbbbbbbb", "dddddddddddd"),
    ("branch", None, "codeorch/add-a-unit", "No branch was made"),
    ("files.0.path", "a/b.py", "core.py +30 -30", "a/b.py +30 -30"),
    ("files.0.added", 77, "core.py +30 -30", "core.py +77 -30"),
    ("files.2.change", "edited", "deleted old/tent.py", "edited old/tent.py"),
    ("rounds.0.plan.tasks.0.goal", NEW, "give area a unit", NEW),
    (f"{CORE}summary", NEW, "area takes a unit now", NEW),
    (f"{CORE}repairs", [NEW], "mended: recounted hunk headers", f"mended: {NEW}"),
    (f"{CORE}attempts", [], "took 1 further attempt", ""),
    (f"{CORE}deviations.0.why", NEW, "unit was taken", NEW),
    (f"{CORE}deviations", [], "does not keep the contract of area", ""),
    ("rejected.0.why", NEW, "its text had changed", NEW),
    (f"{LAST}results.0.task", NEW, "calc/lawn.py (r2-t1): needs", f"calc/lawn.py ({NEW}): needs"),
    (f"{LAST}results.0.why", NEW, "the yard measures it", NEW),
    (f"{LAST}results.0.paths", [NEW], "needs calc/yard.py, too", f"needs {NEW}, too"),
    (f"{LAST}results.1.because", NEW, "skipped: r2-t1 did not finish", f"skipped: {NEW}"),
    (f"{SHED}error", NEW, "after 2 attempts: the place is ambiguous", f"after 2 attempts: {NEW}"),
    (f"{SHED}attempts.0.kind", NEW, "truncated: cut off", f"{NEW}: cut off"),
    (f"{SHED}attempts.1.error", NEW, "ambiguous: two places", f"ambiguous: {NEW}"),
    (f"{SHED}attempts.0.model", NEW, "attempt 1, model-a at", f"attempt 1, {NEW} at"),
    (f"{LAST}plan.next_stage", NEW, "the garden gnomes", NEW),
    (f"{LAST}plan.contracts.0.signature", NEW, "def area(width, height, unit=1) in", f"{NEW} in"),
    (f"{LAST}plan.cancelled_tasks.0.why", NEW, "sheds go away anyway", NEW),
    ("rounds.0.plan.rationale", NEW, "the core first", NEW),
    ("rounds.0.plan.source", "manual", "planned by the model): 4", "a plan file): 4"),
    ("rounds.0.plan.notes", [NEW], "a cycle was cut at t4", NEW),
    ("rounds.0.plan.questions.0.assumption", NEW, "Assumed: square metres", f"Assumed: {NEW}"),
    ("rounds.0.plan.questions.1.answer", NEW, "Answered: de", f"Answered: {NEW}"),
    ("rounds.0.results.2.reason", NEW, "it tells of units already", NEW),
    ("rounds.0.verdict.status", "verified", "tests broken", "tests verified"),
    (f"{VERDICT}reason", NEW, "2 tests failing before and after", NEW),
    (f"{VERDICT}before.passed", 77, "before: 8 passed", "before: 77 passed"),
    (f"{VERDICT}after.seconds", 77.0, "1 skipped in 3.0 s", "1 skipped in 77.0 s"),
    (f"{VERDICT}after.stopped_by", "time", "1 skipped in", "stopped at the limit on time"),
    (f"{VERDICT}broken", [NEW], "", f"broken (1): {NEW}"),
    (f"{VERDICT}fixed", [NEW], "fixed (1): t::fixed", f"fixed (1): {NEW}"),
    (f"{VERDICT}still_failing", [], "failing before and after (1): t::still", ""),
    (f"{VERDICT}flaky", [], "flaky (1): t::flaky", ""),
    (f"{VERDICT}missing", [NEW], "not run any more (1): t::missing", f"any more (1): {NEW}"),
    (f"{VERDICT}new", [NEW], "new (1): t::new", f"new (1): {NEW}"),
    (f"{VERDICT}evidence", NEW, "E   assert 1 == 2", NEW),
    (f"{VERDICT}precommit", NEW, "trailing whitespace", NEW),
    (f"{VERDICT}notices", [NEW], "the change edits tests", NEW),
    (f"{VERDICT}command", [NEW], "command: pytest -q", f"command: {NEW}"),
    (f"{VERDICT}protection", NEW, "isolated (bubblewrap)", NEW),
    (f"{LAST}completeness.gaps.1.suggestion", NEW, "sure.py:7: sure suggestion", NEW),
    (f"{LAST}completeness.gaps.2.certainty", "maybe", "1 likely", "2 maybe"),
    (f"{LAST}completeness.waived_uses.0.why", NEW, "waived: it is dead code", f"waived: {NEW}"),
    (f"{LAST}completeness.type_checkers", [NEW], "not checked by a type", f"checked by {NEW}"),
    (f"{LAST}completeness.changes", [], "1 definition changed", "0 definitions changed"),
    (f"{LAST}completeness.mentions.0.text", NEW, "conf.toml:9: area = 4", f"conf.toml:9: {NEW}"),
    ("rounds.0.plan.mentions", [], "notes.md:3: ask area for help", ""),
    (f"{LAST}conventions", [NEW], "CONTRIBUTING.md", NEW),
    ("usage.calls", 77, "9 model calls", "77 model calls"),
    ("usage.cost_usd", 12.5, "$3.50", "$12.50"),
    ("usage.cost_usd", None, "$3.50", "price unknown"),
    ("reused_answers", 77, "2 of 9 answers kept", "77 of 84 answers kept"),
    (f"{LAST}estimate.calls.likely", 77.0, "were about 3 model calls", "were about 77 model"),
    (f"{LAST}untested_files", [], "no test names it", ""),
    (
        f"{LAST}completeness.changes.0.detail",
        NEW,
        "another signature, one more",
        f"signature, {NEW}",
    ),
    ("timings.0.end_s", 1.5, "read 1.0 s, check 7.0 s", "read 1.5 s, check 7.0 s"),
    (f"{ROOM}attempts.0.usage.cost_usd", 0.75, "200 out, $0.5000, 1.5 s", "200 out, $0.7500"),
    (f"{ROOM}attempts.0.usage.cost_usd", None, "200 out, $0.5000", "200 out, price unknown"),
    ("notices", [NEW], "1 uncommitted change", NEW),
]


def changed(value, path, new):
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    reduce(lambda at, part: at[part], way, value)[last] = new
    return record.load(value)


def words(text):
    return text.replace("`", "").replace("\\", "")


@pytest.mark.parametrize(("path", "new", "said", "then"), STATEMENTS)
def test_a_statement_is_told_from_its_field(eventful, on_terminal, path, new, said, then):
    told = record.record(eventful())
    other = changed(json.loads(record.to_json(told)), path, new)
    for tell in (markdown, on_terminal):
        before, after = words(tell(told)), words(tell(other))
        assert said in before
        assert then in after
        if said:
            assert after.count(said) < before.count(said)


def test_no_use_is_missed_only_where_nothing_is_left_to_look_at(eventful):
    """A mention, of the plan as well, is a place that nobody has judged."""
    told = json.loads(record.to_json(record.record(eventful())))
    changed(told, f"{LAST}completeness.gaps", [])
    assert "no use is missed" not in markdown(changed(told, f"{LAST}completeness.mentions", []))
    silent = changed(told, "rounds.0.plan.mentions", [])
    assert "no use is missed; 1 waived" in markdown(silent)


def test_languages_that_no_type_checker_has_read_are_named(eventful):
    told = json.loads(record.to_json(record.record(eventful())))
    changed(told, f"{LAST}completeness.type_checkers", ["pyrefly 1.5.0"])
    other = changed(told, f"{LAST}completeness.unchecked", ["ecmascript"])
    assert "checked by pyrefly 1.5.0, not ecmascript" in words(markdown(other))
