"""A conversation in which the model may look things up before it answers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Call, Conversation, Model, Prompt, Reply, Returned, usage_of
from codeorch.retrieval.look_ups import LookUps

_WHOLE = ("tool_use", "end_turn")  # not every server says that it ends with calls
_NOT_ANSWERED = "Not answered: the other call of this turn comes first."

# Hears of the look-ups of one turn, and of what is left of them.
OnLookUps = Callable[[Sequence[Call], LookUps], None]


class Dialogue:
    """Goes on with one conversation; what it cost and what was said stay known if it breaks off.

    `prompt` gives the settings of each question and its place in the run: the first one is asked
    at `prompt.key`, further ones at `key/2`, `key/3` and so on.
    """

    def __init__(
        self,
        prompt: Prompt,
        model: Model,
        look_ups: LookUps,
        on_look_ups: OnLookUps = lambda _calls, _look_ups: None,
    ) -> None:
        self.prompt = prompt
        self.look_ups = look_ups
        self.usage = Usage()
        self._model = model
        self._on_look_ups = on_look_ups
        self._questions = 0
        self._refusals = 0  # turns with look-ups after the last one that was allowed

    @property
    def conversation(self) -> Conversation:
        """All that was said so far."""
        return self.prompt.conversation

    async def reply(self) -> Reply:
        """Ask, and answer look-ups until the model ends its answer, or stops calling tools.

        The answer stands in the conversation; its calls are not returned yet, see `say`.

        Raises:
            ServiceError: a question was not answered.
        """
        while True:
            reply = await self._ask()
            ends = not reply.calls or reply.call_of(self.prompt.answer_tool) is not None
            if ends or reply.stop not in _WHOLE or self._refusals > 1:
                return reply
            self._refusals += not self.look_ups.has_left
            returned = self._answer_calls(reply.calls)
            self._on_look_ups(reply.calls, self.look_ups)
            self._go_on(
                self.conversation.say(self.look_ups.left, returned=returned, cache_mark=True)
            )

    def _answer_calls(self, calls: Sequence[Call]) -> list[Returned]:
        """Answer look-ups; a call of another role's tool hears which one would be right."""
        forms = {tool.name for tool in self.conversation.tools if tool.is_form}
        wrong = f"This tool is not for you now. End your answer with `{self.prompt.answer_tool}`."
        return [
            replace(one, text=wrong) if call.name in forms else one
            for call, one in zip(calls, self.look_ups.answer(calls), strict=True)
        ]

    def say(self, text: str) -> None:
        """Go on with what is wrong with the last answer, or with what happened since."""
        self._go_on(respond(self.conversation, text, self.prompt.answer_tool))

    def allow(self, max_tokens: int) -> None:
        """Allow longer answers from here on."""
        self.prompt = replace(self.prompt, max_tokens=max_tokens)

    def allow_time(self, factor: float) -> None:
        """Allow so many times the time for each answer from here on."""
        self.prompt = replace(self.prompt, timeout_s=factor * self.prompt.timeout_s)

    async def _ask(self) -> Reply:
        self._questions += 1
        number = self._questions
        key = self.prompt.key if number == 1 else f"{self.prompt.key}/{number}"
        try:
            reply = await self._model.ask(replace(self.prompt, key=key))
        except ServiceError as error:
            self.usage += usage_of(error)
            raise
        self.usage += reply.usage
        self._go_on(self.conversation.hear(reply.message))
        return reply

    def _go_on(self, conversation: Conversation) -> None:
        self.prompt = replace(self.prompt, conversation=conversation)


def respond(
    conversation: Conversation, text: str, answer_tool: str, *, cache_mark: bool = True
) -> Conversation:
    """Return the conversation with our word after an answer: as what its call gave back, or plain.

    Every call has to give something back before anything else can be said.
    """
    calls = conversation.messages[-1].calls if conversation.messages else ()
    if not calls:
        return conversation.say(text, cache_mark=cache_mark)
    last = next((call.id for call in reversed(calls) if call.name == answer_tool), "")
    returned = [
        Returned(id=call.id, text=text if call.id == last else _NOT_ANSWERED) for call in calls
    ]
    return conversation.say("" if last else text, returned=returned, cache_mark=cache_mark)
