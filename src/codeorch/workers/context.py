"""What the workers of a round share, and what one task of it builds on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codeorch import graph
from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Done, Effort, Plan, Request, Snapshot, SourceFile, Task
from codeorch.llm import Conversation
from codeorch.retrieval import LookUps


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkPoint:
    """Where the workers of a round fork the planner's conversation.

    Its last word is ours: the plan is accepted, and how workers go about their tasks.
    """

    conversation: Conversation
    model: str  # whose prompt cache holds the conversation
    look_ups: LookUps  # what was shown in it
    is_warm: bool = True  # whether the cache holds it; not when a run is resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTalk:
    """A worker's conversation after its edit, so that a repair can go on with it.

    Its last word is the worker's: a call of `result` to which nothing was returned yet.
    """

    conversation: Conversation
    task: Task
    text: str  # of its file, as its edit left it
    model: str
    effort: Effort | None
    temperature: float | None
    is_fork: bool  # of the planner's conversation
    look_ups: LookUps  # what it was shown
    snapshot: Snapshot  # the files that it was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundContext:
    """What all workers of a round share, and the edits that are done so far."""

    request: Request
    plan: Plan
    snapshot: Snapshot  # at the beginning of the round
    names: SymbolIndex | None = None  # of this snapshot; None = it is read for it
    facts: Sequence[str] = ()  # about the project, for those that know nothing of it yet
    fork: ForkPoint | None = None  # None = there is no planner's conversation to go on with
    talks: Mapping[str, WorkerTalk] = field(default_factory=dict)  # of earlier rounds, by task id
    edits: Mapping[str, Done] = field(default_factory=dict)  # by task id, the oldest first
    diffs: Mapping[str, str] = field(default_factory=dict)  # of `edits`, by task id
    forks: dict[str, bool] = field(default_factory=dict)  # by task id: whether a fork costs less
    texts: dict[str, str] = field(default_factory=dict)  # what all workers share, once written

    def snapshot_after(self, ids: Sequence[str]) -> Snapshot:
        """Return the files with the edits of some tasks in place, one after the other.

        Ids of tasks without an edit are passed over.
        """
        edits = (self.edits[name] for name in ids if name in self.edits)
        merged = {path: file for done in edits for path, file in done.files.items()}
        return self.snapshot.with_files(merged) if merged else self.snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext:
    """One task and all that it builds on.

    `snapshot` holds the ready edits and those of the tasks that this one needs, directly or not.
    What else happens to be finished is not shown, so that the same plan makes the same prompts
    whatever the order in which workers finish.
    """

    task: Task
    round: RoundContext
    names: SymbolIndex
    snapshot: Snapshot
    prerequisites: tuple[Done, ...]  # each after what it needs itself

    @property
    def file(self) -> SourceFile | None:
        """The task's file as it is now; None when it is to be created."""
        return self.snapshot.files.get(self.task.old_path or self.task.path)

    @property
    def text(self) -> str:
        """The text of the task's file; empty when it is to be created."""
        return self.file.text if self.file else ""

    @property
    def talk(self) -> WorkerTalk | None:
        """The conversation that a repair goes on with; None for any other task."""
        return self.round.talks.get(self.task.continues)


class ContextBuilder:
    """What each task of a plan builds on, at any moment of the round."""

    def __init__(self, plan: Plan, names: SymbolIndex) -> None:
        self._needs = {task.id: task.needs for task in plan.tasks}
        self.order = graph.topological_order(self._needs)
        self.names = names
        ready: set[str] = set()  # tasks that need no worker, nor what they need
        answers = {task.id for task in plan.tasks if not task.needs_model}
        for name in self.order:
            if name in answers and ready.issuperset(self._needs[name]):
                ready.add(name)
        self.ready = tuple(name for name in self.order if name in ready)

    def context_of(self, task: Task, round_context: RoundContext) -> TaskContext:
        """Return the context of a task of the plan, with the edits that are done by now."""
        below = graph.upstream(self._needs, task.id)
        if task.needs_model:
            below |= set(self.ready)
        ordered = [name for name in self.order if name in below] if below else []
        edits = round_context.edits
        return TaskContext(
            task=task,
            round=round_context,
            names=self.names,
            snapshot=round_context.snapshot_after(ordered),
            prerequisites=tuple(edits[name] for name in ordered if name in edits),
        )
