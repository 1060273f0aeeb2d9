"""`codeorch gc`: drop old runs and kept answers."""

import shutil
import time

import click

from codeorch import pipeline
from codeorch.cli import session
from codeorch.engine import RunFolder, all_runs


@click.command("gc")
@click.option("--days", type=click.IntRange(0), default=30, show_default=True,
              help="Keep what is younger.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be dropped.")
def command(days: int, dry_run: bool) -> int:  # noqa: FBT001 - a click flag
    """Drop records of old runs, and the answers kept for them. Branches stay."""
    repo = session.open_repo()
    before = time.time() - days * 86_400
    old = [run for run in all_runs(session.runs_folder(repo)) if _age(run) < before]
    answers = 0
    if not dry_run:
        for run in old:
            with run.held():
                shutil.rmtree(run.path)
        answers = session.finish(pipeline.forget(session.store(repo), before), None)
    said = "would be dropped" if dry_run else f"and {answers} answers dropped"
    click.echo(f"{len(old)} run{'s' if len(old) != 1 else ''} {said}")
    return 0


def _age(run: RunFolder) -> float:
    return (run.path / "job.json").stat().st_mtime
