"""Task results -> ChangeSet: at most one patch for a path, whole or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from codeorch import graph
from codeorch.diffs import Refusal, check_path
from codeorch.domain import ChangeSet, Done, FilePatch, Plan, Rejected, TaskResult


def combine(
    earlier: ChangeSet, plan: Plan, results: Sequence[TaskResult], allowed: Collection[str] = ()
) -> ChangeSet:
    """Add a round's finished edits to what lands already, in DAG order.

    An edit lands only if it was made on exactly the text that the edits before it leave, and if
    its path passes the gate, whatever the worker stage said.
    """
    by_id = {result.task.id: result for result in results}
    patches = {patch.path: patch for patch in earlier.patches}
    rejected = list(earlier.rejected)
    for name in graph.order({task.id: task.needs for task in plan.tasks}):
        result = by_id.get(name)
        if not isinstance(result, Done):
            continue
        if why := _objection(result.patch, patches, allowed):
            rejected.append(Rejected(task=name, path=result.patch.path, why=why))
        else:
            _add(patches, result.patch)
    landing = tuple(patch for patch in patches.values() if _changes_something(patch))
    return ChangeSet(base=earlier.base, patches=landing, rejected=tuple(rejected))


def _objection(patch: FilePatch, patches: dict[str, FilePatch], allowed: Collection[str]) -> str:
    source = patch.old_path or patch.path
    for path in {source, patch.path}:
        try:
            check_path(path, allowed=allowed)
        except Refusal as refusal:
            return refusal.brief
    before = patches.get(source)
    if before is not None and before.after != patch.before:
        return "it was made on another text than the edits before it leave"
    if patch.old_path and patch.path in patches:
        return "another edit made a file of this name"
    return ""


def _add(patches: dict[str, FilePatch], patch: FilePatch) -> None:
    before = patches.pop(patch.old_path or patch.path, None)
    if before is None:
        patches[patch.path] = patch
        return
    origin = before.old_path or (before.path if patch.old_path else "")
    patches[patch.path] = replace(
        patch, before=before.before, old_path="" if before.before is None else origin
    )


def _changes_something(patch: FilePatch) -> bool:
    return patch.before != patch.after or bool(patch.old_path)
