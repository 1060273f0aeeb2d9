"""A model in a process of its own.

The provider's package takes more than a second to load, and its work on hundreds of answers would
stand in line with ours. Beside us it does neither; and an answer is on disk as soon as it has come,
whatever we are busy with, and even if we are killed at that moment.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import codeorch
from codeorch.engine.frames import receive, send
from codeorch.engine.values import load
from codeorch.errors import ServiceError
from codeorch.llm import Prompt, Reply, Service

_CLOSING_S = 2.0
_SLOW_S = 60.0  # beyond a call's own deadline: the other process hangs, or was stopped

_prepared: dict[Service, "_Process"] = {}


@dataclass(frozen=True, slots=True)
class _Process:
    """The other process, and our end of the line to it."""

    popen: subprocess.Popen[bytes]
    line: socket.socket


def prepare(service: Service) -> None:
    """Start the process that will be needed soon."""
    if service not in _prepared:
        _prepared[service] = _started(service)


class Aside:
    """Asks a service through a process of its own, which keeps receipts; see `Model`."""

    def __init__(self, service: Service, *, url: str, key: str, receipts: Path) -> None:
        self._told = {"service": service, "url": url, "key": key, "receipts": str(receipts)}
        self._service: Service = service
        self._process: _Process | None = _prepared.pop(service, None)
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._opening = asyncio.Lock()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = count()

    def warm(self) -> None:
        """Start the process, so that it is ready when the first question comes."""
        if self._process is None:
            self._process = _started(self._service)

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        number = next(self._numbers)
        try:
            async with asyncio.timeout(prompt.timeout_s + _SLOW_S):
                answer = await self._answer(number, {"prompt": prompt})
        except TimeoutError as error:
            self._tell({"number": number})
            raise ServiceError(
                "the process that asks the service does not answer", kind="timeout", retryable=True
            ) from error
        except asyncio.CancelledError:
            self._tell({"number": number})
            raise
        match answer:
            case {"reply": reply}:
                whole: Reply = load(Reply, reply)
                return whole
            case {"fault": fault}:
                raise RuntimeError(f"in the process that asks the service:\n{fault}")
            case _:
                raise ServiceError(answer.pop("error"), **answer)

    async def aclose(self) -> None:
        """Close the connections and end the process; asking again starts another one."""
        if self._writer is not None and self._reading is not None:
            with contextlib.suppress(TimeoutError, ServiceError):
                async with asyncio.timeout(_CLOSING_S):
                    await self._answer(next(self._numbers), {"close": True})
            if self._writer is not None:
                self._writer.close()
            await self._reading
        elif self._process is not None:  # nothing was asked
            self._process.line.close()
            self._end()

    async def _answer(self, number: int, message: dict[str, Any]) -> dict[str, Any]:
        async with self._opening:
            writer = await self._line()
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            send(writer, {"number": number, **message})
            await writer.drain()
            return await answer
        except ConnectionError as error:
            raise _gone() from error
        finally:
            self._waiting.pop(number, None)

    async def _line(self) -> asyncio.StreamWriter:
        if self._writer is None:
            self.warm()
            assert self._process is not None
            reader, self._writer = await asyncio.open_connection(sock=self._process.line)
            send(self._writer, self._told)
            self._reading = asyncio.create_task(self._read(reader))
        return self._writer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while (message := await receive(reader)) is not None:
                waiting = self._waiting.get(message.pop("number"))
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
        finally:
            await self._hung_up()

    async def _hung_up(self) -> None:
        writer, self._writer = self._writer, None
        self._end()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(_gone())
        if writer is not None:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _end(self) -> None:
        """End the process; the next question starts another one."""
        if self._process is not None:
            self._process.popen.kill()
            self._process.popen.wait()
            self._process = None

    def _tell(self, message: dict[str, Any]) -> None:
        if self._writer is not None:
            send(self._writer, message)


def _started(service: Service) -> _Process:
    ours, theirs = socket.socketpair()
    with theirs:
        # -P: the folder that we are in may hold modules of any name.
        module = "codeorch.engine.serving"
        argv = [sys.executable, "-P", "-m", module, str(theirs.fileno()), service]
        popen = subprocess.Popen(
            argv,
            env=_environment(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return _Process(popen, ours)


def _environment() -> dict[str, str]:
    """Give our environment, and the place where this package is; it gets the key by the line."""
    places = [str(Path(codeorch.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, places))}


def _gone() -> ServiceError:
    return ServiceError(
        "the process that asks the service has ended", kind="connection", retryable=True
    )
