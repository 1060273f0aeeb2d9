"""Task results -> ChangeSet: at most one patch for a path, whole or not at all; its files."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from codeorch import graph
from codeorch.domain import ChangeSet, Done, FilePatch, Plan, Rejected, TaskResult
from codeorch.edits import Refusal, check_path
from codeorch.git import Repo

_AHEAD: Final = 50  # blobs asked for at a time


def _unopposed(_path: str) -> str:
    return ""


def combine(
    earlier: ChangeSet,
    plan: Plan,
    results: Sequence[TaskResult],
    allowed: Collection[str] = (),
    objection: Callable[[str], str] = _unopposed,
) -> ChangeSet:
    """Return what lands already with a round's finished edits added, in the order of their needs.

    An edit lands only if it was made on exactly the text that the edits before it leave, if its
    path passes the gate, whatever the worker stage found, and if all that it needs lands. `allowed`
    are protected paths that the user opened; `objection` says why another path may not be changed.
    """
    steps = list(earlier.steps)
    patches = net_patches(steps)
    rejected: list[Rejected] = []
    for done in order_edits(plan, results):
        why = _unmet_need(done, rejected) or _objection(done.patch, patches, allowed, objection)
        if why:
            rejected.append(Rejected(task=done.task.id, path=done.patch.path, why=why))
        elif has_effect(done.patch):
            steps.append(done)
            add_patch(patches, done.patch)
    patched_paths = {done.patch.path for done in steps[len(earlier.steps) :]}
    rejected += [old for old in earlier.rejected if old.path not in patched_paths]
    return change_of(earlier.base, steps, rejected)


def change_of(base: str, steps: Sequence[Done], rejected: Sequence[Rejected] = ()) -> ChangeSet:
    """Return the change that some steps make, one on the other."""
    patches = tuple(patch for patch in net_patches(steps).values() if has_effect(patch))
    return ChangeSet(base=base, patches=patches, steps=tuple(steps), rejected=tuple(rejected))


def order_edits(plan: Plan, results: Sequence[TaskResult]) -> tuple[Done, ...]:
    """Return the finished edits, each after all that it needs.

    What two tasks of one file do not say about their order, the texts do that they were made on.
    """
    done = {result.task.id: result for result in results if isinstance(result, Done)}
    known = {task.id for task in plan.tasks}
    needs = {task.id: tuple(n for n in task.needs if n in known) for task in plan.tasks}
    made_on = {name: _tasks_built_on(edit, done) for name, edit in done.items()}
    all_needs = {name: (*planned, *made_on.get(name, ())) for name, planned in needs.items()}
    # A text says less than a plan: where the two contradict, the plan holds.
    acyclic, _ = graph.break_cycles(all_needs, lambda node, need: need in needs[node])
    return tuple(done[name] for name in graph.topological_order(acyclic) if name in done)


def net_patches(steps: Iterable[Done]) -> dict[str, FilePatch]:
    """Return one patch for each path, with all edits of it."""
    patches: dict[str, FilePatch] = {}
    for step in steps:
        add_patch(patches, step.patch)
    return patches


def add_patch(patches: dict[str, FilePatch], patch: FilePatch) -> None:
    """Add an edit on top of those that are there."""
    before = patches.pop(source_path(patch), None)
    if before is None:
        patches[patch.path] = patch
        return
    origin = before.old_path or (before.path if patch.old_path else "")
    patches[patch.path] = replace(
        patch, before=before.before, old_path="" if before.before is None else origin
    )


def source_path(patch: FilePatch) -> str:
    """Return the path that an edit starts from."""
    return patch.old_path or patch.path


def has_effect(patch: FilePatch) -> bool:
    """Return whether a patch leaves anything different."""
    return patch.before != patch.after or bool(patch.old_path)


def _tasks_built_on(edit: Done, done: Mapping[str, Done]) -> tuple[str, ...]:
    """Return the ids of the tasks whose text an edit was made on."""
    return tuple(
        name
        for name, other in done.items()
        if other is not edit
        and other.patch.path == source_path(edit.patch)
        and other.patch.after == edit.patch.before
        and has_effect(other.patch)
    )


def _unmet_need(done: Done, rejected: Sequence[Rejected]) -> str:
    missing = next((entry.task for entry in rejected if entry.task in done.task.needs), "")
    return f"{missing}, which it needs, does not land" if missing else ""


def _objection(
    patch: FilePatch,
    patches: Mapping[str, FilePatch],
    allowed: Collection[str],
    of_path: Callable[[str], str],
) -> str:
    for path in {source_path(patch), patch.path}:
        try:
            check_path(path, allowed=allowed)
        except Refusal as refusal:
            return refusal.brief
        if why := of_path(path):
            return why
    before = patches.get(source_path(patch))
    is_moved = patch.before is not None and any(
        p.old_path == source_path(patch) for p in patches.values()
    )
    if is_moved or (before is not None and before.after != patch.before):
        return "it was made on another text than the edits before it leave"
    if patch.old_path and patch.path in patches:
        return "another edit made a file of this name"
    return ""


class ChangedFiles:
    """The bytes and modes of files on top of a change."""

    def __init__(self, repo: Repo, change: ChangeSet, likely: Iterable[str] = ()) -> None:
        """Look at a change; `likely` are the paths whose bytes will be asked for."""
        self._repo = repo
        self._entries = {entry.path: entry for entry in repo.tree(change.base)}
        self._patches = {patch.path: patch for patch in change.patches}
        self._likely = [path for path in likely if path in self._entries]

    def bytes_of(self, path: str) -> bytes:
        """Return the content of a file that is there."""
        patch = self._patches.get(path)
        if patch is not None:
            return patch.after or b""
        blob = self._entries[path].blob
        return self._blobs.get(blob) or next(data for _, data in self._repo.blobs([blob]))

    @cached_property
    def _blobs(self) -> dict[str, bytes]:
        return dict(self._repo.blobs((self._entries[path].blob for path in self._likely), _AHEAD))

    def mode_of(self, path: str) -> int:
        """Return git's mode of a file that is there."""
        patch = self._patches.get(path)
        return patch.mode if patch is not None else self._entries[path].mode
