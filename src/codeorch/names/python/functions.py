"""What the head of a Python function says: its parameters and decorators."""

from typing import TYPE_CHECKING, Final

from codeorch.names.trees import words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# Decorators that leave alone what a class takes and has.
CLASS_DECORATORS: Final = words("dataclass final total_ordering runtime_checkable")


def parameter_of(node: "SgNode", name: str) -> "SgNode | None":
    """Find the nearest function around a node with a parameter of this name."""
    for each in node.ancestors():
        parameters = each.field("parameters") if each.kind() == "function_definition" else None
        if parameters is not None and any(
            parameter_name(child) == name for child in parameters.named_children()
        ):
            return each
    return None


def parameter_name(node: "SgNode") -> str:
    """Name a parameter, with or without a type and a default."""
    if node.kind() == "identifier":
        return node.text()
    name = node.field("name") or node.child(0)
    return name.text() if name else ""


def function_around(node: "SgNode") -> "SgNode | None":
    """Find the function or lambda that a node stands in."""
    kinds = ("function_definition", "lambda")
    return next((each for each in node.ancestors() if each.kind() in kinds), None)


def asks_for_fixture(node: "SgNode") -> bool:
    """Whether a parameter is one of a test or a fixture, which pytest fills by its name."""
    function = parameter_of(node, node.text())
    return function is not None and (_is_test(function) or is_fixture(function))


def _is_test(function: "SgNode") -> bool:
    name = function.field("name")
    return name is not None and name.text().startswith("test")


def is_fixture(function: "SgNode") -> bool:
    """Whether a function is a fixture of pytest: tests ask for it by a parameter's name."""
    return any("fixture" in each for each in _decorators(function))


def is_static(function: "SgNode") -> bool:
    """Whether a method gets no receiver."""
    return "staticmethod" in _decorators(function)


def is_given_class(function: "SgNode") -> bool:
    """Whether a method's first parameter is its class."""
    name = function.field("name")
    implicit = name is not None and name.text() in ("__new__", "__init_subclass__")
    return implicit or "classmethod" in _decorators(function)


def decorators(node: "SgNode") -> frozenset[str]:
    """Name the decorators of a definition, by their last part and without arguments."""
    parent = node.parent()
    if parent is None or parent.kind() != "decorated_definition":
        return frozenset()
    marks = (each.text() for each in parent.named_children() if each.kind() == "decorator")
    return frozenset(mark.strip("@ ").partition("(")[0].rpartition(".")[2] for mark in marks)


def _decorators(function: "SgNode") -> list[str]:
    parent = function.parent()
    if parent is None or parent.kind() != "decorated_definition":
        return []
    found = [each.text() for each in parent.named_children() if each.kind() == "decorator"]
    return [text.lstrip("@").strip() for text in found]
