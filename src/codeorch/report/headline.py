"""The one sentence that says how a run ended."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from codeorch.domain import STATUSES, OutcomeStatus, Tone, Verdict, VerdictStatus
from codeorch.report.document import brief, many

if TYPE_CHECKING:  # a record holds its headline
    from codeorch.report.record import Record

_VERDICTS: Final[Mapping[VerdictStatus, str]] = {
    VerdictStatus.VERIFIED: "the tests pass with what is there",
    VerdictStatus.NO_WORSE: "no test fails that did not fail before",
    VerdictStatus.NOT_RUN: "not tested",
    VerdictStatus.NO_TESTS: "not tested",
    VerdictStatus.RED: "the checks are not green, and not by this change alone",
    VerdictStatus.BROKEN: "the change breaks the checks",
}


def headline(record: "Record") -> str:
    """Return how the run ended, and what stands in the way of a better word."""
    if record.status == OutcomeStatus.VERIFIED and record.last.verdict.unrun_lines:
        return f"Tests pass; {unrun(record.last.verdict)}"
    opening = STATUSES[record.status].headline
    details = "; ".join(_details(record))
    return f"{opening}: {details}" if details else opening


def tone(record: "Record") -> Tone:
    """Return the colour of the headline."""
    if record.status == OutcomeStatus.VERIFIED and record.last.verdict.unrun_lines:
        return "warn"
    return STATUSES[record.status].tone


def _details(record: "Record") -> Iterator[str]:
    verdict = record.last.verdict
    if record.failure:
        yield brief(record.failure)
        return
    match record.status:
        case OutcomeStatus.VERIFIED | OutcomeStatus.NO_WORSE | OutcomeStatus.UNCHECKED:
            yield brief(verdict.reason)
            if verdict.unrun_lines:
                yield unrun(verdict)
        case OutcomeStatus.UNVERIFIED:
            yield _verdict(verdict)
        case OutcomeStatus.PARTIAL:
            yield from _missing(record)
            yield _verdict(verdict)
        case OutcomeStatus.OVER_BUDGET:
            yield from _missing(record)
            yield _verdict(verdict) if record.commit else "nothing was changed"
        case OutcomeStatus.FAILED:
            yield from _missing(record)
        case _:
            return


def unrun(verdict: Verdict) -> str:
    """Say how many changed lines no test ran, and which come first."""
    lines = verdict.unrun_lines
    more = f" and {len(lines) - _MOST} more" if len(lines) > _MOST else ""
    verb = "is" if len(lines) == 1 else "are"
    return (
        f"{many(len(lines), 'changed line')} {verb} run by no test: "
        f"{', '.join(lines[:_MOST])}{more}"
    )


_MOST: Final = 3  # lines that are named


def _verdict(verdict: Verdict) -> str:
    return f"{_VERDICTS[verdict.status]} ({brief(verdict.reason)})"


def _missing(record: "Record") -> Iterator[str]:
    last = record.last
    if open_tasks := sum(result.is_open for result in last.results):
        yield f"{many(open_tasks, 'task')} not done"
    if record.rejected:
        yield f"{many(len(record.rejected), 'finished edit')} refused"
    if uses := last.completeness.open:
        yield f"{many(len(uses), 'missed use')} of changed definitions"
    if last.plan.next_stage:
        yield "a further stage is not done"
