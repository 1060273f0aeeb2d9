"""What a run took: calls, tokens, money and time. A price that is not known is never 0."""

from collections.abc import Iterator, Sequence

from codeorch.domain import Attempt, Usage
from codeorch.report.document import Line, Section, line, many
from codeorch.report.record import Record, TaskRecord
from codeorch.report.sections.tasks import task_name

_STAGES = {"plan": "planning", "work": "workers", "revise": "repairs and further stages"}


def costs(record: Record) -> Section:
    """Return the sum, the time by stage, and what each task took, the dearest first."""
    usages = [(result, total(result.attempts)) for result in _results_of_a_model(record)]
    usages.sort(key=lambda one: (-(one[1].cost_usd or 0.0), -one[1].output_tokens, one[0].path))
    lead = [*_sum(record), *_estimates(record), *_times(record)]
    for stage, usage in record.usage_by_stage.items():
        if usage.calls:
            lead.append(line(f"{_STAGES.get(stage, stage)}: {usage_text(usage)}"))
    return Section(
        title="Cost and time",
        lead=tuple(lead),
        lines=tuple(_task(record, result, usage) for result, usage in usages),
    )


def usage_text(usage: Usage) -> str:
    """Return calls, tokens and price in a line."""
    if not usage.calls:
        return "no model calls"
    tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    from_cache = f" ({usage.cache_read_tokens:,} from the cache)" if usage.cache_read_tokens else ""
    calls = many(usage.calls, "model call")
    return f"{calls}, {tokens:,} tokens in{from_cache}, {usage.output_tokens:,} out, {price(usage)}"


def _saved(usage: Usage) -> str:
    """Return what the calls would have cost without a prompt cache, where that is more."""
    if usage.cost_usd is None or usage.uncached_usd is None:
        return ""
    plain = usage.uncached_usd
    return f"; ${plain:.4f} without the prompt cache" if plain > usage.cost_usd * 1.01 else ""


def price(usage: Usage) -> str:
    """Return what calls cost, in US dollars."""
    if usage.cost_usd is None:
        return "price unknown"
    return f"${usage.cost_usd:.2f}" if usage.cost_usd >= 1 else f"${usage.cost_usd:.4f}"


def total(attempts: Sequence[Attempt]) -> Usage:
    """Return what the attempts at a task took together."""
    return sum((one.usage for one in attempts), Usage())


def _results_of_a_model(record: Record) -> Iterator[TaskRecord]:
    """Return the results for which a model was asked, each once."""
    return (result for one in record.rounds for result in one.own_results if result.attempts)


def _sum(record: Record) -> Iterator[Line]:
    usage, new, reused = record.usage, record.new_answers, record.reused_answers
    if new and not usage.calls:  # a model of the user's own need not count
        yield line(f"{many(new, 'answer')} of a model that does not say what they took")
    else:
        yield line(usage_text(usage) + _saved(usage))
    if reused:
        share = f"{reused} of {many(reused + new, 'answer')}"
        yield line(f"{share} kept from before and not paid again; --fresh asks anew")


def _estimates(record: Record) -> Iterator[Line]:
    for number, one in enumerate(record.rounds, start=1):
        if one.estimate is not None:
            usage = sum((total(result.attempts) for result in one.own_results), Usage())
            estimate = line(f"expected were {one.estimate.text}")
            yield line(f"round {number}: its tasks took {usage_text(usage)}", below=[estimate])


def _times(record: Record) -> Iterator[Line]:
    stages: dict[str, float] = {}
    for timing in record.timings:
        stages[timing.stage] = stages.get(timing.stage, 0.0) + timing.end_s - timing.start_s
    if stages:
        whole = max(timing.end_s for timing in record.timings)
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items())
        yield line(f"in all {whole:.1f} s: {parts}")


def _task(record: Record, result: TaskRecord, usage: Usage) -> Line:
    if usage.calls:
        cost = f"{usage_text(usage)}, {usage.seconds:.1f} s"
    elif record.reused_answers and not any(attempt.error for attempt in result.attempts):
        cost = "the answer was kept from before"
    else:
        cost = "no call was counted"
    return line(*task_name(result), f": {many(len(result.attempts), 'attempt')}, {cost}")
