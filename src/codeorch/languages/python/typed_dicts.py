"""Keys of a `TypedDict` -> the strings that look them up: `row["cost"]`, `{"cost": 1}`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, of_kind, span, words
from codeorch.analysis.proposals import Evidence, Proposal, propose_text
from codeorch.languages.python.class_families import ClassFamily
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.nodes import function_around

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_BY_KEY: Final = words("get pop setdefault")


def key_uses(family: ClassFamily, path: str, old: str, new: str) -> Iterator[Proposal]:
    """Propose the strings of a file that are, or may be, a key of the family's dictionaries."""
    if not any(is_typed_dict(family, ref) for ref in family.refs):
        return
    text = family.types.names.texts[path]
    for content in of_kind(family.types.names.tree(path), "string_content"):
        if content.text() != old or not (found := _evidence(family, path, content)):
            continue
        yield propose_text(path, text, span(content)[0], (old, new), found)


def is_typed_dict(family: ClassFamily, ref: ClassRef) -> bool:
    """Whether a class is one of dictionaries, by what it derives from."""
    around = {ref, *family.types.ancestors(ref)}
    bases = (base for one in around for base in family.types.foreign_bases(one))
    return any(base.rpartition(".")[2] == "TypedDict" for base in bases)


def _evidence(family: ClassFamily, path: str, content: "Node") -> Evidence | None:
    string = content.parent()
    outer = string.parent() if string else None
    if string is None or outer is None:
        return None
    if outer.kind() == "pair" and is_child(outer, "key", string):
        return _judge(family, _of_literal(family, path, outer.parent()))
    value = _dictionary(string, outer)
    return _judge(family, family.types.of(path, value)) if value is not None else None


def _dictionary(string: "Node", outer: "Node") -> "Node | None":
    """Give what a string is looked up in: `row["x"]`, `row.get("x")`, `"x" in row`."""
    if outer.kind() == "subscript" and not is_child(outer, "value", string):
        return outer.field("value")
    if outer.kind() == "comparison_operator" and outer.child(0) == string:
        asked = any(each.kind() in ("in", "not in") for each in outer.children())
        return outer.named_children()[-1] if asked else None
    call = outer.parent() if outer.kind() == "argument_list" else None
    function = call.field("function") if call and outer.named_children()[0] == string else None
    name = function.field("attribute") if function else None
    known = name is not None and name.text() in _BY_KEY
    return function.field("object") if function and known else None


def _of_literal(
    family: ClassFamily, path: str, literal: "Node | None"
) -> frozenset[ClassRef] | None:
    """Read the type that is said of a dictionary: where it is assigned or returned."""
    holder = literal.parent() if literal else None
    if holder is None:
        return None
    declared = holder.field("type") if holder.kind() == "assignment" else None
    if holder.kind() == "return_statement" and (function := function_around(holder)):
        declared = function.field("return_type")
    return family.types.of_annotation(path, declared) if declared else None


def _judge(family: ClassFamily, classes: frozenset[ClassRef] | None) -> Evidence | None:
    if classes is None:
        return Evidence.UNKNOWN
    related = family.relatives()
    return Evidence.TYPE if classes & related else None
