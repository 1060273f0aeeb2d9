"""What a command in a sandbox may see and use, and what comes back."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Limit = Literal["", "time", "output", "memory", "processes", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLimits:
    """What a command may use before it is stopped."""

    time_s: float = 600.0
    output_bytes: int = 64 << 20
    log_bytes: int = 2 << 20  # of the output: the first and the last half of this
    memory_bytes: int = 8 << 30  # of all its processes together
    processes: int = 2048
    file_bytes: int = 4 << 30  # each file


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A folder or file of the machine that can be read, but not written, at `target`."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSpec:
    """The part of the machine that a command sees.

    Where the sandbox can mount, `folder` appears at `mount_point`, and each bind at its target.
    Where it cannot, all stays where it is: see `Sandbox.can_mount`.
    """

    folder: Path  # the working directory; writable
    mount_point: Path | None = None  # None = the folder's own path
    binds: tuple[Bind, ...] = ()
    writable: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)  # the whole of it
    network: bool = False

    @property
    def visible_path(self) -> Path:
        """Where the folder appears in a sandbox that can mount."""
        return self.mount_point or self.folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessResult:
    """How a command ended."""

    exit_code: int | None  # None = stopped by a limit; 128 + n = ended by signal n
    seconds: float
    log: str  # both streams, head and tail
    stopped_by: Limit = ""


class Pipes(Protocol):
    """The standard streams of a process that is running."""

    def send(self, data: bytes) -> None:
        """Put bytes in line for the process; they are written while we wait for an answer."""

    def receive(self, timeout_s: float) -> bytes:
        """Return what arrives next; nothing when the time is over.

        Raises:
            ServiceError: the process has ended, or passed a limit (`kind` is "process").
        """


class Sandbox(Protocol):
    """A way to run a command that nobody trusts."""

    @property
    def name(self) -> str:
        """What reports call it, e.g. `isolated (bubblewrap)`."""

    @property
    def gaps(self) -> str:
        """What it does not protect from, or what does not work in it; empty = nothing known."""

    @property
    def can_mount(self) -> bool:
        """Whether a folder can appear at another path."""

    @property
    def has_own_programs(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""

    def run(self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits) -> ProcessResult:
        """Run a command to its end, leave none of its processes behind, return how it ended.

        Raises:
            ServiceError: it cannot be started.
        """

    def open(
        self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits
    ) -> AbstractContextManager[Pipes]:
        """Start a command to talk with by its pipes; end it and what it left behind afterwards.

        Raises:
            ServiceError: it cannot be started.
        """
