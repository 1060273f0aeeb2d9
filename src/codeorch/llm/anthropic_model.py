"""Anthropic's Messages API. The only importer of the anthropic package."""

import importlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm.model import Call, Prompt, Reply, Stop, Tool, Turn
from codeorch.llm.prompt_cache_gate import Openings
from codeorch.llm.retry import deadline

_STOPS: dict[str, Stop] = {
    "end_turn": "end_turn",
    "stop_sequence": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "refusal": "refusal",
    "model_context_window_exceeded": "context_overflow",
}
# By HTTP status: kind, whether asking again can help, what to do.
_STATUSES: dict[int, tuple[str, bool, str]] = {
    400: ("bad_request", False, "the service did not understand the request"),
    401: ("auth", False, "the key is not accepted; check ANTHROPIC_API_KEY"),
    402: ("quota", False, "the account cannot pay for this; see its billing page"),
    403: ("auth", False, "the key may not do this; check its permissions"),
    404: (
        "unknown_model",
        False,
        "no such model or address; check the model's name and the base URL",
    ),
    408: ("timeout", True, "the service gave up waiting"),
    409: ("server", True, "the service had a conflict"),
    413: ("too_large", False, "the request is too large"),
    422: ("bad_request", False, "the service did not understand the request"),
    429: ("rate_limited", True, "too many requests"),
    529: ("overloaded", True, "the service is overloaded"),
}
_LATER_S = 5.0  # our own deadline comes first
_EPHEMERAL = {"type": "ephemeral"}


class AnthropicModel:
    """Asks the Messages API once for each prompt: streamed, with our own deadline.

    Host and key are given explicitly, so that nothing in the environment can redirect them.
    `on_arrival` hears of each prompt whose answer has begun to arrive.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None = None,
        on_arrival: Callable[[Prompt], None] = lambda _: None,
    ) -> None:
        self._key = api_key
        self._url = base_url or "https://api.anthropic.com"
        self._on_arrival = on_arrival
        self._openings = Openings()
        self._client: Any = None

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        if self._client is None:
            # Two seconds of importing, once, before the first deadline starts to run.
            from anthropic import AsyncAnthropic  # noqa: PLC0415

            self._client = AsyncAnthropic(
                api_key=self._key, base_url=self._url, max_retries=0, timeout=600.0
            )
        async with self._openings.turn(prompt) as answering, deadline(prompt.timeout_s):
            return await self._once(prompt, time.monotonic(), answering)

    def warm(self) -> None:
        """Import what `ask` needs in a thread, so that it happens while the repository is read."""
        threading.Thread(target=importlib.import_module, args=("anthropic",), daemon=True).start()

    async def aclose(self) -> None:
        """Close the connections; asking again opens new ones."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _once(self, prompt: Prompt, start: float, answering: Callable[[], None]) -> Reply:
        import anthropic  # noqa: PLC0415 - loaded already by `ask`
        import httpx2  # noqa: PLC0415

        try:
            stream = await self._client.messages.create(
                **_request(prompt), timeout=prompt.timeout_s + _LATER_S
            )
            answering()
            self._on_arrival(prompt)
            async with stream:
                return await _collect(stream, prompt, self._url, start)
        except anthropic.APIStatusError as error:
            raise self._translated(error) from error
        except anthropic.APIConnectionError as error:
            kind = "timeout" if isinstance(error, anthropic.APITimeoutError) else "connection"
            raise ServiceError(
                f"{self._url} cannot be reached", kind=kind, retryable=True
            ) from error
        except httpx2.HTTPError as error:
            raise ServiceError(
                f"the connection to {self._url} broke off", kind="connection", retryable=True
            ) from error
        except (json.JSONDecodeError, anthropic.APIError, AttributeError) as error:
            raise _not_api(self._url) from error

    def _translated(self, error: Any) -> ServiceError:  # noqa: ANN401 - the SDK's error
        status = int(error.status_code)
        kind, retryable, told = _STATUSES.get(
            status, ("server", status >= 500, f"the service failed with status {status}")
        )
        typed = _error_type(error.body)
        if typed == "overloaded_error":
            kind, retryable, told = _STATUSES[529]
        elif "SpendLimit" in type(error).__name__ or typed == "billing_error":
            kind, retryable, told = _STATUSES[402]
        said = _error_message(error.body).replace(self._key, "***")
        if kind == "bad_request" and "too long" in said:
            kind = "too_large"
        return ServiceError(
            f"{told} ({said})" if said else told,
            kind=kind,
            retryable=retryable,
            retry_after_s=_retry_after(error.response.headers.get("retry-after")),
        )


def _request(prompt: Prompt) -> dict[str, Any]:
    request: dict[str, Any] = {
        "model": prompt.model,
        "max_tokens": prompt.max_tokens,
        "messages": _messages(prompt),
        "stream": True,
    }
    if prompt.system:
        request["system"] = [_block(prompt.system, cached=True)]
    if prompt.effort is not None:
        request["output_config"] = {"effort": prompt.effort}
    offered = (*((prompt.tool,) if prompt.tool else ()), *prompt.tools)
    if offered:
        request["tools"] = [_tool(tool) for tool in offered]
        forced = prompt.tool is not None and prompt.force_tool
        request["tool_choice"] = (
            {"type": "tool", "name": offered[0].name} if forced else {"type": "auto"}
        )
    return request


def _tool(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": _strict(tool.schema),
        "strict": True,
    }


# What a strict schema may not say; the receiver of the form checks these things itself.
_LOOSE = frozenset(
    {"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
     "pattern", "default", "title"}
)  # fmt: skip


def _strict(schema: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, Mapping):
        named = schema.get("properties")
        kept = {
            key: _strict(value)
            for key, value in schema.items()
            if key not in _LOOSE and key != "properties"
        }
        if isinstance(named, Mapping):
            kept["properties"] = {name: _strict(value) for name, value in named.items()}
        return kept
    if isinstance(schema, list | tuple):
        return [_strict(item) for item in schema]
    return schema


def _messages(prompt: Prompt) -> list[dict[str, Any]]:
    """Write the turns; the shared part opens the first one, marked for the cache.

    A conversation with tools sends all that was said again and again, so its end is marked, too.
    """
    messages: list[dict[str, Any]] = []
    for turn in (*prompt.history, Turn(role="user", text=prompt.user)):
        if messages and messages[-1]["role"] == turn.role:
            messages[-1]["content"] += _content(turn)
        else:
            messages.append({"role": turn.role, "content": _content(turn)})
    # A block is read right behind the one before it, so each ends with a blank line.
    opening = [_block(f"{prompt.shared}\n\n", cached=True)] if prompt.shared else []
    opening += [_block(f"{prompt.news}\n\n")] if prompt.news else []
    messages[0]["content"][:0] = opening
    if prompt.tools:
        messages[-1]["content"][-1]["cache_control"] = _EPHEMERAL
    return messages


def _content(turn: Turn) -> list[dict[str, Any]]:
    """Write one turn: what calls gave back must come first, calls must come last."""
    returned = [
        {"type": "tool_result", "tool_use_id": one.id, "content": one.text} for one in turn.returned
    ]
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.input)}
        for call in turn.calls
    ]
    return [*returned, *([_block(turn.text)] if turn.text else []), *calls]


def _block(text: str, *, cached: bool = False) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"cache_control": _EPHEMERAL} if cached else {})


@dataclass(slots=True)
class _RawCall:
    """A tool call in the making."""

    id: str
    name: str
    input: str = ""  # JSON


class _Parts:
    """A reply in the making."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.calls: list[_RawCall] = []
        self.counted: dict[str, Any] = {}
        self.model = self.stop = ""
        self.ended = False

    def take(self, event: Any) -> None:  # noqa: ANN401 - one of the SDK's event classes
        match event.type:
            case "message_start":
                self.model = event.message.model
                self.counted = event.message.usage.model_dump()
            case "content_block_start" if event.content_block.type == "tool_use":
                self.calls.append(_RawCall(event.content_block.id, event.content_block.name))
            case "content_block_delta" if event.delta.type == "text_delta":
                self.texts.append(event.delta.text)
            case "content_block_delta" if event.delta.type == "input_json_delta" and self.calls:
                self.calls[-1].input += event.delta.partial_json
            case "message_delta":
                self.stop = event.delta.stop_reason or self.stop
                new = event.usage.model_dump()
                self.counted |= {key: value for key, value in new.items() if value is not None}
            case "message_stop":
                self.ended = True
            case _:  # pings, ends of blocks, and what the service may add one day
                pass


async def _collect(stream: AsyncIterator[Any], prompt: Prompt, url: str, start: float) -> Reply:
    """Put a reply together from its events; only a whole one counts."""
    parts = _Parts()
    async for event in stream:
        parts.take(event)
    if not parts.model:
        raise _not_api(url)
    if not parts.ended or parts.stop not in _STOPS:
        raise ServiceError("the answer was cut off on the way", kind="cut_stream", retryable=True)
    calls = _calls(parts.calls, parts.stop)
    asked = {tool.name for tool in prompt.tools}
    return Reply(
        text="".join(parts.texts),
        stop=_STOPS[parts.stop],
        form=next((call.input for call in calls if call.name not in asked), None),
        calls=tuple(call for call in calls if call.name in asked),
        usage=_usage(parts.counted, time.monotonic() - start),
        model=parts.model,
    )


def _calls(raw: list[_RawCall], stop: str) -> list[Call]:
    try:
        read = [(call, json.loads(call.input or "{}")) for call in raw]
    except (ValueError, RecursionError) as error:
        if stop == "max_tokens":
            return []
        raise ServiceError(
            "the answer's form is not valid JSON", kind="cut_stream", retryable=True
        ) from error
    return [
        Call(id=call.id, name=call.name, input=found)
        for call, found in read if isinstance(found, dict)
    ]  # fmt: skip


def _usage(counted: dict[str, Any], seconds: float) -> Usage:
    return Usage(
        calls=1,
        input_tokens=counted.get("input_tokens") or 0,
        output_tokens=counted.get("output_tokens") or 0,
        cache_read_tokens=counted.get("cache_read_input_tokens") or 0,
        cache_write_tokens=counted.get("cache_creation_input_tokens") or 0,
        seconds=seconds,
    )


def _not_api(url: str) -> ServiceError:
    return ServiceError(
        f"{url} does not answer as a Messages API; check the base URL",
        kind="not_api",
        retryable=False,
    )


def _error_type(body: object) -> str:
    inner = body.get("error") if isinstance(body, dict) else None
    return str(inner.get("type", "")) if isinstance(inner, dict) else ""


def _error_message(body: object) -> str:
    inner = body.get("error") if isinstance(body, dict) else None
    said = str(inner.get("message", "")) if isinstance(inner, dict) else ""
    return " ".join(said.split())[:300]


def _retry_after(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None  # a date: our own back-off does as well
