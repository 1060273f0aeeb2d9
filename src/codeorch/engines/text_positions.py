"""Characters of a text <-> lines and UTF-16 units, as servers count them, in a tree of sources."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from codeorch.engines.source_tree import SourceTree
from codeorch.errors import ServiceError

# The Language Server Protocol knows three ends of a line, the grammar of JavaScript five.
PROTOCOL_LINE_END: Final = re.compile(r"\r\n|\n|\r")
ECMASCRIPT_LINE_END: Final = re.compile("\r\n|[\n\r\u2028\u2029]")


@dataclass(slots=True)
class TextPositions:
    """The positions in one text; lines and units from 0."""

    text: str
    line_end: re.Pattern[str] = PROTOCOL_LINE_END
    _starts: list[int] = field(default_factory=list)  # of lines, in characters

    def __post_init__(self) -> None:
        self._starts = [0, *(match.end() for match in self.line_end.finditer(self.text))]

    def position(self, offset: int) -> dict[str, int]:
        """Return the position of a character."""
        line = bisect_right(self._starts, offset) - 1
        return {"line": line, "character": _units(self.text[self._starts[line] : offset])}

    def offset(self, position: object) -> int | None:
        """Return the character at a position; None when that is none of this text."""
        if not isinstance(position, dict):
            return None
        line, units = position.get("line"), position.get("character")
        if not isinstance(line, int) or not isinstance(units, int):
            return None
        if not 0 <= line < len(self._starts) or units < 0:
            return None
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self.text)
        row = self.text[self._starts[line] : end]
        if row.isascii():
            return self._starts[line] + units if units <= len(row) else None
        size = 0
        for index, character in enumerate(row):
            if size >= units:
                return self._starts[line] + index if size == units else None
            size += _units(character)
        return self._starts[line] + len(row) if size == units else None


class Location(NamedTuple):
    """Where something is defined."""

    path: str  # relative to the tree; empty = outside of it, such as in a library
    start: int  # in characters; -1 outside of the tree
    line: int  # from 1; 0 outside of the tree


@dataclass(slots=True, kw_only=True)
class TreePositions:
    """The positions in the files of a tree."""

    tree: SourceTree
    line_end: re.Pattern[str] = PROTOCOL_LINE_END
    _texts: dict[str, TextPositions] = field(default_factory=dict)

    def of(self, path: str) -> TextPositions:
        """Return the positions in a file of the tree."""
        if path not in self._texts:
            self._texts[path] = TextPositions(self.tree.texts[path], self.line_end)
        return self._texts[path]

    def path_of(self, file: Path) -> str:
        """Return a path of the tree; empty for what is not in it."""
        if not file.is_relative_to(self.tree.folder):
            return ""
        name = file.relative_to(self.tree.folder).as_posix()
        return name if name in self.tree.paths else ""

    def location(self, path: str, position: object) -> Location:
        """Return the place of a position; an empty path is outside of the tree.

        Raises:
            ServiceError: there is no such position.
        """
        if not path:
            return Location("", -1, 0)
        offset = self.of(path).offset(position)
        if offset is None:
            raise unreadable()
        return Location(path, offset, self.tree.texts[path].count("\n", 0, offset) + 1)


def unreadable() -> ServiceError:
    """Return the error of a server that says what cannot be."""
    return ServiceError("sent what cannot be read", kind="engine", retryable=False)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
