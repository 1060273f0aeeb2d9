"""The init process of a sandbox without process spaces: it stands between codeorch and a command.

It inherits whatever the command leaves behind, and ends it. Before the command starts, it lays
down the rights that the command must not have. It runs in an interpreter of its own, because what
it does to itself cannot be undone, and forking a process with threads is not safe.
"""

import binascii
import ctypes
import marshal
import os
import resource
import signal
import struct
import sys
import warnings  # noqa: F401 - `os.execvp` loads it, which Landlock would forbid by then
from types import FrameType, SimpleNamespace

from codeorch.sandbox import landlock
from codeorch.sandbox.process_tree import PROC, all_pids, end_descendants

TYPE_CHECKING = False  # the module `typing` takes as long to load as all of this
if TYPE_CHECKING:
    from typing import NoReturn

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_PR_CAPBSET_DROP, _CAPABILITY_VERSION_3 = 24, 0x20080522
_NOT_STARTED, _NOT_FOUND = 126, 127  # as shells say it

_libc = ctypes.CDLL(None, use_errno=True)


def main(launch_data: str) -> "NoReturn":
    """Run the command of a `Launch`, end what it leaves behind, and exit as it did."""
    launch = SimpleNamespace(**marshal.loads(binascii.a2b_base64(launch_data)))  # noqa: S302 - ours
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
    signal.signal(signal.SIGTERM, _on_terminate)
    _die_with_parent(launch.parent, signal.SIGTERM)
    init_pid = os.getpid()
    child = os.fork()
    if not child:
        _exec_child(launch, init_pid)
    code = _wait_for(child)
    if _has_children():
        end_descendants(init_pid)
    os._exit(code)


def _on_terminate(_number: int, _frame: FrameType | None) -> None:
    end_descendants(os.getpid())
    os._exit(128 + signal.SIGTERM)


def _wait_for(child: int) -> int:
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _has_children() -> bool:
    """Whether anything is left: what loses its parent becomes our child."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _exec_child(launch: SimpleNamespace, init_pid: int) -> "NoReturn":
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with_parent(init_pid, signal.SIGKILL)
        _lower_limit(resource.RLIMIT_CORE, 0)
        _lower_limit(resource.RLIMIT_FSIZE, launch.file_bytes)
        _lower_limit(resource.RLIMIT_NPROC, _count_tasks() + launch.processes)
        if launch.confine:
            landlock.restrict(
                readable=launch.readable, writable=launch.writable, network=launch.network
            )
            _drop_capabilities()
            _install_filter(launch.seccomp)
        _exec(launch.argv)
    except OSError as error:
        print(f"codeorch: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the run's log
    finally:
        os._exit(_NOT_STARTED)


def _drop_capabilities() -> None:
    """Leave nothing of root but the name: with CAP_PERFMON, Landlock hides no environment."""
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header, empty = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24)
    _check(_libc.capset(header, empty))


def _exec(argv: tuple[str, ...]) -> None:
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - there is no shell, on purpose
    except FileNotFoundError:
        print(f"codeorch: {argv[0]}: not found", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(_NOT_FOUND)


def _die_with_parent(parent: int, number: int) -> None:
    """Ask for a signal when the parent ends, also if that was just now."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0))
    if os.getppid() != parent:
        os._exit(_NOT_STARTED)


def _lower_limit(kind: int, value: int) -> None:
    _, ceiling = resource.getrlimit(kind)
    value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(kind, (value, value))


def _count_tasks() -> int:
    """Count the threads of this user: they count against the user's limit, too."""
    tasks, own = 0, os.getuid()
    for pid in all_pids():
        try:
            folder = os.stat(f"{PROC}/{pid}/task")
        except OSError:  # it may be gone by now
            continue
        if folder.st_uid == own:
            tasks += folder.st_nlink - 2  # a folder for each, and two of every folder's own
    return tasks


class _Program(ctypes.Structure):
    """How the kernel is handed a filter: struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _install_filter(program: bytes) -> None:
    if program:
        filter_program = _Program(len(program) // 8, program)
        _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _check(
            _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_program), 0, 0)
        )


def _check(answer: int) -> None:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
