"""An import of one name -> the same import from the module that the name is in now."""

import re
from pathlib import PurePosixPath
from typing import Final

_IMPORT: Final = re.compile(
    r"^(?P<indent>\s*)from\s+(?P<dots>\.*)(?P<module>[\w.]*)\s+import\s+(?P<names>[\w\s,]+?)"
    r"(?P<rest>\s*(?:#.*)?)$"
)


def moved_import(line: str, name: str, importer: str, old: str, new: str) -> str | None:
    r"""Return a line of a file, or two, that imports a name from `new` instead of from `old`.

    `importer`, `old` and `new` are paths of modules. None where the line is no such import, or
    imports from a package that only hands the name on.

    >>> moved_import("from shop.prices import a, b", "b", "app.py", "shop/prices.py", "shop/tax.py")
    'from shop.prices import a\nfrom shop.tax import b'
    """
    match = _IMPORT.match(line)
    names = [each.strip() for each in match["names"].split(",")] if match else []
    meant = [each for each in names if each.split()[:1] == [name]]
    if match is None or len(meant) != 1:
        return None
    module = _module(match["dots"], match["module"], importer, old, new)
    if module is None:
        return None
    others = [each for each in names if each not in meant]
    moved = f"{match['indent']}from {module} import {meant[0]}{match['rest']}"
    if not others:
        return moved
    kept = f"{match['indent']}from {match['dots']}{match['module']} import {', '.join(others)}"
    return f"{kept}\n{moved}"


def _module(dots: str, module: str, importer: str, old: str, new: str) -> str | None:
    """Return the new module as the import has to name it, starting where it started."""
    here, there = _parts(old), _parts(new)
    named = tuple(filter(None, module.split(".")))
    if dots:
        folders = PurePosixPath(importer).parts[:-1]
        start = folders[: len(folders) - len(dots) + 1]
    else:
        start = here[: len(here) - len(named)]
    if (*start, *named) != here or there[: len(start)] != start or there == start:
        return None
    return dots + ".".join(there[len(start) :])


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts
