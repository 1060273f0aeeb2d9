"""Plan -> what its workers will probably cost, before any of them is asked."""

from dataclasses import replace

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.config import Settings
from codeorch.domain import Estimate, Range, Usage
from codeorch.llm import PriceList, Prompt
from codeorch.llm.prices import most
from codeorch.workers.answer_length import FORM, SMALL_EDIT, likely_answer, question_tokens
from codeorch.workers.context import ContextBuilder, RoundContext, TaskContext
from codeorch.workers.fork_or_fresh import first_prompt
from codeorch.workers.look_up_limits import TURNS
from codeorch.workers.prompt_builder import CHARS_A_TOKEN

_AGAIN = 1.2  # attempts that a task takes, as a rule
_LONG = 4  # times the likely length: hardly an answer is longer
_REMARK = 500  # tokens of what a further attempt is told about the one before


def estimate(round_context: RoundContext, settings: Settings) -> Estimate:
    """Return what the workers of a plan will use: at the least, probably, and in a bad case.

    The prompts are those that the workers would get now; what their prerequisites will have done
    is not in them. In a bad case each task takes all attempts, each with a long answer, by the
    dearest model, and nothing is read from the cache. That is no bound: a ceiling is one. The cost
    is None when the price of a model is not known. Later rounds are not counted.
    """
    names = round_context.names or SnapshotIndex(round_context.snapshot)
    contexts = ContextBuilder(round_context.plan, names)
    total = Estimate()
    for task in round_context.plan.tasks:
        if task.needs_model:
            context = contexts.context_of(task, round_context)
            total += _of_task(context, settings, first=not total.calls.likely)
    return replace(total, calls=replace(total.calls, likely=round(total.calls.likely, 1)))


def _of_task(context: TaskContext, settings: Settings, *, first: bool) -> Estimate:
    prompt = first_prompt(context, settings)
    answer = min(likely_answer(context), prompt.max_tokens)
    small = int(SMALL_EDIT / CHARS_A_TOKEN) + FORM
    low = _usage(prompt, min(small, answer), 1, first=first)
    likely = _usage(prompt, answer, _AGAIN, first=first)
    high = _high(prompt, answer, settings)
    return Estimate(
        calls=Range(low=1, likely=_AGAIN, high=high.calls),
        input_tokens=Range(
            low=_input_tokens(low), likely=_input_tokens(likely), high=_input_tokens(high)
        ),
        output_tokens=Range(
            low=low.output_tokens, likely=likely.output_tokens, high=high.output_tokens
        ),
        cost_usd=_prices(prompt.model, (low, likely, high), settings),
    )


def _usage(prompt: Prompt, answer: int, attempts: float, *, first: bool) -> Usage:
    """Count the tokens of some attempts; all but the first of a run read its beginning cached."""
    own, common = question_tokens(prompt)
    # Each further attempt sends what was said so far again.
    again = (own + answer) * max(0.0, attempts - 1)
    return Usage(
        calls=1,
        input_tokens=int(own + again),
        output_tokens=int(answer * attempts),
        cache_write_tokens=common if first else 0,
        cache_read_tokens=int(common * (attempts - first)),
    )


def _high(prompt: Prompt, answer: int, settings: Settings) -> Usage:
    """Count a task that takes all attempts, with long answers and half of the look-ups it may."""
    longest = min(_LONG * answer, prompt.max_tokens)
    calls = (1 + len(settings.retry_ladder)) * (1 + TURNS // 2)
    question = most(prompt).cache_write_tokens
    talk = calls * (calls - 1) // 2 * (longest // calls + _REMARK)
    return Usage(
        calls=calls,
        cache_write_tokens=calls * question + talk,
        output_tokens=(1 + len(settings.retry_ladder)) * longest,
    )


def _input_tokens(usage: Usage) -> float:
    return usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens


def _prices(model: str, usages: tuple[Usage, Usage, Usage], settings: Settings) -> Range | None:
    """Price the least, the likely and, by the dearest model that may be asked, the bad case."""
    listed = PriceList.read(settings.price)
    low, likely = (listed.cost(model, usage) for usage in usages[:2])
    models = {model, settings.planner_model, settings.worker_model, settings.cheap_model}
    prices = [price for name in models if (price := listed.cost(name, usages[2])) is not None]
    if low is None or likely is None:
        return None
    return Range(low=low, likely=likely, high=max(prices))
