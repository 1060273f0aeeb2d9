"""Fields of a form as its schema wants them, where only one value can be meant."""

import json
from collections.abc import Mapping
from typing import Any, cast

from codeorch.llm.loose_json import NotJson, read_array, read_object

_DEEPEST = 20


def fit_values(form: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form with values of the types that its schema names.

    Undone is what models do to whole fields: a list or object written as a text, null for what was
    left out, one path in place of a list, another case of a word from a list of words. All else
    stays, and is judged by whoever reads the form.

    >>> fit_values({"paths": '["a.py"]'}, {"properties": {"paths": {"type": "array"}}})
    {'paths': ['a.py']}
    """
    return cast("dict[str, Any]", _fit(dict(form), schema, schema, 0))


def _fit(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - JSON
    schema = _resolved(schema, root)
    kind = schema.get("type")
    if depth > _DEEPEST:
        return value
    if isinstance(value, str):
        value = _from_text(value, schema)
    if kind == "array" and isinstance(value, list):
        items = schema.get("items", {})
        return [_fit(item, items, root, depth + 1) for item in value]
    if isinstance(value, Mapping) and isinstance(schema.get("properties"), Mapping):
        return _fit_fields(value, schema, root, depth)
    return value


def _fit_fields(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], depth: int
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, inner in value.items():
        part = _resolved(schema["properties"].get(key, {}), root)
        if inner is None and part and not _may_be_null(part):
            if key in schema.get("required", ()) and part.get("type") in _EMPTY:
                fields[key] = _EMPTY[part["type"]]()
        else:
            fields[key] = _fit(inner, part, root, depth + 1)
    return fields


_EMPTY: Mapping[str, type[Any]] = {"string": str, "array": list}


def _from_text(text: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    kind = schema.get("type")
    if kind == "array":
        return _array(text, schema)
    if kind == "object" or (kind is None and "properties" in schema):
        return _parsed(text, dict)
    if words := schema.get("enum"):
        same = [word for word in words if isinstance(word, str) and _folded(word) == _folded(text)]
        return same[0] if text not in words and len(same) == 1 else text
    return text


def _array(text: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if not text.strip():
        return []
    found = _parsed(text, list)
    if not isinstance(found, str):
        return found
    is_one = schema.get("items", {}).get("type") == "string" and len(text.split()) == 1
    return [text.strip()] if is_one and "," not in text and text.strip()[0] not in "[{" else text


def _parsed(text: str, kind: type) -> Any:  # noqa: ANN401 - JSON
    """Return the list or object that a text is, or the text if it is none."""
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        try:
            found, behind = (read_array if kind is list else read_object)(text.strip())
        except (NotJson, RecursionError):
            return text
        if text.strip()[behind:].strip():
            return text
    return found if isinstance(found, kind) else text


def _folded(word: str) -> str:
    return word.strip().casefold().replace("-", "_").replace(" ", "_")


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    return kinds is None or "null" in kinds or bool(schema.get(_NULLABLE))


_NULLABLE = "x-nullable"  # a mark of ours: one branch of the schema was null


def _resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """Follow references to the definitions of a schema, and the one branch that is not null."""
    for _ in range(_DEEPEST):
        if not isinstance(schema, Mapping):
            return {}
        reference, branches = schema.get("$ref"), schema.get("anyOf")
        if isinstance(reference, str):
            schema = root.get("$defs", {}).get(reference.rpartition("/")[2], {})
        elif isinstance(branches, list):
            full = [branch for branch in branches if branch.get("type") != "null"]
            if len(full) != 1:
                return schema
            schema = {**full[0], _NULLABLE: len(full) < len(branches)}
        else:
            return schema
    return {}
