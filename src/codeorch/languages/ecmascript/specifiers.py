"""Nodes of JavaScript and TypeScript -> the module that is named there."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def pattern_specifier(pattern: "Node") -> "Node | None":
    """Give the specifier when a name or pattern takes what `require` or `import()` gives."""
    declarator = pattern.parent()
    value = declarator.field("value") if declarator else None
    if declarator is None or declarator.kind() != "variable_declarator" or value is None:
        return None
    return module_specifier(value)


def module_specifier(value: "Node") -> "Node | None":
    """Give the specifier of the module that a value is; what `import()` gives is a promise."""
    function = value.field("function")
    promise = function is not None and function.text() == "import"
    return None if promise else specifier(value)


def specifier(value: "Node") -> "Node | None":
    """Give the string in `require("x")`, `await import("x")`, `(await import("x"))`."""
    while value.kind() in ("await_expression", "parenthesized_expression"):
        value = value.named_children()[0]
    function = value.field("function") if value.kind() == "call_expression" else None
    arguments = value.field("arguments")
    if function is None or arguments is None or function.text() not in ("require", "import"):
        return None
    strings = [each for each in arguments.named_children() if each.kind() == "string"]
    return strings[0] if strings else None
