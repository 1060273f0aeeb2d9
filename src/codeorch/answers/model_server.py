"""The process that holds the keys, for `ProcessModel`: `python -m codeorch.answers.model_server`.

Its standard input is the line to the process that it works for. Through it come the keys, how to
ask, and prompts; replies go back. When the other end is closed, or its process gone, answers whose
body has begun to arrive are read to their end and stored, because they are paid for. Then it ends:
nothing more is asked for nobody.
"""

import asyncio
import gc
import os
import signal
import socket
import traceback
from pathlib import Path
from typing import Any

from codeorch.answers.process_model import GRACE_S
from codeorch.answers.question_id import LONGEST_LINE, load, receive, send
from codeorch.answers.store import AnswerStore
from codeorch.answers.stored_model import StoredModel
from codeorch.api_keys import VARIABLES
from codeorch.errors import ServiceError
from codeorch.hardening import forbid_memory_access
from codeorch.llm import Arrival, Model, Prompt, load_package, open_service


class ModelServer:
    """Answers messages: a prompt with a number begins a call, a number alone cancels it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._calls: dict[int, tuple[str, asyncio.Task[None]]] = {}  # with the question's id
        self._arriving: set[str] = set()  # questions whose answer has begun
        self._keeps_answers = False  # else none is worth a wait

    def open(self, opening: dict[str, str], keys: dict[str, str]) -> Model:
        """Open the service, and the store if there is one."""
        file = Path(opening["store"]) if opening["store"] else None
        self._keeps_answers = file is not None
        model = open_service(
            opening["provider"],
            url=opening["url"],
            key=keys.get(opening["key"], ""),
            key_name=VARIABLES.get(opening["key"], ""),
            servers_file=file.with_name("servers.json") if file else None,
            on_arrival=self._note_arrival,
        )
        return StoredModel(model, AnswerStore(file), opening["run_id"])

    def _note_arrival(self, prompt: Prompt, arrival: Arrival) -> None:
        """Tell those who asked for an answer how much of it has come."""
        if self._keeps_answers:
            self._arriving.add(prompt.question_id)
        for number, (name, _) in self._calls.items():
            if name == prompt.question_id:
                send(self._writer, {"number": number, "arrival": arrival})

    def handle(self, model: Model, message: dict[str, Any]) -> None:
        """Begin or cancel a call."""
        number = message["number"]
        if "prompt" in message:
            prompt: Prompt = load(Prompt, message["prompt"])
            call = asyncio.create_task(self._answer(model, number, prompt))
            self._calls[number] = prompt.question_id, call
        else:
            self._cancel(number)

    async def finish(self) -> None:
        """Cancel what has not begun to arrive, and wait for the rest, so long as we may."""
        for number in list(self._calls):
            self._cancel(number)
        if calls := [call for _, call in self._calls.values()]:
            await asyncio.wait(calls, timeout=GRACE_S)

    def _cancel(self, number: int) -> None:
        name, call = self._calls.get(number, ("", None))
        if call is not None and name not in self._arriving:
            call.cancel()

    async def _answer(self, model: Model, number: int, prompt: Prompt) -> None:
        try:
            message: dict[str, Any] = {"reply": await model.ask(prompt)}
        except ServiceError as error:
            message = {"error": str(error), **vars(error)}
        except Exception:  # noqa: BLE001 - nobody must wait for ever because of a fault of ours
            message = {"fault": traceback.format_exc()}
        finally:
            del self._calls[number]
            self._arriving.discard(prompt.question_id)
        send(self._writer, {"number": number, **message})


async def serve(line: socket.socket) -> None:
    """Serve one run, until the other end of the line is closed."""
    reader, writer = await asyncio.open_connection(sock=line, limit=LONGEST_LINE)
    first = await receive(reader)
    if first is None:
        return
    _load(first["package"])
    opening = await receive(reader)
    if opening is None:
        return
    server = ModelServer(writer)
    model = server.open(opening, first["keys"])
    while (message := await receive(reader)) is not None:
        server.handle(model, message)
    await server.finish()


def _load(package: str) -> None:
    """Load what takes long, with nothing to collect meanwhile, and much to look through."""
    gc.disable()
    load_package(package)
    gc.freeze()
    gc.enable()


def main() -> None:
    """Serve on standard input, in a session of our own: signals are for whom we work for."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    forbid_memory_access()
    asyncio.run(serve(socket.socket(fileno=os.dup(0))))
    os._exit(0)  # without a second of tidying up


if __name__ == "__main__":
    main()
