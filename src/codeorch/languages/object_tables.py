"""The tables of Java, C#, Kotlin and Scala."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Family, binds, members_first, plays, scopes
from codeorch.analysis.scopes import Grammar, Role

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# ------------------------------------------------------------------------------------ Java


def _method_reference(node: "Node") -> Role | None:
    """Tell the method in `Cart::total`."""
    parent = node.parent()
    is_one = parent is not None and parent.kind() == "method_reference"
    return "member" if is_one and node.prev() is not None else None


_JAVA_TYPES: Final = ClassTable(
    classes=dict.fromkeys(
        words(
            """class_declaration interface_declaration enum_declaration record_declaration
            annotation_type_declaration"""
        ),
        "name",
    ),
    bodies=words("class_body interface_body enum_body enum_body_declarations annotation_type_body"),
    members={
        "method_declaration": ("name", "method"),
        "variable_declarator": ("name", "variable"),
        "enum_constant": ("name", "variable"),
    },
    accesses={"method_invocation": ("object", "name"), "field_access": ("object", "field")},
    own=words("this super"),
    created={"object_creation_expression": "type"},
    separate=True,
)
JAVA: Final = Family(
    names=frozenset({"java"}),
    table=_JAVA_TYPES,
    grammar=Grammar(
        scopes=scopes(
            """program class_declaration interface_declaration enum_declaration record_declaration
            method_declaration constructor_declaration block lambda_expression for_statement
            enhanced_for_statement catch_clause try_with_resources_statement switch_block"""
        ),
        bindings=binds(" ".join(_JAVA_TYPES.classes), kind="class")
        | binds("formal_parameter spread_parameter variable_declarator enhanced_for_statement")
        | binds("catch_formal_parameter resource")
        | binds("inferred_parameters type_parameter", "")
        | binds("lambda_expression", "parameters"),
        roles=plays("member", "method_invocation.name field_access.field scoped_identifier.name")
        | plays("key", "element_value_pair.key")
        | plays("other", "labeled_statement. break_statement. continue_statement."),
        patterns={},
        functions=words("program method_declaration"),
        classes=frozenset(_JAVA_TYPES.classes),
        bare_members="everywhere",
        refine=members_first(_JAVA_TYPES, _method_reference),
    ),
)

# ------------------------------------------------------------------------------------ C#

_CSHARP_TYPES: Final = ClassTable(
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
    own=words("this base"),
    created={"object_creation_expression": "type"},
)
CSHARP: Final = Family(
    names=frozenset({"csharp"}),
    table=_CSHARP_TYPES,
    grammar=Grammar(
        scopes=scopes(
            """compilation_unit namespace_declaration class_declaration interface_declaration
            struct_declaration record_declaration method_declaration constructor_declaration block
            lambda_expression local_function_statement for_statement foreach_statement catch_clause
            using_statement"""
        ),
        bindings=binds(" ".join(_CSHARP_TYPES.classes), kind="class")
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
        classes=frozenset(_CSHARP_TYPES.classes),
        bare_members="everywhere",
        refine=members_first(_CSHARP_TYPES),
    ),
    declared_apart=False,
)

# ------------------------------------------------------------------------------------ Kotlin

_KOTLIN_TYPES: Final = ClassTable(
    classes={"class_declaration": "", "object_declaration": ""},
    bodies=words("class_body primary_constructor enum_class_body"),
    members={
        "function_declaration": ("", "method"),
        "variable_declaration": ("", "variable"),
        "class_parameter": ("", "variable"),
        "enum_entry": ("", "variable"),
    },
    accesses={"navigation_suffix": ("", "")},
    own=words("this super"),
)
KOTLIN: Final = Family(
    names=frozenset({"kotlin"}),
    table=_KOTLIN_TYPES,
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
        refine=members_first(_KOTLIN_TYPES),
    ),
)

# ------------------------------------------------------------------------------------ Scala

_SCALA_TYPES: Final = ClassTable(
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
    own=words("this super"),
    created={"instance_expression": ""},
)
SCALA: Final = Family(
    names=frozenset({"scala"}),
    table=_SCALA_TYPES,
    grammar=Grammar(
        scopes=scopes(
            """compilation_unit class_definition object_definition trait_definition
            function_definition block lambda_expression for_expression case_clause"""
        ),
        bindings=binds("function_definition function_declaration", kind="function")
        | binds(" ".join(_SCALA_TYPES.classes), kind="class")
        | binds("type_definition", kind="class")
        | binds("val_definition var_definition", "pattern")
        | binds("parameter binding")
        | binds("lambda_expression", "parameters")
        | binds("case_clause", "pattern"),
        roles=plays("member", "field_expression.field stable_identifier.")
        | plays("other", "arrow_renamed_identifier.alias"),
        patterns=dict.fromkeys(words("tuple_pattern typed_pattern"), ""),
        functions=words("compilation_unit function_definition"),
        classes=frozenset(_SCALA_TYPES.classes),
        bare_members="everywhere",
        refine=members_first(_SCALA_TYPES),
    ),
)
