"""Key of a literal, or of a pattern that takes a value apart -> the classes that it is one of."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, words
from codeorch.analysis.receivers import Receivers

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_OBJECTS: Final = words("object object_pattern")
_CONTAINERS: Final = words("slice_type array_type implicit_length_array_type map_type")
_FUNCTIONS: Final = words(
    """arrow_function function_declaration function_expression method_definition
    generator_function generator_function_declaration"""
)
_SAID: Final = words("as_expression satisfies_expression")
_PARAMETERS: Final = words("required_parameter optional_parameter")


def literal_classes(receivers: Receivers, path: str, node: "Node") -> frozenset[str] | None:
    """Name the classes of the literal or pattern around a key; None when nothing says them."""
    for each in node.ancestors():
        literals = receivers.table.literals
        if each.kind() in literals:  # `Cart{total: 3}`, `[]Cart{{total: 3}}`
            declared = each.field(literals[each.kind()])
            while declared is not None and declared.kind() in _CONTAINERS:
                declared = declared.field("element") or declared.field("value")
            return receivers.classes_of_type(path, declared) if declared else None
        if each.kind() in _OBJECTS:
            return _classes_asked_for(receivers, path, each)
    return None


def is_shorthand(node: "Node") -> bool:
    """Whether a name stands for a field and for the variable that fills or takes it."""
    parent = node.parent()
    kinds = (node.kind(), parent.kind() if parent else "")
    return any(kind.startswith("shorthand") for kind in kinds)


def _classes_asked_for(receivers: Receivers, path: str, node: "Node") -> frozenset[str] | None:
    """Name the classes that the place of an object asks for."""
    parent = node.parent()
    while parent is not None and parent.kind() == "parenthesized_expression":
        node, parent = parent, parent.parent()
    if parent is None:
        return None
    kind = parent.kind()
    if kind in ("array", "pair"):
        return _of_outer(receivers, path, parent)
    if kind == "assignment_expression" and is_child(parent, "right", node):
        left = parent.field("left")
        return receivers.of(path, left) if left else None
    if kind == "return_statement" or kind in _FUNCTIONS:
        return _of_result(receivers, path, parent)
    declared = parent.named_children()[-1] if kind in _SAID else parent.field("type")
    if declared is not None:
        return receivers.classes_of_type(path, declared)
    value = parent.field("value")
    takes_apart = kind == "variable_declarator" and value is not None and value != node
    return receivers.of(path, value) if takes_apart and value else None


def _of_outer(receivers: Receivers, path: str, holder: "Node") -> frozenset[str] | None:
    """Read the type of an object that stands in a list, or in another object."""
    read = _of_array if holder.kind() == "array" else _of_pair
    return read(receivers, path, holder)


def _of_array(receivers: Receivers, path: str, array: "Node") -> frozenset[str] | None:
    """Read the declared type of the list that an object stands in: `Item[]`, `Array<Item>`."""
    holder = array.parent()
    declared = holder.field("type") if holder else None
    node = declared.named_children()[0] if declared and declared.named_children() else None
    if node is None or node.kind() not in ("array_type", "generic_type"):
        return None
    inner = receivers.types.arguments(node) or node.named_children()
    return receivers.classes_of_type(path, inner[0]) if inner else None


def _of_pair(receivers: Receivers, path: str, pair: "Node") -> frozenset[str] | None:
    """Read the declared type of the field that a literal stands for in another one."""
    key, outer = pair.field("key"), pair.parent()
    owners = _classes_asked_for(receivers, path, outer) if outer else None
    return receivers.field_classes(owners, key.text()) if key is not None and owners else None


def _of_result(receivers: Receivers, path: str, node: "Node") -> frozenset[str] | None:
    """Read the declared result of the function that gives an object."""
    around = (node, *node.ancestors())
    function = next((each for each in around if each.kind() in _FUNCTIONS), None)
    declared = function.field("return_type") if function else None
    return receivers.classes_of_type(path, declared) if declared else None
