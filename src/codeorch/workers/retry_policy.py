"""What the next attempt changes, by what went wrong with the last one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from codeorch.config import Settings
from codeorch.llm import Conversation
from codeorch.workers.prompt import Approach

_SHORT = 12_000  # characters; a file up to this length may be written out whole
MOST_TOKENS = 64_000
_FRESH = frozenset({"effort", "model", "temperature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt failed, and its conversation."""

    kind: str  # short code, as in `Attempt.kind`
    message: str  # for the model
    talk: Conversation | None = None
    service: Literal["", "transient", "permanent"] = ""  # empty = the answer's fault
    context_tokens: int = 0  # of the model's window, where the question was too large for it


def next_approach(
    approach: Approach, failure: Failure, size: int, settings: Settings
) -> Approach | None:
    """Return the approach of the next attempt; None when the task has failed for good.

    Causes with a remedy of their own get it. After every other bad answer the next rung of the
    settings' `retry_ladder` is taken; after every other failure of the service, the same is asked
    again if that can help. `size` is that of the task's file, in characters.
    """
    ladder = settings.retry_ladder
    remedy = _REMEDIES.get(failure.kind)
    is_final = failure.service == "permanent" and failure.kind not in {"too_large", *_REMEDIES}
    if approach.number > len(ladder) or is_final:
        return None
    following = replace(
        approach,
        number=approach.number + 1,
        talk=None,
        remark="",
        tried=approach.tried | {approach.model},
    )
    if failure.kind == "too_large":
        return _with_less_context(following, failure.context_tokens)
    if remedy is not None:
        return _apart(approach, remedy(following, settings))
    if failure.service:  # nothing was wrong with the question
        return replace(following, talk=approach.talk, remark=approach.remark)
    return _climb(following, failure, ladder[approach.number - 1], size, settings)


def _climb(
    approach: Approach, failure: Failure, rung: str, size: int, settings: Settings
) -> Approach:
    """Return the approach with the changes of a rung of the retry ladder."""
    changes = set(rung.split("+"))
    if changes & _FRESH:  # what changes one of these shares no prefix any more
        approach = replace(approach, fork=False)
        if "diagnosis" in changes:
            remark = f"An earlier answer to this could not be used: {failure.message}"
            approach = replace(approach, remark=remark)
    elif "diagnosis" in changes:
        remark = f"Your answer cannot be used: {failure.message}\n\nGive the whole answer again."
        approach = replace(approach, talk=failure.talk, remark=remark)
    if "dialect" in changes:
        room = max(approach.max_tokens, size // 2)
        approach = replace(
            approach, dialect="whole" if size <= _SHORT else "blocks", max_tokens=room
        )
    if "effort" in changes:
        effort = approach.effort if approach.effort in ("xhigh", "max") else "high"
        approach = replace(approach, effort=effort, timeout_s=2 * approach.timeout_s)
    if "model" in changes:
        approach = _with_another_model(approach, settings)
    if "temperature" in changes:
        approach = replace(approach, temperature=0.7)
    return approach


# ------------------------------------------------------------------------------- remedies


def _apart(before: Approach, after: Approach) -> Approach:
    """Begin anew where nothing is shared with the planner any more that a cache could serve."""
    settings = [(one.model, one.effort, one.temperature) for one in (before, after)]
    return after if settings[0] == settings[1] else replace(after, fork=False)


def _with_another_model(approach: Approach, settings: Settings) -> Approach:
    """Ask the strongest model that was not asked yet; the same one when all were."""
    known = (settings.planner_model, settings.worker_model, settings.cheap_model)
    return replace(
        approach, model=next((m for m in known if m not in approach.tried), approach.model)
    )


def _with_more_room(approach: Approach, _settings: Settings) -> Approach:
    """Allow more, and ask for less; the torso is not sent back."""
    return replace(
        approach,
        dialect="diff",
        max_tokens=min(MOST_TOKENS, 2 * approach.max_tokens),
        remark="An earlier answer to this was cut off at the length limit. Think briefly, give "
        "small hunks of only what changes, and repeat nothing.",
    )


def _with_less_context(approach: Approach, window: int) -> Approach:
    """Leave most of the context out, and reserve less for the answer.

    What a fork has before its own part cannot be left out, so a fresh worker takes its place. What
    all workers share, and the rules, take more than a half of a small window.
    """
    room = approach.room if approach.fork else approach.room // 3
    return replace(
        approach,
        fork=False,
        room=min(room, window // 6) if window else room,
        max_tokens=max(4_000, approach.max_tokens // 2),
    )


def _with_more_time(approach: Approach, settings: Settings) -> Approach:
    """Give twice the time; take less effort, or another model when there is no effort to save."""
    approach = replace(approach, timeout_s=2 * approach.timeout_s)
    if approach.effort == "low":
        return _with_another_model(approach, settings)
    return replace(approach, effort="low")


def _without_extras(approach: Approach, _settings: Settings) -> Approach:
    """Leave out what not every model knows."""
    return replace(approach, effort=None, temperature=None)


_REMEDIES: dict[str, Callable[[Approach, Settings], Approach]] = {
    "truncated": _with_more_room,
    "declined": _with_another_model,
    "timeout": _with_more_time,
    "bad_request": _without_extras,
}
