"""Plan -> results: ready tasks, most urgent first, so many at a time."""

import asyncio
from dataclasses import replace

from codeorch import graph
from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Done, NothingToDo, Skipped, Snapshot, TaskResult
from codeorch.edits import render
from codeorch.events import TaskFinished, TaskQueued
from codeorch.workers.context import ContextBuilder, RoundContext, TaskContext
from codeorch.workers.worker import WorkerDeps, work

_RunningTasks = dict[asyncio.Task[TaskResult], str]


async def run(
    round_context: RoundContext, deps: WorkerDeps
) -> tuple[tuple[TaskResult, ...], Snapshot]:
    """Carry out a plan; return a result for every task, in plan order, and the files afterwards.

    Ready edits land first. A task starts when all that it needs is done, sees their edits, and is
    skipped when one of them failed. At most `max_parallel` tasks run at once, those on the
    critical path first. When the run is cancelled, so are all calls under way. What fails is a
    result, too: nothing is raised for a bad answer or a service that fails.
    """
    progress = _Progress(round_context, deps)
    for name in progress.ready_edits:
        if name not in progress.results:
            progress.finish(await work(progress.context_of(name), deps))
            await asyncio.sleep(0)  # here a run of many codemods can be cancelled
    running: _RunningTasks = {}
    try:
        while len(progress.results) < len(progress.tasks):
            for name in progress.ready_tasks(set(running.values())):
                if len(running) >= deps.settings.max_parallel:
                    break
                running[asyncio.create_task(work(progress.context_of(name), deps))] = name
            complete, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for future in sorted(complete, key=lambda future: running[future]):
                del running[future]
                progress.finish(future.result())
    finally:
        for future in running:
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return progress.outcome()


class _Progress:
    """The results of a plan so far, and what follows from them."""

    def __init__(self, round_context: RoundContext, deps: WorkerDeps) -> None:
        self._deps = deps
        self._round = round_context
        names = round_context.names or SnapshotIndex(round_context.snapshot)
        self._contexts = ContextBuilder(round_context.plan, names)
        self.ready_edits = self._contexts.ready
        self.tasks = {task.id: task for task in round_context.plan.tasks}
        self._needs = {task.id: task.needs for task in round_context.plan.tasks}
        weights = {task.id: task.weight for task in round_context.plan.tasks}
        self._urgency = graph.critical_path_weights(self._needs, weights)
        self.results: dict[str, TaskResult] = {}
        self._unqueued = set(self.tasks)

    def ready_tasks(self, running: set[str]) -> list[str]:
        """Return the ids of the tasks that may start, the most urgent first; queue the new ones."""
        free = [
            name
            for name, needs in self._needs.items()
            if name not in self.results
            and name not in running
            and all(need in self.results for need in needs)
        ]
        for name in filter(self._unqueued.__contains__, free):
            self._unqueued.remove(name)
            self._deps.listener(TaskQueued(task=self.tasks[name]))
        return sorted(free, key=lambda name: -self._urgency[name])

    def context_of(self, name: str) -> TaskContext:
        """Return what a task builds on now."""
        return self._contexts.context_of(self.tasks[name], self._round)

    def finish(self, result: TaskResult) -> None:
        """Record a result; skip all tasks that wait for one which failed."""
        self._record(result)
        if isinstance(result, Done):
            self._round = _with_edit(self._round, result)
        elif not isinstance(result, NothingToDo):
            waiting = graph.downstream(self._needs, (result.task.id,)) - self.results.keys()
            for name in filter(waiting.__contains__, self.tasks):
                because = f"{result.task.id} did not finish"
                self._record(Skipped(task=self.tasks[name], because=because))

    def outcome(self) -> tuple[tuple[TaskResult, ...], Snapshot]:
        """Return the results in plan order, and the files with all edits in place."""
        results = tuple(self.results[name] for name in self.tasks)
        return results, self._round.snapshot_after(self._contexts.order)

    def _record(self, result: TaskResult) -> None:
        self.results[result.task.id] = result
        self._deps.listener(TaskFinished(result=result))


def _with_edit(round_context: RoundContext, done: Done) -> RoundContext:
    """Return the context with an edit in place, so that later tasks see it."""
    name = done.task.id
    return replace(
        round_context,
        edits={**round_context.edits, name: done},
        diffs={**round_context.diffs, name: render(done.patch)},
    )
