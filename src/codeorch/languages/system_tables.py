"""The tables of Rust, C and C++."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Family, binds, members_first, plays, scopes
from codeorch.analysis.scopes import Grammar, Role

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# ------------------------------------------------------------------------------------ Rust


def _in_macro(node: "Node") -> Role | None:
    """Tell a member from a name in the arguments of a macro, which are mere tokens."""
    parent, before = node.parent(), node.prev()
    if parent is None or parent.kind() != "token_tree" or before is None:
        return None
    return "member" if before.text() in (".", "::") else None


_RUST_TYPES: Final = ClassTable(
    classes={
        "impl_item": "type",
        "trait_item": "name",
        "struct_item": "name",
        "enum_item": "name",
        "union_item": "name",
    },
    bodies=words("declaration_list field_declaration_list enum_variant_list"),
    members={
        "function_item": ("name", "method"),
        "function_signature_item": ("name", "method"),
        "field_declaration": ("name", "variable"),
        "enum_variant": ("name", "variable"),
    },
    accesses={"field_expression": ("value", "field"), "scoped_identifier": ("path", "name")},
    own=words("self Self"),
    separate=True,
    literals={"struct_expression": "name"},
)
RUST: Final = Family(
    names=frozenset({"rust"}),
    table=_RUST_TYPES,
    grammar=Grammar(
        scopes=scopes(
            """source_file mod_item function_item function_signature_item closure_expression block
            for_expression if_expression while_expression match_arm impl_item trait_item"""
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
        | plays("other", "mod_item.name use_as_clause.alias label."),
        patterns=dict.fromkeys(
            words(
                """tuple_pattern slice_pattern ref_pattern mut_pattern reference_pattern
                captured_pattern match_pattern or_pattern field_pattern struct_pattern"""
            ),
            "",
        ),
        functions=words("source_file function_item"),
        sequential=True,
        refine=members_first(_RUST_TYPES, _in_macro),
    ),
)

# ------------------------------------------------------------------------------------ C and C++


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


_C_TYPES: Final = ClassTable(
    classes={"class_specifier": "name", "struct_specifier": "name", "union_specifier": "name"},
    bodies=words("field_declaration_list"),
    members={
        "field_declaration": ("declarator", "variable"),
        "function_declarator": ("declarator", "method"),
    },
    accesses={"field_expression": ("argument", "field"), "qualified_identifier": ("scope", "name")},
    own=words("this"),
    created={"new_expression": "type"},
    outside=_c_class,
)
C_FAMILY: Final = Family(
    names=frozenset({"c", "cpp"}),
    table=_C_TYPES,
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
        refine=members_first(_C_TYPES, _c_tag),
    ),
)
