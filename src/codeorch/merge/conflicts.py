"""Task results -> task results whose edits fit on each other, file by file.

In this order: an edit fits as it is; or git merges it, because it touches other lines; or one
model call reconciles it; or it is refused by name. No edit ever replaces another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from codeorch.config import Settings
from codeorch.domain import (
    Attempt,
    ChangeSet,
    CheckText,
    DeadLetter,
    Done,
    FilePatch,
    NothingToDo,
    ParseFile,
    Plan,
    Skipped,
    SourceFile,
    TaskResult,
)
from codeorch.events import Listener, Notice, ignore
from codeorch.git import Repo, merge_texts
from codeorch.llm import Model
from codeorch.merge.combine import add_patch, net_patches, order_edits, source_path
from codeorch.merge.reconcile import Conflict, parse_merged, reconcile
from codeorch.source import TextCheck


@dataclass(frozen=True, slots=True)
class MergeDeps:
    """What edits are merged with."""

    repo: Repo
    settings: Settings
    parse: ParseFile
    model: Model | None = None  # None = conflicts are refused
    listener: Listener = ignore
    check: CheckText = field(default_factory=TextCheck)


async def resolve(
    earlier: ChangeSet, plan: Plan, results: Sequence[TaskResult], deps: MergeDeps
) -> tuple[TaskResult, ...]:
    """Fit each finished edit on those that come before it; return all results, in their order.

    An edit that contradicts those before it becomes a DeadLetter, and what needs it is skipped.
    """
    resolved = {result.task.id: result for result in results}
    steps = list(earlier.steps)
    patches = net_patches(steps)
    for done in order_edits(plan, results):
        result = _skip(done, resolved) or await _fit(done, steps, patches, plan, deps)
        resolved[done.task.id] = result
        if isinstance(result, Done):
            steps.append(result)
            add_patch(patches, result.patch)
    return tuple(resolved[result.task.id] for result in results)


def _skip(done: Done, resolved: Mapping[str, TaskResult]) -> Skipped | None:
    failed = (n for n in done.task.needs if isinstance(resolved.get(n), DeadLetter | Skipped))
    name = next(failed, "")
    return Skipped(task=done.task, because=f"{name} did not finish") if name else None


async def _fit(
    done: Done,
    steps: Sequence[Done],
    patches: Mapping[str, FilePatch],
    plan: Plan,
    deps: MergeDeps,
) -> TaskResult:
    done, current = _follow_move(done, patches, deps)
    patch = done.patch
    moved_twice = current is not None and current.path != source_path(patch)
    if current is None or (current.after == patch.before and not moved_twice):
        return done
    others = tuple(
        step
        for step in steps
        if {source_path(step.patch), step.patch.path} & {source_path(patch), patch.path}
    )
    names = ", ".join(other.task.id for other in others)
    if current.after == patch.after and not patch.old_path:
        return NothingToDo(
            task=done.task, reason=f"{names} made the same edit", attempts=done.attempts
        )
    file = next((step.parsed for step in reversed(steps) if step.patch.path == current.path), None)
    if current.after is None or file is None or patch.after is None or moved_twice:
        return _contradiction(done, names, "one takes away what the other one needs", deps)
    conflict = Conflict(
        done=done, data=current.after, file=file, others=others, contracts=plan.contracts
    )
    data = merge_texts(deps.repo, patch.before or b"", current.after, patch.after)
    parsed = None if data is None else parse_merged(conflict, data, deps.parse, deps.check)
    if data is None or parsed is None:
        return await _reconcile(conflict, deps)
    return _merge(conflict, data, parsed, f"merged with the edit of {names}")


def _follow_move(
    done: Done, patches: Mapping[str, FilePatch], deps: MergeDeps
) -> tuple[Done, FilePatch | None]:
    """Return an edit, moved where another task moved its file, and what other tasks made of it."""
    current = patches.get(source_path(done.patch))
    if current is not None or done.patch.before is None:
        return done, current
    moved = next((p for p in patches.values() if p.old_path == source_path(done.patch)), None)
    if moved is None or done.patch.old_path or moved.after is None:
        return done, moved
    return _move(done, moved.path, deps), moved


def _move(done: Done, path: str, deps: MergeDeps) -> Done:
    """Return an edit under its file's new path, which may be one of another language."""
    patch = replace(done.patch, path=path)
    if patch.after is None:
        return replace(done, patch=patch)
    parsed = deps.parse(path, patch.after)
    return replace(done, patch=patch, parsed=parsed if isinstance(parsed, SourceFile) else None)


async def _reconcile(conflict: Conflict, deps: MergeDeps) -> TaskResult:
    done = conflict.done
    why = "both change the same lines"
    if deps.model is None:
        return _contradiction(done, conflict.names, why, deps)
    reconciled, attempt = await reconcile(
        conflict, deps.model, deps.settings, deps.parse, deps.check
    )
    done = replace(done, attempts=(*done.attempts, attempt))
    if reconciled is None:
        why = f"{why}, and they could not be reconciled: {attempt.error}"
        return _contradiction(done, conflict.names, why, deps)
    note = f"reconciled with the edit of {conflict.names} by {attempt.model}"
    deps.listener(Notice(text=f"{done.task.id}: {done.patch.path} was {note}"))
    return _merge(replace(conflict, done=done), *reconciled, note)


def _merge(conflict: Conflict, data: bytes, parsed: SourceFile, note: str) -> Done:
    """Return the edit with a text that holds the others, too, on top of theirs."""
    done = conflict.done
    patch = replace(done.patch, before=conflict.data, after=data)
    return replace(done, patch=patch, parsed=parsed, repairs=(*done.repairs, note))


def _contradiction(done: Done, names: str, why: str, deps: MergeDeps) -> DeadLetter:
    error = f"its edit of {done.patch.path} contradicts that of {names}: {why}"
    deps.listener(Notice(text=f"{done.task.id}: {error}"))
    attempts = done.attempts or (Attempt(number=1, kind="contradiction", error=error),)
    return DeadLetter(task=done.task, error=error, kind="contradiction", attempts=attempts)
