"""`codeorch resume`: go on with a run that was interrupted."""

import click

from codeorch.cli import running, session
from codeorch.errors import UserError


@click.command("resume")
@click.argument("run", required=False, default="")
@click.option("--last", is_flag=True, help="The newest run, also when it is finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(run: str, last: bool, as_json: bool) -> int:  # noqa: FBT001 - click flags
    """Go on with RUN, the newest unfinished one if left out.

    What was answered before is not asked again, and nothing is paid twice.
    """
    repo = session.open_repo()
    folder = running.folder_of(repo, run, lambda record: last or record is None)
    done = folder.record()
    if done is not None:
        raise UserError(
            f"run {folder.run_id} is finished: {done['status']}",
            f"codeorch show {folder.run_id}; failed tasks: codeorch retry {folder.run_id}",
        )
    outcome = running.carry_out(repo, folder)
    return running.tell(outcome, folder, as_json=as_json, diffs=False)
