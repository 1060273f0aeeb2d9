"""`codeorch map`: the definitions of the repository's files."""

import json
import re
from collections.abc import Iterable
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from typing import Any

import click

from codeorch.cli import options
from codeorch.domain import SourceFile, Symbol
from codeorch.errors import UserError
from codeorch.read.files import read_snapshot
from codeorch.repo import Repo

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONG = 60  # characters of a variable's definition


@click.command("map")
@click.argument("globs", nargs=-1, metavar="[GLOB]...")
@options.base_options("Revision to read.")
@click.option("--tests/--no-tests", default=True, help="Show tests, too.  [default: yes]")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(globs: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401 - from click
    """Show the definitions of all files, or of those that match a GLOB, with their signatures.

    A GLOB that is a folder stands for all that is in it.
    """
    repo = Repo.open(Path.cwd())
    base = options.base_of(repo, given["base"], include_dirty=given["include_dirty"])
    files = read_snapshot(repo, base).files
    shown = (
        file
        for path in sorted(files)
        if _is_meant(path, globs) and (given["tests"] or files[path].role != "test")
        if (file := files[path]).symbols
    )
    if given["as_json"]:
        _echo_json(shown)
        return 0
    first = next(shown, None)
    if first is None and globs:
        raise UserError(f"nothing is defined in {' '.join(globs)}", "see `git ls-files`")
    _echo_tree(chain(filter(None, [first]), shown))
    return 0


def _is_meant(path: str, globs: tuple[str, ...]) -> bool:
    folders = (glob.rstrip("/") + "/" for glob in globs)
    return (
        not globs or any(fnmatch(path, glob) for glob in globs) or path.startswith(tuple(folders))
    )


def _echo_tree(files: Iterable[SourceFile]) -> None:
    """Print a line for each folder, file and definition, with the definition's line number."""
    last = ""
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if folder != last:
            _echo(f"{folder}/")
            last = folder
        indent = "    " if folder else ""
        _echo(f"{indent}{name}")
        for symbol in file.symbols:
            if symbol.kind != "field":
                depth = "    " * (symbol.parent.count(".") + bool(symbol.parent))
                doc = f"  # {symbol.doc}" if symbol.doc else ""
                _echo(f"{indent}{symbol.line:6}  {depth}{_short(symbol)}{doc}")


def _echo(row: str) -> None:
    click.echo(_CONTROL.sub("?", row))  # what a repository holds does not steer the terminal


def _short(symbol: Symbol) -> str:
    if symbol.kind not in ("variable", "macro"):
        return symbol.signature
    return symbol.signature if len(symbol.signature) <= _LONG else f"{symbol.signature[:_LONG]} ..."


def _echo_json(files: Iterable[SourceFile]) -> None:
    """Print one JSON document, a file at a time, as there may be many."""
    before = '{"files": ['
    for file in files:
        click.echo(before + json.dumps(_plain(file), ensure_ascii=False), nl=False)
        before = ",\n"
    click.echo("]}" if before.startswith(",") else before + "]}")


def _plain(file: SourceFile) -> dict[str, object]:
    symbols = [
        {
            "name": symbol.qualified,
            "kind": symbol.kind,
            "line": symbol.line,
            "end_line": symbol.end_line,
            "start_byte": symbol.start,
            "end_byte": symbol.end,
            "signature": symbol.signature,
            "doc": symbol.doc,
        }
        for symbol in file.symbols
    ]
    return {
        "path": file.path,
        "language": file.language,
        "role": file.role,
        "imports": [each.module for each in file.imports],
        "symbols": symbols,
    }
