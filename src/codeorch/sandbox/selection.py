"""Which protection this machine has: the best that a trial run proves to work."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from codeorch.errors import ServiceError, UserError
from codeorch.sandbox import landlock, seccomp
from codeorch.sandbox.bubblewrap import Bubblewrap
from codeorch.sandbox.container import Container
from codeorch.sandbox.landlock_sandbox import Restricted, Unsafe
from codeorch.sandbox.spec import Limits, Ran, Room, Sandbox

# The distribution's own comes first: on Ubuntu, leave to make name spaces is tied to this path.
_SYSTEM_BWRAP = "/usr/bin/bwrap"
_ENGINES = ("docker", "podman")
_TRIAL = Limits(time_s=20)
_TRIAL_WITH_PULL = Limits(time_s=600)


def choose(variables: Mapping[str, str], *, container: str = "", unsafe: bool = False) -> Sandbox:
    """Give the container that the user names, else the strongest sandbox that works here.

    `variables` are those of the user's shell.

    Raises:
        UserError: none works, and the user has not said that tests may run without.
    """
    if container:
        return _container(container, variables)
    search_path = variables.get("PATH", "")
    return pick(_rungs(search_path), search_path=search_path, unsafe=unsafe)


def pick(rungs: Iterable[Sandbox], *, search_path: str, unsafe: bool = False) -> Sandbox:
    """Give the first sandbox that a trial run proves to work.

    Raises:
        UserError: none does, and the user has not said that tests may run without.
    """
    for sandbox in rungs:
        if not _fault(sandbox, {"PATH": search_path}, _TRIAL):
            return sandbox
    if unsafe:
        return Unsafe()
    raise UserError(
        "tests would run with all the rights you have: no sandbox works on this machine",
        "install bubblewrap (on Ubuntu 24.04 also: sysctl -w"
        " kernel.apparmor_restrict_unprivileged_userns=0), or use a Linux kernel from 6.7 with"
        " Landlock, or name a container image with --container, or pass --no-test, or accept the"
        " risk with --unsafe-tests",
    )


def _rungs(search_path: str) -> Iterator[Sandbox]:
    program = shutil.which(_SYSTEM_BWRAP) or shutil.which("bwrap", path=search_path)
    if program:
        yield Bubblewrap(program=program)
        yield Bubblewrap(program=program, disable_userns=False)
    if seccomp.supported() and landlock.abi() >= landlock.LEAST_ABI:
        yield Restricted()


def _container(image: str, variables: Mapping[str, str]) -> Sandbox:
    """Give the container, by the first engine that can run it; never anything else instead."""
    search_path = variables.get("PATH", "")
    faults: list[str] = []
    for engine in _ENGINES:
        if program := shutil.which(engine, path=search_path):
            sandbox = Container.of(program, image, variables)
            fault = _fault(sandbox, {}, _TRIAL_WITH_PULL)
            if not fault:
                return sandbox
            faults.append(f"{engine}: {fault}")
    raise UserError(
        f"no container of {image} can be run ({'; '.join(faults) or 'no docker, no podman'})",
        "see that the service runs and the image exists, with /bin/sh in it; or leave --container"
        " out",
    )


def _fault(sandbox: Sandbox, env: Mapping[str, str], limits: Limits) -> str:
    """Say what keeps a sandbox from running a command in a folder of ours; empty = nothing."""
    with tempfile.TemporaryDirectory(prefix="codeorch-trial-") as folder:
        Path(folder, "mark").touch()
        room = Room(folder=Path(folder), env=env)
        try:
            ran = sandbox.run(("/bin/sh", "-c", "test -e mark"), room, limits)
        except ServiceError as error:
            return str(error)
        return "" if ran.exit_code == 0 else _last_line(ran)


def _last_line(ran: Ran) -> str:
    lines = ran.log.strip().splitlines()
    return lines[-1] if lines else ran.stopped_by or f"exit code {ran.exit_code}"
