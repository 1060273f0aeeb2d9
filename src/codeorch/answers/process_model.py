"""A model in a process of its own, which holds the keys.

The provider's package takes more than a second to load, and its work on hundreds of answers would
stand in line with ours. In the model process it does neither; and an answer is on disk as soon as
it has come, whatever we are busy with, and even if we are killed at that moment.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from codeorch.answers.question_id import LONGEST_LINE, load, receive, send
from codeorch.api_keys import ModelProcess
from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Arrival, CallFailed, Prompt, Reply

GRACE_S = 5.0  # for answers whose body has begun to arrive when a run ends early
_CLOSING_S = GRACE_S + 1.0


class ProcessModel:
    """Asks a service through the model process; see `Model`. `opening` tells it how to ask.

    `on_arrival` hears how much of an answer has come; see `open_service`.
    """

    def __init__(
        self,
        process: ModelProcess,
        opening: Mapping[str, str],
        on_arrival: Callable[[Prompt, Arrival], None] = lambda _prompt, _arrival: None,
    ) -> None:
        self._process: ModelProcess | None = process
        self._opening = opening
        self._on_arrival = on_arrival
        self._prompts: dict[int, Prompt] = {}
        self._connecting = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = count()

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        async with self._connecting:
            writer = await self._writer_of_process()
        number = next(self._numbers)
        self._replies[number] = asyncio.get_running_loop().create_future()
        self._prompts[number] = prompt
        try:
            send(writer, {"number": number, "prompt": prompt})
            await writer.drain()
            message = await self._replies[number]
        except ConnectionError as error:
            raise _end_of_process() from error
        except asyncio.CancelledError:
            if self._process is not None:  # closing cancels all that it may
                send(writer, {"number": number})
            raise
        finally:
            del self._replies[number], self._prompts[number]
        match message:
            case {"reply": reply}:
                whole: Reply = load(Reply, reply)
                return whole
            case {"fault": fault}:
                raise RuntimeError(f"in the model process:\n{fault}")
            case {"usage": usage}:
                raise CallFailed(message.pop("error"), **{**message, "usage": load(Usage, usage)})
            case _:
                raise ServiceError(message.pop("error"), **message)

    async def aclose(self) -> None:
        """Wait a moment for answers that are arriving, and end the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if self._writer is None or self._reading is None:  # nothing was asked
            process.line.close()
            os.kill(process.pid, signal.SIGKILL)
        else:
            with contextlib.suppress(OSError):
                self._writer.write_eof()
            await asyncio.wait([self._reading], timeout=_CLOSING_S)
            if not self._reading.done():
                os.kill(process.pid, signal.SIGKILL)
                await self._reading
        await asyncio.to_thread(os.waitpid, process.pid, 0)

    async def _writer_of_process(self) -> asyncio.StreamWriter:
        if self._process is None:
            raise _end_of_process()
        if self._writer is None:
            reader, self._writer = await asyncio.open_connection(
                sock=self._process.line, limit=LONGEST_LINE
            )
            send(self._writer, self._opening)
            self._reading = asyncio.create_task(self._read(reader, self._writer))
        return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand out what comes, until the process has ended."""
        while (message := await receive(reader)) is not None:
            number = message.pop("number")
            reply = self._replies.get(number)
            if reply is None or reply.done():
                continue
            if "arrival" in message:
                self._on_arrival(self._prompts[number], Arrival(**message["arrival"]))
            else:
                reply.set_result(message)
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(_end_of_process())
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def _end_of_process() -> ServiceError:
    message = "the process that asks the model has ended"
    return ServiceError(message, kind="process", retryable=False)
