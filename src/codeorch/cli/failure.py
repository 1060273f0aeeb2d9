"""Any failure -> one line, a hint, and the documented exit code. No traceback reaches the user."""

import json
import os
import sys
import tempfile
import traceback

import click

from codeorch import __version__
from codeorch.errors import (
    BudgetReached,
    CodeorchError,
    PlanInvalid,
    ServiceError,
    UnsafeError,
    UserError,
)


def report(error: BaseException, *, as_json: bool) -> int:
    """Tell the failure on standard error, and as JSON on standard output when asked."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, BrokenPipeError):
        # Whoever read our output went away; Python must not complain about it at exit, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    code, message, hint = _told(error)
    click.echo(f"codeorch: {message}", err=True)
    if hint:
        click.echo(f"  hint: {hint}", err=True)
    if as_json:
        failed = {"message": message, "hint": hint}
        click.echo(json.dumps({"schema": 1, "status": "error", "exit_code": code, "error": failed}))
    return code


def _told(error: BaseException) -> tuple[int, str, str]:
    if isinstance(error, click.ClickException):
        return 2, error.format_message(), _usage_hint(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return 130, "interrupted; your repository is as it was", "run the same command again"
    if isinstance(error, CodeorchError):
        return _ours(error)
    return 1, f"internal error: {type(error).__name__}: {error}", _bug_report(error)


def _ours(error: CodeorchError) -> tuple[int, str, str]:
    if isinstance(error, UserError):
        return (5 if isinstance(error, UnsafeError) else 2), error.message, error.hint
    if isinstance(error, BudgetReached):
        return 6, str(error), "nothing was changed; raise the ceiling to go on"
    if isinstance(error, PlanInvalid):
        more = f" (and {len(error.faults) - 1} more faults)" if len(error.faults) > 1 else ""
        return (
            1,
            f"no valid plan came about: {error.faults[0]}{more}",
            "word the request more narrowly, or write the plan yourself and use --plan",
        )
    if isinstance(error, ServiceError):
        again = "try again later" if error.retryable else ""
        return 1, f"{error}; nothing was changed", again
    return 1, f"{error}; nothing was changed", ""


def _usage_hint(error: click.ClickException) -> str:
    ctx = getattr(error, "ctx", None)
    return f"see `{ctx.command_path} --help`" if ctx is not None else ""


def _bug_report(error: BaseException) -> str:
    """Write what we need to mend it into a file, ready to paste."""
    text = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile(
        "w", prefix="codeorch-bug-", suffix=".md", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"codeorch {__version__}, Python {sys.version}\n\n```\n{text}```\n")
    return f"this is a bug of codeorch; please report it with {file.name}"
