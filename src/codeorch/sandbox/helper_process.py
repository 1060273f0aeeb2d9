"""A small program of our own in a process of its own, asked one question after the other.

What can hang, crash or eat all memory on foreign text is done there. An answer that does not come
costs one question: the next one starts the program anew.
"""

import contextlib
import select
import struct
import subprocess
import sys
import time
from types import TracebackType
from typing import IO, Self

_HEAD = struct.Struct(">Q")  # the length of what follows, in bytes
_LONGEST_ANSWER = 1 << 20  # bytes
# The program defines `answer(question: bytes) -> bytes`; this asks it.
_LOOP = """
import resource, struct, sys
def _limit(kind, size):
    try:
        resource.setrlimit(kind, (size, resource.getrlimit(kind)[1]))
    except (OSError, ValueError):
        pass
_limit(resource.RLIMIT_CORE, 0)
_limit(resource.RLIMIT_FSIZE, 0)
_limit(resource.RLIMIT_AS, {memory})
while _head := sys.stdin.buffer.read(8):
    _used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(_used.ru_utime + _used.ru_stime) + 1 + {cpu})
    _answer = answer(sys.stdin.buffer.read(struct.unpack(">Q", _head)[0]))
    sys.stdout.buffer.write(struct.pack(">Q", len(_answer)) + _answer)
    sys.stdout.buffer.flush()
"""


class HelperProcess:
    """Asks a Python program, which sees no environment, no packages and no working folder.

    `cpu_s` is what one question may cost, `memory_bytes` the address space of the process.
    """

    def __init__(self, program: str, *, cpu_s: int, memory_bytes: int) -> None:
        self._code = program + _LOOP.format(memory=memory_bytes, cpu=cpu_s)
        self._wall_s = 6.0 * cpu_s  # for a busy machine; what waits for nothing ends by its CPU
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: bytes) -> bytes | None:
        """Return the program's answer; None when it crashed, or passed a limit."""
        process = self._process or self._start()
        if process is None or process.stdin is None or process.stdout is None:
            return None
        try:
            process.stdin.write(_HEAD.pack(len(question)) + question)
            process.stdin.flush()
            deadline = time.monotonic() + self._wall_s
            (length,) = _HEAD.unpack(_read(process.stdout, _HEAD.size, deadline))
            if length <= _LONGEST_ANSWER:
                return _read(process.stdout, length, deadline)
        except (OSError, EOFError):
            pass
        self.close()
        return None

    def close(self) -> None:
        """End the process, if there is one; a further question starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(OSError):  # what was not sent any more
            process.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes] | None:
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(
                (sys.executable, "-I", "-S", "-W", "ignore", "-c", self._code),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )
        return self._process


def _read(pipe: IO[bytes], length: int, deadline: float) -> bytes:
    """Read so many bytes.

    Raises:
        EOFError: the other side has ended, or the time is over.
    """
    data = b""
    while len(data) < length:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise EOFError
        part = pipe.read1(length - len(data))  # type: ignore[attr-defined]
        if not part:
            raise EOFError
        data += part
    return data
