"""One call opens the way for those that begin with the same words, so that the cache serves them.

A provider can serve a prompt's beginning from its cache once it has begun to answer the first call
with it. Calls that start side by side would all pay for it in full.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from codeorch.llm.model import Prompt

_LEAST = 4_000  # characters; no provider caches shorter beginnings
_A_SECOND = 6_000  # characters; to read so many from the cache is worth a second's wait
_PATIENCE_S = 10.0  # at the most; a first call that is stuck costs no more


class Openings:
    """Lets the first call of each beginning go ahead; the others wait until it is read.

    They wait as long as what they share is worth, and not at all if the service has shown that it
    takes longer than that to begin an answer.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._read: dict[int, asyncio.Event] = {}
        self._begins_s = 0.0  # from a question to the beginning of its answer, the last time

    @asynccontextmanager
    async def turn(self, prompt: Prompt) -> AsyncIterator[Callable[[], None]]:
        """Wait for a call's turn; gives what to call when the service begins to answer."""
        read = asyncio.Event()
        if len(prompt.system) + len(prompt.shared) >= _LEAST:
            tools = tuple(tool.name for tool in prompt.tools)
            beginning = hash((prompt.model, tools, prompt.system, prompt.shared))
            first = self._read.setdefault(beginning, read)
            worth_s = (len(prompt.system) + len(prompt.shared)) / _A_SECOND
            patience_s = min(self._patience_s, worth_s)
            if first is not read and self._begins_s <= patience_s:
                read = first
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience_s):
                        await read.wait()
        start = time.monotonic()

        def begins() -> None:
            self._begins_s = time.monotonic() - start
            read.set()

        try:
            yield begins
        finally:
            read.set()
