"""Plan -> results: ready tasks, most urgent first, so many at a time."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from codeorch import graph
from codeorch.diffs import render
from codeorch.domain import (
    Done,
    NothingToDo,
    Plan,
    Skipped,
    Snapshot,
    SourceFile,
    Task,
    TaskResult,
)
from codeorch.events import TaskFinished
from codeorch.work.context import Scene
from codeorch.work.judge import Desk
from codeorch.work.worker import Workshop, work

_Running = dict[asyncio.Task[TaskResult], str]


async def run(scene: Scene, shop: Workshop) -> tuple[tuple[TaskResult, ...], Snapshot]:
    """Carry out a plan. Gives a result for every task, in plan order, and the files afterwards.

    A task starts when all that it needs is done, sees their edits, and is skipped when one of
    them failed. When the run is cancelled, so are all running calls.
    """
    tasks = {task.id: task for task in scene.plan.tasks}
    needs = {task.id: task.needs for task in scene.plan.tasks}
    urgency = graph.urgency(needs, {task.id: task.weight for task in scene.plan.tasks})
    results: dict[str, TaskResult] = {}
    running: _Running = {}
    try:
        while len(results) < len(tasks):
            for name in _ready(needs, urgency, results, set(running.values())):
                if len(running) >= shop.settings.max_parallel:
                    break
                running[asyncio.create_task(work(tasks[name], scene, shop))] = name
            finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for future in sorted(finished, key=lambda future: running[future]):
                name = running.pop(future)
                results[name] = future.result()
                shop.listener(TaskFinished(result=results[name]))
                scene = _after(scene, results[name], shop.desk)
                for skipped in _skipped(scene.plan, needs, name, results):
                    results[skipped.task.id] = skipped
                    shop.listener(TaskFinished(result=skipped))
    finally:
        for future in running:
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return tuple(results[task.id] for task in scene.plan.tasks), scene.snapshot


def _ready(
    needs: Mapping[str, tuple[str, ...]],
    urgency: Mapping[str, float],
    results: Mapping[str, TaskResult],
    running: set[str],
) -> list[str]:
    """Name the tasks that may start, the most urgent first."""
    free = [
        name
        for name, wanted in needs.items()
        if name not in results and name not in running and all(n in results for n in wanted)
    ]
    return sorted(free, key=lambda name: -urgency[name])


def _after(scene: Scene, result: TaskResult, desk: Desk) -> Scene:
    """Put a finished edit in place, so that later tasks see it."""
    if not isinstance(result, Done):
        return scene
    patch = result.patch
    changed: dict[str, SourceFile | None] = {patch.path: None}
    if patch.old_path:
        changed[patch.old_path] = None
    if patch.after is not None:
        parsed = desk.parse(patch.path, patch.after)
        changed[patch.path] = None if isinstance(parsed, str) else parsed
    return replace(
        scene,
        snapshot=scene.snapshot.with_files(changed),
        finished={**scene.finished, result.task.id: result},
        diffs={**scene.diffs, result.task.id: render(patch)},
    )


def _skipped(
    plan: Plan, needs: Mapping[str, tuple[str, ...]], name: str, results: Mapping[str, TaskResult]
) -> list[Skipped]:
    """Skip all that waits for a task which did not finish; nothing-to-do counts as finished."""
    if isinstance(results[name], Done | NothingToDo):
        return []
    lost = graph.downstream(needs, (name,)) - results.keys()
    return [_skip(task, name) for task in plan.tasks if task.id in lost]


def _skip(task: Task, name: str) -> Skipped:
    return Skipped(task=task, because=f"{name} did not finish")
