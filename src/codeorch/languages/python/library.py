"""Class of Python's own library -> the names that it has, read from its source text.

Nothing of the library is loaded for it: the files of the interpreter that runs codeorch are parsed
by `ast`. What a method of such a class is called may not change: the library calls it so.
"""

import ast
import builtins
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child
from codeorch.languages.python.imports import PythonNames

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_DEPTH: Final = 8  # of bases and of imports that lead to imports
# Classes whose source is no class statement, and what they have in common with one that is.
_LIKE: Final = {"NamedTuple": tuple, "TypedDict": dict, "Protocol": object, "Generic": object}


def foreign_path(names: PythonNames, path: str, node: "Node") -> str:
    """Return the dotted path of something that a file imports from outside, or a builtin's.

    Empty when the file does not say it: `html.parser.HTMLParser`.
    """
    if node.kind() == "attribute":
        value, name = node.field("object"), node.field("attribute")
        head = foreign_path(names, path, value) if value else ""
        return f"{head}.{name.text()}" if head and name else ""
    found = names.names(path, node.text())
    owner = found.lookup(node)
    if owner is None:
        return f"builtins.{node.text()}" if hasattr(builtins, node.text()) else ""
    for each in found.bindings():
        if each.owner == owner and each.kind == "import":
            return _import_target(each.node)
    return ""


def _import_target(node: "Node") -> str:
    """Return what an import binds a name to."""
    aliased = next((n for n in node.ancestors()[:2] if n.kind() == "aliased_import"), None)
    original = aliased.field("name") if aliased else None
    name = original.text() if original else node.text()
    for each in node.ancestors():
        if each.kind() == "import_from_statement":
            module = each.field("module_name")
            inside = module is None or is_child(each, "module_name", node)
            return "" if inside or module is None else f"{module.text()}.{name}"
        if each.kind() == "import_statement":
            return name
    return ""


@cache
def library_members(dotted: str) -> frozenset[str] | None:
    """Return the names that a class of the standard library has; None when it is not known."""
    module, _, name = dotted.rpartition(".")
    if name in _LIKE and module in ("typing", "typing_extensions"):
        return frozenset(dir(_LIKE[name]))
    if not module or module.partition(".")[0] not in sys.stdlib_module_names:
        return None
    try:
        return frozenset(_members(module, name, 0)) | frozenset(dir(object))
    except LookupError:
        return None


def _members(module: str, name: str, depth: int) -> Iterator[str]:
    """Give the names that a class of a module has, its bases' included.

    Raises:
        LookupError: the source does not tell.
    """
    if module == "builtins":
        yield from dir(getattr(builtins, name, object))
        return
    if depth > _DEPTH:
        raise LookupError(name)
    tree = _parse(module)
    node = next((n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == name), None)
    if node is not None:
        yield from _own(node)
        for base in node.bases:
            plain = base.value if isinstance(base, ast.Subscript) else base
            home, _, inner = ast.unparse(plain).rpartition(".")
            yield from _members(home or module, inner, depth + 1)
    elif hasattr(builtins, name):
        yield from dir(getattr(builtins, name))
    else:
        yield from _members(*_import_origin(module, tree, name), depth + 1)


def _import_origin(module: str, tree: ast.Module, name: str) -> tuple[str, str]:
    """Return the module that a module has a name from, and the name there.

    Raises:
        LookupError: it has none of it.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.asname or alias.name: alias.name for alias in node.names}
            if name in names or "*" in names:
                return _absolute(module, node), names.get(name, name)
    raise LookupError(name)


def _own(node: ast.ClassDef) -> Iterator[str]:
    """Give the names that a class statement defines, those set on `self` included."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (one.id for one in targets if isinstance(one, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    base = parts if _is_package(module) else parts[:-1]
    base = base[: len(base) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


@cache
def _parse(module: str) -> ast.Module:
    try:
        return ast.parse(_file(module).read_text("utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise LookupError(module) from error


def _is_package(module: str) -> bool:
    return _file(module).name == "__init__.py"


def _file(module: str) -> Path:
    stem = Path(sysconfig.get_path("stdlib"), *module.split("."))
    package = stem / "__init__.py"
    return package if package.is_file() else stem.with_suffix(".py")
