"""Imports and paths of table languages, as far as their text tells: where a name comes from.

`use std::time;` and then `time::Duration` is `std::time::Duration`: another crate's, whatever this
repository calls so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import of_kinds, words

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

PATHS: Final = words(
    """scoped_identifier scoped_type_identifier qualified_identifier qualified_name
    stable_identifier"""
)
IMPORTS: Final = words(
    """use_declaration import_declaration import_header using_directive namespace_use_declaration
    import_list"""
)
_ACCESSES: Final = words("field_access")
_LISTS: Final = words("use_list use_as_clause scoped_use_list")
_SEPARATOR: Final = re.compile(r"\s*(?:::|\.|\\)\s*")
_HEAD: Final = re.compile(
    r"^(?:pub(?:\s*\([^)]*\))?\s+)?(?:use|import|using)\s+(?:static\s+|function\s+|const\s+)?"
)
_ALIAS: Final = re.compile(r"(?P<name>.+?)\s*(?:\bas\b|=>)\s*(?P<alias>\w+)$", re.DOTALL)
_STARS: Final = ("*", "_")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImports:
    """What the imports of one file bring in."""

    aliases: Mapping[str, Path]  # name in the file -> where it comes from, its own name included
    wildcards: tuple[Path, ...]  # of what everything comes in

    @classmethod
    def of(cls, root: "Node", language: str) -> "FileImports":
        """Read them from a tree."""
        aliases: dict[str, Path] = {}
        wildcards: list[Path] = []
        for node in of_kinds(root, IMPORTS, language):
            text = _HEAD.sub("", node.text()).strip().rstrip(";").strip()
            if node.kind() == "using_directive" and "=" not in text:
                wildcards.append(_split(text))
                continue
            for path, alias in _entries(text):
                if path and path[-1] in _STARS:
                    wildcards.append(path[:-1])
                elif path:
                    aliases[alias or path[-1]] = path
        return cls(aliases=aliases, wildcards=tuple(wildcards))

    def path_before(self, node: "Node") -> Path | None:
        """Return the whole path in front of a name; empty when it stands alone.

        None when the name stands for something that has another name where it comes from.
        """
        parts = written_path(node)
        if parts:
            start = self.aliases.get(parts[0]) if not in_import(node) else None
            return (*(start or parts[:1]), *parts[1:])
        if in_import(node):
            return ()
        source = self.aliases.get(node.text())
        if source is None:
            return ()
        return source[:-1] if source[-1] == node.text() else None


def in_import(node: "Node") -> bool:
    """Whether a name stands in an import."""
    return any(each.kind() in IMPORTS for each in node.ancestors())


def written_path(node: "Node") -> Path:
    """Return the path in front of a name as it is written there."""
    parts: Path = ()
    child = node
    if (parent := node.parent()) is not None and parent.kind() == "token_tree":
        return tuple(reversed(list(_tokens_before(node))))
    for parent in node.ancestors():
        kind = parent.kind()
        if kind in PATHS or kind in _ACCESSES:
            if parent.named_children()[-1] != child:
                break
            before = parent.text()[: -len(child.text())] if child.text() else ""
            parts = (*_split(before), *parts)
        elif kind == "scoped_use_list" and (head := parent.field("path")):
            parts = (*_split(head.text()), *parts)
        elif kind not in _LISTS:
            break
        child = parent
    return parts


def _tokens_before(node: "Node") -> Iterator[str]:
    """Give the names in front of one in a macro's tokens: `geo` of `geo::area`."""
    mark = node.prev()
    while mark is not None and mark.text() == "::":
        name = mark.prev()
        if name is None:
            return
        yield name.text()
        mark = name.prev()


def _split(text: str) -> Path:
    return tuple(part for part in _SEPARATOR.split(text.strip()) if part)


def _entries(text: str, head: Path = ()) -> Iterator[tuple[Path, str]]:
    """Give each path of an import, and the alias that it goes by: `a::{b, c as d}`."""
    text = text.strip()
    if text.endswith("}") and "{" in text:
        outer, _, inner = text.partition("{")
        for part in _parts(inner[:-1]):
            yield from _entries(part, (*head, *_split(outer)))
        return
    alias = ""
    if found := _ALIAS.fullmatch(text):
        text, alias = found["name"], found["alias"]
    path = (*head, *_split(text))
    yield (path[:-1] if path[-1:] == ("self",) and len(path) > 1 else path), alias


def _parts(text: str) -> Iterator[str]:
    """Split at the commas that stand in no inner list."""
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == "," and not depth:
            yield text[start:at]
            start = at + 1
    if text[start:].strip():
        yield text[start:]
