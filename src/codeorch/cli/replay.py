"""`codeorch replay`: carry out a finished run again, from what was kept alone."""

import click

from codeorch.cli import running, session
from codeorch.domain import ExitCode
from codeorch.errors import UserError


@click.command("replay")
@click.argument("run", required=False, default="")
@click.option("-B", "--branch", default="", help="Also make this branch.")
def command(run: str, branch: str) -> int:
    """Carry out RUN again without asking a model or running a test, and compare the trees.

    Exit code 0 when the files come out byte by byte as they did, 1 when not.
    """
    repo = session.open_repo()
    folder = running.folder_of(repo, run, lambda record: bool(record and record["commit"]))
    record = folder.record()
    if record is None or not record["commit"]:
        raise UserError(f"run {folder.run_id} has no result to compare with", "see `codeorch runs`")
    outcome = running.carry_out(repo, folder, offline=True, branch=branch)
    old, new = repo.tree_of(record["commit"]), repo.tree_of(outcome.last.commit)
    same = old == new
    click.echo(f"run {folder.run_id}: {'the same' if same else 'another'} tree {new}")
    if not same:
        click.echo(f"it was {old}", err=True)
    return ExitCode.OK if same else ExitCode.FAILED
