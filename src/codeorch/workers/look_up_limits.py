"""What a worker may look up."""

from codeorch.config import Settings
from codeorch.domain import LOOK_UPS, Snapshot
from codeorch.retrieval import Codebase, LookUps
from codeorch.workers.context import TaskContext, WorkerTalk

TURNS = 3
_TOKENS = 8_000


def look_ups_for(context: TaskContext, settings: Settings, *, is_fork: bool) -> LookUps:
    """Return the look-ups of one attempt: those that the plan grants, else the user's default.

    They see what the task builds on. A fork has seen what the planner was shown, but not how edits
    have changed it since, and who repairs its own edit what it was shown before; a fresh worker has
    seen nothing.
    """
    granted = context.task.worker.tools or settings.worker_tools or LOOK_UPS
    if (talk := context.talk) is not None:
        return LookUps(
            Codebase(snapshot=context.snapshot, names=context.names),
            turns=TURNS,
            tokens=_TOKENS,
            granted=granted,
            shown=talk.shown.copy(without=_changed_since(talk, context.snapshot)),
        )
    fork = context.round.fork if is_fork else None
    patches = [done.patch for done in context.prerequisites]
    if fork is not None and not patches:
        return fork.look_ups.fork(turns=TURNS, tokens=_TOKENS, granted=granted)
    changed = {path for patch in patches for path in (patch.path, patch.old_path)}
    return LookUps(
        Codebase(snapshot=context.snapshot, names=context.names),
        turns=TURNS,
        tokens=_TOKENS,
        granted=granted,
        shown=fork.look_ups.shown.copy(without=changed) if fork else None,
    )


def _changed_since(talk: WorkerTalk, now: Snapshot) -> set[str]:
    """Name the files that a worker was shown and that are not any more as it has seen them."""
    then = talk.snapshot
    return {path for path in talk.shown.ranges if _text(path, then) != _text(path, now)}


def _text(path: str, snapshot: Snapshot) -> str | None:
    return snapshot.bare(path).text if path in snapshot.files else None
