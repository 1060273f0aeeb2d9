"""Attributes of JSX elements -> the classes whose members they are, by what the component takes."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.literal_types import literal_classes
from codeorch.analysis.receivers import Receivers
from codeorch.analysis.scopes import Definition
from codeorch.languages.ecmascript.imports import ScriptNames

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Types of a component that take the type of what it is given.
_COMPONENTS: Final = words("FC FunctionComponent VFC ComponentType Component PureComponent")

_AROUND: Final = ("formal_parameters", "arrow_function", "variable_declarator")


def key_classes(
    names: ScriptNames, receivers: Receivers, path: str, node: "Node"
) -> frozenset[str] | None:
    """Name the classes that a key is a member of: of an attribute, what its element takes.

    An element with a small letter is one of HTML: its attributes are nobody's members here. See
    https://react.dev/reference/react/createElement
    """
    attribute = node.parent()
    if attribute is None or attribute.kind() != "jsx_attribute":
        known = literal_classes(receivers, path, node)
        return known if known is not None else _taken_apart(receivers, path, node)
    element = attribute.parent()
    name = element.field("name") if element else None
    if name is None or (name.kind() == "identifier" and name.text()[:1].islower()):
        return frozenset()
    if names.is_foreign(path, name):
        return frozenset()
    for entity in names.resolve(path, name):
        if isinstance(entity, Definition):
            for each in names.names(entity.path, entity.name).bindings():
                holder = each.node.parent() if each.owner == entity.owner else None
                declared = _declared_props(holder) if holder is not None else None
                if declared is not None:
                    return receivers.classes_of_type(entity.path, declared)
    return None


def _taken_apart(receivers: Receivers, path: str, node: "Node") -> frozenset[str] | None:
    """Name the classes of what a component takes apart that is said to be one: `FC<Props>`."""
    around = [each for each in node.ancestors()[:8] if each.kind() in _AROUND]
    if [each.kind() for each in around[:3]] != list(_AROUND):
        return None
    declared = around[2].field("type")
    given = _declared_props(around[2]) if declared is not None else None
    return receivers.classes_of_type(path, given) if given is not None else None


def _declared_props(holder: "Node") -> "Node | None":
    """Return the type of what a component takes: of its first parameter, or told of the whole."""
    told = holder.field("type")
    for generic in told.find_all(kind="generic_type") if told else ():
        name, given = generic.field("name"), generic.field("type_arguments")
        if name is not None and given is not None:
            is_one = name.text().rpartition(".")[2] in _COMPONENTS
            return given.named_children()[0] if is_one else None
    function = holder.field("value") or holder
    parameters = function.field("parameters")
    first = parameters.named_children()[:1] if parameters else []
    return first[0].field("type") if first else None
