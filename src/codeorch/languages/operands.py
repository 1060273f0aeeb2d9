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


def is_loose_operand(node: "SyntaxNode") -> bool:
    """Whether a node that takes all that follows stands where an operand does."""
    parent = node.parent
    if parent is None or node.kind not in _LOOSE:
        return False
    if parent.kind in _FIRST:
        return parent.parts[0].key == node.key
    return parent.kind in _OPERATIONS
