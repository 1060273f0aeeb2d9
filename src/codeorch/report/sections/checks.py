"""What was proven: the tests before and after, linters, pre-commit."""

from collections.abc import Iterator

from codeorch.domain import TestRun, Verdict
from codeorch.report.document import Code, Line, Section, Tone, brief, excerpt, line, listed
from codeorch.report.record import Record

_TONES: dict[str, Tone] = {"verified": "good", "broken": "bad", "off": "plain"}
_LISTED = 20


def tests(record: Record) -> Section:
    """Tell the verdict, the runs that it rests on, and each class of tests."""
    verdict = record.last.verdict
    status = line(
        f"{verdict.status}: {brief(verdict.reason)}", tone=_TONES.get(verdict.status, "warn")
    )
    return Section(title="Tests", lines=(), lead=(status, *_evidence(verdict)))


def told(run: TestRun) -> str:
    """Tell a test run in a line: counts where known, else the exit code, and the time."""
    counted = [
        f"{count} {word}"
        for word, count in (
            ("passed", run.passed), ("failed", run.failed), ("skipped", run.skipped),
        )
        if count
    ]  # fmt: skip
    if run.stopped_by:
        counted.append(f"stopped at the limit on {run.stopped_by}")
    if not counted:
        counted = [f"exit code {run.exit_code}"]
    return f"{', '.join(counted)} in {run.seconds:.1f} s"


def _evidence(verdict: Verdict) -> Iterator[Line]:
    for side, run in (("before", verdict.before), ("after", verdict.after)):
        if run is not None:
            yield line(f"{side}: {told(run)}")
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
    )
    for word, names, tone in classes:
        if names:
            yield line(f"{word} ({len(names):,}): ", *listed(names, _LISTED), tone=tone)
