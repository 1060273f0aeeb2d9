"""JSON-RPC 2.0 with the headers of the Language Server Protocol, over a process's pipes.

The packages for it (pygls, lsprotocol) take 0.9 s of processor time to import, more than a server
takes to answer for a small repository; the part that we need is this page.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from codeorch.engines.message_stream import MessageStream, stream_failure
from codeorch.sandbox import Pipes

_METHOD_NOT_FOUND: Final = -32601
# The server gave up a request for its own reasons, such as a file that changed: ask again.
_CANCELLED: Final = frozenset({-32800, -32801, -32802})
_PAUSES_S: Final = (0.1, 0.2, 0.4)

# Answers a request of the server; LookupError = there is no such method.
Responder = Callable[[str, Any], Any]


class RequestRefused(Exception):
    """The server understood a request and will not serve it; the text is its own."""


@dataclass(slots=True, kw_only=True)
class JsonRpc:
    """One conversation; one question at a time."""

    process: Pipes
    respond: Responder
    _stream: MessageStream = field(init=False)
    _number: int = 0

    def __post_init__(self) -> None:
        self._stream = MessageStream(process=self.process)

    def notify(self, method: str, params: object) -> None:
        """Tell the server something."""
        self._send({"method": method, "params": params})

    def request(self, method: str, params: object, timeout_s: float) -> Any:  # noqa: ANN401 - JSON
        """Ask the server something, again where it gives up on its own.

        Raises:
            RequestRefused: it answers with an error.
            ServiceError: it has ended, does not answer in time, or sends what is no message.
        """
        deadline = time.monotonic() + timeout_s
        for pause_s in (*_PAUSES_S, None):
            self._number += 1
            self._send({"id": self._number, "method": method, "params": params})
            reply = self._reply(self._number, deadline)
            error = reply.get("error")
            if error is None:
                return reply.get("result")
            code = error.get("code") if isinstance(error, dict) else None
            if code not in _CANCELLED or pause_s is None:
                raise RequestRefused(str(error))
            self.drain(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _reply(self, number: int, deadline: float) -> dict[str, Any]:
        while (left_s := deadline - time.monotonic()) > 0:
            message = self._message(left_s)
            if message is not None and "method" not in message and message.get("id") == number:
                return message
        self._send({"method": "$/cancelRequest", "params": {"id": number}})
        raise stream_failure("did not answer in time")

    def drain(self, seconds: float) -> None:
        """Take what the server sends within a time, and answer what it asks."""
        deadline = time.monotonic() + seconds
        while (left_s := deadline - time.monotonic()) > 0:
            self._message(left_s)

    def _message(self, timeout_s: float) -> dict[str, Any] | None:
        """Take the next message, and serve it if it is a request; None when the time is over."""
        message = self._stream.receive(timeout_s)
        if message is not None and "method" in message and "id" in message:
            self._serve(message)
        return message

    def _serve(self, message: dict[str, Any]) -> None:
        reply: dict[str, Any] = {"id": message["id"]}
        try:
            reply["result"] = self.respond(str(message["method"]), message.get("params"))
        except LookupError:
            reply["error"] = {"code": _METHOD_NOT_FOUND, "message": "not served"}
        self._send(reply)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.send(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
