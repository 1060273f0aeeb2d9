"""A process to talk with by its standard streams, under limits, and ended with its children."""

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codeorch.errors import ServiceError
from codeorch.sandbox.process import end_process, exceeded_limit, start_process
from codeorch.sandbox.spec import ResourceLimits

_READ_BYTES = 1 << 20
_TICK_S = 0.25  # how often limits are looked at while nothing arrives


@dataclass(slots=True, kw_only=True)
class PipedProcess:
    """A process between its two pipes; what it prints as errors goes nowhere."""

    process: subprocess.Popen[bytes]
    limits: ResourceLimits
    deadline: float  # by the monotonic clock
    _pending: bytearray = field(default_factory=bytearray)
    _received_bytes: int = 0
    _next_census: float = 0.0

    def send(self, data: bytes) -> None:
        """Put bytes in line for the process; they are written while we wait for an answer."""
        self._pending += data

    def receive(self, timeout_s: float) -> bytes:
        """Return what arrives next; nothing when the time is over.

        Raises:
            ServiceError: the process has ended, or passed a limit (`kind` is "process").
        """
        end = time.monotonic() + timeout_s
        while True:
            now = time.monotonic()
            self._check_limits(now)
            if data := self._poll(min(max(end - now, 0.0), _TICK_S)):
                return data
            if time.monotonic() >= end:
                return b""

    def _poll(self, timeout_s: float) -> bytes:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        poll = select.poll()
        poll.register(stdout, select.POLLIN)
        if self._pending:
            poll.register(stdin, select.POLLOUT)
        ready = {fd for fd, _ in poll.poll(timeout_s * 1000)}
        if stdin.fileno() in ready:
            self._write(stdin.fileno())
        if stdout.fileno() not in ready:
            return b""
        data = os.read(stdout.fileno(), _READ_BYTES)
        if not data:
            raise _failure("has ended")
        self._received_bytes += len(data)
        return data

    def _write(self, pipe: int) -> None:
        try:
            written = os.write(pipe, self._pending[:_READ_BYTES])
        except BlockingIOError:
            return
        except BrokenPipeError as error:
            raise _failure("does not listen any more") from error
        del self._pending[:written]

    def _check_limits(self, now: float) -> None:
        if now > self.deadline:
            raise _failure("was stopped by its limit of time")
        if self._received_bytes > self.limits.output_bytes:
            raise _failure("was stopped by its limit of output")
        if now > self._next_census:
            self._next_census = now + _TICK_S
            if limit := exceeded_limit(self.process.pid, self.limits):
                raise _failure(f"was stopped by its limit of {limit}")


@contextlib.contextmanager
def piped_process(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    limits: ResourceLimits,
    pass_fds: tuple[int, ...] = (),
) -> Iterator[PipedProcess]:
    """Start a command in a session of its own; afterwards nothing of it is left running.

    `env` is the whole environment of the command.

    Raises:
        ServiceError: it cannot be started.
    """
    process = start_process(
        argv,
        cwd=cwd,
        env=env,
        pass_fds=pass_fds,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        os.set_blocking(process.stdin.fileno(), False)
        yield PipedProcess(
            process=process, limits=limits, deadline=time.monotonic() + limits.time_s
        )
    finally:
        end_process(process)
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()


def _failure(what: str) -> ServiceError:
    return ServiceError(what, kind="process", retryable=False)
