"""Calls that fail for a while: a deadline, bounded back-off, and one limit for all workers."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm.failure_kinds import kind_of
from codeorch.llm.model import Model, Prompt, Reply, usage_of, with_usage

Sleep = Callable[[float], Awaitable[None]]
# Answers, one after the other, that say nothing: the service is asked no more, as a circuit
# breaker does it (Nygard, Release It!, 2007). By then two tasks have tried another model.
_MOST_EMPTY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How often and how long: waits double from `first_s` to `most_s`, with jitter."""

    tries: int = 5
    tries_when_down: int = 2  # while no call has succeeded since one took all its tries
    first_s: float = 0.5
    most_s: float = 30.0
    retry_after_most_s: float = 60.0  # a longer wish of the service is not obeyed but reported
    sleep: Sleep = asyncio.sleep
    jitter: Callable[[], float] = random.random  # of the half that is left to chance


class ConcurrencyLimiter:
    """Holds all calls of a process to what the service bears.

    The number of calls at once halves when the service says it is slow_down and grows by one after
    as many good calls as are allowed at once (additive increase, multiplicative decrease, as TCP
    does; Chiu and Jain 1989). A wish to wait holds everybody.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self.allowed = float(most)
        self._running = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._open_at = 0.0

    async def enter(self, sleep: Sleep) -> None:
        """Wait until a call may start."""
        while self._running >= int(self.allowed):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            finally:
                if turn in self._waiting:
                    self._waiting.remove(turn)
        self._running += 1
        delay = self._open_at - asyncio.get_running_loop().time()
        if delay > 0:
            try:
                await sleep(delay)
            except BaseException:
                self.leave()
                raise

    def leave(self) -> None:
        """End a call, so that another may start."""
        self._running -= 1
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
                break

    def speed_up(self) -> None:
        """Learn from a good call."""
        self.allowed = min(self._most, self.allowed + 1 / self.allowed)

    def slow_down(self, wait_s: float) -> None:
        """Learn from a refused call; nobody asks again for `wait_s` seconds."""
        self.allowed = max(1.0, self.allowed / 2)
        self._open_at = max(self._open_at, asyncio.get_running_loop().time() + wait_s)


class RetryingModel:
    """A model that asks another one again while its service fails for a while.

    What a failed try used is counted with the reply, or with the last failure. A service that turns
    everybody away, e.g. for want of money, is asked no more.
    """

    def __init__(
        self,
        model: Model,
        *,
        backoff: Backoff | None = None,
        limiter: ConcurrencyLimiter | None = None,
    ) -> None:
        self._model = model
        self._backoff = backoff or Backoff()
        self._limiter = limiter or ConcurrencyLimiter()
        self._is_down = False
        self._closed: dict[str, ServiceError] = {}  # by model; empty = whatever the model
        self._empty = 0  # of the last answers, that said nothing

    async def ask(self, prompt: Prompt) -> Reply:
        """Ask until a reply comes, at most `backoff.tries` times.

        Raises:
            ServiceError: the last failure; a time-out is not tried again here, because the
                worker's next attempt changes something first.
        """
        number, lost = 1, Usage()
        while True:
            try:
                reply = await self._once(prompt)
            except ServiceError as error:
                lost += usage_of(error)
                self._close(error, prompt.model)
                await self._wait_for(error, number, lost)
                number += 1
            else:
                self._limiter.speed_up()
                self._is_down = False
                self._empty = self._empty + 1 if _is_empty(reply) else 0
                return replace(reply, usage=lost + reply.usage) if lost.calls else reply

    async def _wait_for(self, error: ServiceError, number: int, lost: Usage) -> None:
        """Wait until a question that failed so many times is worth another try.

        Raises:
            ServiceError: it is worth none.
        """
        try:
            wait_s = _wait(error, number, self._backoff)
        except ServiceError as final:
            raise with_usage(final, lost) from error
        if not error.retryable or error.kind == "timeout":
            raise with_usage(error, lost) from error
        backoff = self._backoff
        if number >= (backoff.tries_when_down if self._is_down else backoff.tries):
            self._is_down = True
            raise with_usage(error, lost) from error
        if kind_of(error.kind).is_crowded:
            self._limiter.slow_down(wait_s)
        await backoff.sleep(wait_s)

    async def aclose(self) -> None:
        """Close the model that is asked."""
        await self._model.aclose()

    def _close(self, error: ServiceError, model: str) -> None:
        """Take note of a failure that all further questions would meet, or those to one model."""
        if not error.retryable and kind_of(error.kind).closes:
            self._closed[""] = error
        elif error.kind == "unknown_model":
            self._closed[model] = error

    async def _once(self, prompt: Prompt) -> Reply:
        closed = self._closed.get("") or self._closed.get(prompt.model)
        if closed is not None:
            raise closed.copy(retryable=False, retry_after_s=None)
        if self._empty >= _MOST_EMPTY:
            raise ServiceError(
                f"the last {self._empty} answers were empty, or reasoning alone: asked no more",
                kind="empty",
                retryable=False,
            )
        await self._limiter.enter(self._backoff.sleep)
        try:
            return await self._model.ask(prompt)
        finally:
            self._limiter.leave()


def _is_empty(reply: Reply) -> bool:
    """Whether an answer says nothing, for no reason that is known."""
    if reply.text.strip() or reply.calls:
        return False
    return not reply.fault and reply.stop not in ("max_tokens", "refusal")


def _wait(error: ServiceError, number: int, backoff: Backoff) -> float:
    """Seconds until the next try; what the service wishes wins, within reason.

    Raises:
        ServiceError: the service wishes for more than is reasonable.
    """
    if error.retry_after_s:
        if error.retry_after_s > backoff.retry_after_most_s:
            said = f"{error}; it asks to wait {error.retry_after_s:g} s"
            raise error.copy(said, retryable=False, retry_after_s=None) from error
        return error.retry_after_s
    full: float = min(backoff.most_s, backoff.first_s * 2.0 ** (number - 1))
    return full / 2 + full / 2 * backoff.jitter()
