"""One call opens the way for those that begin with the same words, so that the cache serves them.

A provider can serve a prompt's beginning from its cache once it has begun to answer the first call
with it. Calls that start side by side would all pay for it in full.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from codeorch.llm.model import Prompt

_LEAST = 4_000  # characters; no provider caches shorter beginnings
_PATIENCE_S = 1.0  # a first call that is slow to begin holds nobody longer


class Openings:
    """Lets the first call of each beginning go ahead; the others wait until it is read."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._read: dict[int, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, prompt: Prompt) -> AsyncIterator[Callable[[], None]]:
        """Wait for a call's turn; gives what to call when the service begins to answer."""
        if len(prompt.system) + len(prompt.shared) < _LEAST:
            yield lambda: None
            return
        tools = tuple(tool.name for tool in prompt.tools)
        beginning = hash((prompt.model, tools, prompt.system, prompt.shared))
        if beginning in self._read:
            read = self._read[beginning]
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    await read.wait()
        else:
            read = self._read[beginning] = asyncio.Event()
        try:
            yield read.set
        finally:
            read.set()
