"""What is said of a plan's price before anybody is paid."""

from dataclasses import replace

import pytest

from codeorch import workers
from codeorch.config import Settings
from codeorch.domain import Done, Estimate, Task, Usage
from codeorch.llm.prices import PriceList

LONG = "".join(f"value_{n} = {n}  # of some use\n" for n in range(2_000))


@pytest.fixture
def estimated(stage):
    def estimate(text, settings=Settings(), path="a.py", **task):  # noqa: B008 - frozen
        here = stage({"a.py": text}, Task(id="a", path=path, goal="g", **task))
        return workers.estimate(here.round, settings)

    return estimate


@pytest.mark.parametrize(
    ("text", "task", "tokens"),
    [
        ("x = 1\n", {}, 174),
        (LONG[:4_000], {}, 345),
        (LONG, {}, 500),  # a long file is not edited in proportion
        (LONG, {"weight": 2.0}, 928),
        (LONG, {"weight": 90.0}, 1_785),
        (LONG, {"action": "create", "path": "b.py"}, 637),
    ],
    ids=["short", "middle", "long", "heavy", "heaviest", "new"],
)
def test_an_edit_is_a_part_of_its_file_and_weighs_what_the_plan_says(estimated, text, task, tokens):
    found = estimated(text, **task)
    assert found.output_tokens.likely == tokens
    assert found.output_tokens.low <= tokens < found.output_tokens.high


def test_what_the_program_does_itself_costs_nothing(estimated):
    assert estimated(LONG, action="delete") == Estimate()


def test_the_least_is_one_small_edit_and_a_bad_case_is_every_attempt_with_long_answers(estimated):
    found = estimated(LONG)
    assert found.output_tokens.low == 117
    assert found.calls.high == 3 * 2  # half of the look-ups that each attempt may take
    assert found.output_tokens.high == 3 * 1_668  # of a likely one that is not rounded up
    assert found.cost_usd.likely < found.cost_usd.high < 30 * found.cost_usd.likely


def test_a_fork_reads_the_planners_conversation_from_the_cache(stage):
    tasks = [Task(id=name, path=f"{name}.py", goal="g") for name in "ab"]
    files = {"a.py": "x = 1\n", "b.py": "x = 1\n"}
    settings = Settings(worker_start="fork")

    def estimate(length):
        here = stage(files, *tasks).forked("x" * length, model=settings.planner_model)
        return workers.estimate(here.round, settings)

    short, long = estimate(100), estimate(35_100)
    read = long.input_tokens.low - short.input_tokens.low
    assert read == pytest.approx(2 * 10_000, rel=0.02)
    more = long.cost_usd.low - short.cost_usd.low  # written once, read once
    written, cached = (PriceList().cost(settings.planner_model, usage) for usage in (
        Usage(cache_write_tokens=10_000), Usage(cache_read_tokens=10_000)))  # fmt: skip
    assert more == pytest.approx(written + cached, rel=0.05)


def test_a_task_that_fails_at_every_attempt_stays_within_the_bad_case(stage, script, edit):
    here = stage({"a.py": LONG}, Task(id="a", path="a.py", goal="g"))
    bad = workers.estimate(here.round, Settings())
    model = script(lambda _: edit("a.py", "is = not", "in = the\n" * 100))
    (result,), _ = here.run(model)
    assert not isinstance(result, Done)
    assert len(model.prompts) <= bad.calls.high
    read = sum(prompt.conversation.length for prompt in model.prompts) / 4
    assert read < bad.input_tokens.high


def test_calls_of_many_tasks_are_a_round_figure(stage):
    files = {f"f{n}.py": "x = 1\n" for n in range(9)}
    tasks = [Task(id=f"t{n}", path=path, goal="g") for n, path in enumerate(files)]
    assert workers.estimate(stage(files, *tasks).round, Settings()).calls.likely == 10.8


def test_the_bad_case_is_priced_by_the_dearest_model(estimated):
    cheap, dear = "claude-haiku-4-5", "claude-opus-4-1"
    same = Settings(planner_model=cheap, worker_model=cheap, cheap_model=cheap)
    alone, mixed = estimated("x = 1\n", same), estimated("x", replace(same, planner_model=dear))
    assert alone.cost_usd.likely == pytest.approx(mixed.cost_usd.likely, rel=0.01)
    assert mixed.cost_usd.high > 2 * alone.cost_usd.high


def test_without_a_price_of_the_worker_there_is_none(estimated):
    assert estimated("x = 1\n", Settings(worker_model="nobody-knows-it")).cost_usd is None
