"""Python: what a rewrite of its code must know beyond what the grammar reads."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.language import Syntax

if TYPE_CHECKING:
    from codeorch.analysis.syntax_tree import SyntaxNode

# Where `x := 1` and `yield x` may stand without parentheses, by the language's grammar.
_BARE: Final = {
    "named_expression": words(
        """parenthesized_expression argument_list if_statement elif_clause while_statement if_clause
        list set list_comprehension set_comprehension generator_expression"""
    ),
    "yield": words("expression_statement assignment augmented_assignment parenthesized_expression"),
}
# What `await` takes without parentheses is a primary; tree-sitter takes operators as well.
_OPERATIONS: Final = words(
    """binary_operator unary_operator not_operator boolean_operator comparison_operator
    conditional_expression lambda await named_expression"""
)
_FUNCTIONS: Final = words("function_definition lambda class_definition")
_COMPREHENSIONS: Final = words(
    "list_comprehension set_comprehension dictionary_comprehension generator_expression"
)
_IN_A_FIELD: Final = words("lambda named_expression")  # a `:` or `=` there begins something else


def _must_wrap(node: "SyntaxNode") -> bool:
    around = node.parent.kind if node.parent else ""
    if node.kind in _BARE:
        return around not in _BARE[node.kind]
    if around == "interpolation":
        return node.kind in _IN_A_FIELD or node.text.startswith("{")
    return around == "await" and node.kind in _OPERATIONS


def _objection(node: "SyntaxNode") -> str:
    match node.kind:
        case "argument_list":
            return _order(node)
        case "await":
            inside = next((n for n in node.ancestors() if n.kind in _FUNCTIONS), None)
            is_async = inside is not None and inside.parts[0].kind == "async"
            return "" if is_async else "`await` would stand outside of an async function"
        case "yield" | "return_statement":
            inside = next((n for n in node.ancestors() if n.kind in _FUNCTIONS), None)
            is_one = inside is not None and inside.kind != "class_definition"
            return "" if is_one else f"`{node.parts[0].text}` would stand outside of a function"
        case "string":
            return _quotes(node)
        case _:
            return ""


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


def _quotes(string: "SyntaxNode") -> str:
    """Tell quotes that end the f-string around them; Python 3.12 alone reads that."""
    own = string.parts[0].text[-1:]
    for outer in string.ancestors():
        if outer.kind == "string" and outer.parts[0].text.lstrip("rRfFtT") == own:
            return "its quotes are those of the f-string around it"
    return ""


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
    meaning_commas=words("subscript"),
    spreads=words("list_splat dictionary_splat"),
    named_arguments=words("keyword_argument"),
    bare_arguments={"generator_expression": "argument_list"},
    suspensions=words("await yield"),
    scopes=_FUNCTIONS | _COMPREHENSIONS,
    must_wrap=_must_wrap,
    objection=_objection,
)
