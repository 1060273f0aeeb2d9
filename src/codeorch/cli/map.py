"""`codeorch map`: the definitions of the repository's files."""

import json
from fnmatch import fnmatch

import click

from codeorch.cli import session
from codeorch.domain import SourceFile
from codeorch.outline import outline
from codeorch.read.files import read_snapshot


@click.command("map")
@click.argument("globs", nargs=-1, metavar="[GLOB]...")
@click.option("--base", default="HEAD", show_default=True, help="Revision to read.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(globs: tuple[str, ...], base: str, as_json: bool) -> int:  # noqa: FBT001 - a click flag
    """Show the definitions of all files, or of those that match a GLOB, with their signatures."""
    repo = session.open_repo()
    snapshot = read_snapshot(repo, repo.resolve(base))
    paths = [
        path
        for path in sorted(snapshot.files)
        if not globs or any(fnmatch(path, glob) for glob in globs)
    ]
    files = [file for path in paths if (file := snapshot.files[path]).symbols]
    if as_json:
        click.echo(json.dumps({"files": [_plain(file) for file in files]}, ensure_ascii=False))
        return 0
    for file in files:
        click.echo(f"{file.path}:")
        for line in outline(file, limit=1_000_000).split("\n"):
            click.echo(f"    {line}")
    return 0


def _plain(file: SourceFile) -> dict[str, object]:
    symbols = [
        {
            "name": symbol.qualified,
            "kind": symbol.kind,
            "line": symbol.line,
            "end_line": symbol.end_line,
            "signature": symbol.signature,
        }
        for symbol in file.symbols
    ]
    return {"path": file.path, "language": file.language, "symbols": symbols}
