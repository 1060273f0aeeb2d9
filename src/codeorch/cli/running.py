"""Carry out a run that has a folder, the first time or again, and tell how it ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from codeorch import pipeline
from codeorch.answers import RunFolder
from codeorch.cli import approval, session
from codeorch.domain import Outcome
from codeorch.events import Event, Notice
from codeorch.git import Repo
from codeorch.report import console, markdown, record


def carry_out(
    repo: Repo,
    folder: RunFolder,
    *,
    offline: bool = False,
    branch: str = "",
    talk: bool = False,
) -> Outcome:
    """Run the pipeline with live progress on standard error; what is kept is not paid again.

    With `talk`, somebody is there to approve the plan and to answer questions. Offline, nothing
    is asked and no test is run, and without a name no branch is made.

    Raises:
        UserError: the user has to put something right, or another process carries it out.
    """
    spec = folder.spec()
    with folder.lock(), console.Progress(Console(stderr=True)) as progress:
        log = folder.log()

        def listen(event: Event) -> None:
            progress(event)
            if not offline:
                log.add_event(event)

        model = pipeline.open_model(
            spec.settings,
            session.keys(),
            session.store(repo),
            log,
            alert=lambda text: listen(Notice(text=text)),
            answers="kept" if offline else "own" if spec.fresh else "all",
        )
        dialogue = approval.Dialogue(progress, spec.request.text) if talk else None
        notice = session.host_notice(spec.settings) if model else ""
        job = pipeline.Job(
            repo=repo,
            request=spec.request,
            settings=spec.settings,
            run_id=spec.run_id,
            model=model,
            plan_file=folder.plan_file,
            variables=session.variables(),
            branch=branch or ("" if offline else spec.branch),
            dry_run=spec.dry_run,
            replayed=offline,
            listener=listen,
            log=log,
            ask=dialogue.ask if dialogue else None,
            approve=dialogue.approve if dialogue else None,
            notices=(notice,) if notice else (),
        )
        return session.finish(pipeline.run(job), model)


def tell(
    outcome: Outcome, folder: RunFolder, *, as_json: bool, diffs: bool, report: Path | None = None
) -> int:
    """Save the record, report the outcome and give the exit code."""
    told = record.record(outcome)
    record.save(told, folder.path)
    if report:
        report.write_text(markdown.markdown(told), encoding="utf-8")
    if as_json:
        click.echo(record.to_json(told))
    else:
        console.show(told, Console(), diffs=diffs)
    return told.exit_code


def folder_of(repo: Repo, name: str, fits: Callable[[dict[str, Any] | None], bool]) -> RunFolder:
    """Find a run by id, or the newest that fits when no name is given.

    Raises:
        UserError: there is none.
    """
    from codeorch.answers import all_runs
    from codeorch.errors import UserError

    for folder in all_runs(session.runs_folder(repo)):
        if folder.run_id == name or (not name and fits(folder.record())):
            return folder
    raise UserError(f"no run {name}" if name else "no such run", "see `codeorch runs`")
