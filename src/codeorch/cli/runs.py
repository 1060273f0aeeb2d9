"""`codeorch runs`: the runs of this repository, newest first."""

import json
from pathlib import Path
from typing import Any

import click

from codeorch.cli import session
from codeorch.engine import RunFolder, all_runs
from codeorch.errors import UserError


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
        click.echo(f"{row['run']}  {row['status']:<10}  {row['files']:>3} files  {first}")
    if not rows:
        click.echo("no runs yet", err=True)
    return 0


def _row(run: RunFolder) -> dict[str, Any]:
    record = run.record()
    if record is None:  # killed, or going on
        return {
            "run": run.run_id, "status": "unfinished", "files": 0, "branch": "",
            "request": run.request_text(),
        }  # fmt: skip
    return {
        "run": run.run_id,
        "status": record["status"],
        "files": len(record["files"]),
        "branch": (record["branch"] or {}).get("name", ""),
        "request": record["request"]["text"],
    }


def read_runs(folder: Path) -> list[dict[str, Any]]:
    """Read the records of all finished runs, newest first; a damaged one is left out."""
    return [record for run in all_runs(folder) if (record := run.record()) is not None]


def find_run(folder: Path, name: str, *, landed: bool = False) -> dict[str, Any]:
    """Find a run by id or branch; the newest one when no name is given.

    Raises:
        UserError: there is none.
    """
    for record in read_runs(folder):
        branch = (record["branch"] or {}).get("name", "")
        if landed and not branch:
            if record["run"] == name:
                raise UserError(f"run {name} made no branch", "see `codeorch show` for why")
            continue
        if not name or name in (record["run"], branch):
            return record
    what = f"no run {name}" if name else "no finished run"
    raise UserError(what, "see `codeorch runs`")
