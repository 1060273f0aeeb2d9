"""What the workers of a round share, and what one task of it builds on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codeorch import graph
from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Done, Plan, Request, Snapshot, SourceFile, Task

Changes = Mapping[str, SourceFile | None]  # by path; None = the file is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What all workers of a round share, and what is finished so far."""

    request: Request
    plan: Plan
    snapshot: Snapshot  # as the round found it
    names: SymbolIndex | None = None  # of this snapshot; None = found out by reading it
    shared: str = ""  # the part that all prompts of the round begin with
    finished: Mapping[str, Done] = field(default_factory=dict)  # by task id, the oldest first
    diffs: Mapping[str, str] = field(default_factory=dict)  # of finished tasks, by task id
    changes: Mapping[str, Changes] = field(default_factory=dict)  # of finished tasks, by task id

    def with_changes_of(self, ids: Sequence[str]) -> Snapshot:
        """Give the files with the edits of some finished tasks in place, one after the other."""
        merged: dict[str, SourceFile | None] = {}
        for name in ids:
            merged |= self.changes.get(name, {})
        return self.snapshot.with_files(merged) if merged else self.snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One task and all that it builds on.

    `snapshot` holds the edits of codemods and of the tasks that this one needs, directly or not.
    What else happens to be finished shows only as `news`, so that the same plan makes the same
    prompts whatever the order in which workers finish.
    """

    task: Task
    scene: Scene
    names: SymbolIndex
    snapshot: Snapshot
    needed: tuple[Done, ...]  # each after what it needs itself
    news: tuple[Done, ...]

    @property
    def file(self) -> SourceFile | None:
        """The task's file as it is now; None when it is to be created."""
        return self.snapshot.files.get(self.task.old_path or self.task.path)

    @property
    def text(self) -> str:
        """The text of the task's file; empty when it is to be created."""
        return self.file.text if self.file else ""


class Views:
    """Says of each task of a plan what it builds on."""

    def __init__(self, plan: Plan, names: SymbolIndex) -> None:
        self._needs = {task.id: task.needs for task in plan.tasks}
        self._by_rule = {task.id for task in plan.tasks if task.answer}
        self.order = graph.topological_order(self._needs)
        self.names = names

    def view(self, task: Task, scene: Scene) -> View:
        """Give a task's view of what is finished."""
        below = graph.upstream(self._needs, task.id)
        if not task.answer:
            below |= self._by_rule
        ordered = [name for name in self.order if name in below] if below else []
        return View(
            task=task,
            scene=scene,
            names=self.names,
            snapshot=scene.with_changes_of(ordered),
            needed=tuple(scene.finished[name] for name in ordered if name in scene.finished),
            news=() if task.answer else tuple(
                done for name, done in scene.finished.items()
                if name not in below and name != task.id
            ),
        )  # fmt: skip
