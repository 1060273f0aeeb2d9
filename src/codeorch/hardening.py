"""Keys in our environment stay ours: no other process of the user may read them from the kernel."""

import contextlib
import sys

_PR_SET_DUMPABLE = 4


def conceal() -> None:
    """Close /proc/PID/environ and /proc/PID/mem of this process to others.

    To take a variable out of the environment does not do: the kernel goes on showing what the
    process was started with. It is a second lock, where tests can see our process at all; root
    passes it.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - takes a few milliseconds that most commands need not spend

        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
