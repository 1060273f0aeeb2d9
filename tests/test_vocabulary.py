"""One vocabulary of outcomes: the table, what is joined by it, and what programs read of a run."""

import json
import re
from dataclasses import replace
from pathlib import Path

import click
import pytest

from codeorch.cli import main
from codeorch.cli.apply import apply as apply_command
from codeorch.cli.failure import report
from codeorch.config import Settings
from codeorch.domain import (
    STATUSES,
    ChangeSet,
    Completeness,
    DeadLetter,
    ExitCode,
    MissedUse,
    Outcome,
    OutcomeStatus,
    Plan,
    Rejected,
    Request,
    Round,
    Task,
    Verdict,
    VerdictStatus,
)
from codeorch.errors import (
    BudgetReached,
    PlanInvalid,
    ServiceError,
    UnsafeError,
    UserDeclined,
    UserError,
)

ROOT = Path(__file__).parents[1]
TASK = Task(id="t", path="a.py", goal="g")
LOST = DeadLetter(task=TASK, error="no", kind="refused")
BROKE = DeadLetter(task=TASK, error="no money", kind="budget")
USE = MissedUse(
    symbol="f", change="removed", path="b.py", line=1, text="f()", certainty="sure", suggestion="s"
)


def rows_of(document):
    """The tables of a document, each row a tuple of its cells without marks of code."""
    text = (ROOT / document).read_text(encoding="utf-8").replace("`", "")
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in text.split("\n")
        if line.startswith("|")
    ]


# ------------------------------------------------------------------------------- the table


def test_each_status_has_its_row_and_its_exit_code():
    assert set(STATUSES) == set(OutcomeStatus)
    assert {status.value: row.exit_code.value for status, row in STATUSES.items()} == {
        "verified": 0, "no_worse": 0, "unchecked": 0, "nothing": 0, "clear": 0,
        "left_behind": 1, "failed": 1, "usage": 2, "partial": 3, "unverified": 4,
        "refused": 5, "over_budget": 6, "interrupted": 130,
    }  # fmt: skip


def test_the_readme_has_the_table():
    rows = rows_of("README.md")
    first = rows.index(("exit code", "status", "means")) + 2
    assert rows[first : first + len(STATUSES)] == [
        (str(int(row.exit_code)), status.value, row.meaning.replace("`", ""))
        for status, row in STATUSES.items()
    ]


def test_the_headlines_of_a_record_are_documented():
    documented: dict[str, list[str]] = {}
    for row in rows_of("docs/reports.md"):
        documented.setdefault(row[1], []).append(row[0])
    without_record = {
        OutcomeStatus.USAGE, OutcomeStatus.REFUSED, OutcomeStatus.INTERRUPTED,
        OutcomeStatus.CLEAR, OutcomeStatus.LEFT_BEHIND,
    }  # fmt: skip
    for status in set(OutcomeStatus) - without_record:
        assert documented[status.value][0] == STATUSES[status].headline


def test_the_verdicts_are_documented_from_best_to_worst():
    words = [row[0] for row in rows_of("docs/testing.md") if row[0] in set(VerdictStatus)]
    assert words == [status.value for status in VerdictStatus]


def test_the_help_text_has_the_table(capsys):
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for status, row in STATUSES.items():
        assert f" {int(row.exit_code)} {status} {row.meaning}" in text


def test_no_document_says_an_exit_code_beside_the_table():
    names = ["README.md", "action.yml", *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]
    for name in set(names) - {"docs/planning.md", "docs/verdicts-benchmark.md"}:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"exit codes? (is )?[1-9]\b", text), name


# ------------------------------------------------------------------------------- of an outcome

# verdict, how much is missing -> status; the commit is there
COMBINATIONS = [
    ("verified", "", "verified"),
    ("no_worse", "", "no_worse"),
    ("not_run", "", "unchecked"),
    ("no_tests", "", "unverified"),
    ("red", "", "unverified"),
    ("broken", "", "unverified"),
    *((verdict, missing, "partial") for verdict in VerdictStatus
      for missing in ("task", "edit", "use", "stage")),
    *((verdict, "money", "over_budget") for verdict in VerdictStatus),
]  # fmt: skip


def outcome_of(verdict, missing="", commit="c", **more):
    edits = (Rejected(task="t", path="a.py", why="w"),) if missing == "edit" else ()
    last = Round(
        plan=Plan(tasks=(TASK,), next_stage="more" if missing == "stage" else ""),
        results={"task": (LOST,), "money": (LOST, BROKE)}.get(missing, ()),
        change=ChangeSet(base="b", patches=(), rejected=edits),
        commit=commit,
        verdict=Verdict(status=VerdictStatus(verdict), reason="r"),
        completeness=Completeness(gaps=(USE,) if missing == "use" else ()),
    )
    return Outcome(run_id="r", request=Request(text="t", base="b"), rounds=(last,), **more)


@pytest.mark.parametrize(("verdict", "missing", "status"), COMBINATIONS)
def test_the_status_follows_from_the_verdict_and_from_what_is_missing(verdict, missing, status):
    outcome = outcome_of(verdict, missing)
    assert outcome.status == status
    assert outcome.exit_code == STATUSES[outcome.status].exit_code


@pytest.mark.parametrize(
    ("missing", "status"),
    [("", "nothing"), ("task", "failed"), ("edit", "failed"), ("money", "over_budget")],
)
def test_where_nothing_landed_something_failed_or_there_was_nothing_to_do(missing, status):
    assert outcome_of("no_tests", missing, commit="").status == status


@pytest.mark.parametrize("verdict", VerdictStatus)
def test_who_requires_green_takes_no_failing_test(verdict):
    outcome = outcome_of(verdict)
    strict = replace(outcome, require_green=True)
    assert strict.status == outcome.status
    no_worse = verdict == VerdictStatus.NO_WORSE
    assert strict.exit_code == (ExitCode.UNVERIFIED if no_worse else outcome.exit_code)


def test_require_green_is_off_unless_somebody_wants_it():
    assert Settings().require_green is False


# ------------------------------------------------------------------------------- of a failure


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UserError("m", "h"), "usage"),
        (click.UsageError("m"), "usage"),
        (UnsafeError("m", "h"), "refused"),
        (BudgetReached("m"), "over_budget"),
        (KeyboardInterrupt(), "interrupted"),
        (click.Abort(), "interrupted"),
        (PlanInvalid(("m",)), "failed"),
        (ServiceError("m", kind="auth", retryable=False), "failed"),
        (UserDeclined("m"), "failed"),
        (ValueError("m"), "failed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_a_failure_is_one_json_object_with_its_status(error, status, capsys):
    code = report(error, as_json=True)
    failure = json.loads(capsys.readouterr().out)
    row = STATUSES[OutcomeStatus(status)]
    assert (failure["status"], failure["exit_code"], code) == (status, row.exit_code, row.exit_code)
    assert failure["schema_version"] == 1
    assert isinstance(failure["error"]["message"], str)


# ------------------------------------------------------------------------------- what programs read

FILES = {
    "shop/prices.py": "def total(items):\n    return sum(items)\n",
    "shop/cart.py": "class Cart:\n    def size(self):\n        return 1\n",
    "shop/bag.py": "class Bag:\n    def size(self):\n        return 2\n",
    "shop/desk.py": "def see(thing):\n    return thing.size()\n",
}
PLAN = """
rationale = "two renames"
codemods = ["rename method `Cart.size` to `count`", "rename function `total` to `sum_of`"]
tasks = []
"""


@pytest.fixture
def call(make_repo, monkeypatch, capsys):
    monkeypatch.chdir(make_repo(FILES).root)

    def run(*args):
        code = main(args)
        return code, json.loads(capsys.readouterr().out)

    return run


def test_the_fields_that_programs_read_are_in_the_record_of_a_real_run(call, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    tests = ("--test-cmd", "grep -q 'def total' shop/prices.py", "--unsafe-tests")
    code, record = call("apply", "--plan", str(plan), *tests, "--land", "green-subset", "--json",
                        "-y")  # fmt: skip
    assert (code, record["status"]) == (3, "partial")
    assert re.fullmatch("[0-9a-f]{40}", record["commit"])
    assert record["reason"].startswith("Partial: ")
    assert all(isinstance(notice, str) for notice in record["notices"])
    assert [edit["path"] for edit in record["rejected"]] == ["shop/prices.py"]
    (one,) = record["rounds"]
    assert any("shop/desk.py:2" in note for note in one["plan"]["notes"])
    assert [(r["path"], r["landed"], r["error"], r["why"]) for r in one["results"]] == [
        ("shop/cart.py", True, "", ""),
        ("shop/prices.py", False, "", ""),
    ]
    gaps = [(gap["path"], gap["line"]) for gap in one["completeness"]["gaps"]]
    assert gaps == [("shop/desk.py", 2)]
    assert record["usage"]["calls"] == 0


HALF_RED = {
    **FILES,
    "test_shop.py": (
        "import unittest\n\nfrom shop.prices import total\n\n\n"
        "class ShopTest(unittest.TestCase):\n"
        "    def test_total(self):\n        self.assertEqual(total([1, 2]), 3)\n\n"
        "    def test_of_old(self):\n        self.assertEqual(total([1, 2]), 4)\n"
    ),
}


def test_a_run_after_which_the_same_test_fails_is_no_worse(make_repo, monkeypatch, capsys):
    monkeypatch.chdir(make_repo(HALF_RED).root)
    request = ("apply", "rename function total to sum_of", "-y", "--unsafe-tests")
    code = main([*request, "--json"])
    record = json.loads(capsys.readouterr().out)
    assert (code, record["status"]) == (0, "no_worse"), record["reason"]
    (test,) = record["rounds"][0]["verdict"]["still_failing"]
    assert test.endswith("test_of_old")  # each runner has its own way of writing the rest
    assert record["reason"] == (
        f"Complete, no worse: 1 test failed before and the same after: {test}"
    )
    assert main([*request, "--require-green", "--json"]) == 4
    strict = json.loads(capsys.readouterr().out)
    assert (strict["status"], strict["exit_code"]) == ("no_worse", 4)


def test_a_run_that_fails_is_one_json_object_with_its_message_and_status(call):
    code, failure = call("apply", "make it faster", "--no-test", "--json")
    assert (code, failure["status"]) == (2, "usage")
    assert "needs a model" in failure["error"]["message"]


def test_the_flags_that_programs_give_are_there():
    argument, *options = apply_command.params
    flags = {flag for option in options for flag in option.opts}
    assert isinstance(argument, click.Argument)
    assert flags >= {
        "-y", "--json", "--plan", "--test-cmd", "--no-test", "--exclude", "--base-url",
        "--openai-base-url", "--require-green",
    }  # fmt: skip
