"""A model that answers from a script: for tests, and to run a plan again without asking."""

from collections.abc import Mapping, Sequence

from codeorch.errors import ServiceError
from codeorch.llm.model import Prompt, Reply

Answer = Reply | ServiceError


class ReplayModel:
    """Answers by prompt key, so that the order in which workers ask changes nothing.

    A sequence of answers is given out call by call, the last one again and again.
    """

    def __init__(self, answers: Mapping[str, Answer | Sequence[Answer]]) -> None:
        self._answers = {
            key: [answer] if isinstance(answer, Reply | ServiceError) else list(answer)
            for key, answer in answers.items()
        }
        self.asked: list[Prompt] = []

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        self.asked.append(prompt)
        left = self._answers.get(prompt.key)
        if not left:
            raise ServiceError(
                f"the script has no answer for {prompt.key!r}", kind="replay", retryable=False
            )
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, ServiceError):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""
