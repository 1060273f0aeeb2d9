"""One model over the client of a provider: what a server can do, time limits, what a call used."""

import asyncio
import difflib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm.capabilities import Capabilities, step_down
from codeorch.llm.client import Client, RawAnswer, Server
from codeorch.llm.context_limits import is_too_large
from codeorch.llm.key_guard import mask, without_key
from codeorch.llm.known_servers import KnownServers
from codeorch.llm.model import Arrival, Prompt, Reply, with_usage
from codeorch.llm.network import is_local
from codeorch.llm.prompt_cache_gate import CacheGate
from codeorch.llm.prompt_fit import chars_of, fit_prompt
from codeorch.llm.reply_reader import guess_usage, read_answer, tokens_of
from codeorch.llm.service_errors import Problem, ProblemError, error_of

_MOST_STEPS = 12  # a server that refuses more parts of one request is none
_TOKENS_IN_TIME = 2_000  # as many as an answer may have in its plain time limit
_USUAL_S = 30.0  # a limit below it is somebody's wish, and holds everywhere
_LOCAL_S = 300.0  # to the first byte: a model at home reads slowly, or is loaded first
_INTRODUCTION_S = 60.0  # at the most that calls wait until a server has accepted the first one
_NEAREST, _MOST_NAMES = 3, 12

_ARRIVALS_A_SECOND = 4  # of one answer, that are told

OnArrival = Callable[[Prompt, Arrival], None]


class ServiceModel:
    """Asks one server; see `Model`.

    What a server refuses is left out, remembered, and the question is asked again at once. Until a
    server has accepted a first question for a model, others wait, so that it refuses things once.
    `on_arrival` hears when the answer to a prompt has begun to arrive, and a few times a second how
    much of it has come.
    """

    def __init__(
        self,
        client: Client,
        servers: KnownServers,
        server: Server,
        *,
        opens_cache: bool = False,
        on_arrival: OnArrival = lambda _prompt, _arrival: None,
    ) -> None:
        self._client = client
        self._servers = servers
        self._url = server.url
        self._key = server.key
        self._key_name = server.key_name
        self._start = server.start
        self._on_arrival = on_arrival
        self._cache_gate = CacheGate() if opens_cache else None
        self._introductions: dict[str, asyncio.Event] = {}

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        if not prompt.model:
            raise await self._no_model("no model is named")
        async with self._introduction(prompt.model) as accepted, self._turn(prompt) as begins:

            def arrives(arrival: Arrival) -> None:
                accepted()
                begins()
                self._on_arrival(prompt, arrival)

            return await self._answer(prompt, arrives)

    async def aclose(self) -> None:
        """Close the connections; asking again opens new ones."""
        await self._client.aclose()

    # ------------------------------------------------------------------------------- one question

    async def _answer(self, prompt: Prompt, arrives: Callable[[Arrival], None]) -> Reply:
        """Ask, and ask again without what the server refuses."""
        for _ in range(_MOST_STEPS):
            known = self._servers.of(prompt.model)
            fitting, request = fit_prompt(prompt, known, self._client.request_of)
            call = _Call(fitting, arrives)
            try:
                raw = await self._send(request, call)
                reply = read_answer(raw, fitting, time.monotonic() - call.start)
                return without_key(reply, self._key)
            except ProblemError as error:
                lower = self._lower(prompt, known, error.problem, request)
                if lower is None:
                    raise await self._error(error.problem, known, call) from error
                self._servers.learn(prompt.model, lower)
            except ServiceError as error:
                raise self._failure(error, call) from error
        raise ServiceError(
            f"{self._url} refuses each form of the request", kind="bad_request", retryable=False
        )

    def _lower(
        self, prompt: Prompt, known: Capabilities, problem: Problem, request: Mapping[str, Any]
    ) -> Capabilities | None:
        """Return what is known after a refusal, if it makes another request of the question.

        A client may have no such thing as is refused, e.g. another name of the answer's limit.
        """
        lower = step_down(known, problem, request, chars_of(request))
        while lower is not None:
            try:
                _, changed = fit_prompt(prompt, lower, self._client.request_of)
            except ServiceError:  # the question is too large, as is now known
                return lower
            if changed != request:
                return lower
            lower = step_down(lower, problem, request, chars_of(request))
        return None

    async def _send(self, request: Mapping[str, Any], call: "_Call") -> RawAnswer:
        """Send a request within the limits of time."""
        prompt = call.prompt
        first_s = between_s = prompt.timeout_s
        if first_s >= _USUAL_S and is_local(self._url):
            first_s = max(first_s, _LOCAL_S)
        whole_s = first_s - between_s + between_s * max(1.0, prompt.max_tokens / _TOKENS_IN_TIME)
        self._client.open()
        now = asyncio.get_running_loop().time
        last = now() + whole_s
        try:
            async with asyncio.timeout_at(min(last, now() + first_s)) as limit:
                call.on_sign = lambda: limit.reschedule(min(last, now() + between_s))
                return await self._client.send(request, call.progress, first_s)
        except TimeoutError as error:
            if now() >= last:
                raise _timeout(f"no whole answer within {whole_s:g} s") from error
            raise _timeout(call.silence(first_s, between_s)) from error
        except ServiceError as error:
            if error.kind != "timeout":
                raise
            raise _timeout(call.silence(first_s, between_s)) from error

    # ------------------------------------------------------------------------------- what failed

    async def _error(self, problem: Problem, known: Capabilities, call: "_Call") -> ServiceError:
        """Say what a problem means, where nothing can be left out."""
        error = error_of(problem, key_name=self._key_name)
        if error.kind == "too_large" or is_too_large(problem):
            error = error.copy(kind="too_large", retryable=False, context_tokens=known.context)
        if error.kind == "unknown_model":
            error = await self._no_model(str(error), call.prompt.model)
        return self._failure(error, call)

    def _failure(self, error: ServiceError, call: "_Call") -> ServiceError:
        """Return a failure without the key in it, and with what the call used."""
        masked = error.copy(mask(self._message_of(error), self._key))
        return with_usage(masked, call.usage() if call.is_paid(error.kind) else Usage())

    def _message_of(self, error: ServiceError) -> str:
        """Say what failed, and how a server of the user's is started where none listens."""
        is_ours = error.kind == "connection" and self._start
        return f"{error}; start it with `{self._start}`" if is_ours else str(error)

    async def _no_model(self, why: str, model: str = "") -> ServiceError:
        """Say which models the server has, the nearest to the wrong name first."""
        names: tuple[str, ...] = ()
        try:
            names = await self._client.models()
        except ServiceError as error:
            if not model:  # whoever cannot be reached has no models to choose from
                return error.copy(self._message_of(error))
        except ProblemError:
            pass
        near = difflib.get_close_matches(model, names, n=_NEAREST, cutoff=0.4) if model else []
        listed = list(dict.fromkeys([*near, *names]))[:_MOST_NAMES]
        more = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
        of = f"model {model!r} of {self._url}: " if model else f"{self._url}: "
        has = f"; it lists {', '.join(listed)}{more}" if listed else ""
        return ServiceError(
            mask(f"{of}{why}{has}", self._key), kind="unknown_model", retryable=False
        )

    # ------------------------------------------------------------------------------- who goes first

    @asynccontextmanager
    async def _introduction(self, model: str) -> AsyncIterator[Callable[[], None]]:
        """Let the first call of a model go ahead, until the server has accepted it."""
        if self._cache_gate is not None:  # a service that is known well
            yield lambda: None
            return
        accepted = asyncio.Event()
        first = self._introductions.setdefault(model, accepted)
        if first is not accepted:
            try:
                async with asyncio.timeout(_INTRODUCTION_S):
                    await first.wait()
            except TimeoutError:
                pass
        try:
            yield first.set
        finally:
            first.set()

    def _turn(self, prompt: Prompt) -> Any:  # noqa: ANN401 - a context manager
        if self._cache_gate is None:
            return nullcontext(lambda: None)
        return self._cache_gate.turn(prompt)


class _Call:
    """A call under way: when it was sent, and how much of its answer has come."""

    def __init__(self, prompt: Prompt, arrives: Callable[[Arrival], None]) -> None:
        self.prompt = prompt
        self.start = time.monotonic()
        self._next_s = 0.0  # when the arrival is told again
        self.has_begun = False
        self.on_sign: Callable[[], None] = lambda: None  # hears of each sign of life
        self._arrives = arrives
        self._characters = 0

    def progress(self, characters: int) -> None:
        """Take note that something has come; see `Progress`."""
        self._characters += characters
        seconds = time.monotonic() - self.start
        if not self.has_begun or seconds >= self._next_s:
            self.has_begun = True
            self._next_s = seconds + 1 / _ARRIVALS_A_SECOND
            self._arrives(Arrival(seconds=seconds, tokens=tokens_of(self._characters)))
        self.on_sign()

    def silence(self, first_s: float, between_s: float) -> str:
        """Say for how long the server said nothing."""
        if self.has_begun:
            return f"the answer stopped on its way for {between_s:g} s"
        return f"no answer began for {first_s:g} s"

    def is_paid(self, kind: str) -> bool:
        """Whether a call that failed in this way is paid for.

        An answer that had begun is, and one that we did not wait for: the service had the question.
        An error in place of an answer is not.
        """
        if kind == "timeout":
            return True
        return self._characters > 0 or (self.has_begun and kind == "cut_stream")

    def usage(self) -> Usage:
        """Guess what the call used so far."""
        return guess_usage(self.prompt, self._characters, time.monotonic() - self.start)


def _timeout(said: str) -> ServiceError:
    return ServiceError(said, kind="timeout", retryable=True)
