"""Rust: its facts, and how it writes scopes and types.

Definitions, imports and uses are read by the patterns of `rust.scm`.
"""

import re
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language, Syntax
from codeorch.analysis.scopes import Grammar, Role
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.languages.generic import table_family
from codeorch.languages.operands import is_cast_operand

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node
    from codeorch.analysis.syntax_tree import SyntaxNode


_RECEIVERS: Final = words("self Self")
_OPENS_ARGUMENTS: Final = frozenset(("<", "<<"))  # of a type that stands before them


def _must_wrap(node: "SyntaxNode") -> bool:
    return is_cast_operand(node, _OPENS_ARGUMENTS)


_SYNTAX: Final = Syntax(
    surroundings=(
        ("", ""),
        ("fn f() { ", " }"),
        ("fn f() { x = ", "; }"),
        ("fn f() { ", "; }"),
        ("type T = ", ";"),
        ("impl T { ", " }"),
        ("struct T { ", " }"),
        ("fn f() { match x { ", " } }"),
    ),
    suspensions=words("await_expression yield_expression return_expression try_expression"),
    scopes=words("closure_expression function_item async_block"),
    builtins=words(
        """AsMut AsRef Box Clone Copy Default DoubleEndedIterator Drop Eq Err ExactSizeIterator
        Extend Fn FnMut FnOnce From FromIterator Into IntoIterator Iterator None Ok Option Ord
        PartialEq PartialOrd Result Self Send Sized Some String Sync ToOwned ToString TryFrom
        TryInto Unpin Vec"""
    ),
    imported=re.compile(r"[A-Z]\w*"),
    targets=words("assignment_expression compound_assignment_expr"),
    target_lists=words("tuple_expression"),
    tokens=words("token_tree"),
    must_wrap=_must_wrap,
)


# What stands around a name that is none of a value, where code is mere tokens: an argument's of
# `format!("{width}", width = 3)`, a field's of `Tile { width: 3 }`.
_LABELS: Final = frozenset({(",", "="), ("(", "="), ("{", ":"), (",", ":")})


def _role(node: "Node") -> Role | None:
    """Tell the field of a pattern, and a member in a macro's arguments, which are mere tokens."""
    parent, before = node.parent(), node.prev()
    if (
        parent is not None
        and parent.kind() == "field_pattern"
        and node.kind() == "field_identifier"
    ):
        return "key"
    if parent is None or parent.kind() != "token_tree" or before is None:
        return None
    behind = node.next()
    if behind is not None and (before.text(), behind.text()) in _LABELS:
        return "key"
    return "member" if before.text() in (".", "::") else None


_CLASSES: Final = ClassTable(
    classes={
        "impl_item": "type",
        "trait_item": "name",
        "struct_item": "name",
        "enum_item": "name",
        "union_item": "name",
    },
    bodies=words(
        """declaration_list field_declaration_list ordered_field_declaration_list
        enum_variant_list"""
    ),
    members={
        "function_item": ("name", "method"),
        "function_signature_item": ("name", "method"),
        "field_declaration": ("name", "variable"),
        "enum_variant": ("name", "variable"),
    },
    accesses={"field_expression": ("value", "field"), "scoped_identifier": ("path", "name")},
    own=_RECEIVERS,
    separate=True,
    modules=words("mod_item foreign_mod_item"),
    literals={"struct_expression": "name", "struct_pattern": "type"},
)
_TABLES: Final = SyntaxTables(
    classes=_CLASSES,
    paths="modules",
    has_format_fields=True,
    config_files=re.compile(r"(?:^|/)Cargo\.toml$"),
    grammar=Grammar(
        scopes=scopes(
            """source_file mod_item function_item function_signature_item closure_expression block
            for_expression if_expression while_expression match_arm impl_item trait_item
            struct_item enum_item union_item type_item"""
        ),
        bindings=binds("function_item", kind="function")
        | binds("struct_item enum_item union_item trait_item type_item", kind="class")
        | binds("const_item static_item")
        | binds("macro_definition", kind="function")
        | binds("let_declaration parameter for_expression", "pattern")
        | binds("let_condition match_arm", "pattern")
        | binds("closure_parameters", "")
        | binds("type_parameter"),
        roles=plays("key", "field_initializer.field field_declaration.name enum_variant.name")
        | plays("member", "field_expression.field scoped_identifier.name")
        | plays("member", "scoped_type_identifier.name")
        | plays("other", "mod_item.name use_as_clause.alias label. lifetime."),
        patterns=dict.fromkeys(
            words(
                """tuple_pattern slice_pattern ref_pattern mut_pattern reference_pattern
                captured_pattern match_pattern or_pattern field_pattern struct_pattern"""
            ),
            "",
        ),
        functions=words("source_file function_item"),
        sequential=True,
        refine=members_first(_CLASSES, _role),
    ),
)
FAMILY: Final = table_family("rust", _TABLES)
LANGUAGE: Final = Language(
    doc_comment=re.compile(r"//[/!]|/\*[*!]"),
    doc_link=re.compile(  # https://doc.rust-lang.org/rustdoc/write-documentation/linking-to-items-by-name.html
        r"\[`?(?:\w+@)?(?P<path>\w+(?:::\w+)*)(?:\(\)|!)?`?\]"
        r"|(?<=\])\((?P<target>\w+(?:::\w+)*)\)"
    ),
    name="rust",
    family=FAMILY.name,
    grammar="tree_sitter_rust",
    ast_grep="rust",
    syntax=_SYNTAX,
    is_trusted=True,
    suffixes=(".rs",),
    package_files=words("mod lib main"),
    debugging=re.compile(r"\bdbg!\("),
    printing=re.compile(r"^\s*e?println!\("),
    receivers=_RECEIVERS,
    needs_receiver=True,
    names_parameters_first=True,
    keywords=words(
        """as async await break const continue crate dyn else enum extern false fn for if impl in
        let loop match mod move mut pub ref return self Self static struct super trait true type
        union unsafe use where while"""
    ),
)
