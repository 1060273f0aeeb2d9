"""Text -> the words it is searched by: identifiers whole and in parts, stemmed; and its chunks.

An index stores what these functions return; its file's name changes with this module.
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
    """Yield a text in runs of CHUNK lines, each small enough to be about one thing."""
    lines = text.split("\n")
    for start in range(0, len(lines), CHUNK):
        yield "\n".join(lines[start : start + CHUNK])


def tokens(text: str) -> list[str]:
    """Return the identifiers of a text; of ASCII, which is cut up faster, its numbers as well."""
    return text.translate(_BLANKED).split() if text.isascii() else _WORD.findall(text)


def identifiers(text: str) -> Counter[str]:
    """Return how often each of the `tokens` of a text occurs."""
    return Counter(tokens(text))


def words(text: str) -> Counter[str]:
    """Return the words of a text with their counts: identifiers whole, and their parts.

    >>> sorted(words("parseHeader"))
    ['header', 'parse', 'parseheader']
    """
    return words_in(identifiers(text))


def words_in(identifiers: Mapping[str, int]) -> Counter[str]:
    """Return the words that identifiers stand for, with their counts."""
    counts: dict[str, int] = {}
    for raw, count in identifiers.items():
        for word in words_of(raw):
            counts[word] = counts.get(word, 0) + count
    return Counter(counts)


@lru_cache(maxsize=1 << 16)
def words_of(identifier: str) -> tuple[str, ...]:
    """Return the words that one identifier counts as; of unspaced letters, each two neighbours."""
    if _UNSPACED.match(identifier):
        return tuple(map("".join, pairwise(identifier)))
    identifier = identifier.lstrip("0123456789")
    if not 1 < len(identifier) <= _LONGEST:
        return ()
    whole, parts = identifier.lower(), _PARTS.findall(identifier)
    result = [] if whole in STOP else [stem(whole)]
    if len(parts) > 1:
        result += [word for part in parts if len(part) > 1 and (word := _word(part))]
    return tuple(result)


@lru_cache(maxsize=1 << 16)
def _word(part: str) -> str:
    word = part.lower()
    return "" if word in STOP else stem(word)


def stem(word: str) -> str:
    """Return a word without its ending, so that `parses`, `parsed` and `parsing` meet."""
    if not word.endswith(_ENDINGS):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
