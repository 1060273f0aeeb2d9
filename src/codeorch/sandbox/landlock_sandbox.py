"""Sandboxes without name spaces: an init process, with Landlock or with nothing at all."""

import binascii
import marshal
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from codeorch.sandbox import landlock, seccomp
from codeorch.sandbox.bubblewrap import SYSTEM_FOLDERS, etc_paths
from codeorch.sandbox.piped_process import piped_process
from codeorch.sandbox.process import supervise
from codeorch.sandbox.spec import Pipes, ProcessResult, ResourceLimits, SandboxSpec

_READABLE_PATHS = ("/usr", "/proc", *SYSTEM_FOLDERS)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


# The packages above the init process are entered without running them: they load all of codeorch.
_PACKAGES = {
    name: str(Path(__file__).parents[up]) for name, up in (("codeorch.sandbox", 0), ("codeorch", 1))
}
_BOOTSTRAP = f"""
import sys, types
for name, folder in {_PACKAGES!r}.items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from codeorch.sandbox.init_process import main
main(sys.argv[1])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What the init process starts, and with which rights."""

    argv: tuple[str, ...]
    parent: int  # the process id of codeorch: when it ends, all ends
    file_bytes: int  # the largest file that may be written
    processes: int
    confine: bool = False  # whether Landlock and the filter are set up
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    network: bool = False
    seccomp: bytes = b""  # the filter's program

    @property
    def command(self) -> tuple[str, ...]:
        """The command line of the init process: its Python is ours, so it reads `marshal`."""
        data = binascii.b2a_base64(marshal.dumps(asdict(self)), newline=False)
        return (sys.executable, "-I", "-S", "-c", _BOOTSTRAP, data.decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class LandlockSandbox:
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
    def can_mount(self) -> bool:
        """Whether a folder can appear at another path."""
        return False

    @property
    def has_own_programs(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return False

    def run(self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits) -> ProcessResult:
        """Run a command to its end; the init process ends what it leaves behind."""
        return _run_under_init(_confined_launch(argv, spec, limits), spec, limits)

    def open(
        self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits
    ) -> AbstractContextManager[Pipes]:
        """Start a command to talk with by its pipes; the init process ends what it leaves."""
        return _open_under_init(_confined_launch(argv, spec, limits), spec, limits)


def _confined_launch(argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits) -> Launch:
    readable = [*_READABLE_PATHS, *map(str, etc_paths(network=spec.network))]
    readable += [str(bind.source) for bind in spec.binds]
    if spec.network:
        readable.append("/run/systemd/resolve")
    return Launch(
        argv=tuple(argv),
        parent=os.getpid(),
        file_bytes=limits.file_bytes,
        processes=limits.processes,
        confine=True,
        readable=tuple(readable),
        writable=(*map(str, (spec.folder, *spec.writable)), *_DEVICES),
        network=spec.network,
        seccomp=seccomp.shared_network_filter(network=spec.network),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSandbox:
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
    def can_mount(self) -> bool:
        """Whether a folder can appear at another path."""
        return False

    @property
    def has_own_programs(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return False

    def run(self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits) -> ProcessResult:
        """Run a command to its end; the init process ends what it leaves behind."""
        return _run_under_init(_free_launch(argv, limits), spec, limits)

    def open(
        self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits
    ) -> AbstractContextManager[Pipes]:
        """Start a command to talk with by its pipes; the init process ends what it leaves."""
        return _open_under_init(_free_launch(argv, limits), spec, limits)


def _free_launch(argv: Sequence[str], limits: ResourceLimits) -> Launch:
    return Launch(
        argv=tuple(argv),
        parent=os.getpid(),
        file_bytes=limits.file_bytes,
        processes=limits.processes,
    )


def _run_under_init(launch: Launch, spec: SandboxSpec, limits: ResourceLimits) -> ProcessResult:
    folder: Path = spec.folder
    return supervise(launch.command, cwd=folder, env=spec.env, limits=limits)


def _open_under_init(
    launch: Launch, spec: SandboxSpec, limits: ResourceLimits
) -> AbstractContextManager[Pipes]:
    return piped_process(launch.command, cwd=spec.folder, env=spec.env, limits=limits)
