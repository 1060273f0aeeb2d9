"""`codeorch rank`: which files is a request about? No model is asked."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from codeorch.cli import options
from codeorch.cli.rows import echo_row
from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.retrieval import rank_commit


@click.command("rank")
@options.request_options
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, help="Files.")
@options.base_options("Revision to read.")
@click.option("--explain", is_flag=True, help="Show what each signal adds.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(request_text: str, request_file: Any, **given: Any) -> int:  # noqa: ANN401 - from click
    """Rank the files that REQUEST is about, best first.

    The request is an argument, a file, or standard input when neither is given.
    """
    if not request_text and request_file is None and not sys.stdin.isatty():
        request_text = "-"
    text = options.request_of(request_text, request_file)
    if not text:
        raise UserError("no request was given", "codeorch rank 'what to change'")
    repo = Repo.open(Path.cwd())
    base = options.base_of(repo, given["base"], include_dirty=given["include_dirty"])
    ranked, tests = rank_commit(repo, base, text)
    ranked = ranked[: given["count"]]
    if given["as_json"]:
        files = [
            {"path": one.path, "score": round(one.score, 4), "why": dict(one.why)} for one in ranked
        ]
        click.echo(json.dumps({"files": files, "tests": list(tests)}, ensure_ascii=False))
        return 0
    for one in ranked:
        echo_row(f"{one.score:7.3f}  {one.path}")
        if given["explain"]:
            click.echo("         " + ", ".join(f"{name} {part:.2f}" for name, part in one.why))
    for path in tests:
        echo_row(f"   test  {path}")
    if not ranked:
        click.echo("no source file fits the request", err=True)
    return 0
