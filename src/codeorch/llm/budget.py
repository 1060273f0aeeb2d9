"""A ceiling on what a run may spend. Each call reserves its worst case before it is sent."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import replace

from codeorch.domain import Usage
from codeorch.errors import BudgetReached, ServiceError
from codeorch.llm.failure_kinds import kind_of
from codeorch.llm.model import CallFailed, Model, Prompt, Reply
from codeorch.llm.prices import TABLE, PriceList, at_risk, most, warm, with_price

_LEAST_AFFORDABLE = 4_000  # tokens; with less room than this no edit can be expected
_SURELY_ALIVE_S = 240.0  # since its last use; services keep a beginning for five minutes
_THINKING_S = 0.1  # by then the question is on its way, and there is time to load prices


class Budget:
    """Holds what was spent and what running calls may still spend; 0 is no ceiling."""

    def __init__(
        self,
        *,
        max_cost_usd: float = 0.0,
        max_tokens: int = 0,
        alert_share: float = 0.8,
        alert: Callable[[str], None] = lambda _: None,
        prices: PriceList = TABLE,
    ) -> None:
        self._max_cost = max_cost_usd
        self._max_tokens = max_tokens
        self._alert_share = alert_share
        self._alert = alert
        self.prices = prices
        self._running: list[Usage] = []
        self._cache_times: dict[tuple[str, int], float] = {}  # model and prefix: when it was seen
        self._change = asyncio.Condition()
        self.spent = Usage()  # known, and the most of calls that broke off

    async def reserve(self, prompt: Prompt) -> tuple[Prompt, Usage]:
        """Wait until a call's worst case fits; give the prompt, its answer cut to what fits.

        Without a ceiling nothing is reserved.

        Raises:
            BudgetReached: it does not fit, and no running call can give way.
        """
        if not (self._max_cost or self._max_tokens):
            return prompt, Usage()
        async with self._change:
            while True:
                fitting = self._fit(prompt)
                if fitting is not None:
                    worst = most(fitting, self.prices, self._cached_length(fitting))
                    self._running.append(worst)
                    return fitting, worst
                if not self._running:
                    raise BudgetReached(self._refusal(prompt))
                await self._change.wait()

    async def settle(self, worst: Usage, used: Usage) -> None:
        """Book what a call used in place of its reservation."""
        async with self._change:
            if worst in self._running:
                self._running.remove(worst)
            self.book(used)
            self._change.notify_all()

    def book(self, used: Usage) -> None:
        """Add to what was spent, e.g. by the run that this one resumes."""
        before = self._share()
        self.spent += used
        if before < self._alert_share <= self._share():
            self._alert(f"{self._share():.0%} of the budget is used: {_in_words(self.spent)}")

    def _fit(self, prompt: Prompt) -> Prompt | None:
        if self._fits(prompt):
            return prompt
        low, high = _LEAST_AFFORDABLE, prompt.max_tokens
        if low >= high or not self._fits(replace(prompt, max_tokens=low)):
            return None
        while high - low > 100:  # the longest answer that still fits
            middle = (low + high) // 2
            low, high = (
                (middle, high) if self._fits(replace(prompt, max_tokens=middle)) else (low, middle)
            )
        return replace(prompt, max_tokens=low)

    def _fits(self, prompt: Prompt) -> bool:
        worst = most(prompt, self.prices, self._cached_length(prompt))
        if self._max_cost and worst.cost_usd is None:
            raise BudgetReached(
                f"the price of {prompt.model} is not known, so --max-cost cannot be kept; "
                "give it with --price, or use --max-tokens"
            )
        would_be = sum(self._running, self.spent) + worst
        cost_fits = not self._max_cost or (would_be.cost_usd or 0.0) <= self._max_cost
        return cost_fits and (not self._max_tokens or _tokens(would_be) <= self._max_tokens)

    def note_cache(self, prompt: Prompt, usage: Usage) -> None:
        """Learn from a reply's usage what the service keeps of its conversation."""
        if usage.cache_read_tokens or usage.cache_write_tokens:
            now = time.monotonic()
            for words, _ in prompt.conversation.marked_prefixes():
                self._cache_times[prompt.model, words] = now

    def _cached_length(self, prompt: Prompt) -> int:
        """Return how many characters of a conversation the service's cache surely holds."""
        oldest = time.monotonic() - _SURELY_ALIVE_S
        return max(
            (
                length for words, length in prompt.conversation.marked_prefixes()
                if self._cache_times.get((prompt.model, words), -math.inf) > oldest
            ),
            default=0,
        )  # fmt: skip

    def _share(self) -> float:
        cost = (self.spent.cost_usd or 0.0) / self._max_cost if self._max_cost else 0.0
        tokens = _tokens(self.spent) / self._max_tokens if self._max_tokens else 0.0
        return max(cost, tokens)

    def _refusal(self, prompt: Prompt) -> str:
        ceiling = f"${self._max_cost:g}" if self._max_cost else f"{self._max_tokens:,} tokens"
        return (
            f"the budget of {ceiling} is reached: {_in_words(self.spent)} used, and the next call "
            f"may use {_in_words(most(prompt, self.prices, self._cached_length(prompt)))}"
        )


class BudgetedModel:
    """A model whose calls stay within a budget. Its replies carry their price."""

    def __init__(self, model: Model, budget: Budget) -> None:
        self._model = model
        self._budget = budget

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt, if it can be paid.

        Raises:
            ServiceError: as the model does; BudgetReached before it is asked.
        """
        fitting, worst = await self._budget.reserve(prompt)
        asyncio.get_running_loop().call_later(_THINKING_S, warm)
        used: Usage | None = None
        try:
            reply = await self._model.ask(fitting)
            used = with_price(prompt.model, reply.usage, self._budget.prices)
            self._budget.note_cache(prompt, used)
            return replace(reply, usage=used)
        except CallFailed as error:
            used = error.usage = with_price(prompt.model, error.usage, self._budget.prices)
            raise
        except ServiceError as error:
            used = Usage() if kind_of(error.kind).is_free else None
            raise
        finally:
            risked = at_risk(fitting, self._budget.prices) if used is None else used
            await self._budget.settle(worst, risked)

    async def aclose(self) -> None:
        """Close the model that is asked."""
        await self._model.aclose()


def _tokens(usage: Usage) -> int:
    return (
        usage.input_tokens
        + usage.cache_read_tokens
        + usage.cache_write_tokens
        + usage.output_tokens
    )


def _in_words(usage: Usage) -> str:
    tokens = f"{_tokens(usage):,} tokens"
    return tokens if usage.cost_usd is None else f"${usage.cost_usd:.2f} ({tokens})"
