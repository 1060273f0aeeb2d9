"""What a report is made of, before it is drawn or written; text that shows all it holds.

All text in it may be a model's, a user's or a program's. Whoever draws it escapes every piece.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from codeorch.domain import Tone

_ODD = re.compile(r"[^\n\t\x20-\x7e]")

_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return a text with what moves the cursor or cannot be seen as escapes."""
    return _ODD.sub(_escape, text)


def inline(text: str) -> str:
    """Return a text as one line, with line ends as escapes, too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if unicodedata.category(char) not in _CATEGORIES:
        return char
    return char.encode("unicode_escape", "surrogatepass").decode()


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
    """Return a statement."""
    return Line(pieces=pieces, tone=tone, below=tuple(below), verbatim=verbatim)


def brief(text: str, room: int = _ROOM) -> str:
    """Return a text as one line of at most `room` characters."""
    words = " ".join(text[: 4 * room].split())
    return words if len(words) <= room else words[: room - 1].rstrip() + "…"


def many(count: int, noun: str) -> str:
    """Return a count of things: `1 file`, `2 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def name_list(texts: Sequence[str], most: int = 5) -> Iterator[str]:
    """Return pieces that list some names as code, and say how many more there are."""
    for place, text in enumerate(texts[:most]):
        yield ", " if place else ""
        yield Code(text)
    if len(texts) > most:
        yield f" and {len(texts) - most} more"


def excerpt(text: str, *, end: bool = False) -> str:
    """Return what a program wrote at bounded length: its beginning or its end."""
    lines = [text_line[:_ROOM] for text_line in text.strip("\n").split("\n")]
    more = len(lines) - _VERBATIM
    if more <= 0:
        return "\n".join(lines)
    mark = f"[{more:,} more lines]"
    return "\n".join([mark, *lines[-_VERBATIM:]] if end else [*lines[:_VERBATIM], mark])


def shorten(lines: Sequence[Line], most: int) -> Iterator[Line]:
    """Return the first lines, and one that says how many more there are."""
    yield from lines[:most]
    if len(lines) > most:
        yield line(f"and {len(lines) - most:,} more; all are in the record (--json)")
