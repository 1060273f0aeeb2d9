"""Keys in our environment stay ours: no other process of the user may read them from the kernel."""

import contextlib
import os
import sys

_ENDINGS = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
_PR_SET_DUMPABLE = 4


def conceal() -> None:
    """Close /proc/PID/environ and /proc/PID/mem of this process to others, if there is a key in it.

    To take a variable out of the environment does not do: the kernel goes on showing what the
    process was started with. It is a second lock, where tests can see our process at all; root
    passes it.
    """
    if sys.platform == "linux" and any(name.endswith(_ENDINGS) for name in os.environ):
        import ctypes  # takes a few milliseconds that most commands need not spend

        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
