"""Task results -> ChangeSet: at most one patch for a path, whole or not at all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from codeorch import graph
from codeorch.domain import ChangeSet, Done, FilePatch, Plan, Rejected, TaskResult
from codeorch.edits import Refusal, check_path


def combine(
    earlier: ChangeSet, plan: Plan, results: Sequence[TaskResult], allowed: Collection[str] = ()
) -> ChangeSet:
    """Add a round's finished edits to what lands already, in the order of their needs.

    An edit lands only if it was made on exactly the text that the edits before it leave, if its
    path passes the gate, whatever the worker stage said, and if all that it needs lands.
    """
    steps = list(earlier.steps)
    patches = net(steps)
    rejected: list[Rejected] = []
    for done in in_order(plan, results):
        why = _unmet(done, rejected) or _objection(done.patch, patches, allowed)
        if why:
            rejected.append(Rejected(task=done.task.id, path=done.patch.path, why=why))
        elif changes_something(done.patch):
            steps.append(done)
            add(patches, done.patch)
    mended = {done.patch.path for done in steps[len(earlier.steps) :]}
    rejected += [one for one in earlier.rejected if one.path not in mended]
    return joined(earlier.base, steps, rejected)


def joined(base: str, steps: Sequence[Done], rejected: Sequence[Rejected] = ()) -> ChangeSet:
    """Join steps into one change."""
    patches = tuple(patch for patch in net(steps).values() if changes_something(patch))
    return ChangeSet(base=base, patches=patches, steps=tuple(steps), rejected=tuple(rejected))


def in_order(plan: Plan, results: Sequence[TaskResult]) -> tuple[Done, ...]:
    """Sort the finished edits so that each comes after all that it needs.

    What two tasks of one file do not say about their order, the texts do that they were made on.
    """
    done = {result.task.id: result for result in results if isinstance(result, Done)}
    known = {task.id for task in plan.tasks}
    needs = {task.id: tuple(n for n in task.needs if n in known) for task in plan.tasks}
    built = {name: _built_on(one, done) for name, one in done.items()}
    wanted = {name: (*own, *built.get(name, ())) for name, own in needs.items()}
    # A text says less than a plan: where the two contradict, the plan holds.
    acyclic, _ = graph.break_cycles(wanted, lambda node, need: need in needs[node])
    return tuple(done[name] for name in graph.topological_order(acyclic) if name in done)


def net(steps: Iterable[Done]) -> dict[str, FilePatch]:
    """Join the edits of each path into one."""
    patches: dict[str, FilePatch] = {}
    for step in steps:
        add(patches, step.patch)
    return patches


def add(patches: dict[str, FilePatch], patch: FilePatch) -> None:
    """Put an edit on top of those that are there."""
    before = patches.pop(source(patch), None)
    if before is None:
        patches[patch.path] = patch
        return
    origin = before.old_path or (before.path if patch.old_path else "")
    patches[patch.path] = replace(
        patch, before=before.before, old_path="" if before.before is None else origin
    )


def source(patch: FilePatch) -> str:
    """Name the path that an edit starts from."""
    return patch.old_path or patch.path


def changes_something(patch: FilePatch) -> bool:
    """Tell whether a patch leaves anything different."""
    return patch.before != patch.after or bool(patch.old_path)


def _built_on(one: Done, done: Mapping[str, Done]) -> tuple[str, ...]:
    """Name the tasks whose text an edit was made on."""
    return tuple(
        name
        for name, other in done.items()
        if other is not one
        and other.patch.path == source(one.patch)
        and other.patch.after == one.patch.before
        and changes_something(other.patch)
    )


def _unmet(done: Done, rejected: Sequence[Rejected]) -> str:
    lost = next((one.task for one in rejected if one.task in done.task.needs), "")
    return f"{lost}, which it needs, does not land" if lost else ""


def _objection(patch: FilePatch, patches: Mapping[str, FilePatch], allowed: Collection[str]) -> str:
    for path in {source(patch), patch.path}:
        try:
            check_path(path, allowed=allowed)
        except Refusal as refusal:
            return refusal.brief
    before = patches.get(source(patch))
    moved = patch.before is not None and any(p.old_path == source(patch) for p in patches.values())
    if moved or (before is not None and before.after != patch.before):
        return "it was made on another text than the edits before it leave"
    if patch.old_path and patch.path in patches:
        return "another edit made a file of this name"
    return ""
