"""Messages between two processes of ours: a length of four bytes, then JSON."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from codeorch.engine.values import dump


def send(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    """Put a message on its way; our values may stand in it."""
    raw = dump(message).encode()
    writer.write(len(raw).to_bytes(4) + raw)


async def receive(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """Wait for a message; None when the other process has gone."""
    try:
        size = int.from_bytes(await reader.readexactly(4))
        message: dict[str, Any] = json.loads(await reader.readexactly(size))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return message
