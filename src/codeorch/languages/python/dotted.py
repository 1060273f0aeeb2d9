"""Dotted paths of Python that are no expressions -> what their parts mean.

They stand in `case` patterns, in quoted types, and in comments that are types.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import of_kind, span
from codeorch.analysis.renaming import is_parameter
from codeorch.analysis.scopes import Entity
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.nodes import is_annotation

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_DOTTED: Final = re.compile(r"(?<![\w.'\"])[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
_IMPORTED: Final = re.compile(r"\b(?:import_module|__import__)\s*\(|\bsys\.modules\b")
_MODULE: Final = re.compile(r"(?:\w+_)?mod(?:ule)?")  # what a parameter is called that is a module
_TYPE_COMMENT: Final = re.compile(r"#\s*type:\s*(?!ignore\b)")


def resolve_parts(
    names: PythonNames, path: str, node: "Node", parts: Sequence[str]
) -> frozenset[Entity]:
    """Say what a dotted path means, as seen from a node."""
    first, *rest = parts
    found = names.resolve_binding(path, names.names(path, first).lookup(node), first)
    for part in rest:
        found = names.attribute(found, part, path)
    return found


def parts_before(node: "Node") -> list[str] | None:
    """Return the parts of a dotted name in front of one of them; None where there is none."""
    dotted = node.parent()
    if dotted is None or dotted.kind() != "dotted_name":
        return None
    parts = [each for each in dotted.named_children() if span(each) < span(node)]
    return [each.text() for each in parts]


def may_be_module(names: PythonNames, path: str, value: "Node") -> bool:
    """Whether an expression that nothing is known of may be a module: by how it was made."""
    if _IMPORTED.search(value.text()):
        return True
    if value.kind() != "identifier":
        return False
    found = names.names(path, value.text())
    owner = found.lookup(value)
    bindings = [each for each in found.bindings() if each.owner == owner]
    if names.resolve(path, value) and all(each.kind == "import" for each in bindings):
        return False  # an import that is followed
    return any(
        each.kind == "import"
        or (is_parameter(each.node) and _MODULE.fullmatch(value.text()))
        or ((holder := each.node.parent()) is not None and _IMPORTED.search(holder.text()))
        for each in bindings
    )


def text_uses(names: PythonNames, path: str, name: str) -> Iterator[tuple[int, "Node", list[str]]]:
    """Find a name in the types that are written in strings and comments of a file.

    Gives the character where it starts, the node from which it is looked up, and the parts of the
    path that end with it.
    """
    for node, start, text in _type_texts(names, path, name):
        for found in _DOTTED.finditer(text):
            pieces = list(re.finditer(r"\w+", found[0]))
            for count, piece in enumerate(pieces, start=1):
                if piece[0] == name:
                    at = start + found.start() + piece.start()
                    yield at, node, [each[0] for each in pieces[:count]]


def _type_texts(names: PythonNames, path: str, name: str) -> Iterator[tuple["Node", int, str]]:
    for content in of_kind(names.tree(path), "string_content"):
        if name in content.text() and is_annotation(content):
            yield content, span(content)[0], content.text()
    for comment in of_kind(names.tree(path), "comment"):
        text = comment.text()
        if name in text and (found := _TYPE_COMMENT.match(text)):
            yield comment, span(comment)[0] + found.end(), text[found.end() :].partition("#")[0]
