"""Ceilings: the worst case of each call is reserved before it is sent."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import Usage
from codeorch.errors import BudgetReached, ServiceError
from codeorch.llm import Budget, BudgetedModel, CallFailed, Conversation, Prompt, Reply
from codeorch.llm.prices import TABLE, PriceList, at_risk, most

MODEL = "claude-sonnet-5-5"
PROMPT = Prompt(key="k", model=MODEL, conversation=Conversation().say("x" * 250), max_tokens=10_000)


class Service:
    """Answers with a set usage after the event loop has turned a few times."""

    def __init__(self, *outputs, fault=None):
        self.outputs, self.fault, self.sent, self.running, self.most = (
            list(outputs),
            fault,
            [],
            0,
            0,
        )

    async def ask(self, prompt):
        self.sent.append(prompt)
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(5):
            await asyncio.sleep(0)
        self.running -= 1
        if self.fault:
            raise self.fault
        used = self.outputs.pop(0) if self.outputs else 100
        usage = Usage(calls=1, input_tokens=100, output_tokens=min(used, prompt.max_tokens))
        return Reply(text="ok", stop="end_turn", usage=usage)

    async def aclose(self):
        pass


def spend(service, budget, *prompts):
    async def all_of_them():
        model = BudgetedModel(service, budget)
        return await asyncio.gather(*(model.ask(p) for p in prompts), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_known_models_have_prices_and_cached_tokens_are_cheaper():
    fresh = TABLE.cost(MODEL, Usage(input_tokens=1000))
    assert 0 < TABLE.cost(MODEL, Usage(cache_read_tokens=1000)) < fresh
    assert TABLE.cost(MODEL, Usage(output_tokens=1000)) > fresh
    assert TABLE.cost("my-own-model", Usage(output_tokens=1000)) is None


@pytest.mark.parametrize(
    "model", ["claude-opus-5-5", "claude-sonnet-4-5", "gpt-5", "deepseek-chat", "nosuch-model"]
)
@given(
    new=st.integers(0, 400_000), read=st.integers(0, 400_000), written=st.integers(0, 400_000),
    output=st.integers(0, 64_000),
)  # fmt: skip
def test_a_price_is_the_tables_whatever_the_counts(model, new, read, written, output):
    usage = Usage(
        calls=1, input_tokens=new, cache_read_tokens=read, cache_write_tokens=written,
        output_tokens=output,
    )  # fmt: skip
    tokens = genai_prices.Usage(
        input_tokens=new + read + written, cache_read_tokens=read, cache_write_tokens=written,
        output_tokens=output,
    )  # fmt: skip
    try:
        expected = float(genai_prices.calc_price(tokens, model_ref=model).total_price)
    except LookupError:
        expected = None
    assert PriceList().cost(model, usage) == expected


def test_replies_carry_their_price_and_unknown_prices_are_not_zero():
    reply = spend(Service(), Budget(), PROMPT)[0]
    assert reply.usage.cost_usd == TABLE.cost(MODEL, reply.usage)
    other = spend(Service(), Budget(), replace(PROMPT, model="my-own-model"))[0]
    assert other.usage.cost_usd is None


def test_a_call_that_does_not_fit_is_not_sent():
    service = Service()
    found = spend(service, Budget(max_cost_usd=0.000001), PROMPT)[0]
    assert isinstance(found, BudgetReached)
    assert "the budget of $1e-06 is reached" in str(found)
    assert service.sent == []


def test_calls_wait_for_others_to_give_back_what_they_did_not_use():
    one = most(PROMPT).cost_usd
    service = Service()
    budget = Budget(max_cost_usd=1.3 * one)
    found = spend(service, budget, *[PROMPT] * 5)
    assert all(isinstance(reply, Reply) for reply in found)
    assert service.most == 1
    assert budget.spent.cost_usd < 1.3 * one


def test_an_answer_is_cut_to_what_still_fits():
    service = Service()
    spend(service, Budget(max_tokens=8_000), PROMPT)
    assert 4_000 <= service.sent[0].max_tokens < 8_000


def test_a_ceiling_on_cost_needs_a_known_price():
    found = spend(Service(), Budget(max_cost_usd=9.0), replace(PROMPT, model="my-own-model"))[0]
    assert isinstance(found, BudgetReached)
    assert "use --max-tokens" in str(found)


def test_a_call_that_broke_off_counts_as_much_as_it_can_have_used():
    broken = ServiceError("gone", kind="timeout", retryable=True)
    budget = Budget(max_tokens=100_000)
    spend(Service(fault=broken), budget, PROMPT)
    assert budget.spent == at_risk(PROMPT)
    refused = ServiceError("busy", kind="overloaded", retryable=True)
    budget = Budget(max_tokens=100_000)
    spend(Service(fault=refused), budget, PROMPT)
    assert budget.spent == Usage()


def test_the_user_is_told_once_when_most_of_the_budget_is_used():
    told = []
    budget = Budget(max_tokens=100_000, alert_share=0.5, alert=told.append)
    for _ in range(4):
        budget.book(Usage(calls=1, output_tokens=20_000))
    assert len(told) == 1
    assert told[0].startswith("60% of the budget is used")


BEGINNING = Conversation(system="You plan.").say("x" * 250_000, cache_mark=True)


@pytest.mark.parametrize(
    ("cached", "later_s", "fits"),
    [
        ({"cache_write_tokens": 60_000}, 239, True),
        ({"cache_read_tokens": 60_000}, 239, True),
        ({"cache_write_tokens": 60_000}, 241, False),
        ({"input_tokens": 60_000}, 1, False),
    ],
    ids=["written", "read", "may be gone", "not confirmed"],
)
def test_a_fork_reserves_its_beginning_as_a_read_while_the_cache_surely_has_it(
    monkeypatch, cached, later_s, fits
):
    clock = SimpleNamespace(monotonic=lambda: clock.now_s, now_s=1_000.0)
    monkeypatch.setattr("codeorch.llm.budget.time", clock)

    class Cached:
        async def ask(self, prompt):
            return Reply(text="ok", stop="end_turn", usage=Usage(calls=1, **cached))

    fork = replace(PROMPT, conversation=BEGINNING.say("## Task"))
    read = most(fork, cached=BEGINNING.length).cost_usd
    assert read < 0.5 * most(fork).cost_usd

    async def scenario():
        opening = replace(PROMPT, conversation=BEGINNING, max_tokens=100)
        budget = Budget(max_cost_usd=10.0)
        await BudgetedModel(Cached(), budget).ask(opening)
        left = 10.0 - budget.spent.cost_usd
        budget.book(
            Usage(calls=1, cost_usd=left - 1.01 * read)
        )  # the rest pays a read, and no write
        clock.now_s += later_s
        return await BudgetedModel(Cached(), budget).ask(fork)

    if fits:
        assert asyncio.run(scenario()).text == "ok"
    else:
        with pytest.raises(BudgetReached):
            asyncio.run(scenario())


@given(
    st.lists(st.integers(0, 9_000), min_size=1, max_size=12),
    st.integers(5_000, 60_000),
    st.sampled_from([None, "timeout", "overloaded"]),
)
def test_the_ceiling_is_never_passed(outputs, ceiling, kind):
    fault = ServiceError("x", kind=kind, retryable=True) if kind else None
    service = Service(*outputs, fault=fault)
    budget = Budget(max_tokens=ceiling)
    spend(service, budget, *[PROMPT] * len(outputs))
    spent = budget.spent
    assert spent.input_tokens + spent.cache_write_tokens + spent.output_tokens <= ceiling


def test_what_a_failed_call_used_is_booked_with_its_price():
    used = Usage(calls=1, input_tokens=1000, output_tokens=500)
    fault = CallFailed("cut", kind="cut_stream", retryable=True, usage=used)
    budget = Budget(max_cost_usd=1.0)

    async def fails():
        await BudgetedModel(Service(fault=fault), budget).ask(PROMPT)

    with pytest.raises(CallFailed):
        asyncio.run(fails())
    assert budget.spent.cost_usd == TABLE.cost(MODEL, used)
    assert fault.usage.cost_usd == TABLE.cost(MODEL, used)
