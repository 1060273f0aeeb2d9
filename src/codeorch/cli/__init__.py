"""The command line: flags -> Request + Settings, outcome -> exit code.

Nothing heavy is imported here; each command's module is loaded when it is called.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from codeorch import __version__
from codeorch.hardening import forbid_memory_access

# command -> where it stands, and what it is for.
COMMANDS = {
    "apply": ("apply:apply", "Carry out a change request on a new branch."),
    "plan": ("plan:plan", "Write the plan for a request as a file to edit."),
    "take": ("runs:take", "Bring a finished run into the working tree."),
    "resume": ("rerun:resume", "Go on with an interrupted run; nothing is paid twice."),
    "retry": ("rerun:retry", "Give the failed tasks of a run another chance."),
    "dead": ("runs:dead", "List the tasks that failed for good."),
    "runs": ("runs:runs", "List the runs of this repository."),
    "show": ("runs:show", "Show the report of a run."),
    "replay": ("rerun:replay", "Carry out a run again from what was kept, and compare."),
    "gc": ("gc:gc", "Drop old runs and kept answers."),
    "prereview": ("prereview:prereview", "Name what a branch left behind, before its review."),
    "rank": ("inspect:rank", "Rank the files that a request is about."),
    "map": ("inspect:show_map", "Show the definitions of the repository's files."),
    "demo": ("demo:demo", "Change a small example repository; needs no key."),
}

_SECRETS = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")  # how names of what is secret end


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(
            importlib.import_module(f"codeorch.cli.{module}"), function
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        from codeorch.domain import STATUSES  # it makes many classes: only for who asks for help

        with formatter.section("Exit codes, with the status that a report gives"):
            formatter.write_dl(
                [(f"{row.exit_code:3}  {status}", row.meaning) for status, row in STATUSES.items()]
            )


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="codeorch")
@click.option(
    "-C", "directory", type=click.Path(exists=True, file_okay=False), help="Run in this folder."
)
def group(directory: str | None) -> None:
    """Change many files of a repository from one sentence.

    A request is broken down into a plan, parallel workers change one file each, and the result is
    one new branch, judged by the project's own tests. Your working tree is never touched.
    """
    if directory:
        os.chdir(directory)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    if any(name.endswith(_SECRETS) for name in os.environ):
        forbid_memory_access()
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        result: Any = group.main(args, prog_name="codeorch", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - the outermost door: every failure is one line
        from codeorch.cli.failure import report

        return report(error, as_json="--json" in args)
    return result if isinstance(result, int) else 0
