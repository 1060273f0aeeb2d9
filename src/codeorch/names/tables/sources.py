"""The parsed files of one family of languages that have a table."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeorch.names.parsed import ParsedFiles
from codeorch.names.scopes import Names
from codeorch.names.tables.language import Language
from codeorch.names.trees import words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PATHS = words(
    """scoped_identifier scoped_type_identifier qualified_identifier qualified_name
    stable_identifier"""
)
_IMPORTS = words(
    """use_declaration import_declaration import_header using_directive namespace_use_declaration"""
)
# A path up to a name, or up to the list of names in which one stands.
_PATH_BEFORE = re.compile(r"(\w+)\s*(?:::|\.|\\)\s*(?:\{[^{}]*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSources(ParsedFiles):
    """Files of one family, and what the names in them are."""

    language: Language

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        return self.parsed(path).names(path, name, self.language.grammar)

    def is_module(self, path: str, node: "SgNode") -> bool:
        """Whether a name stands for a module: these tables do not tell."""
        del path, node
        return False

    is_foreign = is_module

    def returned(self, path: str, function: "SgNode") -> tuple[str, "SgNode"] | None:
        """Give the declared result of a function: these tables do not tell."""
        del path, function
        return None


def is_taken(node: "SgNode") -> bool:
    """Whether a name stands in an import."""
    return any(each.kind() in _IMPORTS for each in node.ancestors())


def module_before(text: str, start: int) -> str:
    """Give the last word of the path before a name: `cart` of `shop::cart::{other, total}`."""
    head = re.sub(r"\{[^{}]*\}", "", text[text.rfind(";", 0, start) + 1 : start])
    found = _PATH_BEFORE.search(head)
    return found[1] if found else ""


def is_path(node: "SgNode") -> bool:
    """Whether a name stands behind a namespace, a package or a module, not behind a value."""
    parent, before = node.parent(), node.prev()
    if parent is not None and parent.kind() == "token_tree":
        return before is not None and before.text() == "::"
    return parent is not None and parent.kind() in _PATHS
