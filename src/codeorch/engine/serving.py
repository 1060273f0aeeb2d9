"""The process that talks to the service, for `Aside`: `python -m codeorch.engine.serving FD`.

When the process that it works for has gone, answers that have come are still read and written
down, because they are paid for. Then it ends: nothing more is asked for nobody.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Any

from codeorch.engine.frames import receive, send
from codeorch.engine.receipts import Receipts
from codeorch.engine.values import load
from codeorch.errors import ServiceError
from codeorch.hardening import conceal
from codeorch.llm import Model, Prompt, load_service, open_service

_LAST_LOOKS, _LOOK_S = 20, 0.01


async def serve(ours: socket.socket) -> None:
    """Answer questions until the other side says that it needs no more, or is gone."""
    reader, writer = await asyncio.open_connection(sock=ours)
    told = await receive(reader)
    if told is None:
        return
    opened = open_service(told["service"], url=told["url"], key=told["key"])
    model = Receipts(opened, Path(told["receipts"]))
    asking: dict[int, asyncio.Task[None]] = {}
    while (message := await receive(reader)) is not None:
        number = message["number"]
        match message:
            case {"prompt": prompt}:
                task = asyncio.create_task(_answer(model, number, load(Prompt, prompt), writer))
                asking[number] = task
                task.add_done_callback(partial(_ended, number, asking, writer))
            case {"close": _}:
                await model.aclose()
                send(writer, {"number": number})
                await writer.drain()
                return
            case _:
                if number in asking:
                    asking[number].cancel()
    for _ in range(_LAST_LOOKS if asking else 0):
        await asyncio.sleep(_LOOK_S)


async def _answer(model: Model, number: int, prompt: Prompt, writer: asyncio.StreamWriter) -> None:
    try:
        answer: dict[str, Any] = {"reply": await model.ask(prompt)}
    except ServiceError as error:
        answer = {
            "error": str(error),
            "kind": error.kind,
            "retryable": error.retryable,
            "retry_after_s": error.retry_after_s,
        }
    send(writer, {"number": number, **answer})


def _ended(
    number: int,
    asking: dict[int, "asyncio.Task[None]"],
    writer: asyncio.StreamWriter,
    task: "asyncio.Task[None]",
) -> None:
    del asking[number]
    if not task.cancelled() and (fault := task.exception()) is not None:
        send(writer, {"number": number, "fault": "".join(traceback.format_exception(fault))})


def main() -> None:
    """Load what takes long, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that we work for
    conceal()
    gc.disable()  # nothing to collect while modules are loaded, and much to look through
    load_service(sys.argv[2])
    gc.freeze()
    gc.enable()
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
    os._exit(0)  # without a second of tidying up


if __name__ == "__main__":
    main()
