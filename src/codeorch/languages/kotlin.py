"""Kotlin: its facts, and how it writes scopes and classes.

Definitions, imports and uses are read by the patterns of `kotlin.scm`.
"""

import re
from typing import Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language, Syntax
from codeorch.analysis.scopes import Grammar
from codeorch.analysis.signatures import CallSyntax
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.languages.generic import table_family

_RECEIVERS: Final = words("this")
_BASE_RECEIVERS: Final = words("super")
_CLASSES: Final = ClassTable(
    classes={"class_declaration": "", "object_declaration": ""},
    bodies=words("class_body primary_constructor enum_class_body"),
    members={
        "function_declaration": ("", "method"),
        "variable_declaration": ("", "variable"),
        "class_parameter": ("", "variable"),
        "enum_entry": ("", "variable"),
    },
    accesses={"navigation_suffix": ("", "")},
    own=_RECEIVERS | _BASE_RECEIVERS,
)
_TABLES: Final = SyntaxTables(
    lookups=words("getMethod getDeclaredMethod getField getDeclaredField MethodSource"),
    calls=CallSyntax(named=True),
    classes=_CLASSES,
    grammar=Grammar(
        scopes=scopes(
            """source_file class_declaration object_declaration function_declaration lambda_literal
            control_structure_body for_statement catch_block anonymous_function"""
        ),
        bindings=binds("function_declaration", "", "function")
        | binds("class_declaration object_declaration type_alias", "", "class")
        | binds("parameter variable_declaration catch_block type_parameter", ""),
        roles=plays("member", "navigation_suffix."),
        patterns={},
        functions=words("source_file function_declaration"),
        classes=words("class_declaration object_declaration"),
        bare_members="everywhere",
        refine=members_first(_CLASSES),
    ),
)
FAMILY: Final = table_family("kotlin", _TABLES)
LANGUAGE: Final = Language(
    doc_comment=re.compile(r"/\*\*"),
    doc_link=re.compile(
        r"\[(?P<path>\w+(?:\.\w+)*)\](?!\()|@(?:see|throws|exception)\s+(?P<seen>\w+(?:\.\w+)*)"
    ),
    name="kotlin",
    family=FAMILY.name,
    grammar="tree_sitter_kotlin",
    ast_grep="kotlin",
    syntax=Syntax(surroundings=(("", ""), ("fun f() { ", " }"), ("val x = ", ""))),
    suffixes=(".kt", ".kts"),
    tests=re.compile(r"(Tests?|Spec)\.(?i:kt)$"),
    test_family="jvm",
    receivers=_RECEIVERS,
    base_receivers=_BASE_RECEIVERS,
    sees_folder=True,
    keywords=words(
        """as break class continue do else false for fun if in interface is null object package
        return super this throw true try typealias typeof val var when while"""
    ),
)
