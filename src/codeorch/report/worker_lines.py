"""What runs at the moment, for a live view: one quiet line for each worker that is under way."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from codeorch.domain import Task
from codeorch.events import AnswerArrival
from codeorch.report.document import inline, many

_MOST = 8  # lines; a terminal has other things to show


@dataclass(slots=True)
class _Worker:
    path: str
    attempt: int
    start: float
    tokens: int | None = None  # of its answer; None = nothing has come


class WorkerLines:
    """The workers that are under way, and how much of an answer of the planner's has come."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._workers: dict[str, _Worker] = {}
        self._planner: AnswerArrival | None = None

    def start(self, task: Task, attempt: int) -> None:
        """Take note that a worker begins an attempt."""
        self._planner = None
        self._workers[task.id] = _Worker(task.path, attempt, self._clock())

    def note(self, event: AnswerArrival) -> None:
        """Take note of what has come of an answer."""
        worker = self._workers.get(event.task)
        if worker is not None:
            worker.tokens = event.tokens
        elif not event.task:
            self._planner = event

    def stop(self, task: Task) -> None:
        """Take a worker away whose task is over."""
        self._workers.pop(task.id, None)

    def end_answer(self) -> None:
        """Take note that what comes next is another answer of the planner, or none."""
        self._planner = None

    def below(self, headline: str) -> str:
        """Return a text of lines: a headline, and the workers that were started first."""
        event = self._planner
        arrival = f"  {event.seconds:.0f} s, {many(event.tokens, 'token')}" if event else ""
        lines = [self._line(worker) for worker in list(self._workers.values())[:_MOST]]
        if len(self._workers) > _MOST:
            lines.append(f"  and {len(self._workers) - _MOST} more")
        return "\n".join([f"{inline(headline)}{arrival}", *lines])

    def _line(self, worker: _Worker) -> str:
        has_come = "nothing yet" if worker.tokens is None else many(worker.tokens, "token")
        seconds = self._clock() - worker.start
        return f"  {inline(worker.path)}  attempt {worker.attempt}, {seconds:.0f} s, {has_come}"
