"""Text -> the words it is searched by: identifiers whole and in parts, stemmed; and its chunks.

An index keeps what these functions give; its file's name changes with this module.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

CHUNK = 60  # lines
_LONGEST = 60  # characters; what is longer is a key or encoded data
UNSPACED = (
    "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # letters of languages that set words side by side
)
_WORD = re.compile(rf"[^\W\d{UNSPACED}][^\W{UNSPACED}]+|[{UNSPACED}]{{1,60}}")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_BLANKED = "".join(c if c.isalnum() or c == "_" else " " for c in map(chr, range(128)))
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\dA-Za-z_]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s")
_SHORTEST_STEM = 3
STOP = frozenset(
    re.findall(
        r"\w+",
        "the a an and or of to in on is are be for with that this it as by from not if when then "
        "else should must can will we you they its have has was were do does but so all any "
        "use used using",
    )
)


def chunks(text: str) -> Iterator[str]:
    """Cut a text into runs of lines, each small enough to be about one thing."""
    lines = text.split("\n")
    for start in range(0, len(lines), CHUNK):
        yield "\n".join(lines[start : start + CHUNK])


def tokens(text: str) -> list[str]:
    """Give the identifiers of a text; in ASCII, which is faster to cut up, its numbers as well."""
    return text.translate(_BLANKED).split() if text.isascii() else _WORD.findall(text)


def identifiers(text: str) -> Counter[str]:
    """Count what `tokens` gives."""
    return Counter(tokens(text))


def words(text: str) -> Counter[str]:
    """Count the words of a text: identifiers whole, and the parts they are made of."""
    return words_in(identifiers(text))


def words_in(identifiers: Mapping[str, int]) -> Counter[str]:
    """Count the words that counted identifiers stand for."""
    counts: dict[str, int] = {}
    for raw, count in identifiers.items():
        for word in words_of(raw):
            counts[word] = counts.get(word, 0) + count
    return Counter(counts)


@lru_cache(maxsize=1 << 16)
def words_of(identifier: str) -> tuple[str, ...]:
    """Give the words that one identifier counts as; of unspaced letters, each two neighbours."""
    if _UNSPACED.match(identifier):
        return tuple(map("".join, pairwise(identifier)))
    identifier = identifier.lstrip("0123456789")
    if not 1 < len(identifier) <= _LONGEST:
        return ()
    whole, parts = identifier.lower(), _PARTS.findall(identifier)
    found = [] if whole in STOP else [stem(whole)]
    if len(parts) > 1:
        found += [word for part in parts if len(part) > 1 and (word := _word(part))]
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def _word(part: str) -> str:
    word = part.lower()
    return "" if word in STOP else stem(word)


def stem(word: str) -> str:
    """Take a word's ending off, so that `parses`, `parsed` and `parsing` meet."""
    if not word.endswith(_ENDINGS):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
