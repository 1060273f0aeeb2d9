"""Run one process under limits, and leave nothing of it running."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from codeorch.errors import ServiceError
from codeorch.sandbox.process_tree import PROC, descendants, end_descendants
from codeorch.sandbox.spec import Limit, ProcessResult, ResourceLimits

_TICK_MS = 20
_LOW_PRIORITY = 10  # as `nice` counts
_CANCEL: ContextVar[threading.Event | None] = ContextVar("cancel", default=None)
_CENSUS_PERIOD_S = 0.25  # how often memory and processes are counted
_DRAIN_S = 1.0  # a pipe may stay open in a process that outlives us; so never wait for its end


@contextlib.contextmanager
def in_background(cancel: threading.Event) -> Iterator[None]:
    """Give way to others with what is run inside, and end it when `cancel` is set."""
    token = _CANCEL.set(cancel)
    try:
        yield
    finally:
        _CANCEL.reset(token)


@dataclass(slots=True, kw_only=True)
class _Output:
    """The head and the tail of a stream of any length."""

    half_bytes: int
    total_bytes: int = 0
    is_open: bool = True
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)

    def read(self, pipe: int) -> None:
        """Take what the pipe holds now."""
        try:
            data = os.read(pipe, 1 << 20)
        except BlockingIOError:
            return
        self.is_open = bool(data)
        self.total_bytes += len(data)
        free_bytes = self.half_bytes - len(self.head)
        self.head += data[:free_bytes]
        self.tail += data[free_bytes:]
        if len(self.tail) > 2 * self.half_bytes:
            del self.tail[: -self.half_bytes]

    def text(self) -> str:
        tail = self.tail[-self.half_bytes :]
        omitted_bytes = self.total_bytes - len(self.head) - len(tail)
        middle = f"\n[... {omitted_bytes} bytes left out ...]\n".encode() if omitted_bytes else b""
        return bytes(self.head + middle + tail).decode("utf-8", "replace")


def supervise(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    limits: ResourceLimits,
    pass_fds: tuple[int, ...] = (),
    stdin: int = subprocess.DEVNULL,
) -> ProcessResult:
    """Run a command in a session of its own until it ends or passes a limit; return how it ended.

    `env` is the whole environment of the command. Both of its streams become one log.

    Raises:
        ServiceError: it cannot be started.
    """
    start = time.monotonic()
    process = start_process(
        argv, cwd=cwd, env=env, pass_fds=pass_fds, stdin=stdin, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    with process.stdout as stdout:
        pipe = stdout.fileno()
        os.set_blocking(pipe, False)
        output = _Output(half_bytes=limits.log_bytes // 2)
        try:
            stopped_by = _watch(process, pipe, output, limits)
        finally:
            end_process(process)
        _drain(pipe, output)
    code = process.returncode
    return ProcessResult(
        exit_code=None if stopped_by else code if code >= 0 else 128 - code,
        seconds=time.monotonic() - start,
        log=output.text(),
        stopped_by=stopped_by,
    )


def start_process(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    pass_fds: tuple[int, ...],
    stdin: int,
    stderr: int,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, with a pipe for what it prints.

    Raises:
        ServiceError: it cannot be started.
    """
    try:
        return subprocess.Popen(
            argv if _CANCEL.get() is None else _at_low_priority(argv),
            cwd=cwd,
            env=dict(env),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    except OSError as error:
        message = f"{argv[0]} cannot be started: {error.strerror}"
        raise ServiceError(message, kind="process", retryable=False) from error


def _at_low_priority(argv: Sequence[str]) -> Sequence[str]:
    """Begin at low priority: once it runs, its children may be there already and keep theirs."""
    nice = shutil.which("nice", path=os.defpath)
    return (nice, "-n", str(_LOW_PRIORITY), *argv) if nice and shutil.which(argv[0]) else argv


def _watch(
    process: subprocess.Popen[bytes], pipe: int, output: _Output, limits: ResourceLimits
) -> Limit:
    """Read until the process ends; return the limit it passed, if any."""
    now = time.monotonic()
    deadline, next_census = now + limits.time_s, now + _CENSUS_PERIOD_S
    cancel = _CANCEL.get() or threading.Event()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while process.poll() is None:
        if poll.poll(_TICK_MS):
            output.read(pipe)
            if not output.is_open:  # else poll would return at once from now on
                poll.unregister(pipe)
        now = time.monotonic()
        if cancel.is_set():
            return "cancelled"
        if now > deadline or output.total_bytes > limits.output_bytes:
            return "time" if now > deadline else "output"
        if now > next_census:
            if limit := exceeded_limit(process.pid, limits):
                return limit
            next_census = now + _CENSUS_PERIOD_S
    return ""


def _drain(pipe: int, output: _Output) -> None:
    deadline = time.monotonic() + _DRAIN_S
    while output.is_open and time.monotonic() < deadline:
        select.select([pipe], [], [], _TICK_MS / 1000)
        output.read(pipe)


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Kill all that descends from the process, then the process: it may be who inherits them."""
    if process.poll() is None:
        end_descendants(process.pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# ------------------------------------------------------------------------------- the census


def exceeded_limit(root: int, limits: ResourceLimits) -> Limit:
    """Return the limit that a process and its descendants pass now, of memory or of number."""
    pids = descendants(root)
    if len(pids) > limits.processes:
        return "processes"
    # Resident pages count shared ones more than once, so ask for the exact sum only when it
    # matters: that costs the kernel a walk over all pages.
    if sum(map(_resident_bytes, pids)) <= limits.memory_bytes:
        return ""
    return "memory" if sum(map(_proportional_bytes, pids)) > limits.memory_bytes else ""


def _resident_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        pages = int(Path(PROC, str(pid), "statm").read_bytes().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _proportional_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(PROC, str(pid), "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) << 10
    return 0
