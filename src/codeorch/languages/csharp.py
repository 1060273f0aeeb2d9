"""C#: its facts, and how it writes scopes and classes.

Definitions, imports and uses are read by the patterns of `csharp.scm`.
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
from codeorch.languages.operands import is_loose_operand

_RECEIVERS: Final = words("this")
_BASE_RECEIVERS: Final = words("base")
_CLASSES: Final = ClassTable(
    classes=dict.fromkeys(
        words(
            """class_declaration interface_declaration enum_declaration struct_declaration
            record_declaration"""
        ),
        "name",
    ),
    bodies=words("declaration_list enum_member_declaration_list"),
    members={
        "method_declaration": ("name", "method"),
        "property_declaration": ("name", "variable"),
        "variable_declarator": ("name", "variable"),
        "enum_member_declaration": ("name", "variable"),
        "event_declaration": ("name", "variable"),
    },
    accesses={"member_access_expression": ("expression", "name")},
    own=_RECEIVERS | _BASE_RECEIVERS,
    created={"object_creation_expression": "type"},
)
_TABLES: Final = SyntaxTables(
    lookups=words("GetMethod GetProperty GetField GetMember GetEvent"),
    calls=CallSyntax(named=True),
    classes=_CLASSES,
    grammar=Grammar(
        scopes=scopes(
            """compilation_unit namespace_declaration class_declaration interface_declaration
            struct_declaration record_declaration method_declaration constructor_declaration block
            lambda_expression local_function_statement for_statement foreach_statement catch_clause
            using_statement"""
        ),
        bindings=binds(" ".join(_CLASSES.classes), kind="class")
        | binds("local_function_statement", kind="function")
        | binds("parameter variable_declarator catch_declaration declaration_expression")
        | binds("foreach_statement", "left")
        | binds("lambda_expression", "parameters")
        | binds("type_parameter"),
        roles=plays("member", "member_access_expression.name qualified_name.name")
        | plays("key", "name_colon. assignment_expression.property")
        | plays("other", "labeled_statement."),
        patterns={},
        functions=words("compilation_unit method_declaration"),
        classes=frozenset(_CLASSES.classes),
        bare_members="everywhere",
        refine=members_first(_CLASSES),
    ),
)
FAMILY: Final = table_family("csharp", _TABLES)
LANGUAGE: Final = Language(
    doc_comment=re.compile(r"///|/\*\*"),
    doc_link=re.compile(r"""cref=["'](?:[A-Z]:)?(?P<path>\w+(?:\.\w+)*)"""),
    name="csharp",
    family=FAMILY.name,
    grammar="tree_sitter_c_sharp",
    ast_grep="csharp",
    syntax=Syntax(
        surroundings=(
            ("", ""),
            ("class A { ", " }"),
            ("class A { void f() { ", " } }"),
            ("class A { object x = ", "; }"),
            ("class A { void f() { ", "; } }"),
        ),
        must_wrap=is_loose_operand,
    ),
    suffixes=(".cs",),
    tests=re.compile(r"(Tests?|Spec)\.(?i:cs)$"),
    generated=re.compile(r"\.(g|designer)\.cs$", re.IGNORECASE),
    receivers=_RECEIVERS,
    base_receivers=_BASE_RECEIVERS,
    sees_folder=True,
    keywords=words(
        """abstract as base bool break byte case catch char checked class const continue decimal
        default delegate do double else enum event explicit extern false finally fixed float for
        foreach goto if implicit in int interface internal is lock long namespace new null object
        operator out override params private protected public readonly ref return sbyte sealed short
        sizeof stackalloc static string struct switch this throw true try typeof uint ulong
        unchecked unsafe ushort using virtual void volatile while"""
    ),
)
