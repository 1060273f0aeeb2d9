"""Bytes of a response -> its JSON values: one whole body, or the events of a stream.

The providers' packages turn each event into a class first, and drop what does not fit them: an
event without a name, a stream that begins with a byte order mark, a body that is no stream. Here
everything that a server sends is seen.
"""

import asyncio
import codecs
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

_DONE = "[DONE]"
_EVENT_STARTS = ("data:", "event:", ":")  # also where a server says that it is one body
_END_S = 0.2  # for the end of a connection whose answer is whole
_LONGEST = 64 << 20  # characters of one body; more is no answer


class NotAnApi(Exception):
    """What came is no JSON; the text says what it begins with."""


class Events:
    """The values of a response, one after the other.

    `is_done` tells afterwards whether the server said that this was all.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        is_stream: bool,
        on_chunk: Callable[[], None] = lambda: None,
    ) -> None:
        self._chunks = chunks
        self._on_chunk = on_chunk
        self._is_stream = is_stream
        self.is_done = False

    async def __aiter__(self) -> AsyncIterator[tuple[str, Any]]:
        """Yield the name of each event, which may be empty, and its value.

        Raises:
            NotAnApi: an event, or the body, is no JSON.
        """
        lines = self._lines()
        if not self._is_stream:
            text = "".join([line async for line in lines])
            if not text.strip():  # an answer of which nothing came
                return
            if not text.lstrip().startswith(_EVENT_STARTS):
                yield "", _json(text)
                self.is_done = True
                return
            lines = _each(text.split("\n"))
        async for name, data in _events(lines):
            if data.strip() == _DONE:
                await self.finish()
                return
            yield name, _json(data)

    async def finish(self) -> None:
        """Read what is left behind the end, so that the connection can serve the next call."""
        self.is_done = True
        with contextlib.suppress(Exception):  # all that counts is here
            async with asyncio.timeout(_END_S):
                async for _ in self._chunks:
                    pass

    async def _lines(self) -> AsyncIterator[str]:
        """Yield lines with their ends, which a character may be split over chunks before."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        rest, size = "", 0
        async for chunk in self._chunks:
            self._on_chunk()
            size += len(chunk)
            if size > _LONGEST:
                raise NotAnApi(rest[:80])
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in lines:
                yield f"{line}\n"
        if rest:
            yield rest


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str]]:
    """Yield the name and the data of each event that has data."""
    name, data = "", list[str]()
    async for raw in lines:
        line = raw.rstrip("\r\n")
        field, _, value = line.partition(":")
        # The empty line between two events may be missing.
        if field in ("data", "event") and data and _is_whole(data):
            yield name, "\n".join(data)
            name, data = "", []
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "event":
            name = value.strip()
        elif not line:
            if any(data):
                yield name, "\n".join(data)
            name, data = "", []
    if "".join(data).strip() == _DONE:  # all else without an end is cut off
        yield name, _DONE


def _is_whole(data: list[str]) -> bool:
    """Whether lines of data are a value by themselves."""
    try:
        json.loads("\n".join(data), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


async def _each(lines: list[str]) -> AsyncIterator[str]:
    for line in [*lines, ""]:
        yield line


def _json(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise NotAnApi(" ".join(text.split())[:80]) from error
