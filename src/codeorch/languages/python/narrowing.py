"""What `isinstance` says of a name: in a branch of its own it is surely of that class."""

import re
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, of_kind, span, words

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_FUNCTIONS: Final = words("function_definition lambda")
_BRANCHES: Final = words("if_statement elif_clause")


def is_narrowed(name: "Node") -> bool:
    """Whether a function asks what a value is; in a part of it, the value is that."""
    scope = next((each for each in name.ancestors() if each.kind() in _FUNCTIONS), None)
    if scope is None or scope.kind() == "lambda":
        return False
    return re.search(rf"\bisinstance\(\s*{re.escape(name.text())}\b", scope.text()) is not None


def narrowing_type(name: "Node") -> "Node | None":
    """Return the class that a name is known to have where it stands: an expression that names it.

    None where no branch around asks for it, or where the name gets another value in the branch.
    """
    child = name
    for parent in name.ancestors():
        if parent.kind() in _FUNCTIONS:
            return None
        condition = parent.field("condition") if parent.kind() in _BRANCHES else None
        if condition is not None and is_child(parent, "consequence", child):
            asked = _asked_type(condition, name.text())
            if asked is not None:
                return None if _is_set(child, name) else asked
        child = parent
    return None


def is_own_copy(name: "Node") -> bool:
    """Whether a name is set to a copy of what it was before: `seat = seat._replace(row=2)`."""
    statement = name.parent()
    right = statement.field("right") if statement else None
    copied = rf"(?:{re.escape(name.text())}\s*\.\s*(?:_replace|copy|model_copy)\("
    copied += rf"|(?:\w+\.)?(?:replace|evolve|copy|deepcopy)\(\s*{re.escape(name.text())}\b)"
    return right is not None and re.match(copied, right.text()) is not None


def _asked_type(condition: "Node", name: str) -> "Node | None":
    """Return T of `isinstance(name, T)`, alone or joined to more by `and`."""
    if condition.kind() == "boolean_operator":
        if " or " in condition.text():
            return None
        sides = (condition.field("left"), condition.field("right"))
        found = (_asked_type(side, name) for side in sides if side is not None)
        return next((each for each in found if each is not None), None)
    function, given = condition.field("function"), condition.field("arguments")
    if function is None or given is None or function.text() != "isinstance":
        return None
    value, *types = given.named_children()
    plain = len(types) == 1 and types[0].kind() in ("identifier", "attribute")
    return types[0] if plain and value.text() == name else None


def _is_set(branch: "Node", name: "Node") -> bool:
    """Whether a branch gives the name another value before it is used."""
    return any(
        left.text() == name.text() and span(left) < span(name)
        for each in of_kind(branch, "assignment")
        if (left := each.field("left")) is not None
    )
