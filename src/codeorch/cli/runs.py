"""`codeorch runs`: the runs of this repository, newest first."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from codeorch.answers import RunFolder, all_runs
from codeorch.cli import session
from codeorch.domain import OutcomeStatus
from codeorch.errors import UserError

_INTERRUPTED = OutcomeStatus.INTERRUPTED.value  # nobody carries it out, and it has no record


@click.command("runs")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(as_json: bool) -> int:  # noqa: FBT001 - a click flag
    """List the runs of this repository, newest first."""
    rows = [_row(run) for run in all_runs(session.runs_folder(session.open_repo()))]
    if as_json:
        click.echo(json.dumps({"runs": rows}, ensure_ascii=False))
        return 0
    for row in rows:
        first = row["request"].split("\n", 1)[0][:60]
        click.echo(f"{row['run']}  {row['status']:<11}  {row['files']:>3} files  {first}")
    if not rows:
        click.echo("no runs yet", err=True)
    return 0


def _row(run: RunFolder) -> dict[str, Any]:
    try:
        record = run.record()
    except UserError:  # of another version
        return _row_without_record(run, "unreadable")
    if record is None:
        return _row_without_record(run, "running" if _is_going_on(run) else _INTERRUPTED)
    return {
        "run": run.run_id,
        "status": record["status"],
        "files": len(record["files"]),
        "branch": (record["branch"] or {}).get("name", ""),
        "request": record["request"]["text"],
    }


def _row_without_record(run: RunFolder, status: str) -> dict[str, Any]:
    return {
        "run": run.run_id, "status": status, "files": 0, "branch": "",
        "request": run.request_text(),
    }  # fmt: skip


def _is_going_on(run: RunFolder) -> bool:
    try:
        with run.lock():
            return False
    except UserError:
        return True


def records(folder: Path, name: str = "") -> Iterator[tuple[RunFolder, dict[str, Any]]]:
    """Yield the finished runs with their records, newest first.

    A record that cannot be read is left out, unless it is that of the run called `name`.

    Raises:
        UserError: the record of the run called `name` is of another version.
    """
    for run in all_runs(folder):
        try:
            record = run.record()
        except UserError:
            if run.run_id == name:
                raise
            continue
        if record is not None:
            yield run, record


def find_run(folder: Path, name: str, *, landed: bool = False) -> dict[str, Any]:
    """Return the record of a run by id or branch; of the newest one when no name is given.

    Raises:
        UserError: there is none, or it is of another version.
    """
    for _, record in records(folder, name):
        branch = (record["branch"] or {}).get("name", "")
        if landed and not branch:
            if record["run"] == name:
                raise UserError(f"run {name} made no branch", "see `codeorch show` for why")
            continue
        if not name or name in (record["run"], branch):
            return record
    what = f"no run {name}" if name else "no finished run"
    raise UserError(what, "see `codeorch runs`")
