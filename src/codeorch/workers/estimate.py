"""Plan -> what its workers will probably cost, before any of them is asked."""

from dataclasses import replace

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.config import Settings
from codeorch.domain import Estimate, Range, Usage
from codeorch.llm import PriceList, Prompt
from codeorch.llm.prices import most
from codeorch.workers.context import ContextBuilder, RoundContext, TaskContext
from codeorch.workers.conversation import CALLS
from codeorch.workers.prompt import first_approach, prompt_for
from codeorch.workers.prompt_builder import CHARS_A_TOKEN, shared_part

# Measured on 10,201 edits of files and 489 new files in the histories of eight projects in Python,
# TypeScript and Go, as diffs with three lines around each change and without line numbers; in
# characters, without the longest twentieth. Edits grow with their file, but ever less: 297 on
# average up to a size of 1,000, 861 from 3,000 to 6,000, 1,252 from 12,000 to 50,000, 1,343 above.
# A tenth is shorter than 215.
_EDIT, _OF_FILE, _LONG_EDIT = 300, 1 / 8, 1_250
_NEW_FILE = 1_650
_SMALL_EDIT = 200
_FORM = 60  # tokens of a result form with a summary of a sentence
_AGAIN = 1.2  # attempts that a task takes, as a rule
_WEIGHTS = 0.25, 4.0  # what a planner's weight can mean for the length of an edit
_LONG = 4  # times the likely length: hardly an answer is longer
_REMARK = 500  # tokens of what a further attempt is told about the one before


def estimate(round_context: RoundContext, settings: Settings) -> Estimate:
    """Return what the workers of a plan will use: at the least, probably, and in a bad case.

    The prompts are those that the workers would get now; what their prerequisites will have done
    is not in them. In a bad case each task takes all attempts, each with a long answer, by the
    dearest model, and nothing is read from the cache. That is no bound: a ceiling is one. The cost
    is None when the price of a model is not known. Later rounds are not counted.
    """
    round_context = replace(round_context, shared_prompt=shared_part(round_context))
    names = round_context.names or SnapshotIndex(round_context.snapshot)
    contexts = ContextBuilder(round_context.plan, names)
    total = Estimate()
    for task in round_context.plan.tasks:
        if task.needs_model:
            context = contexts.context_of(task, round_context)
            total += _of_task(context, settings, first=not total.calls.likely)
    return replace(total, calls=replace(total.calls, likely=round(total.calls.likely, 1)))


def _of_task(context: TaskContext, settings: Settings, *, first: bool) -> Estimate:
    approach = first_approach(context, settings)
    prompt = prompt_for(context, approach, settings)
    likely_answer = min(_answer(context), prompt.max_tokens)
    small = int(_SMALL_EDIT / CHARS_A_TOKEN) + _FORM
    low = _usage(prompt, min(small, likely_answer), 1, first=first)
    likely = _usage(prompt, likely_answer, _AGAIN, first=first)
    high = _high(prompt, likely_answer, settings)
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


def _answer(context: TaskContext) -> int:
    """Return how long a task's answer is as a rule, in tokens."""
    task = context.task
    edit = min(_LONG_EDIT, _EDIT + _OF_FILE * len(context.text)) if context.file else _NEW_FILE
    least, greatest = _WEIGHTS
    return int(edit / CHARS_A_TOKEN * min(greatest, max(least, task.weight))) + _FORM


def _usage(prompt: Prompt, answer: int, attempts: float, *, first: bool) -> Usage:
    """Count the tokens of some attempts; all but the first of a run read its beginning cached."""
    common = int((len(prompt.system) + len(prompt.shared)) / CHARS_A_TOKEN)
    own = int((len(prompt.user) + len(prompt.news)) / CHARS_A_TOKEN)
    # Each further attempt sends the talk so far again.
    talk = (own + answer) * max(0.0, attempts - 1)
    return Usage(
        calls=1,
        input_tokens=int(own + talk),
        output_tokens=int(answer * attempts),
        cache_write_tokens=common if first else 0,
        cache_read_tokens=int(common * (attempts - first)),
    )


def _high(prompt: Prompt, answer: int, settings: Settings) -> Usage:
    """Count a task that takes all attempts, with long answers and half of the look-ups it may."""
    longest = min(_LONG * answer, prompt.max_tokens)
    calls = (1 + len(settings.retry_ladder)) * (1 + (CALLS // 2 if prompt.tools else 0))
    question = most(prompt).cache_write_tokens
    talk = calls * (calls - 1) // 2 * (longest // (calls if prompt.tools else 1) + _REMARK)
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
