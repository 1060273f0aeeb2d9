"""The Messages API, of Anthropic and of servers that speak it. Imports the anthropic package."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from codeorch.llm import network
from codeorch.llm.capabilities import Capabilities
from codeorch.llm.client import (
    PackageClient,
    Progress,
    RawAnswer,
    Server,
    cut_off,
    events_of,
    refuse_errors,
    translate_errors,
)
from codeorch.llm.cloud import EVENT_STREAM, Cloud, credential_errors, open_cloud, server_sent
from codeorch.llm.conversation import Message, Tool
from codeorch.llm.event_stream import Events
from codeorch.llm.model import Prompt
from codeorch.llm.parse_answer import RawCall
from codeorch.llm.wire_schema import in_words, plain_schema, wish_for

_CONNECT_S = 10.0
_EPHEMERAL = {"type": "ephemeral"}
_MOST_MARKS = 4  # the service refuses more
_ARGUMENTS = "partial_json"
_THINKING = ("thinking", "redacted_thinking")


class AnthropicClient(PackageClient):
    """Asks one server that speaks the Messages API; its URL ends before `/v1`.

    Host and key are given explicitly, so that nothing in the environment can redirect them.
    The client of another `cloud` finds its credentials itself, and its host as well unless
    `cloud_url` names it.
    """

    def __init__(self, server: Server, *, cloud: Cloud | None = None, cloud_url: str = "") -> None:
        super().__init__(server)
        self._cloud = cloud
        self._cloud_url = cloud_url

    def request_of(self, prompt: Prompt, known: Capabilities) -> dict[str, Any]:
        """Write a prompt as the server wants it."""
        request: dict[str, Any] = {
            "model": prompt.model,
            "max_tokens": prompt.max_tokens,
            "messages": messages_of(prompt, known),
        }
        if known.takes("stream"):
            request["stream"] = True
        if (system := _system(prompt, known)) and known.takes("system"):
            request["system"] = [_block(system)]
        if prompt.effort is not None and known.takes("output_config"):
            request["output_config"] = {"effort": prompt.effort}
        tools = prompt.conversation.tools
        if tools and known.has_tools:
            is_strict = known.form == "strict"
            request["tools"] = [_tool(tool, is_strict=is_strict) for tool in tools]
            if known.takes("tool_choice"):
                request["tool_choice"] = {"type": "auto"}
        return request

    async def send(
        self, request: Mapping[str, Any], progress: Progress, idle_s: float
    ) -> RawAnswer:
        """Send a request and read the answer; see `Client.send`."""
        import anthropic  # noqa: PLC0415 - more than a second
        import httpx2  # noqa: PLC0415 - loaded with it

        limits = httpx2.Timeout(idle_s, connect=min(_CONNECT_S, idle_s))
        answer = _Answer()
        with translate_errors(anthropic, self._url):
            create = self._client().messages.with_streaming_response.create
            async with AsyncExitStack() as stack:
                with credential_errors(self._cloud, anthropic.APIError, httpx2.HTTPError):
                    sent = create(**request, timeout=limits)
                    response = await stack.enter_async_context(sent)
                events = _events_of(response, progress)
                async for name, value in events:
                    event = refuse_errors(value, self._url)
                    progress(answer.take(str(event.get("type") or name), event))
                    if answer.is_whole:
                        await events.finish()
                        break
        if not answer.is_whole:
            raise cut_off()
        return answer.raw()

    async def models(self) -> tuple[str, ...]:
        """List the models of the server; see `Client.models`. A cloud's client cannot."""
        if self._cloud is not None:
            return ()
        import anthropic  # noqa: PLC0415 - as above

        with translate_errors(anthropic, self._url):
            client = self._client().with_options(timeout=_CONNECT_S)
            return tuple([str(one.id) async for one in client.models.list()])

    def _open(self) -> Any:  # noqa: ANN401 - the package's
        import anthropic  # noqa: PLC0415 - as above

        http = network.open_client(anthropic.DefaultAsyncHttpxClient, self._url)
        if self._cloud is None:
            return anthropic.AsyncAnthropic(
                api_key=self._server.sent_key,
                base_url=self._url,
                max_retries=0,
                http_client=http,
            )
        client = open_cloud(self._cloud, anthropic, http, self._cloud_url)
        self._url = str(client.base_url).rstrip("/")
        return client


def _events_of(response: Any, progress: Progress) -> Events:  # noqa: ANN401 - the package's
    """Return the events of a response; Bedrock wraps them into messages of its own."""
    if EVENT_STREAM not in response.headers.get("content-type", ""):
        return events_of(response, progress)
    progress(0)
    chunks = server_sent(response.iter_bytes())
    return Events(chunks, is_stream=True, on_chunk=lambda: progress(0))


# ------------------------------------------------------------------------------- the question


def messages_of(prompt: Prompt, known: Capabilities) -> list[dict[str, Any]]:
    """Write the messages; neighbours of one side are one message, with a block for each."""
    messages: list[dict[str, Any]] = []
    said = prompt.conversation.messages
    marks = [message for message in said if message.cache_mark][-_MOST_MARKS:]
    for message in said:
        content = _content(message, known)
        if content and _caches(known) and any(message is mark for mark in marks):
            content[-1]["cache_control"] = _EPHEMERAL
        if messages and messages[-1]["role"] == message.role:
            messages[-1]["content"] += content
        elif content:
            messages.append({"role": message.role, "content": content})
    if (system := _system(prompt, known)) and not known.takes("system"):
        messages[0]["content"].insert(0, _block(f"{system}\n\n"))
    return messages


def _content(message: Message, known: Capabilities) -> list[dict[str, Any]]:
    """Write one message: what calls gave back must come first, calls must come last."""
    if not known.has_tools:
        text = in_words(message)
        return [_block(text)] if text else []
    returned = [
        {"type": "tool_result", "tool_use_id": one.id, "content": one.text}
        for one in message.returned
    ]
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.input)}
        for call in message.calls
    ]
    is_sent = calls and known.takes("thinking")
    thoughts = [dict(block) for block in message.thinking] if is_sent else []
    texts = [_block(message.text)] if message.text else []
    return [*returned, *thoughts, *texts, *calls]


def _system(prompt: Prompt, known: Capabilities) -> str:
    system = prompt.conversation.system
    if prompt.form is None or known.has_tools:
        return system
    return system + wish_for(prompt.form, prompt.look_ups)


def _tool(tool: Tool, *, is_strict: bool) -> dict[str, Any]:
    schema = plain_schema(tool.schema) if is_strict else dict(tool.schema)
    written = {"name": tool.name, "description": tool.description, "input_schema": schema}
    return written | ({"strict": True} if is_strict else {})


def _block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _caches(known: Capabilities) -> bool:
    return known.takes("cache_control")


# ------------------------------------------------------------------------------- the answer


class _Answer:
    """An answer in the making, from the events of a stream or from one whole body."""

    def __init__(self) -> None:
        self._blocks: dict[Any, dict[str, Any]] = {}
        self._pieces: dict[tuple[Any, str], list[str]] = {}  # of a block's field
        self._counts: dict[str, Any] = {}
        self._model = self._stop = ""
        self.is_whole = False

    def take(self, kind: str, event: Mapping[str, Any]) -> int:
        """Take an event or a body in; return how many characters of the answer it brought."""
        match kind:
            case "message_start":
                self._begin(_mapping(event.get("message")))
            case "message":
                self._begin(event)
                for number, block in enumerate(_list(event.get("content"))):
                    self._blocks[number] = dict(_mapping(block))
                self.is_whole = True
            case "content_block_start":
                self._blocks[event.get("index")] = dict(_mapping(event.get("content_block")))
            case "content_block_delta":
                return self._add(event.get("index"), _mapping(event.get("delta")))
            case "message_delta":
                self._stop = str(_mapping(event.get("delta")).get("stop_reason") or self._stop)
                self._count(event.get("usage"))
            case "message_stop":
                self.is_whole = True
            case _:  # pings, ends of blocks, and what the service may add one day
                pass
        return 0

    def raw(self) -> RawAnswer:
        """Return the answer."""
        for (index, name), pieces in self._pieces.items():
            if name != _ARGUMENTS:
                block = self._blocks[index]
                block[name] = "".join([str(block.get(name) or ""), *pieces])
        blocks = list(self._blocks.items())
        texts = [str(block.get("text") or "") for _, block in blocks if block.get("type") == "text"]
        thoughts = [block for _, block in blocks if block.get("type") in _THINKING]
        calls = [(key, block) for key, block in blocks if block.get("type") == "tool_use"]
        return RawAnswer(
            content="".join(texts),
            calls=tuple(
                RawCall(
                    id=str(block.get("id") or ""),
                    name=str(block.get("name") or ""),
                    arguments="".join(self._pieces.get((key, _ARGUMENTS), ()))
                    or block.get("input"),
                )
                for key, block in calls
            ),
            reasoning="\n\n".join(str(block.get("thinking") or "") for block in thoughts),
            thinking=tuple(thoughts),
            stop=self._stop,
            counts=self._counts,
            model=self._model,
        )

    def _begin(self, message: Mapping[str, Any]) -> None:
        self._model = str(message.get("model") or "")
        self._stop = str(message.get("stop_reason") or "")
        self._count(message.get("usage"))

    def _count(self, counts: object) -> None:
        """Take counts in; later ones win where they say something."""
        self._counts |= {key: one for key, one in _mapping(counts).items() if one is not None}

    def _add(self, index: object, delta: Mapping[str, Any]) -> int:
        """Add a piece to its block; one of a block that never began begins it."""
        match delta.get("type"):
            case "text_delta":
                return self._append(index, "text", "text", delta.get("text"))
            case "thinking_delta":
                return self._append(index, "thinking", "thinking", delta.get("thinking"))
            case "signature_delta":
                self._append(index, "thinking", "signature", delta.get("signature"))
            case "input_json_delta":
                return self._append(index, "tool_use", _ARGUMENTS, delta.get(_ARGUMENTS))
            case _:
                pass
        return 0

    def _append(self, index: object, kind: str, name: str, piece: object) -> int:
        self._blocks.setdefault(index, {"type": kind})
        self._pieces.setdefault((index, name), []).append(str(piece or ""))
        return len(str(piece or ""))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    if isinstance(value, str):
        return [{"type": "text", "text": value}]
    return value if isinstance(value, list) else []
