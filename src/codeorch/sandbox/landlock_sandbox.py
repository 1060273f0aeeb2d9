"""The lower rungs: a warden instead of name spaces, with Landlock or with nothing at all."""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codeorch.sandbox import init_process, landlock, seccomp
from codeorch.sandbox.bubblewrap import SYSTEM, etc
from codeorch.sandbox.process import supervise
from codeorch.sandbox.spec import Limits, Ran, Room

_READABLE = ("/usr", "/proc", *SYSTEM)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """Runs commands with the rights on files and sockets taken away by the kernel."""

    @property
    def name(self) -> str:
        """What reports call it."""
        return "restricted (Landlock)"

    @property
    def gaps(self) -> str:
        """What it leaves open, and what does not work in it."""
        signals = "" if landlock.abi() >= 6 else "; tests can signal the user's processes"
        return f"tests cannot open sockets, not even local ones, and have no /tmp{signals}"

    @property
    def mounts(self) -> bool:
        """Whether a folder can appear at another path."""
        return False

    @property
    def foreign(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return False

    def run(self, argv: Sequence[str], room: Room, limits: Limits) -> Ran:
        """Run a command to its end; the warden ends what it leaves behind."""
        readable = [*_READABLE, *map(str, etc(network=room.network))]
        readable += [str(bind.source) for bind in room.binds]
        if room.network:
            readable.append("/run/systemd/resolve")
        return _watched(
            init_process.Orders(
                argv=tuple(argv),
                parent=os.getpid(),
                file_bytes=limits.file_bytes,
                processes=limits.processes,
                confined=True,
                readable=tuple(readable),
                writable=(*map(str, (room.folder, *room.writable)), *_DEVICES),
                network=room.network,
                seccomp=base64.b64encode(seccomp.restricted(network=room.network)).decode(),
            ),
            room,
            limits,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsafe:
    """Runs commands as the user: only the environment is scrubbed, and limits hold."""

    @property
    def name(self) -> str:
        """What reports call it."""
        return "none (unsafe)"

    @property
    def gaps(self) -> str:
        """What it leaves open."""
        return "tests can read, write and reach all that the user can"

    @property
    def mounts(self) -> bool:
        """Whether a folder can appear at another path."""
        return False

    @property
    def foreign(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return False

    def run(self, argv: Sequence[str], room: Room, limits: Limits) -> Ran:
        """Run a command to its end; the warden ends what it leaves behind."""
        orders = init_process.Orders(
            argv=tuple(argv),
            parent=os.getpid(),
            file_bytes=limits.file_bytes,
            processes=limits.processes,
            confined=False,
        )
        return _watched(orders, room, limits)


def _watched(orders: init_process.Orders, room: Room, limits: Limits) -> Ran:
    folder: Path = room.folder
    return supervise(init_process.command(orders), cwd=folder, env=room.env, limits=limits)
