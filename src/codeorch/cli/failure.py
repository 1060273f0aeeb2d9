"""Any failure -> one line, a hint, a status and its exit code. No traceback reaches the user."""

import contextlib
import errno
import json
import os
import sqlite3
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass

import click

from codeorch import __version__
from codeorch.domain import SCHEMA_VERSION, STATUSES, ExitCode, OutcomeStatus, Usage
from codeorch.errors import (
    BudgetReached,
    CodeorchError,
    PlanInvalid,
    ServiceError,
    UnsafeError,
    UserError,
)

# What to do about a service that will not answer, by the kind of its error.
_HINTS = {
    "unknown_model": "name models that it has: --model for all, or --planner-model, "
    "--worker-model, --cheap-model (planner_model and so on in config.toml)",
    "connection": "see that the server runs and its address is right; --base-url names another",
}

# What the machine may lack, and what to do about it.
_FREE_SPACE = "free some space, then `codeorch resume`; what was paid for is not paid again"
_SHORTAGES = {
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: _FREE_SPACE,
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`), then `codeorch resume`",
    errno.EROFS: "the repository's .git and the folder for temporary files must be writable",
    errno.EIO: "see to the disk, then `codeorch resume`",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`), then `codeorch resume`",
    errno.ENFILE: "close other programs, then `codeorch resume`",
    errno.ENOMEM: "close other programs, then `codeorch resume`",
    errno.EAGAIN: "raise the limit on processes (`ulimit -u`), then `codeorch resume`",
    errno.ESTALE: "the file system is gone; mount it, then `codeorch resume`",
}


@dataclass(frozen=True, slots=True)
class _Failure:
    """What is to be said of an error."""

    status: OutcomeStatus
    message: str
    hint: str = ""


def report(error: BaseException, *, as_json: bool) -> int:
    """Say what failed on standard error, with `as_json` as JSON on standard output, too.

    Returns the exit code.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else ExitCode.FAILED
    if isinstance(error, BrokenPipeError):
        # Python must not complain about the closed pipe at exit, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE_CLOSED
    failure = _failure_of(error)
    click.echo(f"codeorch: {failure.message}", err=True)
    if failure.hint:
        click.echo(f"  hint: {failure.hint}", err=True)
    code = STATUSES[failure.status].exit_code
    usage = getattr(error, "usage_of_run", None)
    if as_json:
        value = {
            "schema_version": SCHEMA_VERSION, "status": failure.status, "exit_code": code,
            "error": {"message": failure.message, "hint": failure.hint},
            **({"usage": asdict(usage)} if isinstance(usage, Usage) and usage.calls else {}),
        }  # fmt: skip
        with contextlib.suppress(OSError):  # it was said on standard error already
            click.echo(json.dumps(value))
    return code


def _failure_of(error: BaseException) -> _Failure:
    match error:
        case click.ClickException():
            return _Failure(OutcomeStatus.USAGE, error.format_message(), _usage_hint(error))
        case KeyboardInterrupt() | click.Abort():
            message = "interrupted; your repository is as it was"
            return _Failure(OutcomeStatus.INTERRUPTED, message, "run the same command again")
        case UserError():
            refused = isinstance(error, UnsafeError)
            status = OutcomeStatus.REFUSED if refused else OutcomeStatus.USAGE
            return _Failure(status, error.message, error.hint)
        case CodeorchError():
            return _failure_of_run(error)
        case MemoryError() | OSError() | sqlite3.OperationalError() if shortage := _shortage(error):
            return shortage
        case _:
            message = f"internal error: {type(error).__name__}: {error}"
            return _Failure(OutcomeStatus.FAILED, message, _bug_report(error))


def _shortage(error: BaseException) -> _Failure | None:
    """Return what is to be said of what the machine lacks; None if it is something else."""
    match error:
        case MemoryError():
            message, hint = "there is no memory left", _SHORTAGES[errno.ENOMEM]
        case sqlite3.OperationalError():
            message = f"the files of codeorch cannot be used: {error}"
            hint = _SHORTAGES[errno.ENOSPC]
        case OSError() if error.errno in _SHORTAGES:
            where = f": {error.filename}" if error.filename else ""
            message, hint = f"the machine says: {error.strerror}{where}", _SHORTAGES[error.errno]
        case _:
            return None
    return _Failure(OutcomeStatus.FAILED, message, hint)


def _failure_of_run(error: CodeorchError) -> _Failure:
    match error:
        case BudgetReached():
            hint = "nothing was changed; raise the ceiling to go on"
            return _Failure(OutcomeStatus.OVER_BUDGET, str(error), hint)
        case PlanInvalid():
            more = f" (and {len(error.faults) - 1} more faults)" if len(error.faults) > 1 else ""
            return _Failure(
                OutcomeStatus.FAILED,
                f"no valid plan came about: {error.faults[0]}{more}",
                "word the request more narrowly, or write the plan yourself and use --plan",
            )
        case _:
            retryable = isinstance(error, ServiceError) and error.retryable
            later = "try again later" if retryable else ""
            hint = _HINTS.get(getattr(error, "kind", ""), later)
            return _Failure(OutcomeStatus.FAILED, f"{error}; nothing was changed", hint)


def _usage_hint(error: click.ClickException) -> str:
    ctx = getattr(error, "ctx", None)
    return f"see `{ctx.command_path} --help`" if ctx is not None else ""


def _bug_report(error: BaseException) -> str:
    """Write what we need to mend it into a file, ready to paste; return where it is."""
    text = "".join(traceback.format_exception(error))
    with (
        contextlib.suppress(OSError),
        tempfile.NamedTemporaryFile(
            "w", prefix="codeorch-bug-", suffix=".md", delete=False, encoding="utf-8"
        ) as file,
    ):
        file.write(f"codeorch {__version__}, Python {sys.version}\n\n```\n{text}```\n")
        return f"this is a bug of codeorch; please report it with {file.name}"
    return "this is a bug of codeorch; please report it"
