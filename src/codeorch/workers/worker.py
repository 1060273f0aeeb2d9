"""One task -> one result: asked for, validated, and asked for again with something changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from codeorch.config import Settings
from codeorch.domain import Attempt, DeadLetter, Done, SourceFile, TaskResult
from codeorch.errors import ServiceError
from codeorch.events import Listener, TaskRetried, TaskStarted
from codeorch.llm import Model, Reply
from codeorch.retrieval import Dialogue, respond
from codeorch.workers.context import TaskContext, WorkerTalk
from codeorch.workers.fork_or_fresh import first_approach
from codeorch.workers.look_up_limits import look_ups_for
from codeorch.workers.prompt import Approach, prompt_for
from codeorch.workers.result_schema import Unusable
from codeorch.workers.retry_policy import Failure, next_approach
from codeorch.workers.validate import EditChecks, ValidResult, apply_ready_edit, validate_reply


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDeps:
    """What every worker of a run works with."""

    model: Model | None  # None when every task has its ready edit
    settings: Settings
    checks: EditChecks
    listener: Listener  # of the attempts
    keep_talk: Callable[[WorkerTalk], None] = lambda _: None  # of each worker that has made an edit


async def work(context: TaskContext, deps: WorkerDeps) -> TaskResult:
    """Carry out one task; return its result with all attempts.

    It is asked for once, and again as often as `next_approach` finds something to change. A task
    that fails for good is a DeadLetter with the last error; nothing is raised for it.
    """
    task = context.task
    if not task.needs_model:
        return apply_ready_edit(context, deps.checks)
    approach: Approach | None = first_approach(context, deps.settings)
    attempts: list[Attempt] = []
    while approach is not None:
        deps.listener(TaskStarted(task=task, attempt=approach.number))
        result, attempt = await _attempt(approach, context, deps)
        attempts.append(attempt)
        if not isinstance(result, Failure):
            return replace(result, attempts=tuple(attempts))
        approach = next_approach(approach, result, len(context.text), deps.settings)
        if approach is not None:
            deps.listener(TaskRetried(task=task, attempt=attempt))
    last = attempts[-1]
    return DeadLetter(task=task, error=last.error, kind=last.kind, attempts=tuple(attempts))


async def _attempt(
    approach: Approach, context: TaskContext, deps: WorkerDeps
) -> tuple[ValidResult | Failure, Attempt]:
    """Try once: ask, answer the worker's look-ups, validate what it writes."""
    assert deps.model is not None, "the pipeline lets no task without a ready answer through"
    prompt = prompt_for(context, approach, deps.settings)
    # All workers that start together write their prompts before the first one's time runs.
    await asyncio.sleep(0)
    look_ups = look_ups_for(
        context, deps.settings, is_fork=approach.fork, continues=approach.talk is not None
    )
    dialogue = Dialogue(prompt, deps.model, look_ups)
    attempt = Attempt(
        number=approach.number, model=prompt.model, effort=prompt.effort, is_fork=approach.fork
    )
    reply: Reply | None = None
    try:
        reply = await dialogue.reply()
        result = validate_reply(reply, context, deps.checks)
        if isinstance(result, Done) and result.parsed is not None:
            deps.keep_talk(_talk(dialogue, context, result.parsed, approach))
        return result, replace(attempt, usage=dialogue.usage)
    except (ServiceError, Unusable) as error:
        failure = Failure(
            kind=error.kind,
            message=str(error),
            talk=respond(dialogue.conversation, "This cannot be used; see below.", "result")
            if reply is not None
            else None,
            service=_duration_of(error) if isinstance(error, ServiceError) else "",
            context_tokens=error.context_tokens if isinstance(error, ServiceError) else 0,
        )
        attempt = replace(attempt, usage=dialogue.usage, kind=error.kind, error=str(error))
        return failure, attempt


def _talk(
    dialogue: Dialogue, context: TaskContext, file: SourceFile, approach: Approach
) -> WorkerTalk:
    return WorkerTalk(
        conversation=dialogue.conversation,
        task=context.task,
        text=file.text,
        model=approach.model,
        effort=approach.effort,
        temperature=approach.temperature,
        is_fork=approach.fork,
        look_ups=dialogue.look_ups,
        snapshot=context.snapshot,
    )


def _duration_of(error: ServiceError) -> Literal["transient", "permanent"]:
    return "transient" if error.retryable else "permanent"
