"""Texts -> trees: each text is parsed at most once, and its tree searched as rarely as can be.

Two states of a repository have most of their texts in common, so they can share what was read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from codeorch.analysis.ast_grep import NAMES, of_kinds, parse, word
from codeorch.analysis.scopes import Grammar, Names, read_names

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedText:
    """One text with its tree, and what was found in it so far."""

    text: str
    language: str
    root: "Node"
    _nodes: dict[frozenset[str], list["Node"]] = field(default_factory=dict)
    _leaves: dict[str, list["Node"]] = field(default_factory=dict)
    _names: dict[tuple[str, str], Names] = field(default_factory=dict)

    def names(self, path: str, name: str, grammar: Grammar) -> Names:
        """Find the occurrences of a name; `path` is where the text lies."""
        if (path, name) not in self._names:
            found = self.leaves(name)
            self._names[path, name] = read_names(path, found, name, grammar)
        return self._names[path, name]

    def leaves(self, name: str) -> list["Node"]:
        """Find the identifiers with a name, in order."""
        if name not in self.text:
            return []
        if not self._leaves:
            self._leaves.update(_by_text(self.nodes(NAMES)))
        return self._leaves.get(name, [])

    def nodes(self, kinds: frozenset[str]) -> list["Node"]:
        """Find the nodes of some kinds, in order."""
        if kinds not in self._nodes:
            self._nodes[kinds] = of_kinds(self.root, kinds, self.language)
        return self._nodes[kinds]


@dataclass(frozen=True, slots=True)
class ParseCache:
    """Parsed texts, by language and text."""

    _parsed: dict[tuple[str, str], ParsedText] = field(default_factory=dict)

    def of(self, text: str, language: str) -> ParsedText:
        """Parse a text, unless that was done before."""
        key = (language, text)
        if key not in self._parsed:
            self._parsed[key] = ParsedText(text=text, language=language, root=parse(text, language))
        return self._parsed[key]


class Sources(Protocol):
    """Parsed files of one family of languages."""

    def parse(self, path: str) -> ParsedText:
        """Parse a file, once."""
        ...

    def files_with(self, name: str) -> Iterable[str]:
        """Give the paths of the files that hold a name."""
        ...

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        ...

    def is_foreign(self, path: str, node: "Node") -> bool:
        """Whether a name is imported from outside of the repository."""
        ...

    def return_type(self, path: str, function: "Node") -> tuple[str, "Node"] | None:
        """Give the declared result of the function that an expression names, and its file."""
        ...

    def is_module(self, path: str, node: "Node") -> bool:
        """Whether a name stands for a module or package, so that what follows is no member."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFiles:
    """Files of languages that belong together, read and parsed as they are asked for."""

    texts: Mapping[str, tuple[str, str]]  # path -> name of its grammar, text
    parses: ParseCache = field(default_factory=ParseCache)
    _paths: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def tree(self, path: str) -> "Node":
        """Give the root of a file's tree."""
        return self.parse(path).root

    def parse(self, path: str) -> ParsedText:
        """Parse a file, once."""
        language, text = self.texts[path]
        return self.parses.of(text, language)

    def files_with(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        if name not in self._paths:
            texts = ((path, text) for path, (_, text) in self.texts.items())
            self._paths[name] = paths_with(texts, name)
        return self._paths[name]


def paths_with(texts: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    """Give the paths, in order, whose texts hold a name as a word."""
    whole = word(name)
    return tuple(sorted(path for path, text in texts if name in text and whole.search(text)))


def _by_text(nodes: Iterable["Node"]) -> Mapping[str, list["Node"]]:
    found: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        found[node.text()].append(node)
    return found
