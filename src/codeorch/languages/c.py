"""C: its facts, and how it and C++ write scopes and classes; headers may be of both.

Definitions, imports and uses are read by the patterns of `c.scm`.
"""

import re
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language, Syntax
from codeorch.analysis.scopes import Grammar, Role
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.languages.generic import table_family
from codeorch.languages.operands import is_loose_operand

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


RECEIVERS: Final = words("this")  # of C++


def _c_tag(node: "Node") -> Role | None:
    """Tell `struct cart *c`, which uses the type, from `struct cart { ... }`."""
    parent = node.parent()
    tags = ("struct_specifier", "union_specifier", "enum_specifier", "class_specifier")
    if parent is None or parent.kind() not in tags:
        return None
    return None if parent.field("body") else "use"


def _c_class(node: "Node") -> str:
    """Give the class of a member that is defined outside of it: `int Cart::total() {}`."""
    if node.kind() != "function_definition":
        return ""
    declarator = node.field("declarator")
    while declarator is not None and declarator.kind() != "qualified_identifier":
        declarator = declarator.field("declarator")
    scope = None
    while declarator is not None and declarator.kind() == "qualified_identifier":
        scope, declarator = declarator.field("scope"), declarator.field("name")
    return scope.text() if scope else ""


_CLASSES: Final = ClassTable(
    classes={"class_specifier": "name", "struct_specifier": "name", "union_specifier": "name"},
    bodies=words("field_declaration_list"),
    members={
        "field_declaration": ("declarator", "variable"),
        "function_declarator": ("declarator", "method"),
    },
    accesses={"field_expression": ("argument", "field"), "qualified_identifier": ("scope", "name")},
    own=RECEIVERS,
    created={"new_expression": "type"},
    outside=_c_class,
)
_TABLES: Final = SyntaxTables(
    classes=_CLASSES,
    declared_apart=True,
    grammar=Grammar(
        scopes=scopes(
            """translation_unit function_definition declaration compound_statement for_statement
            for_range_loop lambda_expression namespace_definition class_specifier struct_specifier
            template_declaration catch_clause type_definition"""
        ),
        bindings=binds("function_definition declaration", "declarator", "function")
        | binds("type_definition", "declarator", "class")
        | binds("struct_specifier union_specifier enum_specifier class_specifier", kind="class")
        | binds("alias_declaration", kind="class")
        | binds("preproc_function_def preproc_def", kind="function")
        | binds("parameter_declaration optional_parameter_declaration for_range_loop", "declarator")
        | binds("enumerator"),
        roles=plays("member", "field_expression.field qualified_identifier.name")
        | plays("key", "field_designator. field_declaration.declarator")
        | plays("other", "labeled_statement.label goto_statement.label namespace_definition.name"),
        patterns=dict.fromkeys(
            words(
                """pointer_declarator array_declarator init_declarator function_declarator
                parenthesized_declarator reference_declarator"""
            ),
            "declarator",
        )
        | {"reference_declarator": ""},
        functions=words("translation_unit function_definition"),
        classes=words("class_specifier struct_specifier"),
        bare_members="everywhere",
        sequential=True,
        refine=members_first(_CLASSES, _c_tag),
    ),
)
FAMILY: Final = table_family("c", _TABLES)
LANGUAGE: Final = Language(
    name="c",
    family=FAMILY.name,
    grammar="tree_sitter_c",
    ast_grep="c",
    syntax=Syntax(
        surroundings=(
            ("", ""),
            ("void f() { ", " }"),
            ("void f() { x = ", "; }"),
            ("void f() { ", "; }"),
        ),
        tokens=words("preproc_arg"),
        must_wrap=is_loose_operand,
    ),
    suffixes=(".c", ".h"),
    generated=re.compile(r"\.pb\.h$", re.IGNORECASE),
    imports_by_path=True,
    keywords=words(
        """auto break case char const continue default do double else enum extern float for goto if
        inline int long register return short signed sizeof static struct switch typedef union
        unsigned void volatile while"""
    ),
)
