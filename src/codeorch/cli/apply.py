"""`codeorch apply`: the main job."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from codeorch import pipeline, plan
from codeorch.cli import approval, options, session
from codeorch.config import Settings
from codeorch.domain import Outcome, Request
from codeorch.errors import UserError
from codeorch.repo import Repo
from codeorch.report import console, markdown, record


@click.command("apply")
@options.request_options
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Carry out this plan file instead of asking for a plan.")  # fmt: skip
@click.option("--base", default="HEAD", show_default=True, help="Revision to change.")
@click.option("-B", "--branch", default="", help="Name of the new branch.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only these files may change.")
@click.option("--dry-run", is_flag=True, help="Show the diff; make no branch, run no tests.")
@click.option("--diff", "diffs", is_flag=True, help="Show the diff in the report.")
@click.option("-y", "--yes", is_flag=True, help="Carry the plan out without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--report", "report_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the report as Markdown to this file.")  # fmt: skip
@options.settings_options
@options.test_options
def command(**given: Any) -> int:  # noqa: ANN401 - click hands over what was typed
    r"""Carry out REQUEST on a new branch; `-` reads it from standard input.

    Renames and pattern replacements need no model:

    \b
      codeorch apply 'rename function old_name to new_name'
      codeorch apply 'replace `assertEquals($A, $B)` with `assertEqual($A, $B)`'
    """
    own = {name: given.pop(name) for name in _OWN}
    repo = session.open_repo()
    settings = session.settings_for(repo.root, options.given(given))
    text = options.request_of(own["request_text"], own["request_file"])
    if own["plan_file"] and not text:
        text = plan.request_in(own["plan_file"])
    request = Request(
        text=text or "carry out the plan file" if own["plan_file"] else _needed(text),
        base=repo.resolve(own["base"]),
        paths=own["include"],
    )
    outcome = carry_out(repo, request, settings, own)
    return tell(outcome, repo, own)


_OWN = (
    "request_text", "request_file", "plan_file", "base", "branch", "include", "dry_run", "diffs",
    "yes",
    "as_json", "report_file",
)  # fmt: skip


def carry_out(repo: Repo, request: Request, settings: Settings, own: dict[str, Any]) -> Outcome:
    """Run the pipeline with live progress on standard error."""
    model = session.model_for(settings)
    screen = Console(stderr=True)
    with console.Progress(screen) as progress:
        somebody = not own["yes"] and not own["as_json"] and approval.somebody_is_there()
        dialogue = approval.Dialogue(progress, request.text) if somebody else None
        job = pipeline.Job(
            repo=repo,
            request=request,
            settings=settings,
            run_id=session.new_run_id(),
            model=model,
            plan_file=own["plan_file"],
            variables=session.variables(),
            branch=own["branch"],
            dry_run=own["dry_run"],
            listener=progress,
            ask=dialogue.ask if dialogue else None,
            approve=dialogue.approve if dialogue else None,
            notices=tuple(filter(None, [session.host_notice(settings) if model else ""])),
        )
        return session.finish(pipeline.run(job), model)


def tell(outcome: Outcome, repo: Repo, own: dict[str, Any]) -> int:
    """Save the record, report the outcome and give the exit code."""
    record.save(outcome, session.runs_folder(repo))
    if own["report_file"]:
        own["report_file"].write_text(markdown.markdown(outcome), encoding="utf-8")
    if own["as_json"]:
        click.echo(json.dumps(record.record(outcome), ensure_ascii=False))
    else:
        console.show(outcome, Console(), diffs=own["diffs"] or own["dry_run"])
        if outcome.branch:
            click.echo(f"Look at it with: git diff HEAD...{outcome.branch.name}")
            click.echo(f"Take it over with: codeorch take {outcome.run_id}")
    return record.exit_code(outcome)


def _needed(text: str) -> str:
    if not text:
        raise UserError("no request was given", "codeorch apply 'what to change'")
    return text
