"""`codeorch show`: the report of a run, from its record."""

import json

import click

from codeorch.cli import session
from codeorch.cli.runs import find_run


@click.command("show")
@click.argument("run", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="Print the whole record.")
@click.option("--diff", "diffs", is_flag=True, help="Print the diff.")
def command(run: str, as_json: bool, diffs: bool) -> int:  # noqa: FBT001 - click flags
    """Show the report of RUN, the newest if left out."""
    record = find_run(session.runs_folder(session.open_repo()), run)
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False))
        return 0
    if diffs:
        for file in record["files"]:
            click.echo(file["diff"], nl=False)
        return 0
    click.echo(f"run {record['run']}: {record['status']}")
    click.echo(f"request: {record['request']['text']}")
    if record["branch"]:
        click.echo(f"branch: {record['branch']['name']}")
    for file in record["files"]:
        click.echo(f"  {file['change']} {file['path']} +{file['added']} -{file['removed']}")
    last = record["rounds"][-1]
    for result in last["results"]:
        if result["result"] not in ("Done", "NothingToDo"):
            said = result.get("error") or result.get("why") or result.get("because")
            click.echo(f"  {result['result']} {result['task']}: {said}")
    verdict = last["verdict"]
    click.echo(f"tests: {verdict['status']}. {verdict['reason']}")
    return 0
