"""JavaScript and TypeScript: what a rewrite must know beyond what the grammar reads."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.language import Syntax
from codeorch.languages.operands import is_cast_operand, is_loose_operand

if TYPE_CHECKING:
    from codeorch.analysis.syntax_tree import SyntaxNode

_FUNCTIONS: Final = words(
    """function_declaration function_expression arrow_function method_definition
    generator_function generator_function_declaration"""
)
_GENERATORS: Final = words("generator_function generator_function_declaration method_definition")
_CHAINS: Final = words("member_expression subscript_expression call_expression")
_OPERATIONS: Final = words(
    """binary_expression unary_expression await_expression update_expression ternary_expression
    assignment_expression augmented_assignment_expression yield_expression"""
)
_STATEMENT_WORDS: Final = ("{", "function", "class", "async function", "let [")


def _must_wrap(node: "SyntaxNode") -> bool:
    parent = node.parent
    if parent is None:
        return False
    if is_loose_operand(node) or is_cast_operand(node):
        return True
    if parent.kind == "binary_expression":
        return _needs_own(node, parent)
    if parent.kind == "non_null_expression":
        return node.kind in _OPERATIONS
    if parent.kind in _CHAINS and parent.parts[0].key == node.key and _is_optional(node):
        return True  # without parentheses, the rest would belong to the chain
    return node.text.startswith(_STATEMENT_WORDS) and _begins_body(node)


def _needs_own(node: "SyntaxNode", operation: "SyntaxNode") -> bool:
    """Tell operands that the language wants in parentheses: `(-a) ** b`, `(a || b) ?? c`."""
    sign = operation.parts[1].text
    if sign == "**":
        is_left = operation.parts[0].key == node.key
        return is_left and node.kind in ("unary_expression", "await_expression")
    if node.kind != "binary_expression":
        return False
    signs = {sign, node.parts[1].text}
    return "??" in signs and bool(signs & {"||", "&&"})


def _begins_body(node: "SyntaxNode") -> bool:
    """Whether an expression begins a statement, or the body of an arrow function."""
    for outer in node.ancestors():
        if outer.kind == "expression_statement":
            return outer.start == node.start
        if outer.kind == "arrow_function":
            last = outer.parts[-1]
            return node.text.startswith("{") and last.start == node.start
        if outer.start != node.start:
            return False
    return False


def _is_optional(node: "SyntaxNode") -> bool:
    """Whether a chain ends early where something in it is missing: `a?.b.c`."""
    while node.kind in _CHAINS:
        if any(each.kind == "optional_chain" for each in node.parts):
            return True
        node = node.parts[0]
    return False


def _objection(node: "SyntaxNode") -> str:
    if node.kind not in ("await_expression", "yield_expression"):
        return ""
    inside = next((n for n in node.ancestors() if n.kind in _FUNCTIONS), None)
    if node.kind == "await_expression":
        is_async = inside is None or any(each.kind == "async" for each in inside.parts)
        return "" if is_async else "`await` would stand outside of an async function"
    is_one = inside is not None and inside.kind in _GENERATORS
    return "" if is_one else "`yield` would stand outside of a generator"


def _move_objection(old: "SyntaxNode", new: "SyntaxNode") -> str:
    """Tell code that would mean something else in its new place."""
    if _own_function(old) != _own_function(new) and any(map(_is_bound, old.leaves())):
        return "`this` or `arguments` would be those of another function"
    return _chain_objection(old, new)


def _is_bound(leaf: "SyntaxNode") -> bool:
    """Whether a word means something that each function has for itself."""
    return leaf.text in ("this", "arguments", "super") and "string" not in leaf.kind


def _own_function(node: "SyntaxNode") -> str:
    """Return what kind of function gives a node its `this`."""
    functions = (each.kind for each in node.ancestors() if each.kind in _FUNCTIONS)
    kind = next(functions, "")
    return "arrow_function" if kind == "arrow_function" else kind and "function"


def _chain_objection(old: "SyntaxNode", new: "SyntaxNode") -> str:
    """Tell a chain that would not end early any more what stood behind it."""
    parent, now = old.parent, new.parent
    if parent is None or parent.kind not in _CHAINS or not _is_optional(old):
        return ""
    if parent.parts[0].key != old.key or (now is not None and now.kind in _CHAINS):
        return ""
    return "what stands behind `?.` would not be left out with it any more"


JAVASCRIPT_SYNTAX: Final = Syntax(
    surroundings=(
        ("", ""),
        ("(", ")"),
        ("_ = {", "}"),  # an entry of an object
        ("class A {", "}"),  # a member
        ("switch (x) {", "}"),  # a case
        ("try {} ", ""),  # `catch` and `finally`
        ("async function* f() {", "}"),
        ("<A ", " />"),  # an attribute
    ),
    spreads=words("spread_element"),
    suspensions=words("await_expression yield_expression"),
    scopes=_FUNCTIONS,
    targets=words(
        """assignment_expression augmented_assignment_expression update_expression
        for_in_statement"""
    ),
    target_lists=words("array_pattern object_pattern pair_pattern parenthesized_expression"),
    must_wrap=_must_wrap,
    objection=_objection,
    move_objection=_move_objection,
)
TYPESCRIPT_SYNTAX: Final = replace(
    JAVASCRIPT_SYNTAX, surroundings=(*JAVASCRIPT_SYNTAX.surroundings, ("let x: ", ";"))
)
