"""Command, room -> what it printed and how it ended; nothing else gets out."""

from codeorch.check.sandbox.guarded import Unsafe
from codeorch.check.sandbox.ladder import choose
from codeorch.check.sandbox.room import Bind, Limits, Ran, Room, Sandbox

__all__ = ["Bind", "Limits", "Ran", "Room", "Sandbox", "Unsafe", "choose"]
