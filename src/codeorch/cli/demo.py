"""`codeorch demo`: the real pipeline on a small example repository, with no key."""

import os
import shutil
import tempfile
from dataclasses import replace
from importlib import resources
from pathlib import Path

import click

from codeorch.cli import terminal
from codeorch.config import Settings
from codeorch.domain import Request
from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.session import Session

REQUEST = "rename function `format_money` to `format_price`"
_NAMES = ("AUTHOR", "COMMITTER")


@click.command("demo")
def demo() -> int:
    """Change an example repository on a branch, with its tests before and after.

    The example is copied to a temporary folder. The request is one that needs no model.
    """
    example = Path(tempfile.mkdtemp(prefix="codeorch-demo-")) / "bookshop"
    shutil.copytree(_example(), example, ignore=shutil.ignore_patterns("__pycache__"))
    for role in _NAMES:  # a fresh machine has no git identity yet
        os.environ.setdefault(f"GIT_{role}_NAME", "codeorch demo")
        os.environ.setdefault(f"GIT_{role}_EMAIL", "demo@localhost")
    repo = Repo.create(example, "The bookshop, as it was")
    click.echo(f"An example repository: {example}")
    click.echo(f"$ codeorch apply '{REQUEST}'\n")
    # The tests are the example's own, so they may run where no sandbox works.
    settings = replace(Settings(), unsafe_tests=True)
    request = Request(text=REQUEST, base=repo.resolve("HEAD"))
    session = Session.open(example)
    folder = session.create_run(request, settings)
    code = terminal.report(terminal.carry_out(session, folder), as_json=False, shows_diffs=True)
    click.echo(f"\nYour turn: cd {example} && codeorch take && git log -1 --stat")
    return code


def _example() -> Path:
    """Find the example: inside the installed package, or beside the sources."""
    packaged = Path(str(resources.files("codeorch"))) / "demo"
    beside = Path(__file__).parents[3] / "fixtures" / "demo"
    for folder in (packaged, beside):
        if folder.is_dir():
            return folder
    raise UserError("the example repository is missing", "install codeorch anew")
