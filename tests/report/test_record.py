"""The record: what it holds, and that it comes back from its file as it was."""

import json
from dataclasses import replace

import pytest

from codeorch.domain import FilePatch, TestRun
from codeorch.edits import render
from codeorch.errors import UserError
from codeorch.report import record
from codeorch.report.headline import headline
from codeorch.report.markdown import markdown


def test_a_record_comes_back_as_it_was(eventful, tmp_path, on_terminal):
    told = record.record(eventful())
    file = record.save(told, tmp_path / "run1")
    again = record.load(json.loads(file.read_text(encoding="utf-8")))
    assert again == told
    assert markdown(again) == markdown(told)
    assert on_terminal(again, diffs=True) == on_terminal(told, diffs=True)
    assert [entry.name for entry in file.parent.iterdir()] == ["record.json"]


def test_what_is_saved_is_what_is_printed(eventful, tmp_path):
    told = record.record(eventful())
    saved = record.save(told, tmp_path).read_text(encoding="utf-8")
    assert json.loads(saved) == json.loads(record.to_json(told))


def test_files_are_told_with_their_diff_and_lines(eventful):
    outcome = eventful()
    told = record.record(outcome)
    assert [(f.path, f.change, f.added, f.removed) for f in told.files] == [
        ("calc/core.py", "edited", 30, 30),
        ("calc/room.py", "edited", 1, 1),
        ("old/tent.py", "deleted", 0, 1),
    ]
    assert [f.diff for f in told.files] == [render(p) for p in outcome.last.change.patches]


@pytest.mark.parametrize(
    ("before", "after", "change", "lines"),
    [
        (b"-- a\n++ b\n", b"", "edited", (0, 2)),
        (b"", b"-- a\n++ b\n", "edited", (2, 0)),
        (b"@@ x\n", b"@@ y\n", "edited", (1, 1)),
        (None, b"a\nb\n", "created", (2, 0)),
        (b"a\n", None, "deleted", (0, 1)),
        (b"\x00\x01", b"\x00\x02", "edited", (0, 0)),
    ],
    ids=["headers' look-alikes go", "and come", "a hunk's look-alike", "new", "gone", "binary"],
)
def test_lines_are_counted_whatever_they_look_like(eventful, before, after, change, lines):
    outcome = eventful()
    last = outcome.last
    patch = FilePatch(path="x.sql", before=before, after=after)
    one = replace(last, change=replace(last.change, patches=(patch,)))
    (file,) = record.record(replace(outcome, rounds=(one,))).files
    assert (file.change, (file.added, file.removed)) == (change, lines)


def test_tests_that_pass_are_only_counted(eventful):
    outcome = eventful()
    run = TestRun(
        exit_code=1, seconds=1.0, passed=900, failed=1,
        tests={**{f"t{n}": "passed" for n in range(900)}, "t": "failed", "s": "skipped"},
    )  # fmt: skip
    verdict = replace(outcome.last.verdict, before=run, after=run)
    told = record.record(replace(outcome, rounds=(replace(outcome.last, verdict=verdict),)))
    assert told.last.verdict.after.tests == {"t": "failed"}
    assert (told.last.verdict.before.passed, told.last.verdict.before.failed) == (900, 1)


def test_the_reason_stands_on_top(eventful):
    told = record.record(eventful())
    assert json.loads(record.to_json(told))["reason"] == headline(told)
    assert told.reason.startswith("Partial: ")


def test_only_edits_that_are_in_the_change_count_as_landed(eventful):
    outcome = eventful()
    assert [one.task for one in record.record(outcome).landed] == ["t1", "t2", "r2-t3"]
    last = outcome.last
    fewer = replace(last, change=replace(last.change, steps=last.change.steps[:1]))
    told = record.record(replace(outcome, rounds=(outcome.rounds[0], fewer)))
    assert [one.task for one in told.landed] == ["t1"]


def test_a_record_says_who_made_each_edit(eventful):
    outcome = eventful()
    (first, *others), last = outcome.rounds[0].results, outcome.last
    by_plan = replace(first, task=replace(first.task, answer="```diff\n```", diff="@@\n"))
    by_rule = replace(first, task=replace(first.task, answer="```diff\n```"))
    moved = replace(first, task=replace(first.task, moves_only=True))
    for result, source in (
        (first, "worker"), (by_plan, "planner"), (by_rule, "rule"), (moved, "program"),
    ):  # fmt: skip
        one = replace(outcome.rounds[0], results=(result, *others))
        told = record.record(replace(outcome, rounds=(one, last)))
        assert told.rounds[0].results[0].made_by == source


def test_a_record_of_another_version_is_refused_in_a_line(eventful):
    value = json.loads(record.to_json(record.record(eventful())))
    assert value.pop("schema_version") == 1
    for other in ({**value, "schema": 1}, {**value, "schema_version": 2}):
        with pytest.raises(UserError, match="run run1 was written by another version") as refusal:
            record.load(other)
        assert "\n" not in refusal.value.message


def test_half_characters_do_not_keep_a_record_from_being_written(eventful, tmp_path):
    told = record.record(eventful(notices=("half \ud83d of it",)))
    file = record.save(told, tmp_path)
    assert record.load(json.loads(file.read_text(encoding="utf-8"))).notices == ("half ? of it",)


def test_a_record_of_before_that_lacks_newer_fields_is_read(eventful):
    value = json.loads(record.to_json(record.record(eventful())))
    for one in value["rounds"]:
        del one["conventions"]
        for result in one["results"]:
            del result["path"], result["landed"]
    assert record.load(value).last.conventions == ()


def test_a_damaged_record_is_named(eventful):
    value = json.loads(record.to_json(record.record(eventful())))
    del value["rounds"][1]["plan"]["tasks"][0]["goal"]
    with pytest.raises(UserError, match=r"run run1 is damaged at rounds\.1\.plan\.tasks\.0\.goal"):
        record.load(value)
