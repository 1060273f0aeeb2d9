"""`codeorch plan`: plan only, as a file to edit and run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from codeorch import planning
from codeorch.cli import approval, options, terminal
from codeorch.domain import Request
from codeorch.errors import UserError
from codeorch.pipeline import PlanDraft
from codeorch.report.console import Progress, Screen
from codeorch.report.document import many
from codeorch.report.sections.costs import usage_text
from codeorch.session import run_to_end


@click.command("plan")
@options.request_options
@options.base_options("Revision to change.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
              help="Write to this file instead of standard output.")  # fmt: skip
@options.settings_options
def plan(
    request_text: str,
    request_file: Any,  # noqa: ANN401 - an open text file or None
    base: str,
    include_dirty: bool,  # noqa: FBT001 - a click flag
    output: Path | None,
    **given: Any,  # noqa: ANN401 - click hands over what was typed
) -> int:
    """Write the plan for REQUEST as a file: edit it and run it with `apply --plan FILE`.

    The file is commented TOML, or JSON when its name ends in .json. Without a model, it holds what
    the request names, to be finished by hand.
    """
    session = terminal.open_session()
    settings = terminal.settings_of(session, given)
    text = options.request_of(request_text, request_file)
    if not text:
        raise UserError("no request was given", "codeorch plan 'what to change'")
    commit = options.base_of(session.repo, base, include_dirty=include_dirty)
    with Progress(Screen(stderr=True)) as progress:
        ask = (
            approval.TerminalDialogue(progress, text).ask if approval.somebody_is_there() else None
        )
        request = Request(text=text, base=commit)
        drafted = run_to_end(session.draft_plan(request, settings, listener=progress, ask=ask))
    draft = drafted.draft
    written = planning.write(draft, text, drafted.limits, output.name if output else "")
    if output is None:
        click.echo(written, nl=False)
    else:
        output.write_text(written, encoding="utf-8")
        click.echo(f"plan with {_size(draft)} written to {output}", err=True)
    for line in _remarks(drafted):
        click.echo(line, err=True)
    return 0


def _remarks(drafted: PlanDraft) -> Iterator[str]:
    """Say what a plan's codemods change, what is odd about it, and what it costs."""
    if drafted.preview:
        yield drafted.preview
    for note in drafted.draft.plan.notes:
        yield f"note: {note}"
    if drafted.usage.calls:
        yield f"planning took {usage_text(drafted.usage)}"
    if drafted.estimate is not None:
        yield f"carrying it out: {drafted.estimate.text}"


def _size(draft: planning.Draft) -> str:
    """Count what a plan holds: tasks, codemods, scripts."""
    parts = {
        "task": len(draft.plan.tasks),
        "codemod": len(draft.codemods),
        "script": len(draft.scripts),
    }
    return ", ".join(many(count, name) for name, count in parts.items() if count) or "no task"
