"""Python: what a rewrite of its code must know beyond what the grammar reads."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.language import Syntax

if TYPE_CHECKING:
    from codeorch.analysis.syntax_tree import SyntaxNode

# Where `x := 1` and `yield x` may stand without parentheses, by the language's grammar.
_BARE: Final = {
    "named_expression": words(
        """parenthesized_expression argument_list if_statement elif_clause while_statement list set
        list_comprehension set_comprehension generator_expression"""
    ),
    "yield": words("expression_statement assignment augmented_assignment parenthesized_expression"),
}
# What `await` takes without parentheses is a primary; tree-sitter takes operators as well.
_OPERATIONS: Final = words(
    """binary_operator unary_operator not_operator boolean_operator comparison_operator
    conditional_expression lambda await named_expression"""
)
_CHOICES: Final = words("conditional_expression lambda")
_LOOSE: Final = _CHOICES | words("boolean_operator not_operator comparison_operator")
_FUNCTIONS: Final = words("function_definition lambda class_definition")
_COMPREHENSIONS: Final = words(
    "list_comprehension set_comprehension dictionary_comprehension generator_expression"
)
_SPLATS: Final = words("list_splat_pattern dictionary_splat_pattern")
_NAMING: Final = words(
    """except_clause except_group_clause with_item case_pattern case_clause class_pattern
    tuple_pattern list_pattern"""
)
_IN_A_FIELD: Final = words("lambda named_expression")  # a `:` or `=` there begins something else


def _must_wrap(node: "SyntaxNode") -> bool:
    around = node.parent.kind if node.parent else ""
    if node.kind in _BARE:
        return around not in _BARE[node.kind]
    if around == "interpolation":
        return node.kind in _IN_A_FIELD or node.text.startswith("{")
    if around == "await":
        return node.kind in _OPERATIONS
    return node.kind in _LOOSE and _wants_operand(node)


def _wants_operand(node: "SyntaxNode") -> bool:
    """Whether less than a whole expression may stand in a place, whatever tree-sitter reads."""
    parent = node.parent
    assert parent is not None
    match parent.kind:
        case "not_operator" | "boolean_operator":
            return node.kind == "lambda"
        case "conditional_expression":  # body, condition: what stands behind `else` is free
            return node.kind in _CHOICES and parent.parts[-1].key != node.key
        case "if_clause":
            return node.kind in _CHOICES
        case "for_in_clause":
            return node.kind in _CHOICES and parent.parts[-1].key == node.key
        case "list_splat" | "dictionary_splat":
            outer = parent.parent
            return outer is not None and outer.kind != "argument_list"
        case _:
            return False


def _objection(node: "SyntaxNode") -> str:
    look = _OBJECTIONS.get(node.kind)
    return look(node) if look else ""


def _function_around(node: "SyntaxNode") -> "SyntaxNode | None":
    return next((each for each in node.ancestors() if each.kind in _FUNCTIONS), None)


def _await(node: "SyntaxNode") -> str:
    inside = _function_around(node)
    is_async = inside is not None and inside.parts[0].kind == "async"
    return "" if is_async else "`await` would stand outside of an async function"


def _function_only(node: "SyntaxNode") -> str:
    inside = _function_around(node)
    is_one = inside is not None and inside.kind != "class_definition"
    return "" if is_one else f"`{node.parts[0].text}` would stand outside of a function"


def _objection_to_augmented(node: "SyntaxNode") -> str:
    is_one = node.parent is not None and node.parent.kind == "expression_statement"
    return "" if is_one else "an assignment by `+=` and the like has no value"


_NAMES: Final = words("pattern_list tuple_pattern list_pattern")  # to which several values go


def _annotation(node: "SyntaxNode") -> str:
    """Tell an annotation in a chain, or of several names: `a = b: int = 1`, `a, b: int = c`."""
    kinds = [each.kind for each in node.parts]
    inside = node.parent is not None and node.parent.kind == "assignment"
    if ":" not in kinds or not (inside or kinds[-1] == "assignment" or _NAMES & {kinds[0]}):
        return ""
    return "an annotation is of one name alone"


def _as(node: "SyntaxNode") -> str:
    return "" if node.parent and node.parent.kind in _NAMING else "`as` would name nothing"


def _order(arguments: "SyntaxNode") -> str:
    """Tell an argument that may not come so late, or twice."""
    names: set[str] = set()
    unpacked = False
    for each in arguments.parts:
        if each.kind == "keyword_argument":
            name = each.parts[0].text
            if name in names:
                return f"`{name}` would be given twice"
            names.add(name)
        elif each.kind == "dictionary_splat":
            unpacked = True
        elif each.kind == "list_splat":
            if unpacked:
                return "`*` would stand behind `**`"
        elif each.is_named and (names or unpacked):
            return "a positional argument would stand behind a named one"
    return ""


def _parameter_order(parameters: "SyntaxNode") -> str:
    """Tell a parameter without a default that comes too late, and a `*` that nothing follows."""
    named = [each for each in parameters.parts if each.is_named]
    if named and named[-1].kind == "keyword_separator":
        return "a parameter would have to follow the `*`"
    defaults = False
    for each in named:
        if each.kind in ("keyword_separator", "list_splat_pattern", "dictionary_splat_pattern"):
            return ""
        if each.kind == "typed_parameter" and each.parts[0].kind in _SPLATS:
            return ""
        if each.kind in ("default_parameter", "typed_default_parameter"):
            defaults = True
        elif defaults and each.kind != "positional_separator":
            return "a parameter without a default would stand behind one with it"
    return ""


def _quotes(string: "SyntaxNode") -> str:
    """Tell quotes that end the f-string around them; Python 3.12 alone reads that."""
    own = string.parts[0].text[-1:]
    for outer in string.ancestors():
        if outer.kind == "string" and outer.parts[0].text.lstrip("rRfFtT") == own:
            return "its quotes are those of the f-string around it"
    return ""


_OBJECTIONS: Final[Mapping[str, Callable[["SyntaxNode"], str]]] = {
    "argument_list": _order,
    "parameters": _parameter_order,
    "lambda_parameters": _parameter_order,
    "await": _await,
    "yield": _function_only,
    "return_statement": _function_only,
    "assignment": _annotation,
    "augmented_assignment": _objection_to_augmented,
    "as_pattern": _as,
    "string": _quotes,
}
SYNTAX: Final = Syntax(
    surroundings=(
        ("", ""),
        ("", "\ndef f(): pass"),  # a decorator
        ("try:\n pass\n", ""),  # `except` and `finally`
        ("if x:\n pass\n", ""),  # `elif` and `else`
        ("f(", ")"),  # an argument
        ("{", "}"),  # an entry of a dictionary
        ("match x:\n ", ""),  # a case
    ),
    sequences=words("block"),
    filled_blocks=words("block"),
    meaning_commas=words("subscript"),
    spreads=words("list_splat dictionary_splat"),
    named_arguments=words("keyword_argument"),
    bare_arguments={"generator_expression": "argument_list"},
    suspensions=words("await yield"),
    targets=words(
        """assignment augmented_assignment named_expression for_statement for_in_clause
        as_pattern_target delete_statement"""
    ),
    target_lists=words(
        """pattern_list tuple_pattern list_pattern list_splat_pattern expression_list tuple list
        parenthesized_expression"""
    ),
    scopes=_FUNCTIONS | _COMPREHENSIONS,
    must_wrap=_must_wrap,
    objection=_objection,
)
