"""The tables of Ruby, PHP and Bash."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Family, binds, members_first, plays, scopes
from codeorch.analysis.scopes import Grammar, Role

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# ------------------------------------------------------------------------------------ Ruby

_RUBY_TYPES: Final = ClassTable(
    classes={"class": "name", "module": "name"},
    bodies=words("body_statement"),
    members={"method": ("name", "method"), "singleton_method": ("name", "method")},
    accesses={"call": ("receiver", "method")},
    own=words("self"),
)
RUBY: Final = Family(
    names=frozenset({"ruby"}),
    table=_RUBY_TYPES,
    declared_apart=True,
    grammar=Grammar(
        scopes=scopes("program class module method singleton_method block do_block lambda"),
        bindings=binds("method", kind="function")
        | binds("class module", kind="class")
        | binds("assignment operator_assignment left_assignment_list", "left")
        | binds("method_parameters block_parameters lambda_parameters", "")
        | binds("optional_parameter keyword_parameter splat_parameter block_parameter")
        | binds("exception_variable", ""),
        roles=plays("other", "alias. undef."),
        patterns={"left_assignment_list": "", "destructured_parameter": ""},
        functions=words("program method"),
        classes=words("class module"),
        bare_members="everywhere",
        refine=members_first(_RUBY_TYPES),
    ),
)

# ------------------------------------------------------------------------------------ PHP


def _php_variable(node: "Node") -> Role | None:
    """Keep `$total` apart from the function `total`."""
    parent = node.parent()
    return "other" if parent is not None and parent.kind() == "variable_name" else None


_PHP_TYPES: Final = ClassTable(
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
    own=words("$this self static parent"),
    separate=True,
    created={"object_creation_expression": ""},
)
PHP: Final = Family(
    names=frozenset({"php"}),
    table=_PHP_TYPES,
    grammar=Grammar(
        scopes=scopes("program function_definition method_declaration class_declaration"),
        bindings=binds("function_definition", kind="function")
        | binds(" ".join(_PHP_TYPES.classes), kind="class")
        | binds("const_element", ""),
        roles=plays(
            "member",
            """member_call_expression.name nullsafe_member_call_expression.name
            scoped_call_expression.name member_access_expression.name qualified_name.""",
        )
        | plays("other", "namespace_name. argument.name namespace_aliasing_clause."),
        patterns={},
        functions=words("program function_definition"),
        refine=members_first(_PHP_TYPES, _php_variable),
    ),
)

# ------------------------------------------------------------------------------------ Bash


def _bash_word(node: "Node") -> Role | None:
    """Tell a command from an argument, which is mere text."""
    parent = node.parent()
    holders = ("command_name", "function_definition")
    text = node.kind() == "word" and (parent is None or parent.kind() not in holders)
    return "other" if text else None


BASH: Final = Family(
    names=frozenset({"bash"}),
    table=ClassTable(classes={}, bodies=frozenset(), members={}, accesses={}, own=frozenset()),
    declared_apart=True,
    grammar=Grammar(
        scopes=scopes("program"),
        bindings=binds("function_definition", kind="function") | binds("variable_assignment"),
        roles={},
        patterns={},
        functions=words("program"),
        refine=_bash_word,
    ),
)
