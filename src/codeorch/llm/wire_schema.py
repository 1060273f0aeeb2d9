"""Forms as providers hold a model to them, or as a text asks for them, and back again."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from codeorch.llm.conversation import Message, Tool

# What a strict schema may not say; the receiver of the form checks these things itself.
_LOOSE = frozenset(
    {"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
     "pattern", "default", "title"}
)  # fmt: skip


def plain_schema(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema without what a strict one may not say."""
    if isinstance(schema, Mapping):
        named = schema.get("properties")
        plain = {
            key: plain_schema(value)
            for key, value in schema.items()
            if key not in _LOOSE and key != "properties"
        }
        if isinstance(named, Mapping):
            plain["properties"] = {name: plain_schema(value) for name, value in named.items()}
        return plain
    if isinstance(schema, list | tuple):
        return [plain_schema(item) for item in schema]
    return schema


def strict_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema as OpenAI's strict form wants it: what may be left out may be null instead.

    >>> strict_schema({"type": "object", "properties": {"a": {"type": "string"}}})["required"]
    ['a']
    """
    strict: dict[str, Any] = _strict(plain_schema(schema))
    return strict


def wish_for(tool: Tool, others: Sequence[Tool] = (), *, alone: bool = False) -> str:
    """Ask in a text for a form: at the end of the answer, or `alone`; `others` come before it."""
    schema = json.dumps(dict(tool.schema))
    if alone:
        return (
            f"\n\nThere are no tools here. Instead of calling the tool `{tool.name}`, answer with "
            f"one JSON object and nothing else. It fits this schema:\n{schema}"
        )
    return (
        f"\n\nThere are no tools here. Instead of calling the tool `{tool.name}`, end your answer "
        f"with a line that says `{tool.name}:` and then one JSON object that fits this schema:\n"
        + schema
        + "".join(_offer(other) for other in others)
    )


def in_words(turn: Message) -> str:
    """Write a turn for a server without tools: forms as text, as it is asked to write them."""
    forms = (f"{call.name}:\n{json.dumps(dict(call.input))}" for call in turn.calls)
    parts = (*(one.text for one in turn.returned), turn.text, *forms)
    return "\n\n".join(filter(None, parts))


def _offer(tool: Tool) -> str:
    return (
        f"\nTo {tool.name} first ({tool.description}), end your answer instead with a line that "
        f"says `{tool.name}:` and a JSON object that fits {json.dumps(dict(tool.schema))}"
    )


def _strict(schema: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key != "properties"}
    named = schema.get("properties")
    if isinstance(named, Mapping):
        required = schema.get("required", ())
        strict["properties"] = {
            name: _strict(part) if name in required else _nullable(_strict(part))
            for name, part in named.items()
        }
        strict["required"] = list(named)
        strict["additionalProperties"] = False
    return strict


def _nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    described = {key: schema[key] for key in ("description",) if key in schema}
    bare = {key: value for key, value in schema.items() if key not in described}
    return {"anyOf": [bare, {"type": "null"}], **described}
