"""Go: what a rewrite of its code must know beyond what the grammar reads."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.language import Syntax

if TYPE_CHECKING:
    from codeorch.analysis.syntax_tree import SyntaxNode


def _objection(node: "SyntaxNode") -> str:
    match node.kind:
        case "expression_statement":
            inner = node.parts[0]
            receives = inner.kind == "unary_expression" and inner.text.startswith("<-")
            is_one = inner.kind == "call_expression" or receives
            return "" if is_one else "the value would not be used"
        case "go_statement" | "defer_statement":
            is_call = node.parts[-1].kind == "call_expression"
            return "" if is_call else f"`{node.parts[0].text}` takes a call alone"
        case "variadic_argument":
            around = node.parent.parts if node.parent else ()
            is_last = not any(each.is_named and each.start > node.start for each in around)
            return "" if is_last else f"`{node.text}` can only be the last argument"
        case _:
            return ""


SYNTAX: Final = Syntax(
    surroundings=(
        ("package p\n", "\n"),
        ("package p\nfunc f() {\n", "\n}\n"),
        ("package p\nvar x = ", "\n"),
        ("package p\nvar x ", "\n"),  # a type
        ("package p\ntype T struct {\n", "\n}\n"),
        ("package p\nvar x = T{\n", ",\n}\n"),  # an entry of a literal
        ("package p\nfunc f() {\nswitch x {\n", "\n}\n}\n"),
    ),
    sequences=words("statement_list"),
    spreads=words("variadic_argument"),
    targets=words(
        "assignment_statement short_var_declaration range_clause inc_statement dec_statement"
    ),
    target_lists=words("expression_list"),
    scopes=words("func_literal function_declaration method_declaration"),
    refuses_unused_imports=True,
    objection=_objection,
)
