"""Events and outcome -> the terminal, by rich. Model text is shown escaped, never as markup."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from codeorch.diffs import render
from codeorch.domain import (
    Attempt,
    Completeness,
    Done,
    NothingToDo,
    Outcome,
    Plan,
    Task,
    TaskResult,
)
from codeorch.events import (
    Checked,
    Event,
    Merged,
    Noticed,
    Planned,
    StageStarted,
    TaskFinished,
    TaskQueued,
    TaskRetried,
    TaskStarted,
)
from codeorch.report.markdown import headline, told, why
from codeorch.report.record import change_of, counts

_MARKS = {"verified": "green", "nothing": "green", "unverified": "yellow", "partial": "yellow"}
_STAGES = {
    "read": "Reading the repository",
    "plan": "Planning",
    "work": "Working",
    "merge": "Merging",
    "check": "Running the tests",
    "revise": "Planning what is missing",
}
_SHOWN_TASKS, _SHOWN_MENTIONS, _SHOWN_DIFF_LINES = 40, 10, 60


class Progress:
    """A listener that shows a run while it goes on; use it as a context manager.

    On a terminal, one live line says what is under way; elsewhere only finished steps are printed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._running: dict[str, Task] = {}
        self._done = 0
        self._total = 0
        self._status = console.status("Starting")
        self._shown: Plan | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case StageStarted() | Merged() | Checked():
                self._now(_under_way(event))
            case Noticed():
                self._print(f"[yellow]note[/] {_safe(event.text)}")
            case Planned():
                self._planned(event)
            case TaskQueued():
                pass
            case TaskStarted():
                self._running[event.task.id] = event.task
                self._working()
            case TaskRetried():
                self._print(f"  [yellow]again[/] {_safe(event.task.path)}: {_cause(event.attempt)}")
            case TaskFinished():
                self._finished(event.result)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the live line away while somebody is asked."""
        self._status.stop()
        yield
        if self._console.is_terminal:
            self._status.start()

    def _planned(self, event: Planned) -> None:
        plan = event.plan
        self._total, self._done = len(plan.tasks), 0
        if plan != self._shown:  # it may have been shown for approval
            self._print("\n".join(plan_lines(plan)))
            if event.estimate is not None:
                self._print(f"  [bold]Price[/] of the workers: {event.estimate.told}")
        self._shown = plan

    def _finished(self, result: TaskResult) -> None:
        self._running.pop(result.task.id, None)
        self._done += 1
        good = isinstance(result, Done | NothingToDo)
        if not good or not result.task.answer:
            mark = "[green]done[/]" if good else "[red]open[/]"
            self._print(f"  {mark} {_safe(result.task.path)}: {_safe(why(result))}")
        self._working()

    def _working(self) -> None:
        names = ", ".join(task.path for task in list(self._running.values())[:3])
        self._now(f"{self._done} of {self._total} tasks done  {names}")

    def _now(self, text: str) -> None:
        self._status.update(_safe(text))

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)


def _under_way(event: StageStarted | Merged | Checked) -> str:
    match event:
        case StageStarted():
            return _STAGES[event.stage] + (f": {event.detail}" if event.detail else "")
        case Merged():
            return f"Merged {event.files} files"
        case Checked():
            return f"Tests: {event.verdict.status}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Tell a plan: why, the contracts, and each task with what it needs."""
    yield f"[bold]Plan[/] ({plan.source}, {len(plan.tasks)} tasks) {_safe(plan.rationale)}"
    for contract in plan.contracts:
        yield f"  contract {_safe(contract.signature)} in {_safe(contract.defined_in)}"
    for task in plan.tasks[:_SHOWN_TASKS]:
        needs = f" after {', '.join(task.needs)}" if task.needs else ""
        goal = "" if task.answer else f": {task.goal.split(chr(10), 1)[0]}"
        yield f"  {task.action} {_safe(task.path)}{_safe(needs)}{_safe(goal)}"
    if len(plan.tasks) > _SHOWN_TASKS:
        yield f"  and {len(plan.tasks) - _SHOWN_TASKS} more"
    for note in plan.notes:
        yield f"  [yellow]note[/] {_safe(note)}"


def show(outcome: Outcome, console: Console, *, diffs: bool = False) -> None:
    """Print the report of a run."""
    last = outcome.last
    if diffs:
        _show_diffs(outcome, console)
    table = Table(box=None, pad_edge=False, show_header=False)
    for patch in last.change.patches:
        added, removed = counts(patch)
        table.add_row(change_of(patch), _safe(patch.path), f"[green]+{added}[/] [red]-{removed}[/]")
    if last.change.patches:
        console.print(table)
    for line in _summary(outcome):
        console.print(line, highlight=False, soft_wrap=True)


def _summary(outcome: Outcome) -> Iterator[str]:
    last = outcome.last
    mentions = [mention for one in outcome.rounds for mention in one.plan.mentions]
    if mentions:
        yield f"{len(mentions)} mentions in strings, comments and docs left alone:"
        yield from (
            f"  {_safe(f'{m.path}:{m.line}: {m.text}')}" for m in mentions[:_SHOWN_MENTIONS]
        )
        if len(mentions) > _SHOWN_MENTIONS:
            yield f"  and {len(mentions) - _SHOWN_MENTIONS} more (all are in --json)"
    for result in last.results:
        if not isinstance(result, Done | NothingToDo):
            yield f"[red]open[/] {_safe(result.task.path)}: {_safe(why(result))}"
    for rejected in last.change.rejected:
        yield f"[red]refused[/] {_safe(rejected.path)}: {_safe(rejected.why)}"
    yield from _gaps(last.completeness)
    yield from _tests(outcome)
    yield _cost(outcome)
    colour = _MARKS.get(outcome.status, "red")
    where = f" on branch [bold]{_safe(outcome.branch.name)}[/]" if outcome.branch else ""
    yield f"[{colour} bold]{headline(outcome)}[/]{where}"
    yield from (f"[yellow]note[/] {_safe(text)}" for text in outcome.notices)


def _gaps(completeness: Completeness) -> Iterator[str]:
    gaps = completeness.gaps
    if gaps:
        yield f"{len(gaps)} uses of changed definitions left behind:"
    for gap in gaps[:_SHOWN_MENTIONS]:
        colour = "yellow" if gap.certainty == "maybe" else "red"
        yield f"  [{colour}]{gap.certainty}[/] {_safe(f'{gap.path}:{gap.line}: {gap.suggestion}')}"
    if len(gaps) > _SHOWN_MENTIONS:
        yield f"  and {len(gaps) - _SHOWN_MENTIONS} more (all are in --json)"
    if completeness.excused:
        yield f"  {len(completeness.excused)} more are excused in writing (in --json)"


def _tests(outcome: Outcome) -> Iterator[str]:
    verdict = outcome.last.verdict
    for side, run in (("before", verdict.before), ("after", verdict.after)):
        if run is not None:
            yield f"Tests {side}: {told(run)}"
    for word, names in (("broken", verdict.broken), ("fixed", verdict.fixed)):
        yield from (f"  {word}: {_safe(name)}" for name in names[:20])
    sandbox = f" [{verdict.protection}]" if verdict.protection else ""
    yield f"Tests: {verdict.status}. {_safe(verdict.reason + sandbox)}"
    for text in verdict.notices:
        yield f"  {'[red bold]' if text.startswith('UNSAFE') else '[yellow]'}note[/] {_safe(text)}"


def _cost(outcome: Outcome) -> str:
    """Tell calls, tokens and times."""
    usage = outcome.usage
    tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    model = (
        f"{usage.calls} model calls, {tokens:,} tokens in, {usage.output_tokens:,} out"
        if usage.calls
        else "no model calls"
    )
    stages: dict[str, float] = {}
    for timing in outcome.timings:
        stages[timing.stage] = stages.get(timing.stage, 0.0) + timing.end_s - timing.start_s
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items())
    return f"{model}; {times}"


def _show_diffs(outcome: Outcome, console: Console) -> None:
    from rich.syntax import Syntax  # noqa: PLC0415 - pygments

    for patch in outcome.last.change.patches:
        lines = safe_text(render(patch)).split("\n")
        cut = lines[:_SHOWN_DIFF_LINES]
        if len(lines) > len(cut):
            cut.append(f"... {len(lines) - len(cut)} more lines")
        console.print(Syntax("\n".join(cut), "diff", background_color="default", word_wrap=True))


def _cause(attempt: Attempt) -> str:
    return _safe(f"{attempt.kind}: {attempt.error.strip().split(chr(10), 1)[0]}")


def _safe(text: str) -> str:
    return escape(safe_text(text))


def safe_text(text: str) -> str:
    """Show control and format characters as escapes, so that they cannot move the cursor."""
    return "".join(
        c
        if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
        else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )
