"""`codeorch take`: bring a result into the working tree."""

import click

from codeorch import merge
from codeorch.cli import session
from codeorch.cli.runs import find_run


@click.command("take")
@click.argument("run", required=False, default="")
def command(run: str) -> int:
    """Bring the result of RUN (the newest if left out) into the working tree.

    The current branch is moved forward when it has not changed since the run; otherwise the
    change is applied as a patch. A file with unsaved edits is never touched.
    """
    repo = session.open_repo()
    record = find_run(session.runs_folder(repo), run, landed=True)
    how = merge.apply_to_worktree(repo, record["request"]["base"], record["branch"]["commit"])
    files = len(record["files"])
    click.echo(f"took over {files} file{'s' if files != 1 else ''} of run {record['run']} ({how})")
    return 0
