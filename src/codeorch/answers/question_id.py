"""Our values as JSON: stored, between two processes, and as the id of a question."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from codeorch.llm import Message, Prompt

LONGEST_LINE = 1 << 28  # bytes of one message; a prompt has at most some millions
_NOT_ASKED = frozenset({"key", "question_id", "timeout_s"})  # change nothing in what is asked
_ADDED = frozenset({"thinking", "extra"})  # by a service, to be sent back


def question_id(prompt: Prompt, salt: str = "") -> str:
    """Return the id of what is asked: model, settings, tools and messages, 40 hexadecimal digits.

    The same question has the same id in every run. `salt` sets apart what only looks the same:
    another service, or a wish to be asked anew.
    """
    talk = prompt.conversation
    question = {name: value for name, value in fields(prompt).items() if name not in _NOT_ASKED}
    question["conversation"] = replace(talk, messages=())
    bare = json.dumps(
        [question, salt], sort_keys=True, ensure_ascii=False, default=_question_fields
    )
    # Before it stands nothing but the name of a tool.
    raw = bare.replace(
        _NO_MESSAGES, f'"messages": [{_join_messages(talk.messages, _as_question)}]', 1
    )
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _question_fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - as `fields`
    """Return the fields that are part of a question, with what a service added, if anything."""
    return {key: one for key, one in fields(value).items() if one or key not in _ADDED}


def dump(value: Any) -> str:  # noqa: ANN401 - any of our values
    """Return a value as JSON, its fields by name, without line breaks."""
    return json.dumps(value, default=fields)


def dump_prompt(prompt: Prompt) -> str:
    """Return a prompt as `dump` does, but write each message once only, however many hold it."""
    talk = prompt.conversation
    bare = dump(replace(prompt, conversation=replace(talk, messages=())))
    # After it stand nothing but the settings.
    head, _, tail = bare.rpartition(_NO_MESSAGES)
    return f'{head}"messages": [{_join_messages(talk.messages, dump)}]{tail}'


_NO_MESSAGES = '"messages": []'
_TEXTS: dict[tuple[int, object], tuple[Message, str]] = {}  # by identity and how it is written
_MOST_TEXTS = 500


def _join_messages(messages: Iterable[Message], write: Callable[[Message], str]) -> str:
    """Write messages as JSON, each once: forks share their beginning, which is most of them."""
    return ", ".join(_written(message, write) for message in messages)


def _written(message: Message, write: Callable[[Message], str]) -> str:
    known, text = _TEXTS.get((id(message), write), (None, ""))
    if known is message:
        return text
    if len(_TEXTS) >= _MOST_TEXTS:
        _TEXTS.clear()
    text = write(message)
    _TEXTS[id(message), write] = message, text
    return text


def _as_question(message: Message) -> str:
    return json.dumps(message, sort_keys=True, ensure_ascii=False, default=_question_fields)


def fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass or a mapping
    """Return the fields of one value; `dataclasses.asdict` would copy all that they hold."""
    names = getattr(value, "__dataclass_fields__", None)
    return dict(value) if names is None else {name: getattr(value, name) for name in names}


def load(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any of our values
    """Return a value of some kind, built from parsed JSON; None stays None.

    Raises:
        pydantic.ValidationError: it does not fit.
    """
    return None if value is None else _adapter(kind).validate_python(value)


def send(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    """Put a message on its way to the other process, one line each."""
    prompt = message.get("prompt")
    if isinstance(prompt, Prompt):
        rest = {name: value for name, value in message.items() if name != "prompt"}
        text = f'{dump(rest)[:-1]}, "prompt": {dump_prompt(prompt)}}}'
    else:
        text = dump(message)
    writer.write(text.encode() + b"\n")


async def receive(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """Wait for a message; None when the other side has closed its end, or is gone."""
    try:
        line = await reader.readline()
        message: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
    except ConnectionError:
        return None
    return message


@cache
def _adapter(kind: Any) -> Any:  # noqa: ANN401 - pydantic's
    """Build the reader of a kind once: it takes ten milliseconds."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - 0.1 s

    return TypeAdapter(kind)
