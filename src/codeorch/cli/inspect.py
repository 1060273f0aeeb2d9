"""`codeorch rank` and `map`: what codeorch sees in the repository; no model is asked."""

import json
import os.path
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from typing import Any

import click

from codeorch.cli import options
from codeorch.cli.rows import echo_row
from codeorch.domain import SourceFile, Symbol
from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.retrieval import rank_commit, read_snapshot


@click.command("rank")
@options.request_options
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, help="Files.")
@options.base_options("Revision to read.")
@click.option("--explain", is_flag=True, help="Show what each signal adds.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def rank(request_text: str, request_file: Any, **given: Any) -> int:  # noqa: ANN401 - from click
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


_LONG = 60  # characters of a variable's definition


@click.command("map")
@click.argument("globs", nargs=-1, metavar="[GLOB]...")
@options.base_options("Revision to read.")
@click.option("--tests/--no-tests", default=True, help="Show tests, too.  [default: yes]")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show_map(globs: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401 - from click
    """Show the definitions of all files, or of those that match a GLOB, with their signatures.

    A GLOB is relative to the current folder; one that is a folder stands for all that is in it.
    """
    repo = Repo.open(Path.cwd())
    base = options.base_of(repo, given["base"], include_dirty=given["include_dirty"])
    snapshot = read_snapshot(repo, base)
    files, asked = snapshot.files, tuple(_from_the_top(glob, repo) for glob in globs)
    shown = (
        file
        for path in sorted(files)
        if _is_meant(path, asked) and (given["tests"] or files[path].role != "test")
        if (file := files[path]).symbols
    )
    left_out = {path: why for path, why in snapshot.skipped.items() if _is_meant(path, asked)}
    if given["as_json"]:
        _echo_json(shown, left_out)
        return 0
    first = next(shown, None)
    if first is None and globs and not left_out:
        raise UserError(f"nothing is defined in {' '.join(globs)}", "see `git ls-files`")
    _echo_tree(chain(filter(None, [first]), shown))
    if left_out:
        kinds = Counter(why.partition(" to ")[0] for why in left_out.values())
        counts = ", ".join(f"{n} {why}" for why, n in kinds.most_common())
        echo_row(f"left out: {counts}; --json names them", err=True)
    return 0


def _from_the_top(glob: str, repo: Repo) -> str:
    return Path(os.path.relpath(glob, repo.root.resolve())).as_posix()


def _is_meant(path: str, globs: tuple[str, ...]) -> bool:
    return not globs or any(
        glob in (".", path) or path.startswith(f"{glob}/") or fnmatch(path, glob) for glob in globs
    )


def _echo_tree(files: Iterable[SourceFile]) -> None:
    """Print a line for each folder, file and definition, with the definition's line number."""
    last = ""
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if folder != last:
            echo_row(f"{folder}/" if folder else "./")
            last = folder
        indent = "    " if folder else ""
        echo_row(f"{indent}{name}")
        for symbol in file.symbols:
            if symbol.kind != "field":
                depth = "    " * (symbol.parent.count(".") + bool(symbol.parent))
                doc = f"  # {symbol.doc}" if symbol.doc else ""
                echo_row(f"{indent}{symbol.line:6}  {depth}{_short(symbol)}{doc}")


def _short(symbol: Symbol) -> str:
    if symbol.kind not in ("variable", "macro"):
        return symbol.signature
    return symbol.signature if len(symbol.signature) <= _LONG else f"{symbol.signature[:_LONG]} ..."


def _echo_json(files: Iterable[SourceFile], left_out: Mapping[str, str]) -> None:
    """Print one JSON document, a file at a time, as there may be many."""
    before = '{"files": ['
    for file in files:
        click.echo(before + json.dumps(_plain(file), ensure_ascii=False), nl=False)
        before = ",\n"
    opened = "" if before.startswith(",") else before
    click.echo(f'{opened}],\n"left_out": {json.dumps(left_out)}}}')  # of any bytes, so in ASCII


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
