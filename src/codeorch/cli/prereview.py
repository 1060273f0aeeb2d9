"""`codeorch prereview`: what the branch's change left behind."""

import os
from pathlib import Path
from typing import Any, Literal

import click

from codeorch.domain import STATUSES, OutcomeStatus
from codeorch.errors import UserError

_FAIL_ON: dict[str, tuple[Literal["sure", "likely"], ...]] = {
    "sure": ("sure",), "likely": ("sure", "likely"), "never": (),
}  # fmt: skip


@click.command("prereview")
@click.option(
    "--base",
    default="",
    metavar="REF",
    help="Branch that this one is to be merged into; else as git's settings tell.",
)
@click.option("--staged", is_flag=True, help="Count what is staged, too.")
@click.option("--dirty", is_flag=True, help="Count the whole working tree, too.")
@click.option("--all", "shows_all", is_flag=True, help="Show what is merely possible, too.")
@click.option(
    "--select",
    multiple=True,
    metavar="RULE",
    help="Look for these rules, by id or its beginning; ALL is every one.",
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave these rules out.")
@click.option(
    "--fail-on",
    type=click.Choice(list(_FAIL_ON)),
    default=None,
    help="What gives exit code 1.  [default: sure]",
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")  # fmt: skip
def prereview(**given: Any) -> int:  # noqa: ANN401 - click hands over what was typed
    """Name what the branch's change left behind, before people review it.

    It compares HEAD with the merge base and looks for uses of what is gone, calls that do not fit,
    overrides and texts that did not follow. No model is asked, and nothing is written.
    """
    from codeorch.cli.rows import echo_row
    from codeorch.git import Repo
    from codeorch.prereview import formats, review

    repo = Repo.open(Path.cwd())
    settings = _settings(repo.root)
    found = review(repo, settings, _scope(given))
    failing = found.of_level(*_FAIL_ON[given["fail_on"] or "sure"])
    status = OutcomeStatus.LEFT_BEHIND if failing else OutcomeStatus.CLEAR
    if found.comparison.is_empty:
        status = OutcomeStatus.NOTHING
    if given["as_json"]:
        click.echo(formats.json_of(found, status))
    else:
        for line in formats.text_of(found, shows_all=given["shows_all"]):
            echo_row(line)
    return STATUSES[status].exit_code


def _settings(root: Path) -> Any:  # noqa: ANN401 - Settings, which is loaded when it is called
    from platformdirs import user_config_path

    from codeorch.config import load_settings

    return load_settings(root, user_config_path("codeorch") / "config.toml", {})


def _scope(given: dict[str, Any]) -> Any:  # noqa: ANN401 - Scope, likewise
    from codeorch.prereview import Scope

    if given["staged"] and given["dirty"]:
        raise UserError("--staged and --dirty exclude each other", "--dirty holds what is staged")
    start, end = (os.environ.get(f"PRE_COMMIT_{side}_REF", "") for side in ("FROM", "TO"))
    return Scope(
        base=given["base"] or start,
        head=end or "HEAD",
        extent="staged" if given["staged"] else "dirty" if given["dirty"] else "commits",
        select=tuple(_words(given["select"])),
        ignore=tuple(_words(given["ignore"])),
        variables=dict(os.environ),
    )


def _words(values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in value.replace(",", " ").split()]
