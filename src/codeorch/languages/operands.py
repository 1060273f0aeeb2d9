"""Which expressions languages with C's operators want in parentheses, and their grammars do not."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words

if TYPE_CHECKING:
    from codeorch.analysis.syntax_tree import SyntaxNode

# Expressions that reach as far as they can: assignments, functions, choices.
_LOOSE: Final = words(
    """assignment_expression augmented_assignment_expression lambda_expression arrow_function
    ternary_expression conditional_expression"""
)
_OPERATIONS: Final = words("binary_expression unary_expression cast_expression await_expression")
_FIRST: Final = words(
    """method_invocation field_access array_access member_expression call_expression
    ternary_expression conditional_expression member_access_expression invocation_expression
    instanceof_expression field_expression subscript_expression"""
)


# Casts end in a type, and a type reads on: `a as T < b` is one with an argument.
_CASTS: Final = words("as_expression satisfies_expression type_cast_expression")
_SUFFIXES: Final = words(
    """member_expression call_expression subscript_expression non_null_expression new_expression
    field_expression index_expression try_expression await_expression update_expression"""
)


def is_cast_operand(node: "SyntaxNode", signs: frozenset[str] | None = None) -> bool:
    """Whether a cast stands where its type would reach into what follows.

    `signs` are the operators that a type may not stand before; None = all but `&&`, `||` and `??`.
    """
    parent = node.parent
    if parent is None or node.kind not in _CASTS:
        return False
    if parent.kind in _SUFFIXES:
        return next(each for each in parent.parts if each.is_named).key == node.key
    if parent.kind != "binary_expression" or parent.parts[0].key != node.key:
        return False
    sign = parent.parts[1].text
    return sign in signs if signs is not None else sign not in ("&&", "||", "??")


def is_loose_operand(node: "SyntaxNode") -> bool:
    """Whether a node that takes all that follows stands where an operand does."""
    parent = node.parent
    if parent is None or node.kind not in _LOOSE:
        return False
    if parent.kind in _FIRST:
        return parent.parts[0].key == node.key
    return parent.kind in _OPERATIONS
