"""`codeorch gc`: drop old runs and kept answers."""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from codeorch.answers import RunFolder, all_runs
from codeorch.cli import terminal
from codeorch.session import Session

_STRAY_S = 86_400


@click.command("gc")
@click.option("--days", type=click.IntRange(0), default=30, show_default=True,
              help="Keep what is younger.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be dropped.")
def gc(days: int, dry_run: bool) -> int:  # noqa: FBT001 - a click flag
    """Drop records of old runs, and the answers kept for them. Branches stay.

    What killed runs left in the temporary folder goes after a day.
    """
    session = terminal.open_session()
    before = time.time() - days * 86_400
    old = [run for run in all_runs(session.runs_folder) if _age(run) < before]
    answers = 0
    if not dry_run:
        for run in old:
            with run.lock():
                shutil.rmtree(run.path)
        for folder in _strays():
            shutil.rmtree(folder, ignore_errors=True)
        answers = _drop_answers(session, before)
    said = "would be dropped" if dry_run else f"and {answers} answers dropped"
    click.echo(f"{len(old)} run{'s' if len(old) != 1 else ''} {said}")
    return 0


def _drop_answers(session: Session, before_s: float) -> int:
    with contextlib.closing(session.open_store()) as store:
        return store.drop_before(before_s)


def _strays() -> Iterator[Path]:
    """Find the user's temporary folders that no run can still be working in."""
    for folder in Path(tempfile.gettempdir()).glob("codeorch-*-*"):
        found = folder.lstat()
        own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
        old = found.st_mtime < time.time() - _STRAY_S
        if own and old and not folder.name.startswith("codeorch-demo-"):
            yield folder


def _age(run: RunFolder) -> float:
    return (run.path / "job.json").stat().st_mtime
