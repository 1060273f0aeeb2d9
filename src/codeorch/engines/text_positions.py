"""Characters of a text <-> lines and UTF-16 units, as the Language Server Protocol counts them."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True)
class TextPositions:
    """The positions in one text."""

    text: str
    _starts: list[int] = field(default_factory=list)  # of lines, in characters

    def __post_init__(self) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]

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


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
