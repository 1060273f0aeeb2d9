"""Standard input, output and error, whatever the caller has made of them."""

import contextlib
import os
import sys
from typing import Any, TextIO, cast


def open_standard_streams() -> None:
    """Open what the caller has closed on nothing, and let no complaint of ours end the process.

    A closed descriptor is worse than a silent one: the next file or pipe to be opened takes its
    number, and would get what is written to standard error.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    error = sys.stderr or os.fdopen(2, "w", closefd=False)
    sys.stderr = cast("TextIO", _TolerantStream(error))


class _TolerantStream:
    """A stream on which writing may fail without anybody being told: there is nobody to tell."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, if it can be written."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is pending, if it can be written."""
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the stream has it
        return getattr(self._stream, name)
