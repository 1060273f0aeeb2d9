"""Task results -> task results whose edits fit on each other, file by file.

A ladder: an edit fits as it is; or git merges it, because it touches other lines; or one model
call reconciles it; or it is refused by name. No edit ever replaces another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import (
    Attempt,
    ChangeSet,
    DeadLetter,
    Done,
    FilePatch,
    NothingToDo,
    Plan,
    Skipped,
    TaskResult,
)
from codeorch.events import Listener, Notice, ignore
from codeorch.git import Repo, merge_texts
from codeorch.llm import Model
from codeorch.merge.combine import add, in_order, net, source
from codeorch.merge.reconcile import Clash, Parse, no_worse, reconcile


@dataclass(frozen=True, slots=True)
class Bench:
    """What edits are fitted with."""

    repo: Repo
    settings: Settings
    parse: Parse
    model: Model | None = None  # None = contradictions are refused
    listener: Listener = ignore


async def settle(
    earlier: ChangeSet, plan: Plan, results: Sequence[TaskResult], bench: Bench
) -> tuple[TaskResult, ...]:
    """Fit each finished edit on those that come before it.

    An edit that contradicts them becomes a DeadLetter, and what needs it is skipped.
    """
    settled = {result.task.id: result for result in results}
    steps = list(earlier.steps)
    patches = net(steps)
    for done in in_order(plan, results):
        result = _skipped(done, settled) or await _fitted(done, steps, patches, plan, bench)
        settled[done.task.id] = result
        if isinstance(result, Done):
            steps.append(result)
            add(patches, result.patch)
    return tuple(settled[result.task.id] for result in results)


def _skipped(done: Done, settled: Mapping[str, TaskResult]) -> Skipped | None:
    lost = (n for n in done.task.needs if isinstance(settled.get(n), DeadLetter | Skipped))
    name = next(lost, "")
    return Skipped(task=done.task, because=f"{name} did not finish") if name else None


async def _fitted(
    done: Done,
    steps: Sequence[Done],
    patches: Mapping[str, FilePatch],
    plan: Plan,
    bench: Bench,
) -> TaskResult:
    done, there = _followed(done, patches)
    patch = done.patch
    moved_twice = there is not None and there.path != source(patch)
    if there is None or (there.after == patch.before and not moved_twice):
        return done
    others = tuple(
        step
        for step in steps
        if {source(step.patch), step.patch.path} & {source(patch), patch.path}
    )
    names = ", ".join(other.task.id for other in others)
    if there.after == patch.after and not patch.old_path:
        return NothingToDo(
            task=done.task, reason=f"{names} made the same edit", attempts=done.attempts
        )
    if there.after is None or patch.after is None or moved_twice:
        return _contradiction(done, names, "one takes away what the other one needs", bench)
    both = merge_texts(bench.repo, patch.before or b"", there.after, patch.after)
    if both is not None and no_worse(patch.path, both, (there.after, patch.after), bench.parse):
        return _joined(done, there.after, both, f"merged with the edit of {names}")
    clash = Clash(done=done, now=there.after, others=others, contracts=plan.contracts)
    return await _reconciled(clash, bench)


def _followed(done: Done, patches: Mapping[str, FilePatch]) -> tuple[Done, FilePatch | None]:
    """Find the file that an edit was made on, also where another task has moved it."""
    there = patches.get(source(done.patch))
    if there is not None or done.patch.before is None:
        return done, there
    moved = next((p for p in patches.values() if p.old_path == source(done.patch)), None)
    if moved is None or done.patch.old_path or moved.after is None:
        return done, moved
    return replace(done, patch=replace(done.patch, path=moved.path)), moved


async def _reconciled(clash: Clash, bench: Bench) -> TaskResult:
    done = clash.done
    why = "both change the same lines"
    if bench.model is None:
        return _contradiction(done, clash.names, why, bench)
    both, attempt = await reconcile(clash, bench.model, bench.settings, bench.parse)
    done = replace(done, attempts=(*done.attempts, attempt))
    if both is None:
        why = f"{why}, and they could not be reconciled: {attempt.error}"
        return _contradiction(done, clash.names, why, bench)
    note = f"reconciled with the edit of {clash.names} by {attempt.model}"
    bench.listener(Notice(text=f"{done.task.id}: {done.patch.path} was {note}"))
    return _joined(done, clash.now, both, note)


def _joined(done: Done, before: bytes, after: bytes, note: str) -> Done:
    patch = replace(done.patch, before=before, after=after)
    return replace(done, patch=patch, repairs=(*done.repairs, note))


def _contradiction(done: Done, names: str, why: str, bench: Bench) -> DeadLetter:
    error = f"its edit of {done.patch.path} contradicts that of {names}: {why}"
    bench.listener(Notice(text=f"{done.task.id}: {error}"))
    attempts = done.attempts or (Attempt(number=1, kind="contradiction", error=error),)
    return DeadLetter(task=done.task, error=error, kind="contradiction", attempts=attempts)
