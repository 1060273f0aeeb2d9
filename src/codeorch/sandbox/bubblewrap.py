"""The strongest sandbox: name spaces made by bubblewrap, and a filter of system calls."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codeorch.sandbox import seccomp
from codeorch.sandbox.piped_process import piped_process
from codeorch.sandbox.process import supervise
from codeorch.sandbox.spec import Pipes, ProcessResult, ResourceLimits, SandboxSpec

# Of /etc only what programs need to start: the rest may hold secrets.
_ETC_PATTERNS = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "debian_version", "fonts", "group",
    "host.conf", "hosts", "java*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "magic", "maven", "mime.types", "nsswitch.conf", "os-release", "passwd", "pki", "protocols",
    "services", "ssl", "timezone",
)  # fmt: skip
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
_TEMP_BYTES = 1 << 30
# The kernel counts processes per user and name space; so the limit is set inside (dash says -p,
# bash -u), where the user's other processes do not count. Blocks are of 512 bytes.
_LIMIT_AND_RUN = (
    "ulimit -c 0; ulimit -f {blocks}; ulimit -p {processes} 2>/dev/null"
    ' || ulimit -u {processes} 2>/dev/null; exec "$@"'
)


def etc_paths(*, network: bool) -> list[Path]:
    """Return the paths of /etc that a sandbox shows; with network, also what resolves names."""
    patterns = (*_ETC_PATTERNS, "resolv.conf") if network else _ETC_PATTERNS
    return [path for pattern in patterns for path in sorted(Path("/etc").glob(pattern))]


@dataclass(frozen=True, slots=True, kw_only=True)
class BubblewrapSandbox:
    """Runs commands in bubblewrap, with nothing of the machine but what the spec names."""

    program: str
    disable_userns: bool = True  # versions before 0.8 cannot; the filter does it, too

    @property
    def name(self) -> str:
        """What reports call it."""
        return "isolated (bubblewrap)"

    @property
    def gaps(self) -> str:
        """What it leaves open."""
        return "" if seccomp.is_supported() else "system calls are not filtered on this processor"

    @property
    def can_mount(self) -> bool:
        """Whether a folder can appear at another path."""
        return True

    @property
    def has_own_programs(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return False

    def run(self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits) -> ProcessResult:
        """Run a command to its end; its process space dies with it."""
        with _filter_fd() as fds:
            return supervise(
                self._command(argv, spec, limits, fds),
                cwd=spec.folder,
                env=spec.env,
                limits=limits,
                pass_fds=fds,
            )

    @contextmanager
    def open(
        self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits
    ) -> Iterator[Pipes]:
        """Start a command to talk with by its pipes; its process space dies with it."""
        with (
            _filter_fd() as fds,
            piped_process(
                self._command(argv, spec, limits, fds),
                cwd=spec.folder,
                env=spec.env,
                limits=limits,
                pass_fds=fds,
            ) as process,
        ):
            yield process

    def _command(
        self, argv: Sequence[str], spec: SandboxSpec, limits: ResourceLimits, fds: tuple[int, ...]
    ) -> Sequence[str]:
        # Nothing here names a secret: the spec's variables are all that bubblewrap has, too,
        # and the command can read them in /proc/1/environ.
        return [
            self.program,
            *self._isolation_args(spec, fds),
            *_mount_args(spec),
            *("--chdir", str(spec.visible_path), "--"),
            *_with_limits(argv, limits),
        ]

    def _isolation_args(self, spec: SandboxSpec, fds: tuple[int, ...]) -> Iterator[str]:
        yield from ("--unshare-user", "--unshare-all", "--die-with-parent", "--new-session")
        yield from ("--cap-drop", "ALL", "--hostname", "sandbox")
        if self.disable_userns:
            yield "--disable-userns"
        if spec.network:
            yield "--share-net"
        for fd in fds:
            yield from ("--seccomp", str(fd))


def _mount_args(spec: SandboxSpec) -> Iterator[str]:
    """Lay out the file system: system, own /proc, /dev and /tmp, then what the spec names."""
    yield from ("--ro-bind", "/usr", "/usr")
    for path in map(Path, SYSTEM_FOLDERS):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            yield from ("--ro-bind", str(path), str(path))
    for path in etc_paths(network=spec.network):
        yield from ("--ro-bind-try", str(path), str(path))
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--size", str(_TEMP_BYTES), "--tmpfs", "/tmp")  # noqa: S108 - of the sandbox
    mounts = [("--ro-bind", bind.source, bind.target) for bind in spec.binds]
    mounts += [("--bind", path, path) for path in spec.writable]
    mounts.append(("--bind", spec.folder, spec.visible_path))
    # Outer ones first, or they would hide those inside them.
    for kind, source, target in sorted(mounts, key=lambda mount: len(mount[2].parts)):
        yield from (kind, str(source), str(target))


def _with_limits(argv: Sequence[str], limits: ResourceLimits) -> tuple[str, ...]:
    script = _LIMIT_AND_RUN.format(blocks=limits.file_bytes // 512, processes=limits.processes)
    return ("/bin/sh", "-c", script, "sh", *argv)


@contextmanager
def _filter_fd() -> Iterator[tuple[int, ...]]:
    """Yield the file without a name from which bubblewrap reads the filter; none where unknown."""
    if not seccomp.is_supported():
        yield ()
        return
    fd = os.memfd_create("seccomp")
    try:
        os.write(fd, seccomp.namespace_filter())
        os.lseek(fd, 0, os.SEEK_SET)
        yield (fd,)
    finally:
        os.close(fd)
