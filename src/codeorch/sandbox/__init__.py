"""Command, room -> what it printed and how it ended; nothing else gets out."""

from codeorch.sandbox.landlock_sandbox import Unsafe
from codeorch.sandbox.selection import choose
from codeorch.sandbox.spec import Bind, Limits, Ran, Room, Sandbox

__all__ = ["Bind", "Limits", "Ran", "Room", "Sandbox", "Unsafe", "choose"]
