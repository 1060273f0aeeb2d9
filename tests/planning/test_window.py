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


@pytest.mark.parametrize(
    ("tokens", "room"),
    [
        (8_192, Room(screen=662, look_ups=662, answer=2_048)),
        (16_384, Room(screen=3_200, look_ups=3_449, answer=4_096)),
        (32_768, Room(screen=3_200, look_ups=14_099, answer=8_192)),
    ],
)
def test_a_known_window_is_met_at_the_second_try(tokens, room):
    """A tenth stays free, a quarter is the answer's, and the screen takes half of the rest."""
    window = Window(tokens)
    ask(window)
    assert window.rooms == [Room(), room]
    assert sum((room.screen, room.look_ups, room.answer)) + HEAD / 3 <= 0.9 * tokens


def test_a_tiny_window_leaves_room_for_an_answer():
    room = Room().within(4_096, 3_000)
    assert room == Room(screen=743, look_ups=743, answer=1_200)


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
