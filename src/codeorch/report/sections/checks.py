"""What was proven: the tests before and after, linters, pre-commit."""

from collections.abc import Iterator

from codeorch.domain import TestRun, Tone, Verdict, VerdictStatus
from codeorch.report.document import Code, Line, Section, brief, excerpt, line, name_list
from codeorch.report.record import Record

_TONES: dict[VerdictStatus, Tone] = {
    VerdictStatus.VERIFIED: "good",
    VerdictStatus.BROKEN: "bad",
    VerdictStatus.NOT_RUN: "plain",
}
_MAX_NAMES = 20


def tests(record: Record) -> Section:
    """Return the verdict, the test runs that it rests on, and each class of tests."""
    verdict = record.last.verdict
    status = line(
        f"{verdict.status}: {brief(verdict.reason)}", tone=_TONES.get(verdict.status, "warn")
    )
    return Section(title="Tests", lines=(), lead=(status, *_evidence(verdict)))


def run_text(run: TestRun) -> str:
    """Return a test run in a line: counts where known, else the exit code, and the time."""
    counts = [
        f"{count} {word}"
        for word, count in (
            ("passed", run.passed), ("failed", run.failed), ("skipped", run.skipped),
        )
        if count
    ]  # fmt: skip
    if run.stopped_by:
        counts.append(f"stopped at the limit on {run.stopped_by}")
    if not counts:
        counts = [f"exit code {run.exit_code}"]
    return f"{', '.join(counts)} in {run.seconds:.1f} s"


def _evidence(verdict: Verdict) -> Iterator[Line]:
    for side, run in (("before", verdict.before), ("after", verdict.after)):
        if run is not None:
            yield line(f"{side}: {run_text(run)}")
    yield from _classes(verdict)
    if verdict.command:
        yield line("command: ", Code(" ".join(verdict.command)))
    if verdict.protection:
        yield line(f"protection while they ran: {verdict.protection}")
    if verdict.evidence:
        yield line("the first failure:", verbatim=excerpt(verdict.evidence))
    if verdict.precommit:
        yield line("pre-commit says:", tone="bad", verbatim=excerpt(verdict.precommit, end=True))
    for text in verdict.notices:
        yield line(brief(text), tone="bad" if text.startswith("UNSAFE") else "warn")


def _classes(verdict: Verdict) -> Iterator[Line]:
    classes: tuple[tuple[str, tuple[str, ...], Tone], ...] = (
        ("broken", verdict.broken, "bad"),
        ("not run any more", verdict.missing, "warn"),
        ("flaky", verdict.flaky, "warn"),
        ("failing before and after", verdict.still_failing, "warn"),
        ("fixed", verdict.fixed, "good"),
        ("new", verdict.new, "plain"),
        ("changed lines that no test ran", verdict.unrun_lines, "warn"),
    )
    for word, names, tone in classes:
        if names:
            yield line(f"{word} ({len(names):,}): ", *name_list(names, _MAX_NAMES), tone=tone)
