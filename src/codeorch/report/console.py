"""Events and record -> the terminal, by rich. All text is shown escaped, never as markup."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from codeorch.domain import Attempt, Done, NothingToDo, Plan, TaskResult
from codeorch.events import (
    AnswerArrival,
    CommitReady,
    Event,
    LookedUp,
    Notice,
    PlanReady,
    StageStarted,
    TaskFinished,
    TaskQueued,
    TaskRetried,
    TaskStarted,
    VerdictReady,
)
from codeorch.report.diff_view import LineKind, read_diff
from codeorch.report.document import Code, Line, Page, brief, inline, many, shorten, visible
from codeorch.report.record import FileChange, Record, task_record
from codeorch.report.sections import page
from codeorch.report.sections.tasks import outcome_of
from codeorch.report.worker_lines import WorkerLines

_STAGES = {
    "read": "Reading the repository",
    "plan": "Planning",
    "work": "Working",
    "merge": "Merging",
    "check": "Running the tests",
    "revise": "Planning what is missing",
}
_COLOURS = {"plain": "", "good": "green", "warn": "yellow", "bad": "red"}
_DIFF_STYLES: dict[LineKind, str] = {"added": "green", "removed": "red", "context": ""}
_MAX_TASKS, _MAX_LINES, _MAX_DIFF_LINES = 40, 12, 60


class Screen(Console):
    """A console that leaves it to its caller what becomes of a closed pipe."""

    def on_broken_pipe(self) -> None:
        """Pass the error on, where rich would end the process as failed.

        Raises:
            BrokenPipeError: always.
        """
        self.quiet = True
        raise BrokenPipeError


class Progress:
    """A listener that shows a run while it goes on; use it as a context manager.

    On a terminal, one live line says what is under way; elsewhere only finished steps are printed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._workers = WorkerLines()
        self._done = 0
        self._total = 0
        self._status = console.status("Starting")
        self._last_plan: Plan | None = None

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
            case StageStarted() | LookedUp() | CommitReady() | VerdictReady():
                self._now(_under_way(event))
            case Notice():
                self._print(f"[yellow]note[/] {_safe(event.text)}")
            case PlanReady():
                self._show_plan(event)
            case TaskQueued() | TaskStarted() | AnswerArrival():
                self._note_work(event)
            case TaskRetried():
                self._print(f"  [yellow]again[/] {_safe(event.task.path)}: {_cause(event.attempt)}")
            case TaskFinished():
                self._show_result(event.result)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the live line away while somebody is asked."""
        self._status.stop()
        yield
        if self._console.is_terminal:
            self._status.start()

    def _show_plan(self, event: PlanReady) -> None:
        plan = event.plan
        self._total, self._done = len(plan.tasks), 0
        if plan != self._last_plan:  # it may have been shown for approval
            self._print("\n".join(plan_lines(plan)))
            if event.estimate is not None:
                self._print(f"  [bold]Price[/] of the workers: {event.estimate.text}")
        self._last_plan = plan

    def _show_result(self, result: TaskResult) -> None:
        self._workers.stop(result.task)
        self._done += 1
        good = isinstance(result, Done | NothingToDo)
        if not good or not result.task.is_codemod:
            mark = "[green]done[/]" if good else "[red]open[/]"
            outcome = outcome_of(task_record(result))
            self._print(f"  {mark} {_safe(result.task.path)}: {_safe(outcome)}")
        self._show_work()

    def _note_work(self, event: TaskQueued | TaskStarted | AnswerArrival) -> None:
        if isinstance(event, AnswerArrival):
            self._workers.note(event)
        elif isinstance(event, TaskStarted):
            self._workers.start(event.task, event.attempt)
            self._show_work()

    def _show_work(self) -> None:
        self._now(f"{self._done} of {self._total} tasks done")

    def _now(self, text: str) -> None:
        self._workers.end_answer()
        self._status.update(_LiveText(self._workers, text))

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True, emoji=False)


@dataclass(frozen=True, slots=True)
class _LiveText:
    """The live lines, made anew whenever they are drawn."""

    workers: WorkerLines
    headline: str

    def __rich__(self) -> Text:
        return Text(self.workers.below(self.headline))


def _under_way(event: StageStarted | LookedUp | CommitReady | VerdictReady) -> str:
    match event:
        case LookedUp():
            return f"Planning: {', '.join(event.calls)}. {event.left}"
        case StageStarted():
            return _STAGES[event.stage] + (f": {event.detail}" if event.detail else "")
        case CommitReady():
            return f"Merged {many(event.files, 'file')}"
        case VerdictReady():
            return f"Tests: {event.verdict.status}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Return a plan in lines: why, the contracts, and each task with what it needs."""
    kind = ", ".join(filter(None, (plan.source, plan.strategy)))
    stage = f", stage {plan.stage}" if plan.stage > 1 else ""
    yield f"[bold]Plan[/] ({kind}, {many(len(plan.tasks), 'task')}{stage}) {_safe(plan.rationale)}"
    for contract in plan.contracts:
        yield f"  contract {_safe(contract.signature)} in {_safe(contract.defined_in)}"
    for task in plan.tasks[:_MAX_TASKS]:
        needs = f" after {', '.join(task.needs)}" if task.needs else ""
        goal = "" if task.is_codemod else f": {task.goal.split(chr(10), 1)[0]}"
        yield f"  {task.action} {_safe(task.path)}{_safe(needs)}{_safe(goal)}"
    if len(plan.tasks) > _MAX_TASKS:
        yield f"  and {len(plan.tasks) - _MAX_TASKS} more"
    for question in plan.questions:
        answer, assumption = question.answer, question.assumption
        basis = f"answered: {answer}" if answer else f"assumed: {assumption}"
        yield f"  [yellow]open[/] {_safe(question.text)} {_safe(basis)}"
    if plan.next_stage:
        yield f"  then: {_safe(plan.next_stage)}"
    for note in plan.notes:
        yield f"  [yellow]note[/] {_safe(note)}"


def show(record: Record, console: Console, *, diffs: bool = False) -> None:
    """Print the report of a run: the headline last, where the eye is."""
    files = record.files if diffs else ()
    lines = [line for file in files for line in _capped_diff_lines(file)]
    lines += _page_lines(page(record), record)
    console.print(Text("\n").join(lines), soft_wrap=True)


def _page_lines(report: Page, record: Record) -> Iterator[Text]:
    yield Text.assemble(("Request ", "bold"), inline(brief(report.request)))
    for section in report.sections:
        yield Text(inline(section.title), "bold")
        for statement in (*section.lead, *shorten(section.lines, _MAX_LINES)):
            yield from _draw(statement, "  ")
    yield Text(inline(report.headline), f"bold {_COLOURS[report.tone]}")
    if record.branch:
        yield Text(f"Look at it with: git diff HEAD...{inline(record.branch.name)}")
        yield Text(f"Take it over with: codeorch take {inline(record.run)}")
    if any(result.is_open for result in record.last.results):
        yield Text(f"Try again what is not done: codeorch retry {inline(record.run)}")
    if not record.rounds:
        yield Text(f"Go on with it: codeorch resume {inline(record.run)}")


def _draw(statement: Line, indent: str) -> Iterator[Text]:
    pieces = ((inline(text), "bold" if isinstance(text, Code) else "") for text in statement.pieces)
    yield Text.assemble(indent, *pieces, style=_COLOURS[statement.tone])
    for below in shorten(statement.below, _MAX_LINES):
        yield from _draw(below, indent + "  ")
    if statement.verbatim:
        lines = visible(statement.verbatim).split("\n")
        yield from (Text(f"{indent}  {text}", "dim") for text in lines)


def show_diff(record: Record, console: Console) -> None:
    """Print the whole diff of a run for reading; as a patch for git take `FileChange.diff`."""
    lines = (line for file in record.files for line in _diff_lines(file))
    console.print(Text("\n").join(lines), soft_wrap=True)


def _capped_diff_lines(file: FileChange) -> Iterator[Text]:
    lines = list(_diff_lines(file))
    yield from lines[:_MAX_DIFF_LINES]
    if len(lines) > _MAX_DIFF_LINES:
        yield Text(f"... {len(lines) - _MAX_DIFF_LINES} more lines; see: codeorch show --diff")


def _diff_lines(change: FileChange) -> Iterator[Text]:
    for file in read_diff(change.diff):
        yield from (Text(visible(line), "bold") for line in file.header)
        for hunk in file.hunks:
            yield Text(hunk.header, "cyan")
            for line in hunk.lines:
                yield Text(line.mark + visible(line.text), _DIFF_STYLES[line.kind])
                if not line.has_newline:
                    yield Text("\\ No newline at end of file")


def _cause(attempt: Attempt) -> str:
    return _safe(f"{attempt.kind}: {attempt.error.strip().split(chr(10), 1)[0]}")


def _safe(text: str) -> str:
    return escape(visible(text))
