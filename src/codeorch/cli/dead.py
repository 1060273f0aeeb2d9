"""`codeorch dead`: the tasks that failed for good."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import click

from codeorch import pipeline
from codeorch.answers import AnswerStore, RunLog, all_runs
from codeorch.cli import session
from codeorch.cli.retry import failed
from codeorch.cli.runs import records
from codeorch.git import Repo
from codeorch.report.document import visible


@click.command("dead")
@click.argument("run", required=False, default="")
@click.option("--prompts", is_flag=True, help="Show what was asked, and what came back.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, with all attempts.")
def command(run: str, prompts: bool, as_json: bool) -> int:  # noqa: FBT001 - click flags
    """List the failed tasks of RUN, of all runs if left out, with cause and attempts."""
    repo = session.open_repo()
    rows = list(_rows(repo, run))
    if prompts:
        for row in rows:
            row["exchanges"] = _exchanges(repo, row)
    if as_json:
        click.echo(json.dumps({"dead": rows}, ensure_ascii=False))
        return 0
    for row in rows:
        _show(row)
    if rows:
        click.echo(f"Try again with: codeorch retry {rows[0]['run']}", err=True)
    else:
        click.echo("no failed tasks", err=True)
    return 0


def _rows(repo: Repo, run: str) -> Iterator[dict[str, Any]]:
    for folder, record in records(session.runs_folder(repo), run):
        if run in ("", folder.run_id):
            paths = {t["id"]: t["path"] for one in record["rounds"] for t in one["plan"]["tasks"]}
            for one in failed(record):
                yield {"run": folder.run_id, "path": paths.get(one["task"], ""), **one}


def _exchanges(repo: Repo, row: dict[str, Any]) -> list[dict[str, str]]:
    log = next(f.log() for f in all_runs(session.runs_folder(repo)) if f.run_id == row["run"])
    with contextlib.closing(pipeline.open_store(session.store(repo))) as store:
        return [_exchange(log, store, place) for place in log.places(row["task"])]


def _exchange(log: RunLog, store: AnswerStore, place: str) -> dict[str, str]:
    answer = store.answer(log.question(place) or "")
    if answer is None:
        return {"asked": "", "answered": "", "error": str(log.failure(place) or "no answer came")}
    return {"asked": answer.prompt.user, "answered": answer.reply.text, "error": ""}


def _show(row: dict[str, Any]) -> None:
    cause = row.get("error") or row.get("why") or row.get("because") or ""
    _say(f"{row['run']}  {row['task']}  {row['path']}: {_first(cause)}")
    for attempt in row.get("attempts", ()):
        _say(f"    {attempt['number']}. {attempt['model']}: {attempt['kind']} "
             f"{_first(attempt['error'])}")  # fmt: skip
    for exchange in row.get("exchanges", ()):
        _say(f"\n--- asked\n{exchange['asked']}\n--- answered\n{exchange['answered']}")


def _first(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def _say(text: str) -> None:
    click.echo(visible(text))
