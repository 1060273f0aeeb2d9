"""Run codeorch as a process of its own: `codeorch`, or `python -m codeorch`."""

import contextlib
import gc
import os
import sys
from typing import NoReturn

_GARBAGE = (50_000, 20, 50)  # a tenth of the looks for cycles; most of what is made here stays


def run() -> NoReturn:
    """Run the command line, and end the process without tidying up its memory."""
    gc.set_threshold(*_GARBAGE)
    try:
        from codeorch.cli import main  # noqa: PLC0415 - Ctrl-C may come while it is loaded

        code = main()
    except KeyboardInterrupt:
        from codeorch.domain import ExitCode  # noqa: PLC0415 - only now

        code = ExitCode.INTERRUPTED
    with contextlib.suppress(OSError):  # nobody may be listening any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # the interpreter's own end takes a second when large packages are loaded


if __name__ == "__main__":
    run()
