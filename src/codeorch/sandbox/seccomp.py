"""System calls that no test needs and that attackers like, as a filter for the kernel.

The filter is a classic BPF program: linux/filter.h, linux/seccomp.h and seccomp(2).
"""

import errno
import platform
import struct
from collections.abc import Mapping

_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NR, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24  # offsets in struct seccomp_data
_X32_BIT = 0x40000000
_CLONE_NEWUSER = 0x10000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # put characters into the terminal's input
_AF_INET, _AF_INET6, _AF_NETLINK, _AF_VSOCK = 2, 10, 16, 40

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (number on x86_64, number on aarch64)
_DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "acct": (163, 89),
}
_WITH_ARGUMENTS = {"socket": (41, 198), "ioctl": (16, 29), "clone": (56, 220), "clone3": (435, 435)}


def is_supported() -> bool:
    """Return whether the numbers of this machine's system calls are known here."""
    return platform.machine() in _AUDIT_ARCH


def namespace_filter() -> bytes:
    """Return the BPF program for a sandbox with name spaces of its own."""
    return _program(_refuse_when(_number("socket"), _ARG0, _EQUALS, _AF_VSOCK))


def shared_network_filter(*, network: bool) -> bytes:
    """Return the BPF program for a sandbox that shares the machine's network: no sockets.

    With `network`, sockets of the internet's families are allowed.

    Pairs of connected sockets stay: event loops need them, and they lead nowhere.
    """
    socket = _number("socket")
    if not network:
        return _program(_jump(_EQUALS, socket, _refuse(errno.EPERM)))
    families = (_AF_INET, _AF_INET6, _AF_NETLINK)
    checks = [(_EQUALS, len(families) - at, 0, family) for at, family in enumerate(families)]
    body = [(_LOAD, 0, 0, _ARG0), *checks, _refuse(errno.EPERM), (_LOAD, 0, 0, _NR)]
    return _program([(_EQUALS, 0, len(body), socket), *body])


_Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, operand


def _program(socket_rule: list[_Instruction]) -> bytes:
    machine = platform.machine()
    rules: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUALS, 1, 0, _AUDIT_ARCH[machine]),
        _refuse(errno.ENOSYS),
        (_LOAD, 0, 0, _NR),
    ]
    if machine == "x86_64":
        rules += _jump(_AT_LEAST, _X32_BIT, _refuse(errno.ENOSYS))
    for name in _DENIED:
        rules += _jump(_EQUALS, _number(name), _refuse(errno.EPERM))
    for request in (_TIOCSTI, _TIOCLINUX):
        rules += _refuse_when(_number("ioctl"), _ARG1, _EQUALS, request)
    rules += _refuse_when(_number("clone"), _ARG0, _ANY_BIT, _CLONE_NEWUSER)
    # Its flags lie in memory, out of a filter's sight; C libraries fall back to clone.
    rules += _jump(_EQUALS, _number("clone3"), _refuse(errno.ENOSYS))
    rules += socket_rule
    rules.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *rule) for rule in rules)


def _number(name: str) -> int:
    table: Mapping[str, tuple[int, int]] = _DENIED | _WITH_ARGUMENTS
    return table[name][platform.machine() == "aarch64"]


def _refuse(error: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)


def _jump(operation: int, operand: int, then: _Instruction) -> list[_Instruction]:
    return [(operation, 0, 1, operand), then]


def _refuse_when(call: int, argument: int, operation: int, operand: int) -> list[_Instruction]:
    """Refuse one call when one of its arguments (the lower half of it) is so."""
    return [
        (_EQUALS, 0, 4, call),
        (_LOAD, 0, 0, argument),
        (operation, 0, 1, operand),
        _refuse(errno.EPERM),
        (_LOAD, 0, 0, _NR),
    ]
