"""Which protection this machine has: the best that a trial run proves to work."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from codeorch.errors import ServiceError, UserError
from codeorch.hardening import trusted_search_path
from codeorch.sandbox import landlock, seccomp
from codeorch.sandbox.bubblewrap import BubblewrapSandbox
from codeorch.sandbox.container import ContainerSandbox
from codeorch.sandbox.landlock_sandbox import LandlockSandbox, NoSandbox
from codeorch.sandbox.spec import ProcessResult, ResourceLimits, Sandbox, SandboxSpec

# The distribution's own comes first: on Ubuntu, leave to make name spaces is tied to this path.
_SYSTEM_BWRAP = "/usr/bin/bwrap"
_CONTAINER_ENGINES = ("docker", "podman")
_TRIAL_LIMITS = ResourceLimits(time_s=20)
_TRIAL_LIMITS_WITH_PULL = ResourceLimits(time_s=600)


def choose_sandbox(
    variables: Mapping[str, str], root: Path, *, container: str = "", unsafe: bool = False
) -> Sandbox:
    """Return the container that the user names, else the strongest sandbox that works here.

    `variables` are those of the user's shell; its PATH says where programs are looked for, but
    for what the repository at `root` brings along.
    `container` is an image. With `unsafe`, no sandbox at all is better than none that works.

    Raises:
        UserError: none works, and the user has not said that tests may run without.
    """
    search_path = trusted_search_path(variables.get("PATH", ""), root)
    if container:
        return _container(container, {**variables, "PATH": search_path})
    return first_working(_candidates(search_path), search_path=search_path, unsafe=unsafe)


def first_working(
    candidates: Iterable[Sandbox], *, search_path: str, unsafe: bool = False
) -> Sandbox:
    """Return the first sandbox that a trial run proves to work.

    Raises:
        UserError: none does, and the user has not said that tests may run without.
    """
    for sandbox in candidates:
        if not _trial_failure(sandbox, {"PATH": search_path}, _TRIAL_LIMITS):
            return sandbox
    if unsafe:
        return NoSandbox()
    raise UserError(
        "tests would run with all the rights you have: no sandbox works on this machine",
        "install bubblewrap (on Ubuntu 24.04 also: sysctl -w"
        " kernel.apparmor_restrict_unprivileged_userns=0), or use a Linux kernel from 6.7 with"
        " Landlock, or name a container image with --container, or pass --no-test, or accept the"
        " risk with --unsafe-tests",
    )


def _candidates(search_path: str) -> Iterator[Sandbox]:
    program = shutil.which(_SYSTEM_BWRAP) or shutil.which("bwrap", path=search_path)
    if program:
        yield BubblewrapSandbox(program=program)
        yield BubblewrapSandbox(program=program, disable_userns=False)
    if seccomp.is_supported() and landlock.abi() >= landlock.LEAST_ABI:
        yield LandlockSandbox()


def _container(image: str, variables: Mapping[str, str]) -> Sandbox:
    """Return the container of the first engine that can run it; never anything else instead."""
    search_path = variables.get("PATH", "")
    failures: list[str] = []
    for engine in _CONTAINER_ENGINES:
        if program := shutil.which(engine, path=search_path):
            sandbox = ContainerSandbox.from_variables(program, image, variables)
            failure = _trial_failure(sandbox, {}, _TRIAL_LIMITS_WITH_PULL)
            if not failure:
                return sandbox
            failures.append(f"{engine}: {failure}")
    raise UserError(
        f"no container of {image} can be run ({'; '.join(failures) or 'no docker, no podman'})",
        "see that the service runs and the image exists, with /bin/sh in it; or leave --container"
        " out",
    )


def _trial_failure(sandbox: Sandbox, env: Mapping[str, str], limits: ResourceLimits) -> str:
    """Return what keeps a sandbox from running a command in a folder of ours; empty = nothing."""
    with tempfile.TemporaryDirectory(prefix="codeorch-trial-") as folder:
        Path(folder, "mark").touch()
        spec = SandboxSpec(folder=Path(folder), env=env)
        try:
            result = sandbox.run(("/bin/sh", "-c", "test -e mark"), spec, limits)
        except ServiceError as error:
            return str(error)
        return "" if result.exit_code == 0 else _last_line(result)


def _last_line(result: ProcessResult) -> str:
    lines = result.log.strip().splitlines()
    return lines[-1] if lines else result.stopped_by or f"exit code {result.exit_code}"
