"""Outcome -> Markdown for a pull request or a job summary. Each figure is from the record."""

from collections.abc import Iterator

from codeorch.domain import (
    DeadLetter,
    Done,
    NeedsMore,
    NothingToDo,
    Outcome,
    Round,
    Skipped,
    TaskResult,
    TestRun,
)
from codeorch.report.record import change_of, counts

HEADLINES = {
    "verified": "Complete and verified",
    "unverified": "Complete, not verified",
    "partial": "Partial: some of the plan did not finish",
    "failed": "Failed: nothing was changed",
    "nothing": "Nothing to change",
}


def headline(outcome: Outcome) -> str:
    """Say in a few words how the run ended."""
    if outcome.status == "verified" and outcome.last.verdict.status == "off":
        return "Complete; tests switched off"
    return HEADLINES[outcome.status]


def markdown(outcome: Outcome) -> str:
    """Write the report of a run."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    last = outcome.last
    yield f"## {headline(outcome)}"
    yield ""
    yield from (f"> {line}" for line in outcome.request.text.strip().split("\n"))
    yield ""
    if outcome.branch:
        yield f"Branch `{outcome.branch.name}` at `{outcome.branch.commit[:12]}`."
        yield ""
    if last.change.patches:
        yield "| file | change | lines |"
        yield "|---|---|---|"
        for patch in last.change.patches:
            added, removed = counts(patch)
            yield f"| `{patch.path}` | {change_of(patch)} | +{added} -{removed} |"
        yield ""
    sandbox = f" [{last.verdict.protection}]" if last.verdict.protection else ""
    yield f"**Tests: {last.verdict.status}.** {last.verdict.reason}{sandbox}"
    yield from _tests(last)
    yield ""
    yield from _unfinished(last)
    yield from _deviations(outcome)
    yield from _gaps(last)
    yield from _mentions(outcome)
    followed = dict.fromkeys(path for one in outcome.rounds for path in one.conventions)
    if followed:
        yield "- conventions shown to the workers: " + ", ".join(f"`{path}`" for path in followed)
    yield from (f"- {text}" for text in outcome.notices)


def _tests(last: Round) -> Iterator[str]:
    verdict = last.verdict
    for side, run in (("before", verdict.before), ("after", verdict.after)):
        if run is not None:
            yield f"- {side}: {told(run)}"
    for word, names in (("broken", verdict.broken), ("fixed", verdict.fixed)):
        if names:
            yield f"- {word}: " + ", ".join(f"`{name}`" for name in names[:20])
    for text in verdict.notices:
        yield f"- **{text}**" if text.startswith("UNSAFE") else f"- note: {text}"


def told(run: TestRun) -> str:
    """Tell a test run in a line: counts where known, else the exit code, and the time."""
    counted = [
        f"{count} {word}"
        for word, count in (
            ("passed", run.passed), ("failed", run.failed), ("skipped", run.skipped),
        )
        if count
    ]  # fmt: skip
    if not counted:
        code = run.exit_code
        counted = ["stopped at a limit" if code is None else f"exit code {code}"]
    return f"{', '.join(counted)} in {run.seconds:.1f} s"


def _unfinished(last: Round) -> Iterator[str]:
    open_ones = [r for r in last.results if isinstance(r, DeadLetter | NeedsMore | Skipped)]
    if open_ones or last.change.rejected:
        yield "### Not done"
        yield from (f"- `{result.task.path}`: {why(result)}" for result in open_ones)
        yield from (f"- `{one.path}`: {one.why}" for one in last.change.rejected)
        yield ""


def _gaps(last: Round) -> Iterator[str]:
    found = last.completeness
    if found.gaps or found.excused:
        yield "### Uses of changed definitions"
        for gap in found.gaps[:50]:
            yield f"- {gap.certainty}: `{gap.path}:{gap.line}`: {gap.suggestion}: `{gap.text[:99]}`"
        if len(found.gaps) > 50:
            yield f"- and {len(found.gaps) - 50} more"
        for one in found.excused[:50]:
            yield f"- excused: `{one.gap.path}:{one.gap.line}`: {one.gap.suggestion}: {one.why}"
        yield ""


def why(result: TaskResult) -> str:
    """Say in one line how a task ended."""
    match result:
        case Done():
            return result.summary or "done"
        case NothingToDo():
            return f"nothing to do: {result.reason}"
        case NeedsMore():
            return f"needs {', '.join(result.paths)}, too: {result.why}"
        case DeadLetter():
            tries = len(result.attempts)
            first = result.error.strip().split("\n", 1)[0]
            return f"gave up after {tries} attempt{'s' if tries != 1 else ''}: {first}"
        case Skipped():
            return f"skipped: {result.because}"


def _deviations(outcome: Outcome) -> Iterator[str]:
    done = [r for one in outcome.rounds for r in one.results if isinstance(r, Done)]
    if any(result.deviations for result in done):
        yield "### Contracts not kept"
        for result in done:
            for each in result.deviations:
                yield f"- `{each.symbol}` in `{result.task.path}` is `{each.signature}`: {each.why}"
        yield ""


def _mentions(outcome: Outcome) -> Iterator[str]:
    mentions = [mention for one in outcome.rounds for mention in one.plan.mentions]
    if mentions:
        yield "### Mentions left alone"
        yield from (f"- `{m.path}:{m.line}`: `{m.text[:120]}`" for m in mentions[:50])
        if len(mentions) > 50:
            yield f"- and {len(mentions) - 50} more"
        yield ""
