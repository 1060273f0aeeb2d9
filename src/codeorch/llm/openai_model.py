"""Servers that speak OpenAI's chat completions, e.g. local ones."""

import json
import time
from typing import Any, cast

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm.model import Call, Prompt, Reply, Stop, Tool, Turn
from codeorch.llm.retry import deadline

_STOPS: dict[str, Stop] = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}
_CHARS_A_TOKEN = 3.6  # for servers that count nothing


class OpenAIModel:
    """Asks a chat completions server; forms by tool call, or as JSON in the text.

    Not every server knows tools: the first one that refuses them is asked without from then on.
    """

    def __init__(self, *, base_url: str, api_key: str = "") -> None:
        self._url = base_url.rstrip("/")
        self._key = api_key
        self._client: Any = None
        self._knows_tools = True

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        if self._client is None:
            import httpx2  # noqa: PLC0415 - 0.2 s

            headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
            self._client = httpx2.AsyncClient(headers=headers, timeout=None)
        async with deadline(prompt.timeout_s):
            return await self._tried(prompt, time.monotonic())

    async def aclose(self) -> None:
        """Close the connections; asking again opens new ones."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _tried(self, prompt: Prompt, start: float) -> Reply:
        try:
            return await self._once(prompt, start)
        except ServiceError as error:
            refused = error.kind in ("bad_request", "server") and prompt.tool is not None
            if not refused or not self._knows_tools:
                raise
            self._knows_tools = False
            return await self._once(prompt, start)

    async def _once(self, prompt: Prompt, start: float) -> Reply:
        import httpx2  # noqa: PLC0415

        request = _request(prompt, tools=self._knows_tools)
        try:
            response = await self._client.post(f"{self._url}/chat/completions", json=request)
        except httpx2.TimeoutException as error:
            raise ServiceError(
                f"{self._url} does not answer", kind="timeout", retryable=True
            ) from error
        except httpx2.HTTPError as error:
            raise ServiceError(
                f"{self._url} cannot be reached", kind="connection", retryable=True
            ) from error
        if response.status_code != 200:
            raise _failure(response, self._key)
        try:
            body = response.json()
            choice = body["choices"][0]
            return _reply(prompt, choice, body, time.monotonic() - start)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ServiceError(
                f"{self._url} does not answer as chat completions do; check the base URL",
                kind="not_api",
                retryable=False,
            ) from error


def _request(prompt: Prompt, *, tools: bool) -> dict[str, Any]:
    request: dict[str, Any] = {
        "model": prompt.model,
        "messages": _messages(prompt, tools=tools),
        "max_tokens": prompt.max_tokens,
    }
    if prompt.temperature is not None:
        request["temperature"] = prompt.temperature
    offered = (*((prompt.tool,) if prompt.tool else ()), *prompt.tools)
    if offered and tools:
        request["tools"] = [_function(tool) for tool in offered]
        forced = {"type": "function", "function": {"name": offered[0].name}}
        request["tool_choice"] = forced if prompt.tool and prompt.force_tool else "auto"
    return request


def _function(tool: Tool) -> dict[str, Any]:
    said = {"name": tool.name, "description": tool.description, "parameters": dict(tool.schema)}
    return {"type": "function", "function": said}


def _messages(prompt: Prompt, *, tools: bool) -> list[dict[str, Any]]:
    system = prompt.system
    if prompt.tool is not None and not tools:
        system += _form_in_text(prompt.tool)
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    opening = "".join(f"{part}\n\n" for part in (prompt.shared, prompt.news) if part)
    for turn in (*prompt.history, Turn(role="user", text=prompt.user)):
        messages += _said(turn, opening) if tools else _told(turn, opening)
        opening = ""
    return messages


def _said(turn: Turn, opening: str) -> list[dict[str, Any]]:
    """Write one turn; what each call gave back is a message of its own."""
    messages: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": one.id, "content": one.text} for one in turn.returned
    ]
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.input))},
        }
        for call in turn.calls
    ]
    if calls:
        messages.append({"role": turn.role, "content": turn.text or None, "tool_calls": calls})
    elif turn.text:
        messages.append({"role": turn.role, "content": opening + turn.text})
    return messages


def _told(turn: Turn, opening: str) -> list[dict[str, Any]]:
    """Write one turn for a server without tools: forms as text, as it is asked to write them."""
    forms = [f"{call.name}:\n{json.dumps(dict(call.input))}" for call in turn.calls]
    text = "\n\n".join(filter(None, [*(one.text for one in turn.returned), turn.text, *forms]))
    return [{"role": turn.role, "content": opening + text}]


def _form_in_text(tool: Tool) -> str:
    return (
        f"\n\nThere are no tools here. Instead of calling the tool `{tool.name}`, end your answer "
        f"with a line that says `{tool.name}:` and then one JSON object that fits this schema:\n"
        + json.dumps(dict(tool.schema))
    )


def _reply(prompt: Prompt, choice: Any, body: Any, seconds: float) -> Reply:  # noqa: ANN401
    message = choice["message"]
    text = message.get("content") or ""
    stop = _STOPS.get(choice.get("finish_reason") or "")
    if stop is None:
        raise ServiceError("the answer was cut off on the way", kind="cut_stream", retryable=True)
    calls = _calls(message.get("tool_calls") or [])
    known = {tool.name for tool in prompt.tools}
    form = next((call.input for call in calls if call.name not in known), None)
    if not calls and prompt.tool is not None:
        text, form = _split(text, prompt.tool.name)
    usage = body.get("usage") or {}
    asked = json.dumps(_messages(prompt, tools=True), ensure_ascii=False)
    return Reply(
        text=text,
        stop=stop,
        form=form,
        calls=tuple(call for call in calls if call.name in known),
        usage=Usage(
            calls=1,
            input_tokens=usage.get("prompt_tokens") or round(len(asked) / _CHARS_A_TOKEN),
            output_tokens=usage.get("completion_tokens") or round(len(text) / _CHARS_A_TOKEN),
            seconds=seconds,
        ),
        model=str(body.get("model", "")),
    )


def _calls(raw: list[Any]) -> list[Call]:
    read = [(one, json.loads(one["function"]["arguments"] or "{}")) for one in raw]
    return [
        Call(id=one.get("id") or f"call{number}", name=one["function"]["name"], input=found)
        for number, (one, found) in enumerate(read) if isinstance(found, dict)
    ]  # fmt: skip


def _split(text: str, name: str) -> tuple[str, dict[str, Any] | None]:
    """Part a text from the form at its end, if there is one."""
    head, mark, tail = text.rpartition(f"{name}:")
    if not mark:
        head, tail = "", text
    start, end = tail.find("{"), tail.rfind("}")
    if start < 0 or end < start:
        return text, None
    try:
        found = json.loads(tail[start : end + 1])
    except (ValueError, RecursionError):
        return text, None
    return head.rstrip("`* \n") if mark else "", cast("dict[str, Any]", found)


def _failure(response: Any, key: str) -> ServiceError:  # noqa: ANN401 - httpx2's response
    status = int(response.status_code)
    said = " ".join(response.text.split())[:300]
    said = said.replace(key, "***") if key else said
    kinds = {400: "bad_request", 401: "auth", 403: "auth", 404: "unknown_model", 413: "too_large",
             422: "bad_request", 429: "rate_limited", 529: "overloaded"}  # fmt: skip
    after = response.headers.get("retry-after", "")
    kind = kinds.get(status, "server")
    if kind == "bad_request" and ("context" in said or "too long" in said):
        kind = "too_large"
    return ServiceError(
        f"the server failed with status {status} ({said})",
        kind=kind,
        retryable=status in (408, 409, 429) or status >= 500,
        retry_after_s=float(after) if after.replace(".", "", 1).isdigit() else None,
    )
