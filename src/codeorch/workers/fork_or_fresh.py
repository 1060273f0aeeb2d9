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
from codeorch.workers.repair_prompt import continued_conversation


def first_approach(context: TaskContext, settings: Settings) -> Approach:
    """Return how a task is tried first: as the plan and its kind of worker say, else by price.

    A repair goes on in the conversation of the worker whose edit it mends, with all its settings.
    """
    return _first(context, settings)[0]


def first_prompt(context: TaskContext, settings: Settings) -> Prompt:
    """Return the prompt of the first attempt at a task."""
    approach, prompt = _first(context, settings)
    return prompt or prompt_for(context, approach, settings)


def _first(context: TaskContext, settings: Settings) -> tuple[Approach, Prompt | None]:
    """Return the first approach, with its prompt where that was written to choose it."""
    model, effort, timeout_s = own_kind(context, settings)
    fresh = Approach(
        model=model or settings.model("worker"),
        effort=effort,
        max_tokens=room_to_answer(context),
        timeout_s=timeout_s,
    )
    if (talk := context.talk) is not None:
        goes_on = replace(
            fresh, model=talk.model, effort=talk.effort, temperature=talk.temperature,
            fork=talk.is_fork, talk=continued_conversation(context, talk),
        )  # fmt: skip
        return goes_on, None
    point = context.round.fork
    if point is None or settings.worker_start == "fresh":
        return fresh, None
    fork = replace(fresh, model=point.model, effort=None, fork=True)
    is_plain = fresh.model == point.model and effort is None
    if settings.worker_start == "fork" or (is_plain and point.is_warm):
        return fork, None
    is_set = context.task.worker.model or context.task.worker.effort
    return (fresh, None) if is_set else _cheaper(context, fork, fresh, settings)


def _cheaper(
    context: TaskContext, fork: Approach, fresh: Approach, settings: Settings
) -> tuple[Approach, Prompt | None]:
    """Compare a read of the planner's conversation with a fresh prompt; unknown prices: fresh.

    That is done once in a round: what edits have changed since hardly changes the lengths.
    """
    forks, task = context.round.forks, context.task.id
    if task in forks:
        return (fork if forks[task] else fresh), None
    forked, alone = (prompt_for(context, approach, settings) for approach in (fork, fresh))
    forks[task] = _is_fork_cheaper(context, forked, alone, settings)
    return (fork, forked) if forks[task] else (fresh, alone)


def _is_fork_cheaper(context: TaskContext, fork: Prompt, fresh: Prompt, settings: Settings) -> bool:
    point = context.round.fork
    writers = 0  # workers that share the price of writing the conversation anew
    if point is not None and not point.is_warm:
        writers = sum(task.needs_model for task in context.round.plan.tasks)
    answer = likely_answer(context)
    prices = PriceList.read(settings.price)
    forked = prices.cost(fork.model, _usage_of_call(fork, answer, writers))
    alone = prices.cost(fresh.model, _usage_of_call(fresh, answer))
    if forked is None or alone is None:
        return fork.model == fresh.model
    return forked <= alone


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
