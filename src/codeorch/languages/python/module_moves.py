"""Where the files of a module or a package go when it gets another name, and what forbids that."""

import keyword
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname
from typing import Final

from codeorch.analysis.ast_grep import TOP
from codeorch.analysis.proposals import place_of
from codeorch.analysis.renaming import Rename, conflict, place_list
from codeorch.errors import UserError
from codeorch.languages.python.imports import PythonNames

_FIXED: Final = ("__init__", "__main__", "conftest", "setup", "manage")  # found by these names
_PACKAGE_FILES: Final = ("__init__.py", "__init__.pyi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The paths of a repository, of whatever language."""

    paths: frozenset[str]
    unread: frozenset[str]  # of those files that were left out: what is no text, what is too large


def is_package(path: str) -> bool:
    """Whether a file stands for its folder."""
    return path.rpartition("/")[2] in _PACKAGE_FILES


def module_moves(
    rule: Rename, names: PythonNames, paths: frozenset[str], tree: Tree
) -> Mapping[str, str]:
    """Return the new path of each file that moves with a module; all of a package do.

    Raises:
        UserError: the new name is taken, or cannot be, or the module is found by the old one.
    """
    _refuse_names(rule)
    new = rule.new.rpartition(".")[2]
    folders = [dirname(path) for path in paths if is_package(path)]
    held = sorted(p for p in tree.unread for folder in folders if p.startswith(f"{folder}/"))
    if held:
        raise UserError(
            f"`{rule.old}` holds files that are no text: {place_list(held)}",
            "move its folder by hand",
        )
    moves = dict(_moves(rule.name, new, paths, tree))
    homes = sorted({dirname(dirname(p)) if is_package(p) else dirname(p) for p in paths})
    taken: list[object] = [path for path in moves.values() if path in tree.paths]
    taken += [place for home in homes for place in _namesakes(names, home, new)]
    if taken:
        raise conflict(rule, taken)
    return moves


def _moves(old: str, new: str, paths: Iterable[str], tree: Tree) -> Iterator[tuple[str, str]]:
    for path in sorted(paths):
        if is_package(path):
            folder = dirname(path)
            moved = f"{dirname(folder)}/{new}".lstrip("/")
            inner = (each for each in sorted(tree.paths) if each.startswith(f"{folder}/"))
            yield from ((each, moved + each[len(folder) :]) for each in inner)
        else:
            head, _, name = path.rpartition("/")
            yield path, f"{head}/{new}{name[len(old) :]}".lstrip("/")


def _refuse_names(rule: Rename) -> None:
    old, new = rule.name, rule.new.rpartition(".")[2]
    if rule.new.rpartition(".")[0] != rule.qualifier:
        raise UserError(
            f"`{rule.new}` is in another package than `{rule.old}`",
            "a module is renamed in its package; moving it to another one needs a model",
        )
    if old in _FIXED or new in _FIXED:
        fixed = old if old in _FIXED else new
        raise UserError(f"`{fixed}` is found by its name", "a name that is looked up has to stay")
    if keyword.iskeyword(new):
        raise UserError(f"`{new}` is a reserved word of python", "choose another name")


def _namesakes(names: PythonNames, home: str, new: str) -> Iterator[object]:
    """Find what is called so in a folder already.

    Raises:
        UserError: it would hide a module of Python's own library.
    """
    stem = f"{home}/{new}".lstrip("/")
    for path in sorted(names.modules.paths):
        if path.startswith(f"{stem}/") or path.rpartition(".")[0] == stem:
            yield path
    packages = [path for end in _PACKAGE_FILES if (path := f"{home}/{end}") in names.texts]
    for package in packages:
        given = names.names(package, new).bindings()
        yield from (place_of(each) for each in given if each.owner and each.owner[2] == TOP)
    if not packages and new in sys.stdlib_module_names:
        raise UserError(
            f"`{new}` is a module of Python's own library, which it would hide",
            "choose another name",
        )
