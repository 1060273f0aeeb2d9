"""`codeorch runs`, `show`, `take`, `dead`: finished runs, looked at and taken over."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from codeorch import merge
from codeorch.answers import AnswerStore, RunFolder, RunLog, all_runs
from codeorch.cli import terminal
from codeorch.cli.rerun import failed
from codeorch.domain import OutcomeStatus
from codeorch.errors import UserError
from codeorch.report import console, markdown
from codeorch.report.document import visible
from codeorch.report.record import load as load_record
from codeorch.session import Session

_INTERRUPTED = OutcomeStatus.INTERRUPTED.value  # nobody carries it out, and it has no record


@click.command("runs")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def runs(as_json: bool) -> int:  # noqa: FBT001 - a click flag
    """List the runs of this repository, newest first."""
    rows = [_row(run) for run in all_runs(terminal.open_session().runs_folder)]
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
def show(run: str, form: str | None) -> int:
    """Show the report of RUN, the newest if left out, as it was shown when it ended."""
    fields = find_run(terminal.open_session().runs_folder, run)
    if form == "json":
        click.echo(json.dumps(fields, ensure_ascii=False))
        return 0
    report = load_record(fields)
    screen = console.Screen()
    if form == "markdown":
        click.echo(markdown.markdown(report), nl=False)
    elif form == "diff" and screen.is_terminal:
        console.show_diff(report, screen)
    elif form == "diff":
        # Without `color`, click would take escape sequences out of the patch.
        click.echo("".join(file.diff for file in report.files), nl=False, color=True)
    else:
        console.show(report, screen)
    return 0


@click.command("take")
@click.argument("run", required=False, default="")
def take(run: str) -> int:
    """Bring the result of RUN (the newest if left out) into the working tree.

    The current branch is moved forward when it has not changed since the run; otherwise the
    change is applied as a patch. A file with unsaved edits is never touched.
    """
    session = terminal.open_session()
    record = find_run(session.runs_folder, run, landed=True)
    how = merge.apply_to_worktree(
        session.repo, record["request"]["base"], record["branch"]["commit"]
    )
    files = len(record["files"])
    click.echo(f"took over {files} file{'s' if files != 1 else ''} of run {record['run']} ({how})")
    return 0


@click.command("dead")
@click.argument("run", required=False, default="")
@click.option("--prompts", is_flag=True, help="Show what was asked, and what came back.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, with all attempts.")
def dead(run: str, prompts: bool, as_json: bool) -> int:  # noqa: FBT001 - click flags
    """List the failed tasks of RUN, of all runs if left out, with cause and attempts."""
    session = terminal.open_session()
    rows = list(_rows(session, run))
    if prompts:
        for row in rows:
            row["exchanges"] = _exchanges(session, row)
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


def _rows(session: Session, run: str) -> Iterator[dict[str, Any]]:
    for folder, record in records(session.runs_folder, run):
        if run in ("", folder.run_id):
            paths = {t["id"]: t["path"] for one in record["rounds"] for t in one["plan"]["tasks"]}
            for one in failed(record):
                yield {"run": folder.run_id, "path": paths.get(one["task"], ""), **one}


def _exchanges(session: Session, row: dict[str, Any]) -> list[dict[str, str]]:
    log = next(f.log() for f in all_runs(session.runs_folder) if f.run_id == row["run"])
    with contextlib.closing(session.open_store()) as store:
        return [_exchange(log, store, place) for place in log.places(row["task"])]


def _exchange(log: RunLog, store: AnswerStore, place: str) -> dict[str, str]:
    answer = store.answer(log.question(place) or "")
    if answer is None:
        return {"asked": "", "answered": "", "error": str(log.failure(place) or "no answer came")}
    return {
        "asked": answer.prompt.conversation.last_text,
        "answered": answer.reply.text,
        "error": "",
    }


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
