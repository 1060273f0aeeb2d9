"""A planner's question and the window of its model: asked whole, then with less to read."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Prompt, usage_of, with_usage

T = TypeVar("T")

_TIMES = 3  # that less is shown
_CHARS_A_TOKEN = 3.0  # low; the model's own figure is known to the service alone
_LONGEST_ANSWER = 4_000  # tokens that are kept free for a plan; in a small window a quarter of it
_LEAST_SHARE = 0.01  # of what is usually shown

# Writes the question: 1 with all that is usually shown, less with that share of it.
Write = Callable[[float], Prompt]


async def ask_within_window(write: Write, ask: Callable[[Prompt], Awaitable[T]]) -> tuple[T, Usage]:
    """Ask a question, and with less to read while the window is too small for it.

    Returns what came back, and what the tries before it used.

    Raises:
        ServiceError: no answer came.
    """
    share, used = 1.0, Usage()
    prompt = write(share)
    for left in reversed(range(_TIMES + 1)):
        try:
            return await ask(prompt), used
        except ServiceError as error:
            if error.kind != "too_large" or not left:
                raise with_usage(error, used + usage_of(error)) from error
            used += usage_of(error)
            room = _room(error.context_tokens, prompt)
            while len(prompt.shared) > room and share > _LEAST_SHARE:
                share *= 0.7
                prompt = write(share)
    raise AssertionError("the last try returns or raises")


def _room(context: int, prompt: Prompt) -> int:
    """Return how many characters may be shown: fewer than were; half where nothing is known."""
    most = int(len(prompt.shared) * 0.8)
    if not context:
        return most // 2
    answer = min(_LONGEST_ANSWER, context // 4)
    around = len(prompt.system) + len(prompt.user) + (len(str(prompt.tool)) if prompt.tool else 0)
    return min(most, int((context - answer) * _CHARS_A_TOKEN) - around)
