"""A run's questions by their place in the run: stored answers first, then the model."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace

from codeorch.answers.question_id import question_id
from codeorch.answers.run_log import RunLog
from codeorch.answers.store import AnswerStore, StoredAnswer
from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Model, Prompt, Reply, usage_of
from codeorch.llm.failure_kinds import kind_of
from codeorch.llm.prices import TABLE, PriceList, with_price


@dataclass(slots=True)
class Tally:
    """How many answers were there already, and how many were asked for."""

    kept: int = 0
    asked: int = 0
    cleaned: int = 0  # questions that quoted characters which nobody can see, without these
    usage: Usage = field(default_factory=Usage)  # of all calls of this process, of failed ones, too


class RecordedModel:
    """Answers the questions of one run, and records which stood where; see `Model`.

    A prompt's key is its place in the run. On a resumed run the answer that was given at the same
    place counts, even where the prompt would be worded differently today. Without such an answer,
    the same question asked by any other run counts, and is free. `book` hears of what this run
    has paid before. Without a model nothing is asked: the run is offline.
    """

    def __init__(
        self,
        model: Model | None,
        store: AnswerStore,
        log: RunLog,
        *,
        salt: str = "",
        prices: PriceList = TABLE,
        book: Callable[[Usage], None] = lambda _: None,
    ) -> None:
        self._model = model
        self._store = store
        self._log = log
        self._salt = salt
        self._book = book
        self._prices = prices
        self._prefix = ""
        self._paid: set[str] = set()  # questions whose usage was handed out
        self.tally = Tally()

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt.

        Raises:
            ServiceError: as the model does; of kind `replay` when it would have to be asked and
                the run is offline.
        """
        place = f"{self._prefix}{prompt.key}"
        self.tally.cleaned += prompt.conversation.is_cleaned
        if (failure := self._log.failure(place)) is not None:
            raise failure
        known = self._log.question(place)
        name = known or question_id(prompt, self._salt)
        if known is None and self._model is not None:
            self._log.add_question(place, name)
        if (answer := self._store.answer(name)) is not None:
            return self._reply_of(name, answer, prompt.model)
        if self._model is None:
            raise ServiceError(f"no answer is kept for {place}", kind="replay", retryable=False)
        try:
            reply = await self._model.ask(replace(prompt, key=place, question_id=name))
        except ServiceError as error:
            self.tally.usage += usage_of(error)
            # After all other failures the question itself was never heard, and is asked again.
            if kind_of(error.kind).ends_attempt:
                self._log.add_failure(place, error)
            raise
        self._paid.add(name)
        self.tally.asked += 1
        self.tally.usage += reply.usage
        return reply

    def at(self, prefix: str) -> "RecordedModel":
        """Return this model for one part of the run; its places begin with `prefix`."""
        part = copy(self)
        part._prefix = prefix  # noqa: SLF001 - a copy of ourselves
        return part

    async def aclose(self) -> None:
        """Close the model that is asked, and the store."""
        if self._model is not None:
            await self._model.aclose()
        self._store.close()

    def _reply_of(self, name: str, answer: StoredAnswer, model: str) -> Reply:
        """Return a stored answer: this run's own keeps its cost, another run's costs nothing."""
        self.tally.kept += 1
        usage = Usage()
        if answer.was_paid_by(self._log.run_id) and name not in self._paid:
            usage = with_price(model, answer.reply.usage, self._prices)
            self._book(usage)
        self._paid.add(name)
        return replace(answer.reply, usage=usage)
