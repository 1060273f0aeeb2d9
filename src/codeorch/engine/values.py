"""Stored JSON -> our values."""

from functools import cache
from typing import Any


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
