"""A planner in a small window: begun anew with less to read."""

import asyncio

import pytest

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.planning.window import Room, ask_within_window

HEAD = 12_000  # characters before the first message


class Window:
    """Takes conversations of so many tokens, by the rules of the first message's budget."""

    def __init__(self, tokens, *, says=True):
        self.tokens, self.says, self.rooms = tokens, says, []

    async def ask(self, room):
        self.rooms.append(room)
        if HEAD / 3.6 + room.screen + room.look_ups + room.answer > self.tokens:
            context = self.tokens if self.says else 0
            raise ServiceError("no", kind="too_large", retryable=False, context_tokens=context)
        return "plan"


def ask(window):
    return asyncio.run(ask_within_window(HEAD, window.ask))


def test_what_fits_is_asked_whole():
    window = Window(200_000)
    assert ask(window) == ("plan", Usage())
    assert window.rooms == [Room()]


@pytest.mark.parametrize("tokens", [8_192, 16_384, 32_768])
def test_a_known_window_is_met_at_the_second_try(tokens):
    window = Window(tokens)
    ask(window)
    _, room = window.rooms
    assert room.screen >= 500
    assert room.look_ups >= room.screen
    assert room.answer >= 1_500


def test_an_unknown_window_is_met_by_halves_or_not_at_all():
    window = Window(32_000, says=False)
    ask(window)
    assert len(window.rooms) == 3
    with pytest.raises(ServiceError, match="no"):
        ask(Window(1_000, says=False))


def test_other_failures_are_not_about_the_window():
    async def fails(_room):
        raise ServiceError("down", kind="server", retryable=True)

    with pytest.raises(ServiceError, match="down"):
        asyncio.run(ask_within_window(HEAD, fails))
