"""A review as commands of a GitHub workflow, which become annotations of the changed files.

A step shows ten errors and ten warnings at most and drops the others without a word, so we choose.
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator
from typing import Final

from codeorch.prereview.finding import Finding, Level, Review

_MOST: Final = 10
_COMMANDS: Final[dict[Level, str]] = {
    "sure": "error", "likely": "warning", "maybe": "notice", "note": "notice",
}  # fmt: skip


def annotations_of(review: Review) -> Iterator[str]:
    """Yield the ten most certain of what is reportable, and how many more there are."""
    findings = review.reportable
    yield from map(_command, findings[:_MOST])
    if len(findings) > _MOST:
        yield f"{len(findings) - _MOST} more; see the summary of the run"


def _command(finding: Finding) -> str:
    place, cause = finding.place, finding.cause or finding.place
    line, title = str(max(1, place.line)), f"codeorch {finding.rule}"
    parameters = (("file", place.path), ("line", line), ("title", title))
    written = ",".join(f"{name}={_escape(value, ':,')}" for name, value in parameters)
    text = f"{finding.message}  because {cause} changed  ({finding.level})"
    return f"::{_COMMANDS[finding.level]} {written}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    """Write text so that a runner reads it as it is; no line of it can begin a command."""
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
