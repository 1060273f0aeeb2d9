"""The parsed files of one family of languages that have a table."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codeorch.names.scopes import Names, read_names
from codeorch.names.tables.language import Language
from codeorch.names.trees import parse, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PATHS = words(
    """scoped_identifier scoped_type_identifier qualified_identifier qualified_name
    stable_identifier"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSources:
    """Files, read and parsed as they are asked for."""

    language: Language
    texts: Mapping[str, tuple[str, str]]  # path -> language, text
    _trees: dict[str, "SgNode"] = field(default_factory=dict)
    _names: dict[tuple[str, str], Names] = field(default_factory=dict)

    def tree(self, path: str) -> "SgNode":
        """Parse a file, once."""
        if path not in self._trees:
            language, text = self.texts[path]
            self._trees[path] = parse(text, language)
        return self._trees[path]

    def holding(self, name: str) -> Iterator[str]:
        """Give the paths of the files that hold a name."""
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        for path in sorted(self.texts):
            text = self.texts[path][1]
            if name in text and word.search(text):
                yield path

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        if (path, name) not in self._names:
            self._names[path, name] = read_names(path, self.tree(path), name, self.language.grammar)
        return self._names[path, name]

    def is_module(self, path: str, node: "SgNode") -> bool:
        """Whether a name stands for a module: these tables do not tell."""
        del path, node
        return False

    is_foreign = is_module

    def returned(self, path: str, function: "SgNode") -> tuple[str, "SgNode"] | None:
        """Give the declared result of a function: these tables do not tell."""
        del path, function
        return None


def is_path(node: "SgNode") -> bool:
    """Whether a name stands behind a namespace, a package or a module, not behind a value."""
    parent, before = node.parent(), node.prev()
    if parent is not None and parent.kind() == "token_tree":
        return before is not None and before.text() == "::"
    return parent is not None and parent.kind() in _PATHS
