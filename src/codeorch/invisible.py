"""The one table of characters that say something to a machine and nothing to who reads the text.

A change may not bring any into a file, and no model is shown them: with them a line of code reads
otherwise than it runs, and a text gives orders that nobody sees. See "Trojan Source: Invisible
Vulnerabilities" (Boucher and Anderson, 2021) and UTS #39, Unicode Security Mechanisms. An escape
in source code, such as the six characters of a `u` escape, is visible, and none of them.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

# C0 without tab, line feed, form feed and carriage return; DEL and C1; soft hyphen; the bidi
# marks, embeddings, overrides and isolates; zero widths and invisible operators; the variation
# selectors; byte order marks; tags.
_TABLE = (
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)
_CANDIDATE = re.compile(f"[{_TABLE}]")
_JOINERS = frozenset("\u200c\u200d\ufe0f")  # they shape the letter or the emoji beside them
_MARK = "\ufeff"  # of byte order: at the start of a text it is one, elsewhere it hides
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")  # UTS #51, tag sequences
_TAGS = re.compile("[\U000e0000-\U000e007f]")
# Blocks of the scripts whose letters join: Arabic to Mandaic and their supplements and forms, the
# Indic and South East Asian ones, Mongolian, Phags-pa, Manichaean to Sogdian, Adlam.
_JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1c4f\ua800-\ua8ff\ua980-\ua9df"
    "\uaa60-\uaa7f\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010a5f\U00010ac0-\U00010aff"
    "\U00010b80-\U00010baf\U00010d00-\U00010d3f\U00010f30-\U00010fdf\U00011000-\U00011fff"
    "\U0001e900-\U0001e95f]"
)
# Emoji of Unicode's emoji-data.txt, whole blocks where only unassigned characters come along.
_EMOJI = re.compile(
    "[\xa9\xae\u203c\u2049\u20e3\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe"
    "\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_KEYCAP = re.compile("[0-9#*]\ufe0f\u20e3")
_ALIASES = {_MARK: ("byte order mark",)}
_HEX = "[0-9A-Fa-f]"
_NOTATION = re.compile(
    rf"[Uu]\+({_HEX}{{4,6}})(?!{_HEX})|\\u({_HEX}{{4}})|\\u\{{({_HEX}{{1,6}})\}}"
    rf"|\\U({_HEX}{{8}})|\\x({_HEX}{{2}})"
)
CLEANED = "[codeorch: invisible characters were taken out"
_SPACING = re.compile(r"[-_\s]+")


@dataclass(frozen=True, slots=True)
class InvisibleCharacter:
    """One such character in a text; `line` counts from 1."""

    char: str
    offset: int
    line: int

    def __str__(self) -> str:
        return describe_character(self.char)


def describe_character(char: str) -> str:
    """Return code point and name.

    >>> describe_character(chr(0x200B))
    'U+200B ZERO WIDTH SPACE'
    """
    return f"U+{ord(char):04X} {unicodedata.name(char, 'control character')}"


def count_by_name(counts: Counter[str]) -> str:
    """Return how many there are of each, as words: `2 x U+200B ZERO WIDTH SPACE`."""
    return ", ".join(f"{n} x {describe_character(char)}" for char, n in sorted(counts.items()))


def invisible_characters(text: str) -> Iterator[InvisibleCharacter]:
    """Yield the characters of a text that nobody can see, in its order."""
    line, counted = 1, 0
    for offset in _offsets(text):
        line += text.count("\n", counted, offset)
        counted = offset
        yield InvisibleCharacter(text[offset], offset, line)


def without_invisible(text: str) -> tuple[str, Counter[str]]:
    """Return a text without them, and how many of each are gone."""
    offsets = list(_offsets(text))
    if not offsets:
        return text, Counter()
    starts = (0, *(offset + 1 for offset in offsets))
    kept = (text[start:end] for start, end in zip(starts, (*offsets, None), strict=True))
    return "".join(kept), Counter(text[offset] for offset in offsets)


def clean_text(text: str) -> str:
    """Return a text as a reader sees it, with a last line that says what was taken out.

    >>> print(clean_text(f"delete{chr(0x200B)} it"))
    delete it
    [codeorch: invisible characters were taken out: 1 x U+200B ZERO WIDTH SPACE]
    """
    visible, counts = without_invisible(text)
    return f"{visible}\n{CLEANED}: {count_by_name(counts)}]" if counts else text


def added_characters(
    before: str, after: str, named: Collection[str] = ()
) -> tuple[InvisibleCharacter, ...]:
    """Return those of which a text holds more than the one before, each as often as it is more.

    Places on lines that are new come first. `named` are characters that may be added.
    """
    places = [place for place in invisible_characters(after) if place.char not in named]
    if not places:
        return ()
    more = Counter(place.char for place in places)
    more.subtract(place.char for place in invisible_characters(before))
    old, lines = frozenset(before.split("\n")), after.split("\n")
    added: list[InvisibleCharacter] = []
    for place in sorted(places, key=lambda place: lines[place.line - 1] in old):
        if more[place.char] > 0:
            more[place.char] -= 1
            added.append(place)
    return tuple(sorted(added, key=lambda place: place.offset))


def named_characters(text: str) -> frozenset[str]:
    r"""Return the characters of the table that a text asks for: U+200B, \u200b, or by name.

    A tag counts by its name only in capitals: `language tag` may mean another thing.
    """
    visible, _ = without_invisible(text)
    points = (int(next(filter(None, match.groups())), 16) for match in _NOTATION.finditer(visible))
    named = {chr(point) for point in points if point < 0x110000}
    plain = f" {_SPACING.sub(' ', visible)} "
    for form, table in ((plain, _capitals()), (plain.casefold(), _names())):
        for name, char in table.items():
            if name in form and re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", form):
                named.add(char)
    return frozenset(char for char in named if _CANDIDATE.fullmatch(char))


@cache
def _names() -> dict[str, str]:
    """Return the names of two words and more, as they are compared; one word may be any."""
    every = [char for char in _table() if not _TAGS.match(char)]
    rows = {alias: char for char, names in _ALIASES.items() for alias in names}
    rows |= {_SPACING.sub(" ", unicodedata.name(char, "")).casefold(): char for char in every}
    return {name: char for name, char in rows.items() if " " in name}


@cache
def _capitals() -> dict[str, str]:
    tags = (char for char in _table() if _TAGS.match(char) is not None)
    names = ((unicodedata.name(char, ""), char) for char in tags)
    return {_SPACING.sub(" ", name): char for name, char in names if name}


@cache
def _table() -> tuple[str, ...]:
    blocks = (range(0x3000), range(0xFE00, 0x10000), range(0xE0000, 0xE0200))
    return tuple(chr(n) for block in blocks for n in block if _CANDIDATE.match(chr(n)))


def _offsets(text: str) -> Iterator[int]:
    """Yield the offsets of what nobody can see."""
    in_flags: frozenset[int] | None = None
    for match in _CANDIDATE.finditer(text):
        offset, char = match.start(), match[0]
        if char == _MARK and not offset:
            continue
        if char in _JOINERS and _shapes(text, offset):
            continue
        if _TAGS.match(char):
            if in_flags is None:
                in_flags = frozenset(
                    n for flag in _FLAG.finditer(text) for n in range(*flag.span())
                )
            if offset in in_flags:
                continue
        yield offset


def _shapes(text: str, offset: int) -> bool:
    """Whether a joiner stands next to a letter that joins, or to an emoji."""
    around = text[max(0, offset - 1) : offset], text[offset + 1 : offset + 2]
    if any(
        _EMOJI.match(char) or (_JOINING.match(char) and unicodedata.category(char)[0] in "LM")
        for char in around if char
    ):  # fmt: skip
        return True
    return bool(offset) and _KEYCAP.match(text, offset - 1) is not None
