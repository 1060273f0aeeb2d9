"""The first rung: namespaces of its own, made by bubblewrap, and a filter of system calls."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codeorch.sandbox import seccomp
from codeorch.sandbox.process import supervise
from codeorch.sandbox.spec import Limits, Ran, Room

# Of /etc only what programs need to start: the rest may hold secrets.
_ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "debian_version", "fonts", "group",
    "host.conf", "hosts", "java*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "magic", "maven", "mime.types", "nsswitch.conf", "os-release", "passwd", "pki", "protocols",
    "services", "ssl", "timezone",
)  # fmt: skip
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
_TEMP_BYTES = 1 << 30
# The kernel counts processes per user and name space; so the limit is set inside (dash says -p,
# bash -u), where the user's other processes do not count. Blocks are of 512 bytes.
_LIMIT_AND_RUN = (
    "ulimit -c 0; ulimit -f {blocks}; ulimit -p {processes} 2>/dev/null"
    ' || ulimit -u {processes} 2>/dev/null; exec "$@"'
)


def etc(*, network: bool) -> list[Path]:
    """List what may be seen of /etc."""
    patterns = (*_ETC, "resolv.conf") if network else _ETC
    return [path for pattern in patterns for path in sorted(Path("/etc").glob(pattern))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubblewrap:
    """Runs commands in bubblewrap, with nothing of the machine but what the room says."""

    program: str
    disable_userns: bool = True  # versions before 0.8 cannot; the filter does it, too

    @property
    def name(self) -> str:
        """What reports call it."""
        return "isolated (bubblewrap)"

    @property
    def gaps(self) -> str:
        """What it leaves open."""
        return "" if seccomp.supported() else "system calls are not filtered on this processor"

    @property
    def mounts(self) -> bool:
        """Whether a folder can appear at another path."""
        return True

    @property
    def foreign(self) -> bool:
        """Whether it has programs of its own instead of the machine's."""
        return False

    def run(self, argv: Sequence[str], room: Room, limits: Limits) -> Ran:
        """Run a command to its end; its process space dies with it."""
        with _filter() as fds:
            # Nothing here names a secret: the room's variables are all that bubblewrap has, too,
            # and the command can read them in /proc/1/environ.
            return supervise(
                [
                    self.program,
                    *self._isolation(room, fds),
                    *_view(room),
                    *("--chdir", str(room.where), "--"),
                    *_limited(argv, limits),
                ],
                cwd=room.folder,
                env=room.env,
                limits=limits,
                pass_fds=fds,
            )

    def _isolation(self, room: Room, fds: tuple[int, ...]) -> Iterator[str]:
        yield from ("--unshare-user", "--unshare-all", "--die-with-parent", "--new-session")
        yield from ("--cap-drop", "ALL", "--hostname", "sandbox")
        if self.disable_userns:
            yield "--disable-userns"
        if room.network:
            yield "--share-net"
        for fd in fds:
            yield from ("--seccomp", str(fd))


def _view(room: Room) -> Iterator[str]:
    """Lay out the file system: system, own /proc, /dev and /tmp, then the room."""
    yield from ("--ro-bind", "/usr", "/usr")
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            yield from ("--ro-bind", str(path), str(path))
    for path in etc(network=room.network):
        yield from ("--ro-bind-try", str(path), str(path))
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--size", str(_TEMP_BYTES), "--tmpfs", "/tmp")  # noqa: S108 - of the sandbox
    mounts = [("--ro-bind", bind.source, bind.target) for bind in room.binds]
    mounts += [("--bind", path, path) for path in room.writable]
    mounts.append(("--bind", room.folder, room.where))
    # Outer ones first, or they would hide those inside them.
    for kind, source, target in sorted(mounts, key=lambda mount: len(mount[2].parts)):
        yield from (kind, str(source), str(target))


def _limited(argv: Sequence[str], limits: Limits) -> tuple[str, ...]:
    script = _LIMIT_AND_RUN.format(blocks=limits.file_bytes // 512, processes=limits.processes)
    return ("/bin/sh", "-c", script, "sh", *argv)


@contextmanager
def _filter() -> Iterator[tuple[int, ...]]:
    """Hold the filter in a file without a name, from which bubblewrap reads it."""
    if not seccomp.supported():
        yield ()
        return
    fd = os.memfd_create("seccomp")
    try:
        os.write(fd, seccomp.isolated())
        os.lseek(fd, 0, os.SEEK_SET)
        yield (fd,)
    finally:
        os.close(fd)
