"""One task -> one result: asked, judged, and asked again with what was wrong."""

from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import Attempt, DeadLetter, Task, TaskResult
from codeorch.errors import ServiceError
from codeorch.events import Listener, TaskRetried, TaskStarted
from codeorch.llm import Model, Prompt, Reply
from codeorch.llm.prompts import text
from codeorch.work.context import Scene, followed_up, prompt_for
from codeorch.work.judge import Desk, Judged, Unusable, by_rule, judge

ATTEMPTS = 3  # the first and two retries, each with something changed
_SHORT = 12_000  # characters; a file up to this length may be written out whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every worker of a run works with."""

    model: Model | None  # None when every task has its ready answer
    settings: Settings
    desk: Desk
    listener: Listener


async def work(task: Task, scene: Scene, shop: Workshop) -> TaskResult:
    """Do one task, with at most two retries. What fails for good is a DeadLetter."""
    if task.answer:
        return by_rule(task, scene, shop.desk)
    prompt = prompt_for(task, scene, shop.settings)
    attempts: list[Attempt] = []
    for number in range(1, ATTEMPTS + 1):
        shop.listener(TaskStarted(task=task, attempt=number))
        result, attempt, prompt = await _attempt(number, prompt, task, scene, shop)
        attempts.append(attempt)
        if result is not None:
            return replace(result, attempts=tuple(attempts))
        if attempt.kind in _FINAL:
            break
        if number < ATTEMPTS:
            shop.listener(TaskRetried(task=task, attempt=attempt))
    failed = attempts[-1]
    return DeadLetter(task=task, error=failed.error, kind=failed.kind, attempts=tuple(attempts))


# Service errors that no retry with other parameters can mend.
_FINAL = frozenset({"auth", "quota", "unknown_model", "not_api"})


async def _attempt(
    number: int, prompt: Prompt, task: Task, scene: Scene, shop: Workshop
) -> tuple[Judged | None, Attempt, Prompt]:
    """Ask once. Gives the result if it can be used, what happened, and the next prompt if not."""
    attempt = Attempt(number=number, model=prompt.model, effort=prompt.effort)
    reply: Reply | None = None
    assert shop.model is not None, "the pipeline lets no task without a ready answer through"
    try:
        reply = await shop.model.ask(prompt)
        attempt = replace(attempt, usage=reply.usage)
        return judge(task, reply, scene, shop.desk), attempt, prompt
    except ServiceError as error:
        attempt = replace(attempt, kind=error.kind, error=str(error))
        return None, attempt, _after_failure(prompt, number + 1, error, shop.settings)
    except Unusable as fault:
        attempt = replace(attempt, kind=fault.kind, error=str(fault))
        long = len(scene.text_of(task)) > _SHORT
        return None, attempt, _after_fault(prompt, number + 1, (reply, fault), long, shop.settings)


def _after_failure(prompt: Prompt, number: int, error: ServiceError, settings: Settings) -> Prompt:
    """Change what may help when no answer came: less effort, then another model and more time."""
    head, _, _ = prompt.key.rpartition("/")
    again = replace(prompt, key=f"{head}/{number}")
    if error.kind == "timeout" and number < ATTEMPTS:
        return replace(again, effort="low")
    if number == ATTEMPTS:
        return replace(again, model=_other(prompt.model, settings), timeout_s=2 * prompt.timeout_s)
    return again


def _after_fault(
    prompt: Prompt,
    number: int,
    said: tuple[Reply | None, Unusable],
    long: bool,  # noqa: FBT001 - one of two dialects
    settings: Settings,
) -> Prompt:
    """Say what was wrong; the last time, also change the dialect, the effort and the model."""
    reply, fault = said
    complaint = f"Your answer cannot be used: {fault}\n\nGive the whole answer again."
    again = followed_up(prompt, number, _words(reply), complaint)
    if fault.kind == "truncated":
        again = replace(again, max_tokens=min(64_000, 2 * prompt.max_tokens))
    if number < ATTEMPTS and fault.kind != "declined":
        return again
    dialect = text("answer_blocks" if long else "answer_whole")
    return replace(
        again,
        user=f"{again.user}\n\n{dialect}",
        effort="high",
        model=_other(prompt.model, settings),
        timeout_s=2 * prompt.timeout_s,
    )


def _other(model: str, settings: Settings) -> str:
    """Give the stronger model, or the worker's when the strongest was already asked."""
    return settings.planner_model if model != settings.planner_model else settings.worker_model


def _words(reply: Reply | None) -> str:
    if reply is None:
        return ""
    form = f"\n\n(tool `result`: {dict(reply.form)})" if reply.form else ""
    return (reply.text + form).strip()
