"""HTML escapes in an answer: undone in all of it or in nothing, by what the file says."""

import re
from collections.abc import Iterable, Sequence
from html import unescape

from codeorch.edits.hunks import Hunk, Refusal
from codeorch.edits.lines import Lines

_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[A-Za-z][A-Za-z0-9]{1,20});")
# A fence or a marker that was escaped itself: whatever wrote it so wrote everything so.
_ESCAPED_MARKER = re.compile(
    r"^[ \t]*(?:(?:&#0*96;|&#[xX]0*60;|&grave;){3}|(?:&lt;){5,9} ?(?:SEARCH|ORIGINAL)\b)",
    re.MULTILINE,
)


def unescape_entities(text: str) -> str:
    """Undo each escape once; what is no escape, or stands for nothing visible, stays."""

    def plain(match: re.Match[str]) -> str:
        char = unescape(match[0])
        return char if char.isprintable() or char == "\u00a0" else match[0]

    return _ENTITY.sub(plain, text)


def with_plain_markers(answer: str) -> str:
    """Undo the escapes of an answer whose own fences or markers are escaped."""
    return unescape_entities(answer) if _ESCAPED_MARKER.search(answer) else answer


def is_escaped(hunks: Sequence[Hunk], file: Lines) -> bool:
    """Whether hunks are escaped as a whole: lines of the file are only found without escapes.

    Raises:
        Refusal: that holds for some lines, other lines say the contrary, and new lines have
            escapes, so that it is not clear what the file is to hold.
    """
    old = [text for hunk in hunks for text in hunk.old]
    if not any(_found_plain(text, file) for text in old):
        return False
    chars = {char for text in old for char in _chars(text)}
    if not any(_found_as_written(text, chars, file) for text in old):
        return True
    fresh = (line.text for hunk in hunks for line in hunk.lines if line.mark == "+")
    if any(chars & set(_chars(text)) for text in fresh):
        raise Refusal(
            code="contradiction", brief="some of its lines are HTML-escaped and others are not",
            detail="Write every line as it is in the file, `<` and not `&lt;`.",
        )  # fmt: skip
    return False


def are_escaped(texts: Iterable[str], file: Lines) -> bool:
    """Whether whole texts are escaped: nothing in them is written plainly that they escape."""
    whole = "\n".join(texts)
    chars = set(_chars(whole))
    if not chars or chars & set(_ENTITY.sub("", whole)):
        return False
    lines = whole.split("\n")
    return any(_found_plain(text, file) for text in lines)


def _found_plain(text: str, file: Lines) -> bool:
    """Whether the file has a line without its escapes, and not with them."""
    plain = unescape_entities(text)
    return plain != text and not file.holds(text) and file.holds(plain)


def _found_as_written(text: str, chars: set[str], file: Lines) -> bool:
    """Whether the file has a line that would have to be escaped, or that really is, as it is."""
    plain = unescape_entities(text)
    if plain == text:
        return bool(chars & set(text)) and file.holds(text)
    return file.holds(text) and not file.holds(plain)


def _chars(text: str) -> Iterable[str]:
    """Give the characters that a text escapes."""
    return (unescape(match[0]) for match in _ENTITY.finditer(text))
