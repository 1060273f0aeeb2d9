"""`codeorch dead`: the tasks that failed for good."""

import json
from typing import Any

import click

from codeorch.cli import session
from codeorch.cli.retry import failed
from codeorch.engine import all_runs


@click.command("dead")
@click.argument("run", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, with all attempts.")
def command(run: str, as_json: bool) -> int:  # noqa: FBT001 - a click flag
    """List the failed tasks of RUN, of all runs if left out, with cause and attempts."""
    rows = list(_rows(run))
    if as_json:
        click.echo(json.dumps({"dead": rows}, ensure_ascii=False))
        return 0
    for row in rows:
        cause = row.get("error") or row.get("why") or row.get("because") or ""
        first = cause.strip().split("\n", 1)[0]
        click.echo(f"{row['run']}  {row['task']}  {row['path']}: {first}")
        for attempt in row.get("attempts", ()):
            said = attempt["error"].strip().split("\n", 1)[0]
            click.echo(f"    {attempt['number']}. {attempt['model']}: {attempt['kind']} {said}")
    if rows:
        click.echo(f"Try again with: codeorch retry {rows[0]['run']}", err=True)
    else:
        click.echo("no failed tasks", err=True)
    return 0


def _rows(run: str) -> Any:  # noqa: ANN401 - rows of JSON
    for folder in all_runs(session.runs_folder(session.open_repo())):
        record = folder.record()
        if record is not None and run in ("", folder.run_id):
            paths = {t["id"]: t["path"] for one in record["rounds"] for t in one["plan"]["tasks"]}
            for one in failed(record):
                yield {"run": folder.run_id, "path": paths.get(one["task"], ""), **one}
