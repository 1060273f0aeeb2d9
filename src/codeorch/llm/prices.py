"""Tokens -> US dollars, by the price table of genai-prices, or by the prices of the user's server.

An unknown model has no price.
"""

import importlib
import sys
import threading
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from codeorch.domain import Usage
from codeorch.errors import UserError
from codeorch.llm.model import Prompt

# Bounds, not averages: code comes to three characters a token or more, and no service that is
# known streams faster than this.
_CHARS_A_TOKEN, _TOKENS_A_SECOND = 2.5, 400
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class PriceList:
    """What tokens cost: a million of them in and out, in US dollars; None = as the table says."""

    million_in: float | None = None
    million_out: float | None = None

    @classmethod
    def read(cls, text: str) -> "PriceList":
        """Read a setting such as `0.5/2.5`; an empty one leaves it to the table.

        Raises:
            UserError: it is no pair of prices.
        """
        if not text.strip():
            return cls()
        ends = text.replace("$", "").split("/")
        try:
            prices = [float(end) for end in ends]
        except ValueError:
            prices = []
        if len(prices) != 2 or not all(0 <= price < float("inf") for price in prices):
            raise UserError(
                f"{text!r} is no price", "give US dollars for a million tokens in and out: 0.5/2.5"
            )
        return cls(*prices)

    def cost(self, model: str, usage: Usage) -> float | None:
        """Price some tokens of a model; None when its price is not known."""
        # The table counts cached tokens as part of the input, we count them apart.
        cached = usage.cache_read_tokens + usage.cache_write_tokens
        if self.million_in is not None and self.million_out is not None:
            dollars = (usage.input_tokens + cached) * self.million_in
            return (dollars + usage.output_tokens * self.million_out) / _MILLION
        counts = (
            usage.input_tokens + cached, usage.cache_read_tokens, usage.cache_write_tokens,
            usage.output_tokens,
        )  # fmt: skip
        rates = _rates(model)
        if rates is not None:
            return float(sum(rate * count for rate, count in zip(rates, counts, strict=True)))
        return _table_price(model, counts)


TABLE = PriceList()
_Counts = tuple[int, int, int, int]  # input with cached tokens, of these read and written; output


@lru_cache(maxsize=64)
def _rates(model: str) -> tuple[Decimal, ...] | None:
    """Return what a token of each count costs, exactly; None where that depends on more.

    The table takes a quarter of a millisecond for each price, and a plan of 200 tasks asks for
    thousands. What cached tokens cost less or more than others is a rate of its own.
    """
    calculation = _calculate(model, (_MILLION, 0, 0, 0))
    if calculation is None or not _is_linear(calculation):
        return None
    plain = calculation.total_price
    totals = [_calculate(model, counts).total_price for counts in _SAMPLES]
    read, write = (total - plain for total in totals[:2])
    return tuple(Decimal(total) / _MILLION for total in (plain, read, write, totals[2]))


_SAMPLES: tuple[_Counts, ...] = (
    (_MILLION, _MILLION, 0, 0), (_MILLION, 0, _MILLION, 0), (0, 0, 0, _MILLION),
)  # fmt: skip


def _is_linear(calculation: Any) -> bool:  # noqa: ANN401 - the package's
    """Whether a price rises with each token alike: at any time of day, and however many."""
    prices = vars(calculation.model_price).values()
    is_fixed = not isinstance(calculation.model.prices, list)
    return is_fixed and all(price is None or isinstance(price, Decimal) for price in prices)


def _table_price(model: str, counts: _Counts) -> float | None:
    calculation = _calculate(model, counts)
    return None if calculation is None else float(calculation.total_price)


def _calculate(model: str, counts: _Counts) -> Any:  # noqa: ANN401 - the package's
    """Return what the table says of some tokens; None when it does not know the model."""
    from genai_prices import Usage as Tokens  # noqa: PLC0415 - 0.2 s
    from genai_prices import calc_price  # noqa: PLC0415

    tokens = Tokens(
        input_tokens=counts[0],
        cache_read_tokens=counts[1],
        cache_write_tokens=counts[2],
        output_tokens=counts[3],
    )
    try:
        return calc_price(tokens, model_ref=model)
    except LookupError:
        return None


def warm() -> None:
    """Load the table in a thread, best while a model thinks."""
    if "genai_prices" not in sys.modules:
        loading = threading.Thread(target=importlib.import_module, args=("genai_prices",))
        loading.start()


def with_price(model: str, usage: Usage, prices: PriceList = TABLE) -> Usage:
    """Give the usage with its price, and with what it would have been without a cache."""
    read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    plain = replace(usage, input_tokens=read, cache_read_tokens=0, cache_write_tokens=0)
    cost, uncached = prices.cost(model, usage), prices.cost(model, plain)
    return replace(usage, cost_usd=cost, uncached_usd=uncached)


def most(prompt: Prompt, prices: PriceList = TABLE, cached: int = 0) -> Usage:
    """Give the most that one call can use: all written to the cache, and the longest answer.

    So many characters as are `cached` for certain count as read from there.
    """
    read = int(cached / _CHARS_A_TOKEN)
    written = int(prompt.conversation.length / _CHARS_A_TOKEN) + 200 - read
    usage = Usage(
        calls=1,
        cache_write_tokens=written,
        cache_read_tokens=read,
        output_tokens=prompt.max_tokens,
    )
    return with_price(prompt.model, usage, prices)


def at_risk(prompt: Prompt, prices: PriceList = TABLE) -> Usage:
    """Give the most that a call can have used which broke off: no more than fits its time."""
    whole = most(prompt, prices)
    streamed = min(whole.output_tokens, int(prompt.timeout_s * _TOKENS_A_SECOND))
    return with_price(prompt.model, replace(whole, output_tokens=streamed), prices)
