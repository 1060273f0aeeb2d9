"""Nodes of JavaScript and TypeScript -> what the text near says: modules, objects, types."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.class_hierarchy import class_around, member_kind
from codeorch.analysis.scopes import Occurrence
from codeorch.languages.ecmascript.facts import CLASSES

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

FUNCTIONS: Final = ("arrow_function", "function_expression", "generator_function")
_TOLD: Final = ("variable_declarator", "required_parameter", "optional_parameter")


def declared_type(key: "Node") -> "Node | None":
    """Give the type that is told of the object in which a key stands: `const x: T = { key: 1 }`."""
    around = [node for node in key.ancestors()[:3] if node.kind() not in ("pair", "pair_pattern")]
    if len(around) < 2 or around[0].kind() not in ("object", "object_pattern"):
        return None
    return around[1].field("type") if around[1].kind() in _TOLD else None


def is_of_inline_type(each: Occurrence) -> bool:
    """Whether a key names what a type without a name holds."""
    node = each.node.parent()
    signature = node is not None and node.kind() == "property_signature"
    return signature and not class_around(each.node, CLASSES)


def is_own_method(each: Occurrence) -> bool:
    """Whether a key names a function that a plain object holds."""
    node = each.node.parent()
    if each.role != "key" or node is None or member_kind(each.node, CLASSES):
        return False
    value = node.field("value")
    return node.kind() == "method_definition" or (
        node.kind() == "pair" and value is not None and value.kind() in FUNCTIONS
    )
