"""Session <-> terminal: the repository of this folder, progress, and how a run ended."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from codeorch.answers import RunFolder
from codeorch.cli import approval, options
from codeorch.config import Settings
from codeorch.domain import Outcome
from codeorch.report import console, markdown, record
from codeorch.session import Session, UserInput, run_to_end


def open_session() -> Session:
    """Open the repository of the current folder.

    Raises:
        UserError: there is none.
    """
    return Session.open(Path.cwd())


def user_settings_file() -> Path:
    """Return the path of the user's own settings, whether it exists or not."""
    from platformdirs import user_config_path

    return user_config_path("codeorch") / "config.toml"


def settings_of(session: Session, flags: Mapping[str, Any]) -> Settings:
    """Return the settings of a command with these flags, and name variables that are none.

    Raises:
        UserError: as `Session.settings` does.
    """
    options.warn_of_variables(session.variables)
    return session.settings(options.given(flags), user_settings_file())


def carry_out(
    session: Session,
    folder: RunFolder,
    *,
    offline: bool = False,
    branch: str = "",
    is_attended: bool = False,
) -> Outcome:
    """Carry out a run with live progress on standard error.

    When it is attended, somebody is there to approve the plan and to answer questions. For the
    rest see `Session.carry_out`.

    Raises:
        CodeorchError: nothing was changed.
    """
    with console.Progress(console.Screen(stderr=True)) as progress:
        prompts = approval.TerminalDialogue(progress, folder.spec().request.text)
        dialogue = UserInput(ask=prompts.ask, approve=prompts.approve) if is_attended else None
        return run_to_end(
            session.carry_out(
                folder, listener=progress, dialogue=dialogue, offline=offline, branch=branch
            )
        )


def report(
    outcome: Outcome, *, as_json: bool, shows_diffs: bool, report_file: Path | None = None
) -> int:
    """Print how a run ended, as text or JSON; return the exit code."""
    run = record.record(outcome)
    try:
        if report_file:
            report_file.write_text(markdown.markdown(run), encoding="utf-8")
        if as_json:
            click.echo(record.to_json(run))
        else:
            console.show(run, console.Screen(), diffs=shows_diffs)
    except BrokenPipeError:
        raise
    except OSError as error:  # the run is over, and its result stands
        click.echo(f"codeorch: the report cannot be written: {error.strerror}", err=True)
        click.echo(f"  hint: the run is done, see `codeorch show {run.run}`", err=True)
    return run.exit_code
