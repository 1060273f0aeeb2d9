"""Members that share a name and differ in what they take: what a definition or a call tells."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.scopes import Definer

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_COMMENTS: Final = words("comment line_comment block_comment")
_REST: Final = "..."  # behind the type of a parameter that takes any number of arguments


def parameter_types(definer: Definer) -> tuple[str, ...] | None:
    """Return the types that a method takes, as they are written; None for a field."""
    holder = definer.node.parent()
    parameters = holder.field("parameters") if holder else None
    if parameters is None:
        return None
    return tuple(map(_type_of, _parts(parameters)))


def argument_count(access: "Node") -> int | None:
    """Return how many arguments a call hands over; None when the member is only named."""
    outer = access.parent()
    given = access.field("arguments") or (outer.field("arguments") if outer else None)
    return len(_parts(given)) if given is not None else None


def takes(definer: Definer, count: int | None) -> bool:
    """Whether a method can be called with so many arguments; with None it is only named."""
    types = parameter_types(definer)
    if types is None or count is None:
        return True
    open_end = bool(types) and types[-1].endswith(_REST)
    return count >= len(types) - 1 if open_end else count == len(types)


def _parts(node: "Node") -> list["Node"]:
    return [child for child in node.named_children() if child.kind() not in _COMMENTS]


def _type_of(parameter: "Node") -> str:
    if parameter.kind() == "spread_parameter" or "params " in parameter.text():
        return f"{parameter.named_children()[0].text()}{_REST}"
    declared = parameter.field("type")
    return declared.text() if declared else parameter.text()
