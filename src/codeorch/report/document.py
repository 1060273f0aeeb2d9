"""What a report is made of, before it is drawn or written; text that shows all it holds.

All text in it may be a model's, a user's or a program's. Whoever draws it escapes every piece.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_ODD = re.compile(r"[^\n\t\x20-\x7e]")

_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Show what moves the cursor or cannot be seen as escapes."""
    return _ODD.sub(_shown, text)


def inline(text: str) -> str:
    """Show a text of one line; line ends in it are shown, too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _shown(found: re.Match[str]) -> str:
    char = found[0]
    if unicodedata.category(char) not in _CATEGORIES:
        return char
    return char.encode("unicode_escape", "surrogatepass").decode()


Tone = Literal["plain", "good", "warn", "bad"]
_ROOM = 300  # characters of a piece of text
_VERBATIM = 40  # lines of what a program wrote


class Code(str):
    """A path, a name or a line of code."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One statement, in pieces of text and code, with what belongs to it below."""

    pieces: tuple[str, ...]
    tone: Tone = "plain"
    below: tuple["Line", ...] = ()
    verbatim: str = ""  # lines as a program wrote them


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Statements about one thing; whoever draws it may cut the list and say so."""

    title: str
    lines: tuple[Line, ...]
    lead: tuple[Line, ...] = ()  # what stands before the list and is never cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole report."""

    headline: str
    tone: Tone
    request: str
    sections: tuple[Section, ...]  # none of them empty


def line(
    *pieces: str, tone: Tone = "plain", below: Iterable[Line] = (), verbatim: str = ""
) -> Line:
    """Make a statement."""
    return Line(pieces=pieces, tone=tone, below=tuple(below), verbatim=verbatim)


def brief(text: str, room: int = _ROOM) -> str:
    """Bring a text into one line of bounded length."""
    joined = " ".join(text[: 4 * room].split())
    return joined if len(joined) <= room else joined[: room - 1].rstrip() + "…"


def many(count: int, noun: str) -> str:
    """Count things: `1 file`, `2 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(texts: Sequence[str], most: int = 5) -> Iterator[str]:
    """Give pieces that list some names as code, and say how many more there are."""
    for place, text in enumerate(texts[:most]):
        yield ", " if place else ""
        yield Code(text)
    if len(texts) > most:
        yield f" and {len(texts) - most} more"


def excerpt(text: str, *, end: bool = False) -> str:
    """Bring what a program wrote to bounded length: its beginning or its end."""
    lines = [each[:_ROOM] for each in text.strip("\n").split("\n")]
    more = len(lines) - _VERBATIM
    if more <= 0:
        return "\n".join(lines)
    said = f"[{more:,} more lines]"
    return "\n".join([said, *lines[-_VERBATIM:]] if end else [*lines[:_VERBATIM], said])


def capped(lines: Sequence[Line], most: int) -> Iterator[Line]:
    """Give the first lines, and one that says how many more there are."""
    yield from lines[:most]
    if len(lines) > most:
        yield line(f"and {len(lines) - most:,} more; all are in the record (--json)")
