"""Tables in which a language writes down its scopes and classes, where these suffice to read it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable, member_kind
from codeorch.analysis.scopes import Binding, Grammar, Kind, Role
from codeorch.analysis.signatures import CallSyntax

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

Refine = Callable[["Node"], Role | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxTables:
    """All that is known of a language whose imports nobody follows."""

    grammar: Grammar
    classes: ClassTable
    calls: CallSyntax = field(default_factory=CallSyntax)
    # Whether one thing may be defined in several places: a declaration and its definition in C, a
    # class that is opened again in Ruby.
    declared_apart: bool = False
    # What stands in front of a name of another file: a package as Java's, a module as Rust's;
    # empty = what is there says little.
    paths: Literal["packages", "modules", ""] = ""
    lookups: frozenset[str] = frozenset()  # methods and annotations that take a member's name
    has_format_fields: bool = False  # whether strings in macros take variables: `"{factor}"`
    file_of_class: bool = False  # whether the file of a public class is called after it
    # Paths of the configuration files that name the repository's own packages.
    config_files: re.Pattern[str] | None = None


def binds(
    kinds: str, field: str = "name", kind: Kind = "variable"
) -> dict[str, tuple[Binding, ...]]:
    """Make the rows of nodes that bind the name in one of their parts."""
    outside = kind in ("function", "class")
    return {node: (Binding(field=field, kind=kind, outside=outside),) for node in kinds.split()}


def plays(role: Role, rows: str) -> dict[str, tuple[tuple[str, Role], ...]]:
    """Make the rows of names that play a role, written as `node.part`."""
    pairs = [row.partition(".") for row in rows.split()]
    return {node: ((part, role),) for node, _, part in pairs}


def members_first(table: ClassTable, refine: Refine = lambda _node: None) -> Refine:
    """Take the names of members out of the scopes; they are found by their class."""

    def role_of(node: "Node") -> Role | None:
        return "key" if member_kind(node, table) else refine(node)

    return role_of


def scopes(kinds: str) -> dict[str, str]:
    """Make the rows of nodes that are a scope as a whole."""
    return dict.fromkeys(words(kinds), "")
