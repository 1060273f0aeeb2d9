"""Strings that Python, or those who read types, take for names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ast_grep_py import SgNode


def is_listed(content: "SgNode") -> bool:
    """Whether a string is an entry of `__all__`."""
    for each in content.ancestors():
        if each.kind() in ("assignment", "augmented_assignment"):
            left = each.field("left")
            return left is not None and left.text() == "__all__"
        if each.kind() == "call":
            function = each.field("function")
            return function is not None and function.text().startswith("__all__.")
    return False


def is_annotation(content: "SgNode") -> bool:
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


def _in_annotation(string: "SgNode") -> bool:
    for each in string.ancestors():
        match each.kind():
            case "generic_type" | "subscript":
                if each.text().partition("[")[0].endswith(("Literal", "Annotated")):
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
