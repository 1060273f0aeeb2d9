"""Prompt -> Reply, with the worker's look-ups in between. Each turn is one question."""

from dataclasses import replace

from codeorch.domain import Usage
from codeorch.llm import Call, Model, Prompt, Reply, Returned, Turn
from codeorch.work.tools import LookUps

_WHOLE = ("tool_use", "end_turn")  # not every server says that it ends with calls


class Dialogue:
    """One attempt's conversation; what it cost and what was said stay known if it breaks off."""

    def __init__(self, prompt: Prompt, model: Model, look_ups: LookUps) -> None:
        self.usage = Usage()
        self._prompt = prompt
        self._key = prompt.key
        self._model = model
        self._look_ups = look_ups

    async def reply(self) -> Reply:
        """Ask, and answer look-ups until the worker has its answer or none are left.

        Raises:
            ServiceError: a question was not answered.
        """
        number = 1
        while True:
            reply = await self._model.ask(self._prompt)
            self.usage += reply.usage
            wants_to_look = reply.form is None and reply.calls and reply.stop in _WHOLE
            if not wants_to_look or self._look_ups.calls_left == 0:
                return reply
            number += 1
            self._look_up(reply, number)

    def closed(self, reply: Reply | None, verdict: str) -> tuple[Turn, ...]:
        """Give all that was said, ended by a reply and what became of the calls in it."""
        said = (*self._prompt.history, Turn(role="user", text=self._prompt.user))
        if reply is None:
            return said
        calls = reply.calls
        if reply.form is not None and self._prompt.tool is not None:
            form = Call(id=f"form_{len(said)}", name=self._prompt.tool.name, input=reply.form)
            calls = (*calls, form)
        text = reply.text.strip() or ("" if calls else "(empty)")
        returned = tuple(Returned(id=call.id, text=verdict) for call in calls)
        answer = Turn(role="assistant", text=text, calls=calls)
        return (*said, answer, *((Turn(role="user", text="", returned=returned),) if calls else ()))

    def _look_up(self, reply: Reply, number: int) -> None:
        asked = (
            *self._prompt.history,
            Turn(role="user", text=self._prompt.user),
            Turn(role="assistant", text=reply.text.strip(), calls=reply.calls),
        )
        shown = tuple(
            Returned(id=call.id, text=self._look_ups.execute(call.name, call.input))
            for call in reply.calls
        )
        left = self._look_ups.calls_left
        self._prompt = replace(
            self._prompt,
            key=f"{self._key}/look{number - 1}",
            history=(*asked, Turn(role="user", text="", returned=shown)),
            user=f"{left} look-ups left." if left else "No look-ups left: give your edit now.",
        )
