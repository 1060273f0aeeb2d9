"""`codeorch retry`: give the failed tasks of a run another chance."""

import contextlib
from dataclasses import replace
from typing import Any

import click

from codeorch import pipeline
from codeorch.answers import RunFolder, RunLog
from codeorch.cli import running, session
from codeorch.errors import UserError
from codeorch.git import Repo

OPEN = ("DeadLetter", "Skipped", "NeedsMore")


@click.command("retry")
@click.argument("run", required=False, default="")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Only these tasks.")
@click.option("--model", default="", help="Model for the workers from now on.")
@click.option("--task-timeout", type=click.FloatRange(min=0, min_open=True),
              help="Seconds for one answer of a worker from now on.")  # fmt: skip
@click.option("--max-cost", type=click.FloatRange(min=0, min_open=True), metavar="USD",
              help="New ceiling, what the run has cost so far included.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(run: str, tasks: tuple[str, ...], as_json: bool, **changes: Any) -> int:  # noqa: ANN401, FBT001 - click
    """Ask anew for the failed tasks of RUN, the newest with any if left out.

    What is done stands and is not asked again. The result is a new branch; the old one stays.
    """
    repo = session.open_repo()
    folder = running.folder_of(repo, run, lambda record: bool(record and failed(record)))
    record = folder.record()
    if record is None:
        raise UserError(f"run {folder.run_id} is not finished", f"codeorch resume {folder.run_id}")
    wanted = _wanted(folder, failed(record), tasks)
    with folder.lock():
        _drop(repo, folder.log(), wanted)
        _change(folder, changes)
    branch = record["branch"]["name"] + "-retry" if record["branch"] else ""
    outcome = running.carry_out(repo, folder, branch=branch)
    return running.tell(outcome, folder, as_json=as_json, diffs=False)


def failed(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the tasks of a run that did not finish, as they stand in its record."""
    return [one for one in record["rounds"][-1]["results"] if one["result"] in OPEN]


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


def _drop(repo: Repo, log: RunLog, tasks: frozenset[str]) -> None:
    """Drop the answers that the tasks failed with, then what the log knows of them."""
    places = [place for task in tasks for place in log.places(task)]
    with contextlib.closing(pipeline.open_store(session.store(repo))) as store:
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
