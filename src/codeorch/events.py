"""What happens during a run, one value for each event; listeners are functions of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from codeorch.domain import Attempt, Estimate, Plan, Task, TaskResult, Verdict

Stage = Literal["read", "plan", "work", "merge", "check", "revise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage of the pipeline begins."""

    stage: Stage
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the user should know."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """The planner looked things up, in one turn."""

    calls: tuple[str, ...]  # names of the look-ups
    left: str  # what is left of them, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReady:
    """A plan is ready."""

    plan: Plan
    estimate: Estimate | None = None  # of the workers' part; None = no worker will be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQueued:
    """All that a task needs is done; it starts as soon as a worker is free."""

    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """A worker begins one attempt."""

    task: Task
    attempt: int  # from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerArrival:
    """An answer has begun to arrive, or has grown; told a few times a second at the most.

    `place` is that of the question in the run; `task` and `attempt` are a worker's, else empty.
    """

    place: str
    task: str = ""  # its id
    attempt: int = 0  # from 1
    seconds: float = 0.0  # since the question was sent
    tokens: int = 0  # at a guess


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRetried:
    """An attempt failed and the task will be tried again."""

    task: Task
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    """A task is over, well or not."""

    result: TaskResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitReady:
    """The edits of a round are a commit; no branch names it yet."""

    commit: str
    files: int  # that it changes


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReady:
    """The tests ran on the commit of a round."""

    verdict: Verdict


Event = (
    StageStarted
    | Notice
    | LookedUp
    | PlanReady
    | TaskQueued
    | TaskStarted
    | AnswerArrival
    | TaskRetried
    | TaskFinished
    | CommitReady
    | VerdictReady
)
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Take an event and do nothing: the listener of those who want none."""
