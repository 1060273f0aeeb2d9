"""Our values as JSON: stored, between two processes, and as the id of a question."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from codeorch.llm import Prompt

LONGEST_LINE = 1 << 28  # bytes of one message; a prompt has at most some millions
_NOT_ASKED = frozenset({"key", "question_id", "timeout_s"})  # change nothing in what is asked


def question_id(prompt: Prompt, salt: str = "") -> str:
    """Return the id of what is asked: model, settings, tools and messages, 40 hexadecimal digits.

    The same question has the same id in every run. `salt` sets apart what only looks the same:
    another service, or a wish to be asked anew.
    """
    question = {name: value for name, value in fields(prompt).items() if name not in _NOT_ASKED}
    raw = json.dumps([question, salt], sort_keys=True, ensure_ascii=False, default=_question_fields)
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _question_fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - as `fields`
    """Return the fields that are part of a question; thinking is, where there is some."""
    named = fields(value)
    return named if named.get("thinking", True) else {k: named[k] for k in named if k != "thinking"}


def dump(value: Any) -> str:  # noqa: ANN401 - any of our values
    """Return a value as JSON, its fields by name, without line breaks."""
    return json.dumps(value, default=fields)


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
    writer.write(dump(message).encode() + b"\n")


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
