"""What happens during a run, for whoever listens."""

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
class Noticed:
    """Something the user should know."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
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
    attempt: int


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
class Merged:
    """The finished edits are a commit; no branch names it yet."""

    commit: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The test runs are compared."""

    verdict: Verdict


Event = (
    StageStarted
    | Noticed
    | Planned
    | TaskQueued
    | TaskStarted
    | TaskRetried
    | TaskFinished
    | Merged
    | Checked
)
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""
