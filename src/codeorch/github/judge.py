"""The third job: the tests on both sides of a bundle, in a sandbox, with no key and no token.

Its verdict is text that code of the repository may have had a hand in, and is read as such.
"""

from pathlib import Path
from typing import Any

from codeorch.domain import TestRun, Verdict
from codeorch.errors import CodeorchError
from codeorch.git import Repo
from codeorch.github.bundle import ProvenChange, prove
from codeorch.github.inputs import terms_of
from codeorch.github.proposal import Manifest, read_manifest
from codeorch.github.request import read_request
from codeorch.github.step import Step, log, plain_line
from codeorch.github.test_verdict import TestVerdict, write_verdict

_MOST = 20  # tests and notes that are named


def run(step: Step, folder: Path) -> int:
    """Judge `proposal/` by the tests of the repository at `folder`; write `verdict/`.

    Raises:
        UserError: the workflow is wired wrongly.
        UnsafeError: the bundle is not what its manifest says.
    """
    proposal = step.folder / "proposal"
    manifest = read_manifest((proposal / "manifest.json").read_bytes())
    target = step.folder / "verdict"
    target.mkdir(exist_ok=True)
    if not manifest.head:
        write_verdict(target, TestVerdict(head="", status="not_run", reason="nothing was changed"))
        return 0
    request = read_request((step.folder / "request.json").read_bytes())
    repo = Repo.open(folder)
    with prove(repo, proposal / "change.bundle", manifest, terms_of(step, request)) as change:
        verdict = _judge(step, repo, change, manifest)
    write_verdict(target, verdict)
    log(f"tests: {verdict.status}: {verdict.reason}")
    return 0


def _judge(step: Step, repo: Repo, change: ProvenChange, manifest: Manifest) -> TestVerdict:
    from codeorch import verify  # noqa: PLC0415 - not for those who read verdicts
    from codeorch.config import load_settings  # noqa: PLC0415
    from codeorch.retrieval import read_snapshot  # noqa: PLC0415

    flags: dict[str, Any] = {"test_cmd": cmd} if (cmd := step.get("INPUT_TEST_CMD")) else {}
    settings = load_settings(repo.root, Path("/dev/null"), {**flags, "format": False})
    snapshot = read_snapshot(repo, change.base)
    try:
        setup = verify.prepare_tests(repo, snapshot.files, settings, step.variables, log)
        if setup is None:
            return TestVerdict(head=manifest.head, status="no_tests", reason="no tests were found")
        verdict = verify.verify(repo.with_objects_of(change.repo), change.base, change.head, setup)
    except CodeorchError as error:
        text = plain_line(getattr(error, "message", "") or error, 500)
        return TestVerdict(head=manifest.head, status="not_run", reason=text)
    return _plain(manifest.head, verdict)


def _plain(head: str, verdict: Verdict) -> TestVerdict:
    return TestVerdict(
        head=head,
        status=str(verdict.status),
        reason=plain_line(verdict.reason, 500),
        before=_counts(verdict.before),
        after=_counts(verdict.after),
        protection=plain_line(verdict.protection),
        broken=tuple(plain_line(test) for test in verdict.broken[:_MOST]),
        regressions=len(verdict.broken),
        notes=tuple(plain_line(n, 500) for n in (*verdict.findings, *verdict.notices)[:_MOST]),
    )


def _counts(run: TestRun | None) -> str:
    if run is None:
        return "not run"
    named = (("passed", run.passed), ("failed", run.failed), ("skipped", run.skipped))
    counts = ", ".join(f"{number} {name}" for name, number in named if number is not None)
    return f"{counts or 'not counted'}{f' (stopped by {run.stopped_by})' if run.stopped_by else ''}"
