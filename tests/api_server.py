"""A local HTTP server that speaks the Messages API and chat completions, with every fault.

A brain is a callable `(request, n) -> Answer`: the parsed request body and its number from 1.
"""

import contextlib
import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {
    "input_tokens": 11,
    "output_tokens": 7,
    "cache_read_input_tokens": 5,
    "cache_creation_input_tokens": 3,
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What to send: text, a filled-in tool, or a fault.

    fault: hang, hang_mid, drip, pings, cut, reset, html, page, bad_json, error_event. A `page` is
    the message as it is, with the status.
    """

    text: str = ""
    tool: dict | None = None  # {"name": ..., "input": {...}}
    calls: tuple = ()  # more such, called before `tool`
    stop: str = ""
    status: int = 200
    fault: str = ""
    headers: dict = field(default_factory=dict)
    message: str = "as the test wants"
    kind: str = "api_error"
    pace_s: float = 0.0  # between the events of the body
    reasoning: str = ""  # of chat completions, beside the content
    spoil: object = None  # body of a chat completion -> what is sent instead
    prefix: bytes = b""  # before the body
    is_whole: bool = False  # never streamed
    chunks: tuple = ()  # of a chat completion, sent as they are
    frame: object = None  # event of the Messages API -> bytes, as another cloud sends it

    @property
    def called(self):
        """All tool calls in order, each with its id."""
        made = (*self.calls, *([self.tool] if self.tool else []))
        return [{**call, "id": f"toolu_{n}"} for n, call in enumerate(made, start=1)]


def words_of(request):
    """Give all that we have said in a request, look-ups and verdicts included, as one text."""
    said = []
    for message in request["messages"]:
        content = message["content"] or ""
        if message["role"] in ("user", "tool"):
            blocks = [{"text": content}] if isinstance(content, str) else content
            said += [block.get("text") or block.get("content") or "" for block in blocks]
    return "\n".join(said)


def task_of(request):
    """Name the path that a worker is asked to change; empty for a planner.

    All calls of a run offer the same tools: a worker is known by the heading of its task.
    """
    headings = re.findall(r"^## Task\n\w+ (\S+)", words_of(request), re.MULTILINE)
    return headings[-1] if headings else ""


class PromptCache:
    """Counts as the provider does: exact beginnings up to a mark, of one model, long enough.

    Tools come first, then the system prompt, then the messages, which depend on the tool choice,
    too. What a request may read is what is there when it arrives; what it brings is there once its
    answer has begun. Tokens are four characters each. `counts` holds, for each request in the
    order of arrival, how many tokens lie before its last mark and how many of them were read.
    """

    def __init__(self, least=1024, marks=4):
        self.least = least
        self.marks = marks
        self.known = set()
        self.counts = []
        self._lock = threading.Lock()

    def arrival(self, request):
        """Give the usage of a request, and what it brings."""
        choice = {"choice": request.get("tool_choice"), "thinking": request.get("thinking")}
        blocks = [
            *request.get("tools", []),
            *request.get("system", []),
            choice,
            *({**b, "role": m["role"]} for m in request["messages"] for b in m["content"]),
        ]
        digest, tokens, marks = hashlib.sha256(request["model"].encode()), 0, []
        for block in blocks:
            plain = {key: value for key, value in block.items() if key != "cache_control"}
            digest.update(json.dumps(plain).encode())
            tokens += len(json.dumps(plain)) // 4 if block is not choice else 0
            if "cache_control" in block:
                marks.append((digest.hexdigest(), tokens))
        if len(marks) > self.marks:
            raise AssertionError(f"{len(marks)} marks; the provider refuses more than {self.marks}")
        marks = [mark for mark in marks if mark[1] >= self.least]
        with self._lock:
            read = max((size for name, size in marks if name in self.known), default=0)
            end = max((size for _, size in marks), default=0)
            self.counts.append((end, read))
        usage = {
            "input_tokens": tokens - end,
            "output_tokens": 7,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": end - read,
        }
        return usage, {name for name, _ in marks}

    def keep(self, brought):
        with self._lock:
            self.known |= brought


class ApiServer:
    """Runs in threads of its own; use it as a context manager."""

    def __init__(self, brain, *, counting=False, models=()):
        self.brain = brain
        self.models = models
        self.cache = PromptCache() if counting else None
        self.requests = []
        self.headers = []
        self.paths = []
        self.finished = []  # (when, request) of answers that went out whole
        self.closing = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, request, headers, path):
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            self.paths.append(path)
            number = len(self.requests)
        return self.brain(request, number)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256  # with five, whoever calls sixth tries again a second later


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: ApiServer

    def log_message(self, *_):
        pass

    def do_GET(self):
        listed = [{"id": name, "object": "model"} for name in self.api.models]
        body = json.dumps({"object": "list", "data": listed, "has_more": False}).encode()
        self.close_connection = True
        if self.api.models:
            self._whole(200, body, "application/json", {})
        else:
            self._whole(404, b"{}", "application/json", {})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/token":  # of Google's clouds
            token = {"access_token": "the-token", "expires_in": 3600, "token_type": "Bearer"}
            self._whole(200, json.dumps(token).encode(), "application/json", {})
            return
        request = {"model": "", **json.loads(raw)}
        cache = self.api.cache
        self.usage, self.brought = cache.arrival(request) if cache else (USAGE, set())
        answer = self.api.take(request, dict(self.headers.items()), self.path)
        self.close_connection = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # some tests give up
            self._answer(request, answer)
            self.wfile.flush()
            self.api.finished.append((time.monotonic(), request))

    def _answer(self, request, answer):
        if answer.fault == "hang":
            self.api.closing.wait(20)
        elif answer.fault == "html":
            self._whole(200, b"<html>hello</html>", "text/html", {})
        elif answer.fault == "page":
            self._whole(answer.status, answer.message.encode(), "text/html", answer.headers)
        elif answer.status != 200:
            error = {"type": answer.kind, "message": answer.message}
            body = json.dumps({"type": "error", "error": error}).encode()
            self._whole(answer.status, body, "application/json", answer.headers)
        elif self.path.endswith("/chat/completions"):
            self._completion(request, answer)
        else:
            self._stream(request, answer)

    def _whole(self, status, body, kind, headers):
        self.send_response(status)
        for name, value in {
            "content-type": kind,
            "content-length": len(body),
            "connection": "close",
            **headers,
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def _completion(self, request, answer):
        message = {"role": "assistant", "content": answer.text or None}
        if answer.reasoning:
            message["reasoning_content"] = answer.reasoning
        if answer.called:
            message["tool_calls"] = [
                {"id": call["id"], "type": "function",
                 "function": {"name": call["name"], "arguments": _raw(call["input"])}}
                for call in answer.called
            ]  # fmt: skip
        stop = answer.stop or ("tool_calls" if answer.called else "stop")
        body = {
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": stop}],
        }
        if answer.chunks:
            self._send_events([*(("", chunk) for chunk in answer.chunks), ("", "[DONE]")], answer)
            return
        if answer.spoil:
            body = answer.spoil(body)
        if request.get("stream") and not answer.is_whole and "choices" in body:
            self._send_events(_chunks(body), answer)
        else:
            self._whole(200, answer.prefix + json.dumps(body).encode(), "application/json", {})

    def _stream(self, request, answer):
        if answer.frame:
            events = _events(request, answer, self.usage)
            body = b"".join(answer.frame(event) for _, event in events)
            self._whole(200, body, "application/vnd.amazon.eventstream", {})
            return
        self._send_events(_events(request, answer, self.usage), answer)

    def _send_events(self, events, answer):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(answer.prefix)
        for number, (event, data) in enumerate(events):
            if number == 3 and answer.fault in _MIDWAY:
                return _MIDWAY[answer.fault](self)
            if number == 0 and self.api.cache:
                self.api.cache.keep(self.brought)
            self.event(event, data)
            if wait_s := 0.3 if answer.fault == "drip" else answer.pace_s:
                self.api.closing.wait(wait_s)
        return None

    def event(self, event, data):
        body = data if isinstance(data, str) else json.dumps(data)
        head = f"event: {event}\n" if event else ""
        self.wfile.write(f"{head}data: {body}\n\n".encode())
        self.wfile.flush()

    def pings(self):
        while not self.api.closing.wait(0.05):
            self.event("ping", {"type": "ping"})

    def reset(self):
        import socket
        import struct

        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


_MIDWAY = {
    "hang_mid": lambda self: self.api.closing.wait(20),
    "pings": _Handler.pings,
    "cut": lambda self: None,
    "reset": _Handler.reset,
    "bad_json": lambda self: self.event("content_block_delta", '{"type": "content_blo'),
    "error_event": lambda self: self.event(
        "error", {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    ),
}


def _raw(given):
    """Arguments as they are sent: a text is sent as it is, however wrong."""
    return given if isinstance(given, str) else json.dumps(given)


def _pieces(text, size=40):
    return [text[i : i + size] for i in range(0, len(text), size)]


def _chunks(body):
    """A chat completion as the chunks of a stream; what was spoilt in it stays spoilt."""

    def chunk(delta, stop=None):
        choice = {"index": number, "delta": delta, "finish_reason": stop}
        return "", {"model": body.get("model"), "choices": [choice]}

    for number, choice in enumerate(body["choices"]):  # noqa: B007 - `chunk` reads it
        message = choice.get("message") or {}
        yield chunk({"role": "assistant", "content": ""})
        for key in ("reasoning_content", "content"):
            value = message.get(key)
            for piece in _pieces(value) if isinstance(value, str) else [value]:
                yield chunk({key: piece})
        for index, call in enumerate(message.get("tool_calls") or ()):
            function = call["function"]
            arguments = function["arguments"]
            begin = {**call, "index": index, "function": {**function, "arguments": ""}}
            yield chunk({"tool_calls": [begin]})
            for piece in _pieces(arguments) if isinstance(arguments, str) else [arguments]:
                yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        yield chunk({}, choice.get("finish_reason"))
    if not body["choices"]:
        yield "", {"model": body.get("model"), "choices": []}
    if "usage" in body:
        yield "", {"choices": [], "usage": body["usage"]}
    yield "", "[DONE]"


def _events(request, answer, usage):
    stop = answer.stop or ("tool_use" if answer.called else "end_turn")
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": request["model"],
        "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    yield "message_start", {"type": "message_start", "message": message}
    blocks = []
    if answer.text or not answer.called:
        pieces = [answer.text[i : i + 40] for i in range(0, max(1, len(answer.text)), 40)]
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
        blocks.append(({"type": "text", "text": ""}, deltas))
    for call in answer.called:
        raw = _raw(call["input"])
        pieces = [raw[i : i + 40] for i in range(0, len(raw), 40)]
        start = {"type": "tool_use", "id": call["id"], "name": call["name"], "input": {}}
        blocks.append(
            (start, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces])
        )
    for index, (start, deltas) in enumerate(blocks):
        yield (
            "content_block_start",
            {"type": "content_block_start", "index": index, "content_block": start},
        )
        for delta in deltas:
            yield (
                "content_block_delta",
                {"type": "content_block_delta", "index": index, "delta": delta},
            )
        yield "content_block_stop", {"type": "content_block_stop", "index": index}
    end = {"stop_reason": stop, "stop_sequence": None}
    spent = {"output_tokens": 9}
    yield "message_delta", {"type": "message_delta", "delta": end, "usage": spent}
    yield "message_stop", {"type": "message_stop"}
