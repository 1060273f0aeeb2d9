"""An engine without a store: answers live as long as the process."""

from codeorch.engine.port import Question
from codeorch.llm import Model, Reply


class InlineEngine:
    """Asks the model at once and keeps the answers in memory."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._answers: dict[str, Reply] = {}

    async def start(self) -> None:
        """Nothing to get ready."""

    async def answered(self, question_id: str) -> Reply | None:
        """See `Engine.answered`."""
        return self._answers.get(question_id)

    async def ask(self, question: Question) -> Reply:
        """See `Engine.ask`."""
        if question.id not in self._answers:
            self._answers[question.id] = await self._model.ask(question.prompt)
        return self._answers[question.id]

    async def forget(self, before_s: float) -> int:  # noqa: ARG002 - nothing here is that old
        """See `Engine.forget`."""
        return 0

    async def aclose(self) -> None:
        """See `Engine.aclose`."""
        await self._model.aclose()
