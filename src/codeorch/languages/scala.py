"""Scala: its facts, and how it writes scopes and classes.

Definitions, imports and uses are read by the patterns of `scala.scm`.
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
    classes=dict.fromkeys(
        words("class_definition object_definition trait_definition enum_definition"), "name"
    ),
    bodies=words("template_body class_parameters enum_body"),
    members={
        "function_definition": ("name", "method"),
        "function_declaration": ("name", "method"),
        "val_definition": ("pattern", "variable"),
        "var_definition": ("pattern", "variable"),
        "class_parameter": ("name", "variable"),
    },
    accesses={"field_expression": ("value", "field")},
    own=_RECEIVERS | _BASE_RECEIVERS,
    created={"instance_expression": ""},
)
_TABLES: Final = SyntaxTables(
    calls=CallSyntax(named=True, named_by_assignment=True),
    classes=_CLASSES,
    grammar=Grammar(
        scopes=scopes(
            """compilation_unit class_definition object_definition trait_definition
            function_definition block lambda_expression for_expression case_clause"""
        ),
        bindings=binds("function_definition function_declaration", kind="function")
        | binds(" ".join(_CLASSES.classes), kind="class")
        | binds("type_definition", kind="class")
        | binds("val_definition var_definition", "pattern")
        | binds("parameter binding")
        | binds("lambda_expression", "parameters")
        | binds("case_clause", "pattern"),
        roles=plays("member", "field_expression.field stable_identifier.")
        | plays("other", "arrow_renamed_identifier.alias"),
        patterns=dict.fromkeys(words("tuple_pattern typed_pattern"), ""),
        functions=words("compilation_unit function_definition"),
        classes=frozenset(_CLASSES.classes),
        bare_members="everywhere",
        refine=members_first(_CLASSES),
    ),
)
FAMILY: Final = table_family("scala", _TABLES)
LANGUAGE: Final = Language(
    name="scala",
    family=FAMILY.name,
    grammar="tree_sitter_scala",
    ast_grep="scala",
    syntax=Syntax(surroundings=(("", ""), ("object A { ", " }"), ("object A { val x = ", " }"))),
    suffixes=(".scala", ".sc"),
    tests=re.compile(r"(Tests?|Spec)\.(?i:scala)$"),
    test_family="jvm",
    receivers=_RECEIVERS,
    base_receivers=_BASE_RECEIVERS,
    sees_folder=True,
    keywords=words(
        """abstract case catch class def do else enum export extends false final finally for given
        if implicit import lazy match new null object override package private protected return
        sealed super then this throw trait true try type val var while with yield"""
    ),
)
