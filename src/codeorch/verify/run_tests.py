"""Commits of a repository -> test runs, each at most once -> a verdict."""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TypedDict

from codeorch.domain import TestRun, Verdict, VerdictStatus
from codeorch.git import Repo
from codeorch.sandbox import scratch_folder
from codeorch.verify import results
from codeorch.verify.checkout import Checkout, CommitDiff
from codeorch.verify.compare import compare
from codeorch.verify.failure_excerpt import failure_excerpt, failures_of
from codeorch.verify.flaky import CheckoutPair, rerun_suspects
from codeorch.verify.line_record import LineRecord
from codeorch.verify.lint import lint
from codeorch.verify.renamed_tests import move_line_ids, renamed_test_matcher
from codeorch.verify.review_notes import (
    edited_check_notes,
    environment_notes,
    lint_notes,
    no_sandbox_notes,
)
from codeorch.verify.test_sandbox import Host, fingerprint
from codeorch.verify.test_selection import closest_tests
from codeorch.verify.test_setup import TestSetup

_VERSION = "1"  # of the stored form; another one makes every stored run a miss


def run_key(commit: str, argv: tuple[str, ...], circumstances: tuple[str, ...]) -> str:
    """Return the SHA-256, in hex, of all that a run depends on."""
    text = json.dumps([_VERSION, commit, argv, circumstances])
    return hashlib.sha256(text.encode()).hexdigest()


def load_run(folder: Path, key: str) -> TestRun | None:
    """Return a stored run; None when there is none, or none that can be read."""
    try:
        return TestRun(**json.loads((folder / f"{key}.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def store_run(folder: Path, key: str, run: TestRun) -> None:
    """Store a run, whole or not at all; a folder that cannot be written is no reason to fail."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{key}.{os.getpid()}.part"
        part.write_text(json.dumps(asdict(run)), "utf-8")
        part.replace(folder / f"{key}.json")


def baseline(repo: Repo, base: str, test_setup: TestSetup) -> TestRun:
    """Run the tests on a commit, outside of the user's working tree, or return a stored green run.

    Raises:
        UnsafeError: the commit holds a path that no checkout may have.
    """
    with scratch_folder("check") as workspace:
        return _run_baseline(
            repo, base, test_setup, lambda: Checkout.of(repo, base, test_setup, workspace)
        )


def verify(
    repo: Repo, base: str, result: str, test_setup: TestSetup, before: TestRun | None = None
) -> Verdict:
    """Run tests and linters on two commits, and return what the change did to them.

    `before` is the test run of the base where it is known. The verdict holds both runs, the tests
    by what became of them, new lint findings, and notes for whoever reviews the change.

    Raises:
        UnsafeError: a commit holds a path that no checkout may have.
    """
    with scratch_folder("check") as workspace:

        @cache
        def base_checkout() -> Checkout:
            return Checkout.of(repo, base, test_setup, workspace)

        if before is None and test_setup.command is not None:
            before = _run_baseline(repo, base, test_setup, base_checkout)
        diff = CommitDiff.between(repo, base, result)
        checkout = Checkout.of(repo, result, test_setup, workspace)
        folder = checkout.scratch.reports
        lines = LineRecord.prepare(folder, checkout.visible_path, diff.before, diff.after)
        checkouts = CheckoutPair(base=base_checkout, result=replace(checkout, line_record=lines))
        findings = lint(checkouts, diff.paths)
        verdict = _run_and_compare(checkouts, before, diff) if before else compare(None, None)
        root = str(checkouts.result.visible_path)
        is_green = verdict.status in (VerdictStatus.VERIFIED, VerdictStatus.NO_WORSE)
        unrun = lines.unrun_lines(test_setup.runner) if lines and is_green else ()
    return replace(
        verdict,
        command=test_setup.argv,
        protection=test_setup.sandbox.name,
        **_excerpts(repo, result, verdict, root),
        findings=findings,
        unrun_lines=unrun,
        notices=(
            *no_sandbox_notes(test_setup.sandbox),
            *edited_check_notes(repo, base, result),
            *lint_notes(findings),
            *environment_notes(verdict, network=test_setup.network),
        ),
    )


def _run_baseline(
    repo: Repo, base: str, test_setup: TestSetup, open_checkout: Callable[[], Checkout]
) -> TestRun:
    """Run the tests on the base, unless a green run of the same kind is stored."""
    key = run_key(base, test_setup.argv, _circumstances(repo, test_setup))
    if test_setup.baseline_folder and (stored := load_run(test_setup.baseline_folder, key)):
        return stored
    run = open_checkout().run_tests()
    # A red run may be red by chance, and is worth another try.
    if test_setup.baseline_folder and run.green:
        store_run(test_setup.baseline_folder, key, run)
    return run


def _run_and_compare(checkouts: CheckoutPair, before: TestRun, diff: CommitDiff) -> Verdict:
    closest = replace(checkouts, argv=_closest_tests_argv(checkouts.result.test_setup, diff))
    return _run_closest_first(closest, before, diff) or _compare_runs(checkouts, before, diff)


def _compare_runs(checkouts: CheckoutPair, before: TestRun, diff: CommitDiff) -> Verdict:
    after = checkouts.result.run_tests(checkouts.argv)
    if checkouts.argv is not None:
        before = _restrict(before, after.tests)
    before, after, flaky = rerun_suspects(before, after, checkouts)
    moved = move_line_ids(before, diff.before, diff.after)
    verdict = compare(moved, after, flaky, renamed_test_matcher(*diff.texts()))
    return replace(verdict, before=before)  # as the base has it: a later commit moves other lines


# ------------------------------------------------------------------------------- closest tests


def _closest_tests_argv(test_setup: TestSetup, diff: CommitDiff) -> tuple[str, ...] | None:
    """Return the command that runs the tests closest to the change, if they are to come first."""
    if test_setup.base_files is None:
        return None
    paths = closest_tests(test_setup.base_files, diff.after)
    return results.select_files(test_setup.runner, test_setup.argv, paths)


def _run_closest_first(
    checkouts: CheckoutPair, before: TestRun, diff: CommitDiff
) -> Verdict | None:
    """Run a few tests; they can only condemn, and what they pass all tests have to pass, too."""
    if checkouts.argv is None or not before.tests:
        return None
    verdict = _compare_runs(checkouts, before, diff)
    is_stopped = verdict.after is not None and verdict.after.stopped_by
    if verdict.status != VerdictStatus.BROKEN or not (verdict.broken or is_stopped):
        return None
    return replace(
        verdict, before=before, reason=f"{verdict.reason} (only the closest tests were run)"
    )


def _restrict(run: TestRun, tests: Collection[str]) -> TestRun:
    outcomes = {test: outcome for test, outcome in run.tests.items() if test in tests}
    counts = results.Counts.of(outcomes)
    return replace(
        run, tests=outcomes, passed=counts.passed, failed=counts.failed, skipped=counts.skipped
    )


class _Excerpts(TypedDict, total=False):
    evidence: str
    failures: Mapping[str, str]


def _excerpts(repo: Repo, result: str, verdict: Verdict, root: str) -> _Excerpts:
    """Return what a repair needs of the log, in all and test by test."""
    if verdict.status != VerdictStatus.BROKEN or verdict.after is None:
        return {}
    paths = [entry.path for entry in repo.tree(result)]
    log, broken = verdict.after.log, verdict.broken
    return {
        "evidence": failure_excerpt(log, paths, root, broken),
        "failures": failures_of(log, paths, root, broken),
    }


def _circumstances(repo: Repo, test_setup: TestSetup) -> tuple[str, ...]:
    """Return what a run depends on beside commit and command."""
    host = Host(root=repo.root, variables=test_setup.variables)
    return (
        test_setup.sandbox.name,
        test_setup.setup_command,
        str(test_setup.network),
        *fingerprint(host),
    )
