"""Commits of a repository -> test runs, each at most once -> a verdict."""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from codeorch.domain import TestRun, Verdict, VerdictStatus
from codeorch.git import Repo
from codeorch.verify import results
from codeorch.verify.checkout import Changed, Site, private_folder
from codeorch.verify.compare import compare
from codeorch.verify.environment import Host, fingerprint
from codeorch.verify.failure_excerpt import evidence
from codeorch.verify.flaky import Sides, look_again
from codeorch.verify.lint import lint
from codeorch.verify.renamed_tests import alike_in, by_new_places
from codeorch.verify.review_notes import edited_judges, missing_means, new_complaints, unguarded
from codeorch.verify.test_selection import related
from codeorch.verify.test_setup import Trial

_VERSION = "1"  # of the form below; another one makes every kept run a miss


def cache_key(commit: str, argv: tuple[str, ...], circumstances: tuple[str, ...]) -> str:
    """Name a run by all that it depends on."""
    text = json.dumps([_VERSION, commit, argv, circumstances])
    return hashlib.sha256(text.encode()).hexdigest()


def load(folder: Path, key: str) -> TestRun | None:
    """Give a kept run; what cannot be read was never kept."""
    try:
        return TestRun(**json.loads((folder / f"{key}.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def store(folder: Path, key: str, run: TestRun) -> None:
    """Keep a run, whole or not at all; that it cannot be kept is no reason to fail."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{key}.{os.getpid()}.part"
        part.write_text(json.dumps(asdict(run)), "utf-8")
        part.replace(folder / f"{key}.json")


def baseline(repo: Repo, base: str, trial: Trial) -> TestRun:
    """Run the tests on a commit, in a folder outside the user's tree."""
    with private_folder() as private:
        return _remembered(repo, base, trial, lambda: Site.of(repo, base, trial, private))


def verify(
    repo: Repo, base: str, result: str, trial: Trial, before: TestRun | None = None
) -> Verdict:
    """Run tests and linters on the base, unless `before` is known, and on the result; compare."""
    with private_folder() as private:

        @cache
        def base_site() -> Site:
            return Site.of(repo, base, trial, private)

        if before is None and trial.command is not None:
            before = _remembered(repo, base, trial, base_site)
        changed = Changed.between(repo, base, result)
        sides = Sides(base=base_site, result=Site.of(repo, result, trial, private))
        findings = lint(sides, changed.paths)
        verdict = _tested(sides, before, changed) if before else compare(None, None)
        where = str(sides.result.where)
    return replace(
        verdict,
        command=trial.argv,
        protection=trial.sandbox.name,
        evidence=_evidence(repo, result, verdict, where),
        findings=findings,
        notices=(
            *unguarded(trial.sandbox),
            *edited_judges(repo, base, result),
            *new_complaints(findings),
            *missing_means(verdict, network=trial.network),
        ),
    )


def _remembered(repo: Repo, base: str, trial: Trial, site: Callable[[], Site]) -> TestRun:
    """Run the tests on the base, unless a green run of the same kind is remembered."""
    key = cache_key(base, trial.argv, _circumstances(repo, trial))
    if trial.cache and (known := load(trial.cache, key)):
        return known
    run = site().run()
    # A red run may be red by chance, and is worth another try.
    if trial.cache and run.green:
        store(trial.cache, key, run)
    return run


def _tested(sides: Sides, before: TestRun, changed: Changed) -> Verdict:
    nearest = replace(sides, argv=_nearest(sides.result.trial, changed))
    return _first_look(nearest, before, changed) or _compared(sides, before, changed)


def _compared(sides: Sides, before: TestRun, changed: Changed) -> Verdict:
    after = sides.result.run(sides.argv)
    if sides.argv is not None:
        before = _part(before, after.tests)
    before, after, flaky = look_again(before, after, sides)
    before = by_new_places(before, changed.before, changed.after)
    return compare(before, after, flaky, alike_in(*changed.texts()))


# ------------------------------------------------------------------------------- a first look


def _nearest(trial: Trial, changed: Changed) -> tuple[str, ...] | None:
    """Give the command that runs the tests closest to the change, if they are to come first."""
    if trial.first is None:
        return None
    paths = related(trial.first, changed.after)
    return results.within(trial.runner, trial.argv, paths)


def _first_look(sides: Sides, before: TestRun, changed: Changed) -> Verdict | None:
    """Run a few tests; they can only condemn, and what they pass all tests have to pass, too."""
    if sides.argv is None or not before.tests:
        return None
    verdict = _compared(sides, before, changed)
    stopped = verdict.after is not None and verdict.after.stopped_by
    if verdict.status != VerdictStatus.BROKEN or not (verdict.broken or stopped):
        return None
    return replace(
        verdict, before=before, reason=f"{verdict.reason} (only the closest tests were run)"
    )


def _part(run: TestRun, tests: Collection[str]) -> TestRun:
    kept = {test: outcome for test, outcome in run.tests.items() if test in tests}
    counts = results.Counts.of(kept)
    return replace(
        run, tests=kept, passed=counts.passed, failed=counts.failed, skipped=counts.skipped
    )


# ------------------------------------------------------------------------------- what counts


def _evidence(repo: Repo, result: str, verdict: Verdict, where: str) -> str:
    if verdict.status != VerdictStatus.BROKEN or verdict.after is None:
        return ""
    paths = [entry.path for entry in repo.tree(result)]
    return evidence(verdict.after.log, paths, where, verdict.broken)


def _circumstances(repo: Repo, trial: Trial) -> tuple[str, ...]:
    """Say what else a run depends on."""
    host = Host(root=repo.root, variables=trial.variables)
    return (trial.sandbox.name, trial.setup, str(trial.network), *fingerprint(host))
