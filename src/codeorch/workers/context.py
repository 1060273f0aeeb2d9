"""What the workers of a round share, and what one task of it builds on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codeorch import graph
from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Done, Plan, Request, Snapshot, SourceFile, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundContext:
    """What all workers of a round share, and the edits that are done so far."""

    request: Request
    plan: Plan
    snapshot: Snapshot  # at the beginning of the round
    names: SymbolIndex | None = None  # of this snapshot; None = it is read for it
    shared_prompt: str = ""  # the part that all prompts of the round begin with
    edits: Mapping[str, Done] = field(default_factory=dict)  # by task id, the oldest first
    diffs: Mapping[str, str] = field(default_factory=dict)  # of `edits`, by task id

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

    `snapshot` holds the edits of codemods and of the tasks that this one needs, directly or not.
    What else happens to be finished shows only as `news`, so that the same plan makes the same
    prompts whatever the order in which workers finish.
    """

    task: Task
    round: RoundContext
    names: SymbolIndex
    snapshot: Snapshot
    prerequisites: tuple[Done, ...]  # each after what it needs itself
    news: tuple[Done, ...]

    @property
    def file(self) -> SourceFile | None:
        """The task's file as it is now; None when it is to be created."""
        return self.snapshot.files.get(self.task.old_path or self.task.path)

    @property
    def text(self) -> str:
        """The text of the task's file; empty when it is to be created."""
        return self.file.text if self.file else ""


class ContextBuilder:
    """What each task of a plan builds on, at any moment of the round."""

    def __init__(self, plan: Plan, names: SymbolIndex) -> None:
        self._needs = {task.id: task.needs for task in plan.tasks}
        self._codemods = {task.id for task in plan.tasks if task.answer}
        self.order = graph.topological_order(self._needs)
        self.names = names

    def context_of(self, task: Task, round_context: RoundContext) -> TaskContext:
        """Return the context of a task of the plan, with the edits that are done by now."""
        below = graph.upstream(self._needs, task.id)
        if not task.answer:
            below |= self._codemods
        ordered = [name for name in self.order if name in below] if below else []
        edits = round_context.edits
        return TaskContext(
            task=task,
            round=round_context,
            names=self.names,
            snapshot=round_context.snapshot_after(ordered),
            prerequisites=tuple(edits[name] for name in ordered if name in edits),
            news=() if task.answer else tuple(
                done for name, done in edits.items()
                if name not in below and name != task.id
            ),
        )  # fmt: skip
