"""`codeorch resume`, `retry`, `replay`: a run carried out again, and nothing paid twice."""

import contextlib
from dataclasses import replace
from typing import Any

import click

from codeorch.answers import RunFolder, RunLog
from codeorch.cli import terminal
from codeorch.domain import ExitCode
from codeorch.errors import UserError
from codeorch.session import Session


@click.command("resume")
@click.argument("run", required=False, default="")
@click.option("--last", is_flag=True, help="The newest run, also when it is finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def resume(run: str, last: bool, as_json: bool) -> int:  # noqa: FBT001 - click flags
    """Go on with RUN, the newest one that is not finished, or failed on its way, if left out.

    What was answered before is not asked again, and nothing is paid twice.
    """
    session = terminal.open_session()
    folder = session.find_run(run, lambda record: last or not (record and record["rounds"]))
    done = folder.record()
    if done is not None and done["rounds"]:  # without any it could not go on, and may now
        raise UserError(
            f"run {folder.run_id} is finished: {done['status']}",
            f"codeorch show {folder.run_id}; failed tasks: codeorch retry {folder.run_id}",
        )
    outcome = terminal.carry_out(session, folder)
    return terminal.report(outcome, as_json=as_json, shows_diffs=False)


OPEN = ("DeadLetter", "Skipped", "NeedsMore")


@click.command("retry")
@click.argument("run", required=False, default="")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Only these tasks.")
@click.option("--model", default="", help="Model for the workers from now on.")
@click.option("--task-timeout", type=click.FloatRange(min=0, min_open=True),
              help="Seconds that a worker's answer may be silent from now on.")  # fmt: skip
@click.option("--max-cost", type=click.FloatRange(min=0, min_open=True), metavar="USD",
              help="New ceiling, what the run has cost so far included.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def retry(run: str, tasks: tuple[str, ...], as_json: bool, **changes: Any) -> int:  # noqa: ANN401, FBT001 - click
    """Ask anew for the failed tasks of RUN, the newest with any if left out.

    What is done stands and is not asked again. The result is a new branch; the old one stays.
    """
    session = terminal.open_session()
    folder = session.find_run(run, lambda record: bool(record and failed(record)))
    record = folder.record()
    if record is None or not record["rounds"]:
        raise UserError(f"run {folder.run_id} is not finished", f"codeorch resume {folder.run_id}")
    wanted = _wanted(folder, failed(record), tasks)
    with folder.lock():
        _drop(session, folder.log(), wanted)
        _change(folder, changes)
    branch = record["branch"]["name"] + "-retry" if record["branch"] else ""
    outcome = terminal.carry_out(session, folder, branch=branch)
    return terminal.report(outcome, as_json=as_json, shows_diffs=False)


def failed(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the tasks of a run that did not finish, as they stand in its record."""
    rounds = record["rounds"]
    return [one for one in rounds[-1]["results"] if one["result"] in OPEN] if rounds else []


def _wanted(
    folder: RunFolder, open_ones: list[dict[str, Any]], tasks: tuple[str, ...]
) -> frozenset[str]:
    names = {one["task"] for one in open_ones}
    unknown = set(tasks) - names
    if unknown or not names:
        what = f"task {min(unknown)} did not fail" if unknown else "no task failed"
        hint = f"failed are: {', '.join(sorted(names))}" if names else "see `codeorch runs`"
        raise UserError(f"{what} in run {folder.run_id}", hint)
    return frozenset(tasks or names)


def _drop(session: Session, log: RunLog, tasks: frozenset[str]) -> None:
    """Drop the answers that the tasks failed with, then what the log knows of them."""
    places = [place for task in tasks for place in log.places(task)]
    with contextlib.closing(session.open_store()) as store:
        store.drop(log.question(place) or "" for place in places)
    log.drop_tasks(tasks)


def _change(folder: RunFolder, changes: dict[str, Any]) -> None:
    """Change the settings of the run, where the user said so."""
    spec = folder.spec()
    settings = spec.settings
    if changes["model"]:
        settings = replace(settings, worker_model=changes["model"])
    if changes["task_timeout"]:
        settings = replace(settings, task_timeout_s=changes["task_timeout"])
    if changes["max_cost"]:
        settings = replace(settings, max_cost=changes["max_cost"])
    if settings != spec.settings:
        folder.save(replace(spec, settings=settings))


@click.command("replay")
@click.argument("run", required=False, default="")
@click.option("-B", "--branch", default="", help="Also make this branch.")
def replay(run: str, branch: str) -> int:
    """Carry out RUN again without asking a model or running a test, and compare the trees.

    Exit code 0 when the files come out byte by byte as they did, 1 when not.
    """
    session = terminal.open_session()
    folder = session.find_run(run, lambda record: bool(record and record["commit"]))
    record = folder.record()
    if record is None or not record["commit"]:
        raise UserError(f"run {folder.run_id} has no result to compare with", "see `codeorch runs`")
    outcome = terminal.carry_out(session, folder, offline=True, branch=branch)
    tree_of = session.repo.tree_of
    old, new = tree_of(record["commit"]), tree_of(outcome.last.commit)
    same = old == new
    click.echo(f"run {folder.run_id}: {'the same' if same else 'another'} tree {new}")
    if not same:
        click.echo(f"it was {old}", err=True)
    return ExitCode.OK if same else ExitCode.FAILED
