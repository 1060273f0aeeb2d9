"""Whether a worker forks the planner's conversation, or begins one of its own with another model.

A fork knows all that the planner has read, and reads it from the prompt cache. A fresh worker is
told less, but may be a cheaper model. Where both are possible, the price decides.
"""

from dataclasses import replace

from codeorch.config import Settings
from codeorch.domain import Usage
from codeorch.llm import PriceList, Prompt
from codeorch.workers.answer_length import likely_answer, question_tokens
from codeorch.workers.context import TaskContext
from codeorch.workers.prompt import Approach, own_kind, prompt_for, room_to_answer


def first_approach(context: TaskContext, settings: Settings) -> Approach:
    """Return how a task is tried first: as the plan and its kind of worker say, else by price."""
    model, effort, timeout_s = own_kind(context, settings)
    fresh = Approach(
        model=model or settings.model("worker"),
        effort=effort,
        max_tokens=room_to_answer(context),
        timeout_s=timeout_s,
    )
    point = context.round.fork
    if point is None or settings.worker_start == "fresh":
        return fresh
    fork = replace(fresh, model=point.model, effort=None, fork=True)
    is_plain = fresh.model == point.model and effort is None
    if settings.worker_start == "fork" or (is_plain and point.is_warm):
        return fork
    is_set = context.task.worker.model or context.task.worker.effort
    return fresh if is_set else _cheaper(context, fork, fresh, settings)


def _cheaper(context: TaskContext, fork: Approach, fresh: Approach, settings: Settings) -> Approach:
    """Compare a read of the planner's conversation with a fresh prompt; unknown prices: fresh."""
    point = context.round.fork
    writers = 0  # workers that share the price of writing the conversation anew
    if point is not None and not point.is_warm:
        writers = sum(task.needs_model for task in context.round.plan.tasks)
    answer = likely_answer(context)
    prices = PriceList.read(settings.price)
    prompts = prompt_for(context, fork, settings), prompt_for(context, fresh, settings)
    forked = prices.cost(prompts[0].model, _usage_of_call(prompts[0], answer, writers))
    alone = prices.cost(prompts[1].model, _usage_of_call(prompts[1], answer))
    if forked is None or alone is None:
        return fork if fork.model == fresh.model else fresh
    return fork if forked <= alone else fresh


def _usage_of_call(prompt: Prompt, answer: int, writers: int = 0) -> Usage:
    """Count one call; all but its last message is in the cache, or is written by one of some."""
    own, beginning = question_tokens(prompt)
    written = beginning // writers if writers else 0
    return Usage(
        calls=1,
        input_tokens=own,
        cache_read_tokens=beginning - written,
        cache_write_tokens=written,
        output_tokens=answer,
    )
