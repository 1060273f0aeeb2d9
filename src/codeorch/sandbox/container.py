"""A rung that the user names: a container of an image with the project's tools in it."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codeorch.sandbox.process import supervise
from codeorch.sandbox.spec import Limits, Ran, Room

# What the programs that start containers need of the user's shell to find their service.
_CLIENT = (
    "PATH", "HOME", "USER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF",
)  # fmt: skip
# The service, not codeorch, is the parent of a container. So its first process holds on to our
# end of its input: when that closes, because codeorch is gone, it ends all the others.
_HOLD_ON = (
    "exec 3<&0; (cat <&3 >/dev/null; [ $$ = 1 ] && kill -KILL -1) &"
    ' "$@" </dev/null 3<&-; exit "$?"'  # not the last command: a shell may become that
)
_END = Limits(time_s=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Runs commands in containers, with the image's programs and nothing of the machine's."""

    program: str  # docker or podman
    image: str
    client: Mapping[str, str]  # the variables of the program that starts it

    @classmethod
    def of(cls, program: str, image: str, variables: Mapping[str, str]) -> "Container":
        """Take of the user's shell what the client needs."""
        client = {name: variables[name] for name in _CLIENT if name in variables}
        return cls(program=program, image=image, client=client)

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"container ({self.image})"

    @property
    def gaps(self) -> str:
        """What it leaves open."""
        return ""

    @property
    def mounts(self) -> bool:
        """Whether a folder can appear at another path."""
        return True

    @property
    def foreign(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return True

    def run(self, argv: Sequence[str], room: Room, limits: Limits) -> Ran:
        """Run a command to its end; its container ends with it."""
        name = f"codeorch-{secrets.token_hex(8)}"
        ours, theirs = os.pipe()  # nothing is ever written; it closes when codeorch ends
        try:
            return supervise(
                [
                    *(self.program, "run", "--rm", "--interactive", "--name", name),
                    *_isolation(room),
                    *_bounds(limits),
                    *self._identity(),
                    *_view(room),
                    *(self.image, "/bin/sh", "-c", _HOLD_ON, "sh", *argv),
                ],
                cwd=room.folder,
                env=self.client,
                limits=limits,
                stdin=ours,
            )
        finally:
            os.close(ours)
            os.close(theirs)
            remove = (self.program, "rm", "--force", name)
            supervise(remove, cwd=room.folder, env=self.client, limits=_END)

    def _identity(self) -> Iterator[str]:
        """Be the user who owns the checkout, inside as well."""
        yield from ("--user", f"{os.getuid()}:{os.getgid()}")
        if Path(self.program).name == "podman" and os.getuid() != 0:
            yield from ("--userns", "keep-id")


def _isolation(room: Room) -> Iterator[str]:
    if not room.network:
        yield from ("--network", "none")
    yield from ("--read-only", "--cap-drop", "ALL", "--hostname", "sandbox")
    yield from ("--security-opt", "no-new-privileges")
    yield from ("--security-opt", "label=disable")  # else SELinux hides what is mounted


def _bounds(limits: Limits) -> Iterator[str]:
    memory = str(limits.memory_bytes)
    yield from ("--memory", memory, "--memory-swap", memory)
    yield from ("--pids-limit", str(limits.processes))
    yield from ("--ulimit", f"fsize={limits.file_bytes}", "--ulimit", "core=0")


def _view(room: Room) -> Iterator[str]:
    yield from ("--tmpfs", "/tmp:rw,exec,size=1g,mode=1777")  # noqa: S108 - of the container
    mounts = [(bind.source, bind.target, ",readonly") for bind in room.binds]
    mounts += [(path, path, "") for path in room.writable]
    mounts.append((room.folder, room.where, ""))
    for source, target, mode in sorted(mounts, key=lambda mount: len(mount[1].parts)):
        yield from ("--mount", f"type=bind,source={source},target={target}{mode}")
    yield from ("--workdir", str(room.where))
    for name, value in room.env.items():
        yield from ("--env", f"{name}={value}")
