"""What a run asks somebody who sits at a terminal: open questions, and whether the plan is right.

End of input and Ctrl-C reject the plan.
"""

import sys
from collections.abc import Callable

import click

from codeorch.domain import Estimate, Plan, Question
from codeorch.errors import PlanInvalid, UserDeclined, UserError
from codeorch.events import PlanReady
from codeorch.planning import Proposal
from codeorch.report.console import Progress
from codeorch.report.document import visible


def somebody_is_there() -> bool:
    """Whether input and output are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class TerminalDialogue:
    """Asks on the terminal, with the progress display out of the way."""

    def __init__(self, progress: Progress, request: str) -> None:
        self._progress = progress
        self._request = request

    def ask(self, question: Question) -> str:
        """Put a question of the planner; an empty answer leaves its assumption in force.

        Raises:
            UserDeclined: the user broke off.
        """
        with self._progress.paused():
            click.echo(f"The request leaves open: {visible(question.text)}", err=True)
            click.echo(f"  Enter alone takes: {visible(question.assumption)}", err=True)
            try:
                return str(click.prompt("Answer", default="", show_default=False, err=True))
            except click.Abort as error:
                raise UserDeclined("the question was not answered") from error

    def approve(
        self, proposal: Proposal, estimate: Callable[[Plan], Estimate | None]
    ) -> Plan | None:
        """Show the plan and have it approved, edited or rejected."""
        while True:
            self._progress(PlanReady(plan=proposal.plan, estimate=estimate(proposal.plan)))
            with self._progress.paused():
                try:
                    choice = click.prompt(
                        "Carry out this plan?", type=click.Choice(["yes", "edit", "no"]),
                        default="yes", err=True,
                    )  # fmt: skip
                    if choice != "edit":
                        return proposal.plan if choice == "yes" else None
                    proposal = self._edited(proposal)
                except click.Abort:
                    return None

    def _edited(self, proposal: Proposal) -> Proposal:
        """Open the plan in the user's editor until it is valid or left alone."""
        text = proposal.write(self._request)
        while (changed := click.edit(text, extension=".toml")) is not None:
            try:
                return proposal.read(changed)
            except (UserError, PlanInvalid) as fault:
                click.echo(str(fault), err=True)
                if not click.confirm("Edit it again?", default=True, err=True):
                    break
                text = changed
        return proposal
