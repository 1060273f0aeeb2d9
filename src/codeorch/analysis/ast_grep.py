"""Text -> syntax tree with parents and fields, by ast-grep. The only door to `ast_grep_py`."""

import os
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typing import TypeAlias

    from ast_grep_py import Rule, SgNode

    Node: TypeAlias = SgNode  # for annotations: ast-grep is loaded when the first text is parsed


def words(text: str) -> frozenset[str]:
    """Make a set of the words of a text; it keeps the tables readable."""
    return frozenset(text.split())


def word(name: str, letters: str = r"\w") -> re.Pattern[str]:
    """Make a pattern for a name that no other letters touch.

    The name comes first: with a plain beginning, `re` searches many times as fast.
    """
    plain = re.escape(name)
    return re.compile(rf"{plain}(?<![{letters}]{plain})(?![{letters}])")


# An unknown language makes ast-grep panic, which no `except` clause catches: this list decides.
GRAMMARS: Final = words(
    """bash c cpp csharp css go html java javascript json kotlin php python ruby rust scala tsx
    typescript yaml"""
)

# What the grammars call a name. String contents and comments have other kinds.
NAMES: Final = words(
    """constant field_identifier identifier label_name name namespace_identifier
    package_identifier private_property_identifier property_identifier
    shorthand_field_identifier shorthand_property_identifier
    shorthand_property_identifier_pattern simple_identifier statement_identifier
    type_identifier variable_name word"""
)

Key = tuple[int, int, str]
TOP: Final = "top"


def parse(text: str, language: str) -> "Node":
    """Parse a text by one of GRAMMARS. Positions in the tree count characters."""
    if language not in GRAMMARS:
        raise ValueError(language)
    root: Node = _parser()(text, language).root()
    return root


@cache
def _parser() -> Callable[[str, str], Any]:
    """Load ast-grep. That a grammar has no such kind is an error there, and no news to us.

    For users who want to see Rust's stack traces, each such answer would take 50 ms.
    """
    os.putenv("RUST_LIB_BACKTRACE", "0")
    from ast_grep_py import SgRoot  # noqa: PLC0415 - a large library, needed by codemods only

    return SgRoot


def key(node: "Node") -> Key:
    """Identify a node within its tree; the root's kind is TOP, whatever the grammar calls it."""
    place = node.range()
    kind = node.kind() if node.parent() else TOP
    return place.start.index, place.end.index, kind


def of_kind(root: "Node", kind: str) -> list["Node"]:
    """Find the nodes of a kind; none when the language's grammar has no such kind."""
    try:
        return root.find_all(kind=kind)
    except RuntimeError:
        return []


def of_kinds(root: "Node", kinds: Iterable[str], language: str) -> list["Node"]:
    """Find the nodes of some kinds, in order; a kind that the grammar does not have is no error."""
    rules: list[Rule] = [{"kind": kind} for kind in sorted(kinds) if _is_kind(kind, language)]
    return root.find_all(any=rules) if rules else []


@cache
def _is_kind(kind: str, language: str) -> bool:
    """Whether a language's grammar has a kind of node."""
    try:
        parse("", language).find(kind=kind)
    except RuntimeError:
        return False
    return True


def span(node: "Node") -> tuple[int, int]:
    """Give a node's place in characters."""
    place = node.range()
    return place.start.index, place.end.index


def line(node: "Node") -> int:
    """Give the line that a node starts on, from 1."""
    return node.range().start.line + 1


def leaves(root: "Node", name: str) -> list["Node"]:
    """Find the identifiers with this name, in order."""
    found = root.find_all(regex=f"^{re.escape(name)}$")
    return [node for node in found if node.kind() in NAMES]


def is_child(parent: "Node", field: str, child: "Node") -> bool:
    """Whether `child` stands in this field of its parent; an empty field means any."""
    return not field or any(node == child for node in parent.field_children(field))
