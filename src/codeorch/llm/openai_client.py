"""Chat completions, as OpenAI and most other servers speak them. Imports the openai package."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from codeorch.llm import network
from codeorch.llm.capabilities import Capabilities
from codeorch.llm.client import (
    PackageClient,
    Progress,
    RawAnswer,
    cut_off,
    events_of,
    refuse_errors,
    translate_errors,
)
from codeorch.llm.conversation import Message, Tool
from codeorch.llm.model import Prompt
from codeorch.llm.parse_answer import RawCall
from codeorch.llm.service_errors import ProblemError, problem_of
from codeorch.llm.wire_schema import in_words, strict_schema, wish_for

_CONNECT_S = 10.0
# How servers name reasoning that comes beside the answer; the first one that is there is sent back.
_REASONING = ("reasoning_content", "reasoning", "thinking")
# What Gemini and gateways to it put beside a call, and want back with it.
_SIGNATURES = ("extra_content", "thought_signature", "provider_specific_fields")
_NOTHING_SAID = "(empty)"


class OpenAIClient(PackageClient):
    """Asks one server that speaks chat completions; its URL ends before `/chat/completions`."""

    def request_of(self, prompt: Prompt, known: Capabilities) -> dict[str, Any]:
        """Write a prompt as the server wants it."""
        request: dict[str, Any] = {
            "model": prompt.model,
            "messages": messages_of(prompt, known),
            **_sampling(prompt, known),
            **_form_of(prompt, known),
        }
        if known.limit_name:
            request[known.limit_name] = prompt.max_tokens
        if known.takes("stream"):
            request["stream"] = True
            if known.takes("stream_options"):
                request["stream_options"] = {"include_usage": True}
        return request

    async def send(
        self, request: Mapping[str, Any], progress: Progress, idle_s: float
    ) -> RawAnswer:
        """Send a request and read the answer; see `Client.send`."""
        import httpx2  # noqa: PLC0415 - 0.1 s
        import openai  # noqa: PLC0415 - 0.5 s

        limits = httpx2.Timeout(idle_s, connect=min(_CONNECT_S, idle_s))
        answer = _Answer()
        with translate_errors(openai, self._url):
            create = self._client().chat.completions.with_streaming_response.create
            async with create(**request, timeout=limits) as response:
                events = events_of(response, progress)
                async for _, value in events:
                    progress(answer.take(refuse_errors(value, self._url)))
        if not answer.is_whole(is_done=events.is_done):
            raise cut_off()
        return answer.raw()

    async def models(self) -> tuple[str, ...]:
        """List the models of the server; see `Client.models`."""
        import openai  # noqa: PLC0415 - as above

        with translate_errors(openai, self._url):
            listed = await self._client().with_options(timeout=_CONNECT_S).models.list()
            return tuple(str(one.id) for one in listed.data or ())

    def _open(self) -> Any:  # noqa: ANN401 - the package's
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # noqa: PLC0415 - as above

        return AsyncOpenAI(
            api_key=self._server.sent_key,
            base_url=self._url,
            max_retries=0,
            http_client=network.open_client(DefaultAsyncHttpxClient, self._url),
        )


# ------------------------------------------------------------------------------- the question


def messages_of(prompt: Prompt, known: Capabilities) -> list[dict[str, Any]]:
    """Write the conversation; without tools all of it as text, the form's wish at its end."""
    with_tools = known.has_tools
    system, opening = prompt.conversation.system, ""
    if prompt.form is not None and not with_tools:
        alone = _is_json(prompt, known)
        system += wish_for(prompt.form, prompt.look_ups, alone=alone)
    messages: list[dict[str, Any]] = []
    if system and known.takes("system"):
        messages.append({"role": "system", "content": system})
    elif system:
        opening = f"{system}\n\n"
    for said in prompt.conversation.messages:
        for message in _turn_messages(said, known) if with_tools else _in_words(said):
            if opening and message["role"] == "user":
                message["content"] = opening + message["content"]
                opening = ""
            _join(messages, message, known)
    return messages


def _join(messages: list[dict[str, Any]], message: dict[str, Any], known: Capabilities) -> None:
    """Add a message; two of the user behind each other are one: not every server takes two.

    Where none of the user may stand behind what a call gave back, it is said with that.
    """
    last = messages[-1] if messages else {}
    takes_words = ("user",) if known.takes("user_after_tool") else ("user", "tool")
    if message["role"] == "user" and last.get("role") in takes_words:
        last["content"] += "\n\n" + message["content"]
    else:
        messages.append(message)


def _turn_messages(turn: Message, known: Capabilities) -> list[dict[str, Any]]:
    """Write one turn; what each call gave back is a message of its own."""
    messages: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": _call_id(one.id, known), "content": one.text}
        for one in turn.returned
    ]
    calls = [
        {
            **(call.extra if known.takes("thinking") else {}),
            "id": _call_id(call.id, known),
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.input))},
        }
        for call in turn.calls
    ]
    if calls:
        thoughts: dict[str, Any] = {}
        for block in turn.thinking if known.takes("thinking") else ():
            thoughts |= block
        nothing = None if known.takes("null_content") else _NOTHING_SAID
        said = {"role": turn.role, "content": turn.text or nothing, "tool_calls": calls}
        messages.append({**said, **thoughts})
    elif turn.text:
        messages.append({"role": turn.role, "content": turn.text})
    return messages


def _call_id(given: str, known: Capabilities) -> str:
    """Return the id of a call; where those of a service are refused, nine letters and digits."""
    if known.takes("call_ids"):
        return given
    return hashlib.sha256(given.encode()).hexdigest()[:9]


def _in_words(turn: Message) -> list[dict[str, Any]]:
    text = in_words(turn)
    return [{"role": turn.role, "content": text}] if text else []


def _is_json(prompt: Prompt, known: Capabilities) -> bool:
    """Whether the whole answer can be asked for as JSON: nothing but the form is wanted."""
    return known.form == "json" and prompt.form is not None and prompt.form_alone


def _form_of(prompt: Prompt, known: Capabilities) -> dict[str, Any]:
    """Ask for the form as well as the server can."""
    tools = prompt.conversation.tools
    if not tools:
        return {}
    if not known.has_tools:
        is_json = _is_json(prompt, known)
        return {"response_format": {"type": "json_object"}} if is_json else {}
    is_strict = known.form == "strict"
    request: dict[str, Any] = {"tools": [_function(tool, is_strict=is_strict) for tool in tools]}
    if known.takes("tool_choice"):
        request["tool_choice"] = "auto"
    if is_strict and known.takes("parallel_tool_calls"):  # else a schema need not hold
        request["parallel_tool_calls"] = bool(prompt.look_ups)
    return request


def _function(tool: Tool, *, is_strict: bool) -> dict[str, Any]:
    schema = strict_schema(tool.schema) if is_strict else dict(tool.schema)
    function = {"name": tool.name, "description": tool.description, "parameters": schema}
    return {"type": "function", "function": function | ({"strict": True} if is_strict else {})}


def _sampling(prompt: Prompt, known: Capabilities) -> dict[str, Any]:
    """Set effort where it is known, else temperature: a model that has the one lacks the other."""
    if prompt.effort is not None and known.takes("reasoning_effort"):
        return {"reasoning_effort": "xhigh" if prompt.effort == "max" else prompt.effort}
    if prompt.temperature is not None and known.takes("temperature"):
        return {"temperature": prompt.temperature}
    return {}


# ------------------------------------------------------------------------------- the answer


class _Answer:
    """An answer in the making, from the chunks of a stream or from one whole body."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._parts: list[object] = []  # of content that is a list
        self._thoughts: dict[str, Any] = {}  # by the field that they came in
        self._calls: dict[tuple[str, str], dict[str, Any]] = {}
        self._last: dict[str, tuple[str, str]] = {}  # call of each index, that goes on
        self._counts: Mapping[str, Any] = {}
        self._stop: object = None
        self._model = ""
        self._index = ""  # of the choice that is read
        self._is_body = False
        self._is_counted = False

    def take(self, value: Mapping[str, Any]) -> int:
        """Take a chunk or a body in; return how many characters of the answer it brought."""
        self._model = str(value.get("model") or self._model)
        if isinstance(counts := value.get("usage"), Mapping):
            self._counts, self._is_counted = counts, True
        choice = self._choice_of(value.get("choices"))
        if choice is None:
            return 0
        if choice.get("error"):
            raise ProblemError(problem_of(200, choice))
        self._stop = choice.get("finish_reason") or self._stop
        self._is_body = self._is_body or "message" in choice
        message = choice.get("delta") or choice.get("message") or {}
        if isinstance(message, Mapping):
            return self._add(message)
        return self._add({"content": message})

    def _choice_of(self, choices: object) -> Mapping[str, Any] | None:
        """Return the first choice; a server may send others that nobody asked for."""
        for choice in choices if isinstance(choices, Sequence) else ():
            if isinstance(choice, Mapping):
                index = str(choice.get("index") or 0)
                self._index = self._index or index
                return choice if index == self._index else None
        return None

    def is_whole(self, *, is_done: bool) -> bool:
        """Whether the end was seen: it is said, or a stop, or the count that comes last."""
        return is_done or self._is_body or self._stop is not None or self._is_counted

    def raw(self) -> RawAnswer:
        """Return the answer."""
        content: object = "".join(self._texts)
        if self._parts:
            content = [*filter(None, [content]), *self._parts]
        thoughts = next(
            (self._thoughts[name] for name in _REASONING if self._thoughts.get(name)), ""
        )
        return RawAnswer(
            content=content,
            calls=tuple(
                RawCall(id=call["id"], name=call["name"], arguments=call["arguments"],
                        extra=call["extra"])
                for call in self._calls.values()
            ),
            reasoning=str(thoughts),
            thinking=tuple({name: value} for name, value in self._thoughts.items()),
            stop=str(self._stop or ""),
            counts=self._counts,
            model=self._model,
        )  # fmt: skip

    def _add(self, message: Mapping[str, Any]) -> int:
        """Take in what a message says beside its calls, and its calls."""
        content = message.get("content") or message.get("failure")
        if isinstance(content, str):
            self._texts.append(content)
        elif isinstance(content, list):
            self._parts += content
        elif content:
            self._parts.append(content)
        size = len(content if isinstance(content, str) else str(content or ""))
        calls = message.get("tool_calls")
        for place, call in enumerate(calls if isinstance(calls, list) else ()):
            size += self._add_call(place, call)
        if isinstance(old := message.get("function_call"), Mapping):
            size += self._add_call(0, {"function": old})
        return size + self._add_thoughts(message)

    def _add_thoughts(self, message: Mapping[str, Any]) -> int:
        size = 0
        for name in _REASONING:
            if isinstance(thought := message.get(name), str) and thought:
                self._thoughts[name] = self._thoughts.get(name, "") + thought
                size += len(thought)
        if isinstance(details := message.get("reasoning_details"), list):
            earlier = self._thoughts.get("reasoning_details", [])
            self._thoughts["reasoning_details"] = [*earlier, *details]
        return size

    def _add_call(self, place: int, raw: object) -> int:
        """Take in a call or a piece of one; pieces are told by their index, else by their id."""
        if not isinstance(raw, Mapping):
            return 0
        inner = raw.get("function")
        function = inner if isinstance(inner, Mapping) else raw
        key = self._key_of(place, raw)
        self._last[key[0]] = key
        call = self._calls.setdefault(key, {"id": "", "name": "", "arguments": "", "extra": {}})
        call["id"] = str(raw.get("id") or call["id"])
        call["extra"] = call["extra"] | {key: raw[key] for key in _SIGNATURES if raw.get(key)}
        name = str(function.get("name") or "")
        call["name"] = call["name"] if call["name"].endswith(name) else call["name"] + name
        piece = function.get("arguments")
        if isinstance(piece, str) and isinstance(call["arguments"], str):
            call["arguments"] += piece
            return len(piece)
        if piece is not None and piece != "":
            call["arguments"] = piece
            return len(str(piece))
        return 0

    def _key_of(self, place: int, raw: Mapping[str, Any]) -> tuple[str, str]:
        """Name the call that a piece belongs to by its index and its id.

        Some servers give each call the index 0, others none: an id that is new begins a call, and
        a piece without one goes on with the last call of its index.
        """
        index = str(place if self._is_body else raw.get("index", ""))
        number = str(raw.get("id") or "")
        last = self._last.get(index)
        if last is not None and (not number or not self._calls[last]["id"]):
            return last
        return index, number
