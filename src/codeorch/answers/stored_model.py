"""Question -> answer that is stored, or asked for once and stored before anything else."""

import asyncio
from dataclasses import replace
from weakref import WeakValueDictionary

from codeorch.answers.question_id import question_id
from codeorch.answers.store import AnswerStore, StoredAnswer
from codeorch.domain import Usage
from codeorch.llm import Model, Prompt, Reply


class StoredModel:
    """Asks a model each question once, and stores what comes back; see `Model`.

    Of several tasks and processes with the same question one asks; the others wait for the answer,
    and the next of them asks when none came. Failures are not stored. An answer that the run paid
    for before carries its usage; one that costs it nothing more carries none.
    """

    def __init__(self, model: Model, store: AnswerStore, run_id: str = "") -> None:
        self._model = model
        self._store = store
        self._run_id = run_id
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._paid: set[str] = set()  # questions whose usage this process has handed out

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        name = prompt.question_id or question_id(prompt)
        turn = self._turns.setdefault(name, asyncio.Lock())
        async with turn, self._store.turn(name):
            answer = self._store.answer(name)
            if answer is None:
                reply = await self._model.ask(prompt)
                self._store.add(name, StoredAnswer(prompt, reply, self._run_id))
            elif answer.was_paid_by(self._run_id) and name not in self._paid:
                reply = answer.reply  # it came after the run's process was gone
            else:
                reply = replace(answer.reply, usage=Usage())
            self._paid.add(name)
        return reply

    async def aclose(self) -> None:
        """Close the model that is asked, and the store."""
        await self._model.aclose()
        self._store.close()
