"""Plan -> results: ready tasks, most urgent first, so many at a time."""

import asyncio
from dataclasses import replace

from codeorch import graph
from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Done, NothingToDo, Skipped, Snapshot, SourceFile, Task, TaskResult
from codeorch.edits import render
from codeorch.events import TaskFinished, TaskQueued
from codeorch.workers.context import Changes, Scene, View, Views
from codeorch.workers.prompt_builder import shared_part
from codeorch.workers.validate import Desk
from codeorch.workers.worker import Workshop, work

_Running = dict[asyncio.Task[TaskResult], str]


async def run(scene: Scene, shop: Workshop) -> tuple[tuple[TaskResult, ...], Snapshot]:
    """Carry out a plan. Gives a result for every task, in plan order, and the files afterwards.

    Ready edits land first. A task starts when all that it needs is done, sees their edits, and is
    skipped when one of them failed. When the run is cancelled, so are all running calls.
    """
    progress = _Progress(scene, shop)
    for name in progress.by_rule_alone():
        if name not in progress.results:
            progress.finish(await work(progress.view(name), shop))
            await asyncio.sleep(0)  # here a run of many codemods can be cancelled
    running: _Running = {}
    try:
        while len(progress.results) < len(progress.tasks):
            for name in progress.ready(set(running.values())):
                if len(running) >= shop.settings.max_parallel:
                    break
                running[asyncio.create_task(work(progress.view(name), shop))] = name
            finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for future in sorted(finished, key=lambda future: running[future]):
                del running[future]
                progress.finish(future.result())
    finally:
        for future in running:
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return progress.outcome()


class _Progress:
    """What is finished of a plan, and what follows from it."""

    def __init__(self, scene: Scene, shop: Workshop) -> None:
        self._shop = shop
        self._scene = replace(scene, shared=shared_part(scene))
        self._views = Views(scene.plan, scene.names or SnapshotIndex(scene.snapshot))
        self.tasks = {task.id: task for task in scene.plan.tasks}
        self._needs = {task.id: task.needs for task in scene.plan.tasks}
        self._urgency = graph.critical_path_weights(
            self._needs, {t.id: t.weight for t in scene.plan.tasks}
        )
        self.results: dict[str, TaskResult] = {}
        self._unheard = set(self.tasks)  # not queued yet

    def by_rule_alone(self) -> list[str]:
        """Name the tasks that no worker has to be asked for, in an order that keeps the needs."""
        free: dict[str, None] = {}
        for name in self._views.order:
            if self.tasks[name].answer and all(need in free for need in self._needs[name]):
                free[name] = None
        return list(free)

    def ready(self, running: set[str]) -> list[str]:
        """Name the tasks that may start, the most urgent first."""
        free = [
            name
            for name, wanted in self._needs.items()
            if name not in self.results
            and name not in running
            and all(need in self.results for need in wanted)
        ]
        for name in filter(self._unheard.__contains__, free):
            self._unheard.remove(name)
            self._shop.listener(TaskQueued(task=self.tasks[name]))
        return sorted(free, key=lambda name: -self._urgency[name])

    def view(self, name: str) -> View:
        """Say what a task builds on."""
        return self._views.view(self.tasks[name], self._scene)

    def finish(self, result: TaskResult) -> None:
        """Take a result in; skip all that waits for a task which came to nothing."""
        self._tell(result)
        if isinstance(result, Done):
            self._scene = _with(self._scene, result, self._shop.desk)
        elif not isinstance(result, NothingToDo):
            lost = graph.downstream(self._needs, (result.task.id,)) - self.results.keys()
            for name in filter(lost.__contains__, self.tasks):
                self._tell(_skipped(self.tasks[name], result.task.id))

    def outcome(self) -> tuple[tuple[TaskResult, ...], Snapshot]:
        """Give the results in plan order, and the files with all finished edits in place."""
        results = tuple(self.results[name] for name in self.tasks)
        return results, self._scene.with_changes_of(self._views.order)

    def _tell(self, result: TaskResult) -> None:
        self.results[result.task.id] = result
        self._shop.listener(TaskFinished(result=result))


def _with(scene: Scene, done: Done, desk: Desk) -> Scene:
    """Put a finished edit in place, so that later tasks see it."""
    name = done.task.id
    return replace(
        scene,
        finished={**scene.finished, name: done},
        diffs={**scene.diffs, name: render(done.patch)},
        changes={**scene.changes, name: _changes(done, desk)},
    )


def _changes(done: Done, desk: Desk) -> Changes:
    patch = done.patch
    changed: dict[str, SourceFile | None] = {patch.path: None}
    if patch.old_path:
        changed[patch.old_path] = None
    if patch.after is not None:
        parsed = desk.parse(patch.path, patch.after)
        changed[patch.path] = None if isinstance(parsed, str) else parsed
    return changed


def _skipped(task: Task, name: str) -> Skipped:
    return Skipped(task=task, because=f"{name} did not finish")
