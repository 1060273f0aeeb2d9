"""No answer that holds the key it was paid with gets any further than to whoever asked with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from codeorch.errors import UserError
from codeorch.llm.model import Prompt, Reply

_LEAST: Final = 8  # characters; a shorter key stands in any text by chance
_FAULT = (
    "The answer holds the API key that this run is paid with, so nothing of it is used. Write no "
    "key into a file or a summary; where a program needs one, let it read its environment."
)


class UnpaidModel:
    """Stands where a model would stand whose key cannot be one; asking it says so."""

    def __init__(self, fault: str) -> None:
        self._fault = fault

    async def ask(self, prompt: Prompt) -> Reply:
        """Refuse.

        Raises:
            UserError: always.
        """
        del prompt
        raise UserError(self._fault, "set it anew, on one line and without quotes")

    async def aclose(self) -> None:
        """Nothing is open."""


def without_key(reply: Reply, key: str) -> Reply:
    """Return an answer, or in its place a fault if it holds a key; short keys are no secret."""
    if len(key) < _LEAST:
        return reply
    calls = [call.input for call in reply.calls]
    if _holds((reply.text, calls, reply.fault, reply.thinking), key):
        return Reply(text="", stop=reply.stop, fault=_FAULT, usage=reply.usage, model=reply.model)
    return replace(reply, reasoning="") if key in reply.reasoning else reply


def mask(text: str, key: str) -> str:
    """Return a text without the key; a short key is none that somebody could use."""
    return text.replace(key, "***") if len(key) >= _LEAST else text


def _holds(value: Any, key: str) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return key in value
    if isinstance(value, Mapping):
        return any(_holds(part, key) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple) and any(_holds(part, key) for part in value)
