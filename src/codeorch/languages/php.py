"""PHP: its facts, and how it writes scopes and classes.

Definitions, imports and uses are read by the patterns of `php.scm`.
"""

import re
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language, Syntax
from codeorch.analysis.scopes import Grammar, Role
from codeorch.analysis.signatures import CallSyntax
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.languages.generic import table_family
from codeorch.languages.operands import is_loose_operand

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


_RECEIVERS: Final = words("$this self static")
_BASE_RECEIVERS: Final = words("parent")


def _php_variable(node: "Node") -> Role | None:
    """Keep `$total` apart from the function `total`."""
    parent = node.parent()
    return "other" if parent is not None and parent.kind() == "variable_name" else None


_CLASSES: Final = ClassTable(
    classes=dict.fromkeys(
        words("class_declaration interface_declaration trait_declaration enum_declaration"), "name"
    ),
    bodies=words("declaration_list enum_declaration_list"),
    members={
        "method_declaration": ("name", "method"),
        "property_element": ("name", "variable"),
        "const_element": ("", "variable"),
        "enum_case": ("name", "variable"),
    },
    accesses={
        "member_call_expression": ("object", "name"),
        "nullsafe_member_call_expression": ("object", "name"),
        "scoped_call_expression": ("scope", "name"),
        "member_access_expression": ("object", "name"),
        "class_constant_access_expression": ("", ""),
    },
    own=_RECEIVERS | _BASE_RECEIVERS,
    separate=True,
    created={"object_creation_expression": ""},
)
_TABLES: Final = SyntaxTables(
    calls=CallSyntax(named=True, spread="..."),
    classes=_CLASSES,
    grammar=Grammar(
        scopes=scopes("program function_definition method_declaration class_declaration"),
        bindings=binds("function_definition", kind="function")
        | binds(" ".join(_CLASSES.classes), kind="class")
        | binds("const_element", ""),
        roles=plays(
            "member",
            """member_call_expression.name nullsafe_member_call_expression.name
            scoped_call_expression.name member_access_expression.name qualified_name.""",
        )
        | plays("other", "namespace_name. argument.name namespace_aliasing_clause."),
        patterns={},
        functions=words("program function_definition"),
        refine=members_first(_CLASSES, _php_variable),
    ),
)
FAMILY: Final = table_family("php", _TABLES)
LANGUAGE: Final = Language(
    name="php",
    family=FAMILY.name,
    grammar="tree_sitter_php",
    grammar_function="language_php",
    ast_grep="php",
    syntax=Syntax(
        surroundings=(
            ("<?php ", ""),
            ("<?php ", ";"),
            ("<?php $x = ", ";"),
            ("<?php class A { ", " }"),
        ),
        must_wrap=is_loose_operand,
    ),
    suffixes=(".php",),
    programs=("php",),
    tests=re.compile(r"(Tests?|Spec)\.(?i:php)$"),
    debugging=re.compile(r"^\s*(?:var_dump|print_r|dd|dump)\("),
    receivers=_RECEIVERS,
    base_receivers=_BASE_RECEIVERS,
    needs_receiver=True,
    keywords=words(
        """abstract and array as break callable case catch class clone const continue declare
        default do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile
        enum eval exit extends final finally fn for foreach function global goto if implements
        include instanceof insteadof interface isset list match namespace new or print private
        protected public readonly require return static switch throw trait try unset use var while
        xor yield"""
    ),
)
