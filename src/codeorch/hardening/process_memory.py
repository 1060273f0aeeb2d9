"""Keys in our environment stay ours: no other process of the user may read them from the kernel."""

import contextlib
import sys

_PR_SET_DUMPABLE = 4


def forbid_memory_access() -> None:
    """Close /proc/PID/environ and /proc/PID/mem of this process to others, on Linux.

    Removing a variable from the environment is not enough: the kernel goes on showing what the
    process was started with. It is a second lock, for sandboxes in which tests can see our process;
    root passes it. Nothing is raised where the kernel refuses.

    See prctl(2), PR_SET_DUMPABLE.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - takes a few milliseconds that most commands need not spend

        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
