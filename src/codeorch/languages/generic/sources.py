"""Files of a language that has only a table -> the names in them, and what any value may have."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.parse_cache import ParsedFiles
from codeorch.analysis.scopes import Names
from codeorch.analysis.syntax_tables import SyntaxTables
from codeorch.languages.generic.homes import crates_of, is_foreign_path, modules_of
from codeorch.languages.generic.import_paths import IMPORTS, PATHS, FileImports

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


# Members that common values of these languages have, too.
GENERIC_MEMBERS: Final = words(
    """add all any append apply as_ref at begin call clear clone close collect compareTo compare
    contains copy count default display drop each empty end entries equals eq filter find first
    flatMap flush fold foreach forEach format from get getClass hash hashCode head index insert into
    is_empty isEmpty iter join key keys last len length lines lock map max merge min name new next
    open parse peek pop print println push put read reduce remove replace reset reverse run select
    send set size sleep slice sort split start stop sub sum tail take to_s toString trim unwrap
    update value values wait write zip Add Clear Close Contains Count Dispose Equals Get GetHashCode
    GetType Length Name Remove Run Start Stop ToString Value"""
)


# A path up to a name, or up to the list of names in which one stands.
_PATH_BEFORE = re.compile(r"(\w+)\s*(?:::|\.|\\)\s*(?:\{[^{}]*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSources(ParsedFiles):
    """Files of one family, and what the names in them are."""

    tables: SyntaxTables
    crates: frozenset[str] = frozenset()  # names of the repository's own packages
    _imports: dict[str, FileImports] = field(default_factory=dict)
    _modules: list[frozenset[str]] = field(default_factory=list)

    @classmethod
    def of(cls, tables: SyntaxTables, files: FamilyFiles) -> "TableSources":
        """Make them from a family's tables and files."""
        crates = crates_of(files.configs.items())
        return cls(tables=tables, texts=files.texts, parses=files.parses, crates=crates)

    def imports(self, path: str) -> FileImports:
        """Read what a file imports."""
        if path not in self._imports:
            self._imports[path] = FileImports.of(self.tree(path), self.texts[path][0])
        return self._imports[path]

    @property
    def modules(self) -> frozenset[str]:
        """The names of the repository's own modules."""
        if not self._modules:
            self._modules.append(modules_of(self))
        return self._modules[0]

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        return self.parse(path).names(path, name, self.tables.grammar)

    def is_module(self, path: str, node: "Node") -> bool:
        """Whether a name stands for a module: these tables do not tell."""
        del path, node
        return False

    def is_foreign(self, path: str, node: "Node") -> bool:
        """Whether the path in front of a type leads out of the repository."""
        name = node.named_children()[-1] if node.kind() in PATHS else node
        if node.kind() not in PATHS and self.names(path, name.text()).lookup(name) is not None:
            return False
        return is_foreign_path(self, self.imports(path).path_before(name) or ())

    def return_type(self, path: str, function: "Node") -> tuple[str, "Node"] | None:
        """Give the declared result of a function: these tables do not tell."""
        del path, function
        return None


def is_import_name(node: "Node") -> bool:
    """Whether a name stands in an import."""
    return any(each.kind() in IMPORTS for each in node.ancestors())


def module_before(text: str, start: int) -> str:
    """Give the last word of the path before a name: `cart` of `shop::cart::{other, total}`."""
    head = re.sub(r"\{[^{}]*\}", "", text[text.rfind(";", 0, start) + 1 : start])
    found = _PATH_BEFORE.search(head)
    return found[1] if found else ""


def is_path(node: "Node") -> bool:
    """Whether a name stands behind a namespace, a package or a module, not behind a value."""
    parent, before = node.parent(), node.prev()
    if parent is not None and parent.kind() == "token_tree":
        return before is not None and before.text() == "::"
    return parent is not None and parent.kind() in PATHS
