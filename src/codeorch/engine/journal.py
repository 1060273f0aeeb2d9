"""The model that a run asks: kept answers first, then the engine; every step noted."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from codeorch.domain import Usage
from codeorch.engine.port import Engine, Question, content_id
from codeorch.engine.runlog import RunLog
from codeorch.errors import ServiceError
from codeorch.llm import Model, Prompt, Reply

# Failures that end an attempt, so that a resumed run goes on with the next one. After all others
# the question itself was never heard, and is asked again.
_ENDS_ATTEMPT = frozenset({"timeout", "bad_request", "too_large"})


@dataclass(slots=True)
class Tally:
    """How many answers were there already."""

    kept: int = 0
    asked: int = 0


class Journal:
    """Answers the questions of one run; see `Model`.

    A prompt's key is its place in the run. On a resumed run the answer that was given at the same
    place counts, even where the prompt would be worded differently today (workers see what others
    have finished, and that depends on time). Without such an answer, the same question asked by
    any other run counts, and is free.
    """

    def __init__(
        self,
        engine: Engine,
        log: RunLog,
        *,
        salt: str = "",
        book: Callable[[Usage], None] = lambda _: None,
        offline: bool = False,
    ) -> None:
        self._engine = engine
        self._log = log
        self._salt = salt
        self._book = book
        self._offline = offline
        self.tally = Tally()

    async def start(self) -> None:
        """Start the engine, best while something else is done."""
        await self._engine.start()

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt.

        Raises:
            ServiceError: as the model does; of kind `replay` when it would have to be asked and
                the run is offline.
        """
        place = prompt.key
        if (failure := self._log.failure(place)) is not None:
            raise failure
        known = self._log.question(place)
        name = known or content_id(prompt, f"{self._salt}~{self._log.anew(place)}")
        if self._offline:
            reply = await self._engine.answered(name)
            if reply is None:
                raise ServiceError(f"no answer is kept for {place}", kind="replay", retryable=False)
            return self._kept(reply, ours=known is not None)
        self._log.asked(place, name)
        try:
            answer = await self._engine.ask(Question(id=name, prompt=prompt))
        except ServiceError as error:
            if error.kind in _ENDS_ATTEMPT:
                self._log.failed(place, error)
            raise
        if answer.kept:
            return self._kept(answer.reply, ours=known is not None)
        self.tally.asked += 1
        return answer.reply

    def at(self, prefix: str) -> Model:
        """Give this journal for one part of the run; its places begin with `prefix`."""
        return _Part(self, prefix)

    async def aclose(self) -> None:
        """Close the engine."""
        await self._engine.aclose()

    def _kept(self, reply: Reply, *, ours: bool) -> Reply:
        """Give a kept answer: this run's own keeps its cost, another run's costs nothing."""
        self.tally.kept += 1
        if ours:
            self._book(reply.usage)
            return reply
        return replace(reply, usage=Usage())


class _Part:
    """A part of a run: the journal with a prefix before every place."""

    def __init__(self, journal: Journal, prefix: str) -> None:
        self._journal = journal
        self._prefix = prefix

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Journal.ask`."""
        return await self._journal.ask(replace(prompt, key=f"{self._prefix}{prompt.key}"))

    async def aclose(self) -> None:
        """Leave the journal open; others use it."""
