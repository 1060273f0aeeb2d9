"""Which protection this machine has: the best that a trial run proves to work."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from codeorch.check.sandbox import landlock, seccomp
from codeorch.check.sandbox.bubblewrap import Bubblewrap
from codeorch.check.sandbox.guarded import Restricted, Unsafe
from codeorch.check.sandbox.room import Limits, Room, Sandbox
from codeorch.errors import ServiceError, UserError

# The distribution's own comes first: on Ubuntu, leave to make name spaces is tied to this path.
_SYSTEM_BWRAP = "/usr/bin/bwrap"
_TRIAL = Limits(time_s=20)


def choose(*, search_path: str, unsafe: bool = False) -> Sandbox:
    """Give the strongest sandbox that works here.

    Raises:
        UserError: none does, and the user has not said that tests may run without.
    """
    return pick(_rungs(search_path), search_path=search_path, unsafe=unsafe)


def pick(rungs: Iterable[Sandbox], *, search_path: str, unsafe: bool = False) -> Sandbox:
    """Give the first sandbox that a trial run proves to work.

    Raises:
        UserError: none does, and the user has not said that tests may run without.
    """
    for sandbox in rungs:
        if _works(sandbox, search_path):
            return sandbox
    if unsafe:
        return Unsafe()
    raise UserError(
        "tests would run with all the rights you have: no sandbox works on this machine",
        "install bubblewrap (on Ubuntu 24.04 also: sysctl -w"
        " kernel.apparmor_restrict_unprivileged_userns=0), or use a Linux kernel from 6.7 with"
        " Landlock, or pass --no-test, or accept the risk with --unsafe-tests",
    )


def _rungs(search_path: str) -> Iterator[Sandbox]:
    program = shutil.which(_SYSTEM_BWRAP) or shutil.which("bwrap", path=search_path)
    if program:
        yield Bubblewrap(program=program)
        yield Bubblewrap(program=program, disable_userns=False)
    if seccomp.supported() and landlock.abi() >= landlock.LEAST_ABI:
        yield Restricted()


def _works(sandbox: Sandbox, search_path: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="codeorch-trial-") as folder:
        room = Room(folder=Path(folder), env={"PATH": search_path})
        try:
            return sandbox.run(("/bin/sh", "-c", "true"), room, _TRIAL).exit_code == 0
        except ServiceError:
            return False
