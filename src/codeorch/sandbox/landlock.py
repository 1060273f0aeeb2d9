"""Landlock: a process gives up rights on files, for itself and all its children.

Numbers and structures: linux/landlock.h and landlock(7). Later versions know more rights; only
those that the running kernel knows may be named.
"""

import ctypes
import os
import stat
import struct
import sys

TYPE_CHECKING = False  # the init process loads this, and nothing that takes long
if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_ABI = 4  # network rights; before 3, a file could be truncated without a right
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_ABI = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract UNIX sockets and signals

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Return the version of Landlock's interface that the kernel speaks; 0 = none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc.syscall(_CREATE, None, 0, _ASK_ABI)))


def restrict(*, readable: "Iterable[str]", writable: "Iterable[str]", network: bool) -> None:
    """Let this process and its children touch nothing but these paths and what lies in them.

    Raises:
        OSError: the kernel refuses.
    """
    version = abi()
    rights = (1 << (16 if version >= 5 else 15)) - 1
    tcp = 0 if network else _TCP
    attributes = struct.pack("=QQQ", rights, tcp, _SCOPES)[: 24 if version >= 6 else 16]
    rules = _check(_libc.syscall(_CREATE, attributes, len(attributes), 0))
    for paths, path_rights in ((readable, _READ), (writable, rights)):
        for path in paths:
            _allow(rules, path, path_rights & rights)
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(_libc.syscall(_RESTRICT, rules, 0))
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent_fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what does not exist needs no right
    try:
        if not stat.S_ISDIR(os.fstat(parent_fd).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, parent_fd)
        _check(_libc.syscall(_ADD, rules, _RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(parent_fd)


def _check(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock: {os.strerror(number)}")
    return answer
