"""One call opens the way for those that begin with the same words, so that the cache serves them.

A provider can serve the beginning of a conversation from its cache once it has begun to answer the
first call that marked it. Forks that start side by side would all pay for writing it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from codeorch.llm.model import Prompt

_LEAST = 4_000  # characters; no provider caches shorter beginnings
_PATIENCE_S = 1.0  # a first call that takes longer to begin holds nobody up


class CacheGate:
    """Lets the first call of each marked beginning go ahead; the others wait until it is read.

    They wait for a second at the most, and not at all if the service has shown that it takes
    longer than that to begin an answer.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._read: dict[int, asyncio.Event] = {}
        self._begins_s = 0.0  # from a question to the beginning of its answer, the last time

    @asynccontextmanager
    async def turn(self, prompt: Prompt) -> AsyncIterator[Callable[[], None]]:
        """Wait for a call's turn; gives what to call when the service begins to answer."""
        read = asyncio.Event()
        if (beginning := _beginning(prompt)) is not None:
            first = self._read.setdefault(beginning, read)
            if first is not read and self._begins_s <= self._patience_s:
                read = first
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._patience_s):
                        await read.wait()
        start = time.monotonic()

        def begins() -> None:
            self._begins_s = time.monotonic() - start
            read.set()

        try:
            yield begins
        finally:
            read.set()


def _beginning(prompt: Prompt) -> int | None:
    """Return a number for what comes up to the last cache mark; None where nothing is kept."""
    words, length = 0, 0
    for words, length in prompt.conversation.marked_prefixes():  # noqa: B007 - the last one
        pass
    return hash((prompt.model, prompt.effort, words)) if length >= _LEAST else None
