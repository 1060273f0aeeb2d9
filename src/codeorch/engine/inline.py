"""An engine without a store: answers live as long as the process."""

from codeorch.engine.port import Answer, Exchange, Question
from codeorch.errors import ServiceError
from codeorch.llm import Model, Reply


class InlineEngine:
    """Asks the model at once and keeps the answers in memory."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._answers: dict[str, Reply] = {}
        self._exchanges: dict[str, list[Exchange]] = {}

    async def start(self) -> None:
        """Nothing to get ready."""

    async def answered(self, question_id: str) -> Reply | None:
        """See `Engine.answered`."""
        return self._answers.get(question_id)

    async def asked(self, question_id: str) -> tuple[Exchange, ...]:
        """See `Engine.asked`."""
        return tuple(self._exchanges.get(question_id, ()))

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        if question.id in self._answers:
            return Answer(reply=self._answers[question.id], kept=True)
        exchanges = self._exchanges.setdefault(question.id, [])
        try:
            reply = await self._model.ask(question.prompt)
        except ServiceError as error:
            exchanges.append(Exchange(prompt=question.prompt, error=str(error)))
            raise
        exchanges.append(Exchange(prompt=question.prompt, reply=reply))
        self._answers[question.id] = reply
        return Answer(reply=reply)

    async def forget(self, before_s: float) -> int:  # noqa: ARG002 - nothing here is that old
        """See `Engine.forget`."""
        return 0

    async def aclose(self) -> None:
        """See `Engine.aclose`."""
        await self._model.aclose()
