"""A sandbox that the user names: a container of an image with the project's tools in it."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from codeorch.errors import ServiceError
from codeorch.sandbox.process import supervise
from codeorch.sandbox.spec import Pipes, ProcessResult, ResourceLimits, SandboxSpec

# What the programs that start containers need of the user's shell to find their service.
_CLIENT_VARIABLES = (
    "PATH", "HOME", "USER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF",
)  # fmt: skip
# The service, not codeorch, is the parent of a container. So its first process holds on to our
# end of its input: when that closes, because codeorch is gone, it ends all the others.
_EXIT_WITH_PARENT = (
    "exec 3<&0; (cat <&3 >/dev/null; [ $$ = 1 ] && kill -KILL -1) &"
    ' "$@" </dev/null 3<&-; exit "$?"'  # not the last command: a shell may become that
)
_REMOVAL_LIMITS = ResourceLimits(time_s=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSandbox:
    """Runs commands in containers, with the image's programs and nothing of the machine's.

    Build it with `ContainerSandbox.from_variables("docker", "python:3.13", variables)`.
    """

    program: str  # docker or podman
    image: str
    client_env: Mapping[str, str]  # the variables of the program that starts it

    @classmethod
    def from_variables(
        cls, program: str, image: str, variables: Mapping[str, str]
    ) -> "ContainerSandbox":
        """Return a sandbox whose client gets those of the shell's variables that it needs."""
        client_env = {name: variables[name] for name in _CLIENT_VARIABLES if name in variables}
        return cls(program=program, image=image, client_env=client_env)

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"container ({self.image})"

    @property
    def gaps(self) -> str:
        """What it leaves open."""
        return ""

    @property
    def can_mount(self) -> bool:
        """Whether a folder can appear at another path."""
        return True

    @property
    def has_own_programs(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return True

    def run(self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits) -> ProcessResult:
        """Run a command to its end; its container ends with it."""
        name = f"codeorch-{secrets.token_hex(8)}"
        read_end, write_end = os.pipe()  # nothing is ever written; it closes when codeorch ends
        try:
            return supervise(
                [
                    *(self.program, "run", "--rm", "--interactive", "--name", name),
                    *_isolation_args(spec),
                    *_limit_args(limits),
                    *self._user_args(),
                    *_mount_args(spec),
                    *(self.image, "/bin/sh", "-c", _EXIT_WITH_PARENT, "sh", *argv),
                ],
                cwd=spec.folder,
                env=self.client_env,
                limits=limits,
                stdin=read_end,
            )
        finally:
            os.close(read_end)
            os.close(write_end)
            remove = (self.program, "rm", "--force", name)
            supervise(remove, cwd=spec.folder, env=self.client_env, limits=_REMOVAL_LIMITS)

    def open(
        self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits
    ) -> AbstractContextManager[Pipes]:
        """Refuse: an image has programs of its own, and nobody knows which.

        Raises:
            ServiceError: always.
        """
        del argv, spec, limits
        raise ServiceError("nothing is talked to in a container", kind="process", retryable=False)

    def _user_args(self) -> Iterator[str]:
        """Be the user who owns the checkout, inside as well."""
        yield from ("--user", f"{os.getuid()}:{os.getgid()}")
        if Path(self.program).name == "podman" and os.getuid() != 0:
            yield from ("--userns", "keep-id")


def _isolation_args(spec: SandboxSpec) -> Iterator[str]:
    if not spec.network:
        yield from ("--network", "none")
    yield from ("--read-only", "--cap-drop", "ALL", "--hostname", "sandbox")
    yield from ("--security-opt", "no-new-privileges")
    yield from ("--security-opt", "label=disable")  # else SELinux hides what is mounted


def _limit_args(limits: ResourceLimits) -> Iterator[str]:
    memory = str(limits.memory_bytes)
    yield from ("--memory", memory, "--memory-swap", memory)
    yield from ("--pids-limit", str(limits.processes))
    yield from ("--ulimit", f"fsize={limits.file_bytes}", "--ulimit", "core=0")


def _mount_args(spec: SandboxSpec) -> Iterator[str]:
    yield from ("--tmpfs", "/tmp:rw,exec,size=1g,mode=1777")  # noqa: S108 - of the container
    mounts = [(bind.source, bind.target, ",readonly") for bind in spec.binds]
    mounts += [(path, path, "") for path in spec.writable]
    mounts.append((spec.folder, spec.visible_path, ""))
    for source, target, mode in sorted(mounts, key=lambda mount: len(mount[1].parts)):
        yield from ("--mount", f"type=bind,source={source},target={target}{mode}")
    yield from ("--workdir", str(spec.visible_path))
    for name, value in spec.env.items():
        yield from ("--env", f"{name}={value}")
