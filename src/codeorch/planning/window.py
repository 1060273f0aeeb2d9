"""A planner's conversation and the window of its model: begun whole, then with less to read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import LEAST_ANSWER, usage_of, with_usage

T = TypeVar("T")

_TIMES = 3  # that less is shown
_CHARS_A_TOKEN = 3.0  # low; the model's own figure is known to the service alone
_MARGIN = 0.9  # of a window


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many tokens a planner's first message, its look-ups and its answer may take."""

    screen: int = 4_000
    look_ups: int = 40_000
    answer: int = 16_000

    def within(self, window: int, head: int) -> "Room":
        """Return less room, for a window of so many tokens; half where the window is not known.

        `head` is what comes before the first message, in characters.
        """
        if not window:
            return Room(screen=self.screen // 2, look_ups=self.look_ups // 2, answer=self.answer)
        answer = min(self.answer, max(LEAST_ANSWER, window // 4))
        left = max(0, int(window * _MARGIN) - int(head / _CHARS_A_TOKEN) - answer)
        screen = min(int(self.screen * 0.8), left // 2)
        return Room(screen=screen, look_ups=min(self.look_ups, left - screen), answer=answer)


async def ask_within_window(head: int, ask: Callable[[Room], Awaitable[T]]) -> tuple[T, Usage]:
    """Begin a conversation, and begin it anew with less to read while the window is too small.

    Returns what came back, and what the tries before it used.

    Raises:
        ServiceError: no answer came.
    """
    room, used = Room(), Usage()
    for left in reversed(range(_TIMES + 1)):
        try:
            return await ask(room), used
        except ServiceError as error:
            used += usage_of(error)
            if error.kind != "too_large" or not left:
                raise with_usage(error, used) from error
            room = room.within(error.context_tokens, head)
    raise AssertionError("the last try returns or raises")
