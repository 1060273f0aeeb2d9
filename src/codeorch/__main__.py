"""Run codeorch as a process of its own: `codeorch`, or `python -m codeorch`."""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from codeorch.api_keys import mask_keys, restart_without_keys
from codeorch.hardening import open_standard_streams

_ASKING = frozenset(
    {"apply", "plan", "resume", "retry", "propose"}
)  # commands that may ask a model
_HELP = frozenset({"-h", "--help"})
_GARBAGE = (50_000, 20, 50)  # a tenth of the looks for cycles; most of what is made here stays


def run() -> NoReturn:
    """Run the command line, and end the process without tidying up its memory."""
    open_standard_streams()
    gc.set_threshold(*_GARBAGE)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that scratch folders go, too
    try:
        if sys.argv[1:2] == ["github"]:
            mask_keys()
        restart_without_keys(asks=_will_ask(sys.argv[1:]))
        code = _main()
    except KeyboardInterrupt:
        from codeorch.domain import ExitCode  # noqa: PLC0415 - only now

        code = ExitCode.INTERRUPTED
    with contextlib.suppress(OSError):  # nobody may be listening any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # the interpreter's own end takes a second when large packages are loaded


def _main() -> int:
    """Run a step of the GitHub Action by the standard library alone, or else the command line."""
    if sys.argv[1:2] == ["github"]:
        from codeorch.github.command import main as github  # noqa: PLC0415 - see below

        return github(sys.argv[2:])
    from codeorch.cli import main  # noqa: PLC0415 - Ctrl-C may come while it is loaded

    return main()


def _will_ask(args: Sequence[str]) -> bool:
    """Tell whether a command will probably ask a model."""
    return _HELP.isdisjoint(args) and not _ASKING.isdisjoint(args[:3])


if __name__ == "__main__":
    run()
