"""Bash: its facts, and how it writes scopes.

Definitions, imports and uses are read by the patterns of `bash.scm`.
"""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language
from codeorch.analysis.scopes import Grammar, Role
from codeorch.analysis.syntax_tables import SyntaxTables, binds, scopes
from codeorch.languages.generic import table_family

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def _bash_word(node: "Node") -> Role | None:
    """Tell a command from an argument, which is mere text."""
    parent = node.parent()
    holders = ("command_name", "function_definition")
    text = node.kind() == "word" and (parent is None or parent.kind() not in holders)
    return "other" if text else None


_TABLES: Final = SyntaxTables(
    classes=ClassTable(classes={}, bodies=frozenset(), members={}, accesses={}, own=frozenset()),
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
FAMILY: Final = table_family("bash", _TABLES)
LANGUAGE: Final = Language(
    name="bash",
    family=FAMILY.name,
    grammar="tree_sitter_bash",
    ast_grep="bash",
    suffixes=(".sh", ".bash"),
    programs=("bash", "sh", "dash"),
    keywords=words("case do done elif else esac fi for function if in select then until while"),
)
