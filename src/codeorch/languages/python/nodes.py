"""Nodes of Python -> what the text near says: parameters, decorators, strings that are names."""

import re
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import of_kind, span, words

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


# Decorators that leave alone what a class takes and has.
CLASS_DECORATORS: Final = words("dataclass final total_ordering runtime_checkable")


def parameter_of(node: "Node", name: str) -> "Node | None":
    """Find the nearest function around a node with a parameter of this name."""
    for each in node.ancestors():
        parameters = each.field("parameters") if each.kind() == "function_definition" else None
        if parameters is not None and any(
            parameter_name(child) == name for child in parameters.named_children()
        ):
            return each
    return None


def parameter_name(node: "Node") -> str:
    """Name a parameter, with or without a type and a default."""
    if node.kind() == "identifier":
        return node.text()
    name = node.field("name") or node.child(0)
    return name.text() if name else ""


def function_around(node: "Node") -> "Node | None":
    """Find the function or lambda that a node stands in."""
    kinds = ("function_definition", "lambda")
    return next((each for each in node.ancestors() if each.kind() in kinds), None)


def asks_for_fixture(node: "Node") -> bool:
    """Whether a parameter is one of a test or a fixture, which pytest fills by its name."""
    function = parameter_of(node, node.text())
    return function is not None and (_is_test(function) or is_fixture(function))


def _is_test(function: "Node") -> bool:
    name = function.field("name")
    return name is not None and name.text().startswith("test")


def is_fixture(function: "Node") -> bool:
    """Whether a function is a fixture of pytest: tests ask for it by a parameter's name."""
    return any(each.endswith("fixture") for each in decorators(function))


def is_static(function: "Node") -> bool:
    """Whether a method gets no receiver."""
    return "staticmethod" in decorators(function)


def is_class_method(function: "Node") -> bool:
    """Whether a method's first parameter is its class."""
    name = function.field("name")
    implicit = name is not None and name.text() in ("__new__", "__init_subclass__")
    return implicit or "classmethod" in decorators(function)


def decorators(node: "Node") -> frozenset[str]:
    """Name the decorators of a definition, by their last part and without arguments."""
    parent = node.parent()
    if parent is None or parent.kind() != "decorated_definition":
        return frozenset()
    marks = (each.text() for each in parent.named_children() if each.kind() == "decorator")
    return frozenset(mark.strip("@ ").partition("(")[0].rpartition(".")[2] for mark in marks)


def is_listed(content: "Node") -> bool:
    """Whether a string is an entry of `__all__`."""
    for each in content.ancestors():
        if each.kind() in ("assignment", "augmented_assignment"):
            left = each.field("left")
            return left is not None and left.text() == "__all__"
        if each.kind() == "call":
            function = each.field("function")
            return function is not None and function.text().startswith("__all__.")
    return False


def is_annotation(content: "Node") -> bool:
    """Whether a string is a quoted type: in an annotation, `cast("X", v)`, `bound="X"`."""
    string = content.parent()
    parent = string.parent() if string else None
    if string is None or parent is None:
        return False
    match parent.kind():
        case "argument_list":
            call = parent.parent()
            function = call.field("function") if call else None
            first = parent.named_children()[0] == string
            return first and function is not None and function.text().endswith("cast")
        case "keyword_argument":
            name = parent.field("name")
            return name is not None and name.text() == "bound"
        case _:
            return _in_annotation(string)


def _in_annotation(string: "Node") -> bool:
    for each in string.ancestors():
        match each.kind():
            case "generic_type" | "subscript":
                head = each.text().partition("[")[0]
                if head.endswith("Literal"):
                    return False
                if head.endswith("Annotated") and not _is_first_argument(each, string):
                    return False
            case "type":
                outer = each.parent()
                if outer is not None and outer.kind() != "type_parameter":
                    return True
            case "call" | "block":
                return False
            case _:
                pass
    return False


# What is raised for a name that is not there, or for a call that does not fit; and their bases.
_NAME_ERRORS: Final = (
    r"(?:Attribute|Type|Name|Import|ModuleNotFound|UnboundLocal)Error|(?:Base)?Exception"
)
_EXPECTS: Final = re.compile(
    rf"\b(?:raises|assertRaises\w*|suppress)\s*\([^)]*\b(?:{_NAME_ERRORS})\b"
)
_CATCHES: Final = re.compile(r"except\b[^:]*\b(?:Attribute|Name|Import|ModuleNotFound)Error\b")


def is_to_fail(root: "Node", line: int) -> bool:
    """Whether a line (from 1) is expected to raise for a name or a call.

    It stands in `with raises(TypeError)` or the like, or in a `try` that catches what a name that
    is not there raises.
    """
    blocks = [
        (node, _EXPECTS.search(node.text().partition("\n")[0]))
        for node in of_kind(root, "with_statement")
    ]
    for node in of_kind(root, "try_statement"):
        body = node.field("body")
        clauses = (each.text() for each in node.children() if each.kind() == "except_clause")
        if body is not None:
            blocks.append((body, next(filter(None, map(_CATCHES.match, clauses)), None)))
    places = (node.range() for node, expected in blocks if expected)
    return any(place.start.line < line <= place.end.line + 1 for place in places)


def _is_first_argument(generic: "Node", string: "Node") -> bool:
    """Whether a string is what `Annotated` annotates, and none of the data behind it."""
    before = generic.text()[: span(string)[0] - span(generic)[0]].partition("[")[2]
    depth = 0
    for letter in before:
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and not depth:
            return False
    return True
