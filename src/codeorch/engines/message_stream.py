"""Messages of JSON behind a header that says their length, over a process's pipes.

Servers of the Language Server Protocol send them so, and TypeScript's own server does, too.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

from codeorch.errors import ServiceError
from codeorch.sandbox import Pipes

_HEADER_END: Final = b"\r\n\r\n"
_MAX_HEADER_BYTES: Final = 4096
_MAX_MESSAGE_BYTES: Final = 64 << 20


@dataclass(slots=True, kw_only=True)
class MessageStream:
    """What a process says, message by message."""

    process: Pipes
    _buffer: bytearray = field(default_factory=bytearray)

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the next message; None when the time is over.

        Raises:
            ServiceError: the process has ended, or sends what is no message.
        """
        deadline = time.monotonic() + timeout_s
        while (body := self._body()) is None:
            data = self.process.receive(max(deadline - time.monotonic(), 0.0))
            if not data and time.monotonic() >= deadline:
                return None
            self._buffer += data
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise stream_failure("sent what is no JSON") from error
        if not isinstance(message, dict):
            raise stream_failure("sent what is no message")
        return message

    def _body(self) -> bytes | None:
        """Cut the next message off what has arrived; None when it is not whole."""
        end = self._buffer.find(_HEADER_END, 0, _MAX_HEADER_BYTES)
        if end < 0:
            if len(self._buffer) >= _MAX_HEADER_BYTES:
                raise stream_failure("sent what is no message")
            return None
        size = _content_length(bytes(self._buffer[:end]))
        start = end + len(_HEADER_END)
        if len(self._buffer) < start + size:
            return None
        body = bytes(self._buffer[start : start + size])
        del self._buffer[: start + size]
        return body


def _content_length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            size = int(value.strip()[:12])
            if size <= _MAX_MESSAGE_BYTES:
                return size
            raise stream_failure("sent too long a message")
    raise stream_failure("sent what is no message")


def stream_failure(what: str) -> ServiceError:
    """Return the error of a conversation that cannot go on."""
    return ServiceError(what, kind="engine", retryable=False)
