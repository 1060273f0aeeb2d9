"""`codeorch apply`: the main job."""

from pathlib import Path
from typing import Any

import click

from codeorch import planning
from codeorch.cli import approval, options, terminal
from codeorch.domain import Request
from codeorch.errors import UserError


@click.command("apply")
@options.request_options
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Carry out this plan file instead of asking for a plan.")  # fmt: skip
@options.base_options("Revision to change.")
@click.option("-B", "--branch", default="", help="Name of the new branch.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only these files may change.")
@click.option("--dry-run", is_flag=True, help="Show the diff; make no branch, run no tests.")
@click.option("--fresh", is_flag=True, help="Ask anew, also what earlier runs were answered.")
@click.option("--diff", "diffs", is_flag=True, help="Show the diff in the report.")
@click.option("-y", "--yes", is_flag=True, help="Carry the plan out without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--report", "report_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the report as Markdown to this file.")  # fmt: skip
@options.settings_options
@options.test_options
def apply(**given: Any) -> int:  # noqa: ANN401 - click hands over what was typed
    r"""Carry out REQUEST on a new branch; `-` reads it from standard input.

    Renames and pattern replacements need no model:

    \b
      codeorch apply 'rename function old_name to new_name'
      codeorch apply 'replace `assertEquals($A, $B)` with `assertEqual($A, $B)`'
    """
    own = {name: given.pop(name) for name in _OWN}
    session = terminal.open_session()
    settings = terminal.settings_of(session, given)
    text = options.request_of(own["request_text"], own["request_file"])
    if own["plan_file"] and not text:
        text = planning.request_in(own["plan_file"])
    request = Request(
        text=text or "carry out the plan file" if own["plan_file"] else _needed(text),
        base=options.base_of(session.repo, own["base"], include_dirty=own["include_dirty"]),
        paths=own["include"],
    )
    folder = session.create_run(
        request, settings, branch=own["branch"], dry_run=own["dry_run"], fresh=own["fresh"],
        plan_file=own["plan_file"],
    )  # fmt: skip
    is_attended = not own["yes"] and not own["as_json"] and approval.somebody_is_there()
    outcome = terminal.carry_out(session, folder, is_attended=is_attended)
    return terminal.report(
        outcome, as_json=own["as_json"], shows_diffs=own["diffs"] or own["dry_run"],
        report_file=own["report_file"],
    )  # fmt: skip


_OWN = (
    "request_text", "request_file", "plan_file", "base", "include_dirty", "branch", "include",
    "dry_run", "diffs", "yes", "as_json", "report_file", "fresh",
)  # fmt: skip


def _needed(text: str) -> str:
    if not text:
        raise UserError("no request was given", "codeorch apply 'what to change'")
    return text
