"""`codeorch prereview`: what the branch's change left behind."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from codeorch.cli import options
from codeorch.domain import STATUSES, OutcomeStatus
from codeorch.errors import UserError

if TYPE_CHECKING:
    from codeorch.config import Settings
    from codeorch.git import Repo
    from codeorch.prereview import Review, Scope
    from codeorch.prereview.fixes import Mending

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
@click.option("--json", "form", flag_value="json", help="Print all of it as JSON.")
@click.option("--rdjson", "form", flag_value="rdjson", help="Print it for reviewdog.")
@click.option(
    "--annotations",
    "form",
    flag_value="annotations",
    help="Print the ten most certain as annotations of a GitHub workflow.",
)
@click.option("--sarif", "sarif_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write it as SARIF 2.1.0 to this file, too.")  # fmt: skip
@click.option("--fix", is_flag=True,
              help="Mend by rule what a rule can mend, on a branch of its own.")  # fmt: skip
@options.test_run_options
def prereview(**given: Any) -> int:  # noqa: ANN401 - click hands over what was typed
    """Name what the branch's change left behind, before people review it.

    It compares HEAD with the merge base and looks for uses of what is gone, calls that do not fit,
    overrides and texts that did not follow. No model is asked, and nothing is written.
    """
    from codeorch.git import Repo
    from codeorch.prereview import review

    own = {name: given.pop(name) for name in _OWN}
    repo = Repo.open(Path.cwd())
    settings = _settings(repo.root, options.given(given))
    scope = _scope(own, settings)
    found = review(repo, settings, scope)
    mending = _mend(repo, settings, found, scope) if own["fix"] else None
    status = _status(found, own["fail_on"] or settings.prereview_fail_on)
    _print(found, status, own, mending)
    return STATUSES[status].exit_code


_OWN = (
    "base", "staged", "dirty", "shows_all", "select", "ignore", "fail_on", "form", "sarif_file",
    "fix",
)  # fmt: skip


def _mend(repo: "Repo", settings: "Settings", found: "Review", scope: "Scope") -> "Mending":
    from codeorch.prereview import engines_of, fixes

    if scope.extent != "commits":
        raise UserError(
            "--fix starts at a commit, and these edits are in none",
            "commit them, or leave out --staged and --dirty",
        )
    return fixes.mend(
        repo, settings, found, engines_of(repo, settings, scope.variables), scope.variables,
        lambda text: click.echo(f"note {text}", err=True),
    )  # fmt: skip


def _status(found: "Review", fail_on: str) -> OutcomeStatus:
    if found.comparison.is_empty:
        return OutcomeStatus.NOTHING
    failing = found.of_level(*_FAIL_ON[fail_on])
    return OutcomeStatus.LEFT_BEHIND if failing else OutcomeStatus.CLEAR


def _print(
    found: "Review", status: OutcomeStatus, given: dict[str, Any], mending: "Mending | None"
) -> None:
    """Print a review in the form that was asked for, and write the file of SARIF.

    Raises:
        UserError: the file cannot be written.
    """
    from codeorch.cli.rows import echo_row
    from codeorch.prereview import formats

    if given["sarif_file"] is not None:
        try:
            given["sarif_file"].write_text(formats.sarif_of(found), encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"{given['sarif_file']} cannot be written: {error.strerror}", "name another file"
            ) from error
    match given["form"]:
        case "json":
            click.echo(formats.json_of(found, status, mending))
        case "rdjson":
            click.echo(formats.rdjson_of(found))
        case "annotations":
            for line in formats.annotations_of(found):
                echo_row(line)
        case _:
            for line in formats.text_of(found, mending, shows_all=given["shows_all"]):
                echo_row(line)


def _settings(root: Path, flags: dict[str, Any]) -> "Settings":
    from platformdirs import user_config_path

    from codeorch.config import load_settings

    return load_settings(root, user_config_path("codeorch") / "config.toml", flags)


def _scope(given: dict[str, Any], settings: "Settings") -> "Scope":
    from codeorch.prereview import Scope

    if given["staged"] and given["dirty"]:
        raise UserError("--staged and --dirty exclude each other", "--dirty holds what is staged")
    start, end = (os.environ.get(f"PRE_COMMIT_{side}_REF", "") for side in ("FROM", "TO"))
    target = os.environ.get("GITHUB_BASE_REF", "")  # of the pull request that a workflow is for
    return Scope(
        base=given["base"] or start or (f"origin/{target}" if target else ""),
        head=end or "HEAD",
        extent="staged" if given["staged"] else "dirty" if given["dirty"] else "commits",
        select=tuple(_words(given["select"])) or settings.prereview_select,
        ignore=tuple(_words(given["ignore"])) or settings.prereview_ignore,
        variables=dict(os.environ),
    )


def _words(values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in value.replace(",", " ").split()]
