"""The processes that descend from one, by /proc. The init process loads this: keep it light."""

import os
import signal
import time

PROC = "/proc"
_KILL_S = 10.0  # a process in the hands of a driver cannot be killed; do not wait for ever


def end_descendants(root: int) -> None:
    """Kill all that descends from a process, and what they start meanwhile."""
    deadline = time.monotonic() + _KILL_S
    while (pids := descendants(root)) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(0.005)


def descendants(root: int) -> list[int]:
    """Return the ids of living processes that descend from `root`; none where there is no /proc."""
    children: dict[int, list[int]] = {}
    dead: set[int] = set()
    for pid in all_pids():
        try:
            with open(f"{PROC}/{pid}/stat", "rb", buffering=0) as file:
                stat = file.read()
        except OSError:  # it may be gone by now
            continue
        # The name in brackets is the process's own choice; what follows the last one is not.
        state, parent = stat.rpartition(b")")[2].split(None, 2)[:2]
        children.setdefault(int(parent), []).append(pid)
        if state in (b"Z", b"X"):
            dead.add(pid)
    pids: list[int] = []
    queue = [root]
    while queue:
        child_pids = children.get(queue.pop(), [])
        pids += child_pids
        queue += child_pids
    return [pid for pid in pids if pid not in dead]


def all_pids() -> list[int]:
    """Return the ids of all processes; each may be gone by now. None where there is no /proc."""
    try:
        return [int(name) for name in os.listdir(PROC) if name.isdecimal()]
    except OSError:
        return []
