"""Our values -> JSON, and back."""

import json
from functools import cache
from typing import Any


def dump(value: Any) -> str:  # noqa: ANN401 - any of our values
    """Write a value as JSON, with its fields by name."""
    return json.dumps(value, default=fields)


def fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass or a mapping
    """Give the fields of one value; `dataclasses.asdict` would copy all that they hold."""
    names = getattr(value, "__dataclass_fields__", None)
    return dict(value) if names is None else {name: getattr(value, name) for name in names}


def load(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any of our values
    """Build a value of some kind; None stays None.

    Raises:
        pydantic.ValidationError: it does not fit.
    """
    return None if value is None else _adapter(kind).validate_python(value)


@cache
def _adapter(kind: Any) -> Any:  # noqa: ANN401 - pydantic's
    """Build the reader of a kind once: it takes ten milliseconds."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - 0.1 s

    return TypeAdapter(kind)
