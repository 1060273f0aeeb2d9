"""The one sentence that says how a run ended."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codeorch.report.document import Tone, brief, many

if TYPE_CHECKING:  # a record holds its headline
    from codeorch.report.record import Record

_TONES: dict[str, Tone] = {
    "verified": "good", "untested": "warn", "nothing": "plain", "unverified": "warn",
    "partial": "warn",
}  # fmt: skip


def headline(record: "Record") -> str:
    """Say how the run ended, and what stands in the way of a better word."""
    verdict = record.last.verdict
    match record.status:
        case "verified":
            return f"Complete and verified: {brief(verdict.reason)}"
        case "untested":
            return f"Complete, not tested: {brief(verdict.reason)}"
        case "unverified":
            return f"Complete, not verified: {_doubt(record)}"
        case "partial":
            return f"Partial: {'; '.join(_missing(record))}; {_doubt(record)}"
        case "failed":
            return f"Failed, nothing was changed: {'; '.join(_missing(record))}"
        case "nothing":
            return "Nothing to change"


def tone(record: "Record") -> Tone:
    """Colour the headline."""
    return _TONES.get(record.status, "bad")


def _doubt(record: "Record") -> str:
    verdict = record.last.verdict
    said = brief(verdict.reason)
    match verdict.status:
        case "verified":
            return f"the tests pass with what is there ({said})"
        case "broken":
            return f"the change breaks the checks ({said})"
        case "red":
            return f"the checks are not green, and not by this change alone ({said})"
        case "untested" | "off":
            return f"not tested ({said})"


def _missing(record: "Record") -> Iterator[str]:
    last = record.last
    if open_ones := [result for result in last.results if result.is_open]:
        yield f"{many(len(open_ones), 'task')} not done"
    if record.rejected:
        yield f"{many(len(record.rejected), 'finished edit')} refused"
    if gaps := last.completeness.open:
        yield f"{many(len(gaps), 'use')} of changed definitions left behind"
    if last.plan.next_stage:
        yield "a further stage is not done"
