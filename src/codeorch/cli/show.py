"""`codeorch show`: the report of a run, from its record."""

import json

import click
from rich.console import Console

from codeorch.cli import session
from codeorch.cli.runs import find_run
from codeorch.report import console, markdown, record


@click.command("show")
@click.argument("run", required=False, default="")
@click.option("--json", "form", flag_value="json", help="Print the whole record.")
@click.option("--markdown", "form", flag_value="markdown", help="Print text for a pull request.")
@click.option(
    "--diff",
    "form",
    flag_value="diff",
    help="Print the diff: coloured on a terminal, elsewhere a patch for git.",
)
def command(run: str, form: str | None) -> int:
    """Show the report of RUN, the newest if left out, as it was shown when it ended."""
    found = find_run(session.runs_folder(session.open_repo()), run)
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
        return 0
    told = record.load(found)
    if form == "markdown":
        click.echo(markdown.markdown(told), nl=False)
    elif form == "diff" and (terminal := Console()).is_terminal:
        console.show_diff(told, terminal)
    elif form == "diff":
        # Without `color`, click would take escape sequences out of the patch.
        click.echo("".join(file.diff for file in told.files), nl=False, color=True)
    else:
        console.show(told, Console())
    return 0
