"""One task -> one result: asked, judged, and asked again with something changed."""

import asyncio
from dataclasses import dataclass, replace
from typing import Literal

from codeorch.config import Settings
from codeorch.domain import Attempt, DeadLetter, TaskResult
from codeorch.errors import ServiceError
from codeorch.events import Listener, TaskRetried, TaskStarted
from codeorch.llm import Model, Reply
from codeorch.workers.context import View
from codeorch.workers.conversation import Dialogue, LookUps
from codeorch.workers.prompt import Approach, first_approach, prompt_for
from codeorch.workers.result_schema import Unusable
from codeorch.workers.retry_policy import Failure, retry
from codeorch.workers.validate import Desk, Judged, by_rule, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every worker of a run works with."""

    model: Model | None  # None when every task has its ready answer
    settings: Settings
    desk: Desk
    listener: Listener


async def work(view: View, shop: Workshop) -> TaskResult:
    """Do one task, with as many retries as the ladder has rungs. What fails is a DeadLetter."""
    task = view.task
    if task.answer:
        return by_rule(view, shop.desk)
    approach: Approach | None = first_approach(view, shop.settings)
    attempts: list[Attempt] = []
    while approach is not None:
        shop.listener(TaskStarted(task=task, attempt=approach.number))
        result, attempt = await _attempt(approach, view, shop)
        attempts.append(attempt)
        if not isinstance(result, Failure):
            return replace(result, attempts=tuple(attempts))
        approach = retry(approach, result, len(view.text), shop.settings)
        if approach is not None:
            shop.listener(TaskRetried(task=task, attempt=attempt))
    failed = attempts[-1]
    return DeadLetter(task=task, error=failed.error, kind=failed.kind, attempts=tuple(attempts))


async def _attempt(
    approach: Approach, view: View, shop: Workshop
) -> tuple[Judged | Failure, Attempt]:
    """Try once: ask, let the worker look things up, judge its answer."""
    assert shop.model is not None, "the pipeline lets no task without a ready answer through"
    prompt = prompt_for(view, approach, shop.settings)
    # All workers that start together write their prompts before the first one's time runs.
    await asyncio.sleep(0)
    look_ups = LookUps(view.scene.snapshot, view.names, prompt.tools)
    dialogue = Dialogue(prompt, shop.model, look_ups)
    attempt = Attempt(number=approach.number, model=prompt.model, effort=prompt.effort)
    reply: Reply | None = None
    try:
        reply = await dialogue.reply()
        return judge(reply, view, shop.desk), replace(attempt, usage=dialogue.usage)
    except (ServiceError, Unusable) as error:
        told = Failure(
            kind=error.kind,
            said=str(error),
            talk=dialogue.closed(reply, "This cannot be used; see below."),
            service=_lasts(error) if isinstance(error, ServiceError) else "",
        )
        attempt = replace(attempt, usage=dialogue.usage, kind=error.kind, error=str(error))
        return told, attempt


def _lasts(error: ServiceError) -> Literal["passing", "lasting"]:
    return "passing" if error.retryable else "lasting"
