"""What a worker may look up."""

from codeorch.config import Settings
from codeorch.domain import LOOK_UPS, Snapshot
from codeorch.retrieval import Codebase, LookUps
from codeorch.workers.context import TaskContext, WorkerTalk
from codeorch.workers.fork_prompt import lines_in_block

TURNS = 3
_TOKENS = 8_000


def look_ups_for(
    context: TaskContext, settings: Settings, *, is_fork: bool, continues: bool = False
) -> LookUps:
    """Return the look-ups of one attempt: those that the plan grants, else the user's default.

    They see what the task builds on. A fork has seen what the planner was shown, but not how edits
    have changed it since; who continues its own conversation what it was shown before; a fresh
    worker has seen nothing.
    """
    granted = context.task.worker.tools or settings.worker_tools or LOOK_UPS
    patches = [done.patch for done in context.prerequisites]
    before = context.round.fork.look_ups if is_fork and context.round.fork else None
    talk = context.talk if continues else None
    if talk is not None:
        before, changed = talk.look_ups, _changed_since(talk, context.snapshot)
    elif before is not None and not patches:
        look_ups = before.fork(turns=TURNS, tokens=_TOKENS, granted=granted)
        return _with_own_block(look_ups, context)
    else:
        changed = {path for patch in patches for path in (patch.path, patch.old_path)}
    look_ups = LookUps(
        before.codebase_at(context.snapshot, context.names)
        if before
        else Codebase(snapshot=context.snapshot, names=context.names),
        turns=TURNS,
        tokens=_TOKENS,
        granted=granted,
        shown=before.shown.copy(without=changed) if before else None,
    )
    is_new_fork = before is not None and talk is None
    return _with_own_block(look_ups, context) if is_new_fork else look_ups


def _with_own_block(look_ups: LookUps, context: TaskContext) -> LookUps:
    """Note what a fork's own block shows of its file."""
    if context.round.fork is not None and context.file is not None:
        for first, last in lines_in_block(context, context.round.fork):
            look_ups.shown.add(context.file.path, first, last)
    return look_ups


def _changed_since(talk: WorkerTalk, now: Snapshot) -> set[str]:
    """Name the files that a worker was shown and that are not any more as it has seen them."""
    then = talk.snapshot
    return {path for path in talk.look_ups.shown.ranges if _text(path, then) != _text(path, now)}


def _text(path: str, snapshot: Snapshot) -> str | None:
    return snapshot.bare(path).text if path in snapshot.files else None
