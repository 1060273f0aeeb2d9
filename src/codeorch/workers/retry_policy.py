"""What the next attempt changes, by what went wrong with the last one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from codeorch.config import Settings
from codeorch.llm import Turn
from codeorch.workers.prompt import Approach

_SHORT = 12_000  # characters; a file up to this length may be written out whole
MOST_TOKENS = 64_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt came to nothing, and what was said in it."""

    kind: str
    said: str
    talk: tuple[Turn, ...] = ()
    service: Literal["", "passing", "lasting"] = ""  # it was the service's failure, not an answer's


def retry(approach: Approach, failure: Failure, size: int, settings: Settings) -> Approach | None:
    """Say how to go on after a failure; None when the task is lost.

    Causes with a remedy of their own get it. Every other bad answer climbs the ladder of the
    settings; after every other failure of the service, the same is asked again if that can help.
    `size` is that of the task's file, in characters.
    """
    ladder = settings.retry_ladder
    remedy = _REMEDIES.get(failure.kind)
    if approach.number > len(ladder) or (remedy is None and failure.service == "lasting"):
        return None
    again = replace(
        approach,
        number=approach.number + 1,
        talk=(),
        remark="",
        tried=approach.tried | {approach.model},
    )
    if failure.kind == "unseen":  # the prompt is written anew, around the lines that are wanted
        return replace(again, lines=f"{again.lines} {failure.said}")
    if remedy is not None:
        return remedy(again, settings)
    if failure.service:  # nothing was wrong with the question
        return again
    return _climbed(again, failure, ladder[approach.number - 1], size, settings)


def _climbed(
    again: Approach, failure: Failure, rung: str, size: int, settings: Settings
) -> Approach:
    changes = set(rung.split("+"))
    if "diagnosis" in changes:
        remark = f"Your answer cannot be used: {failure.said}\n\nGive the whole answer again."
        again = replace(again, talk=failure.talk, remark=remark)
    if "dialect" in changes:
        room = max(again.max_tokens, size // 2)
        again = replace(again, dialect="whole" if size <= _SHORT else "blocks", max_tokens=room)
    if "effort" in changes:
        effort = again.effort if again.effort in ("xhigh", "max") else "high"
        again = replace(again, effort=effort, timeout_s=2 * again.timeout_s)
    if "model" in changes:
        again = _with_another_model(again, settings)
    if "temperature" in changes:
        again = replace(again, temperature=0.7)
    return again


# ------------------------------------------------------------------------------- remedies


def _with_another_model(again: Approach, settings: Settings) -> Approach:
    """Ask the strongest model that was not asked yet; the same one when all were."""
    known = (settings.planner_model, settings.worker_model, settings.cheap_model)
    return replace(again, model=next((m for m in known if m not in again.tried), again.model))


def _with_more_room(again: Approach, _settings: Settings) -> Approach:
    """Allow more, and ask for less; the torso is not sent back."""
    return replace(
        again,
        dialect="diff",
        max_tokens=min(MOST_TOKENS, 2 * again.max_tokens),
        remark="An earlier answer to this was cut off at the length limit. Think briefly, give "
        "small hunks of only what changes, and repeat nothing.",
    )


def _with_less_context(again: Approach, _settings: Settings) -> Approach:
    """Leave most of the context out, and reserve less for the answer."""
    return replace(again, room=again.room // 3, max_tokens=max(4_000, again.max_tokens // 2))


def _with_more_time(again: Approach, settings: Settings) -> Approach:
    """Give twice the time; take less effort, or another model when there is no effort to save."""
    again = replace(again, timeout_s=2 * again.timeout_s)
    if again.effort == "low":
        return _with_another_model(again, settings)
    return replace(again, effort="low")


def _without_extras(again: Approach, _settings: Settings) -> Approach:
    """Leave out what not every model knows."""
    return replace(again, effort=None, temperature=None)


_REMEDIES: dict[str, Callable[[Approach, Settings], Approach]] = {
    "truncated": _with_more_room,
    "too_large": _with_less_context,
    "declined": _with_another_model,
    "timeout": _with_more_time,
    "bad_request": _without_extras,
}
