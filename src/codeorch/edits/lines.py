"""A file as lines, and the ways in which lines are compared."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from codeorch.invisible import without_invisible

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w")
# Quotes, dashes, spaces and ellipses as word processors and models put them.
_LOOKALIKES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u200c\u200d\ufeff", "")  # the others that nobody sees are gone before
    | {"\u2026": "...", "\u2190": "<-", "\u2192": "->", "\u00d7": "x"}
)


@lru_cache(maxsize=1 << 16)
def bare(line: str) -> str:
    """Leave out white space and fold look-alike characters."""
    if not line.isascii():
        seen, _ = without_invisible(line)
        line = unicodedata.normalize("NFKC", seen.translate(_LOOKALIKES))
    return _SPACE.sub("", line)


# Each tier compares what it leaves of a line. The first with a hit counts.
TIERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("exact", lambda line: line),
    ("trailing space", str.rstrip),
    ("indentation", str.strip),
    ("white space and look-alikes", bare),
)


def lead(line: str) -> str:
    """Return the white space that a line starts with."""
    return line[: len(line) - len(line.lstrip())]


@lru_cache(maxsize=1 << 16)
def weight(line: str) -> float:
    """Say how much a line tells about its place: blank and bracket-only lines hardly anything."""
    text = line.strip()
    if not text:
        return 0.08
    if not _WORD.search(text):
        return 0.3
    return 0.6 + min(1.0, len(text) / 40)


class Lines:
    """A text's lines without their ends, their ends, and an index for each tier."""

    def __init__(self, text: str) -> None:
        # Only a line feed ends a line (form feeds and the like are content), except in a file
        # that knows nothing but carriage returns.
        split = re.split("(\r)" if "\n" not in text and "\r" in text else "(\r?\n)", text)
        self.texts: list[str] = split[0::2]
        self.ends: list[str] = [*split[1::2], ""]
        if not self.texts[-1]:
            self.texts.pop()
            self.ends.pop()
        self._forms: dict[int, list[str]] = {}
        self._index: dict[int, dict[str, list[int]]] = {}

    def forms(self, tier: int) -> Sequence[str]:
        """Return all lines as a tier compares them."""
        if tier not in self._forms:
            self._forms[tier] = [TIERS[tier][1](text) for text in self.texts]
        return self._forms[tier]

    def index(self, tier: int) -> Mapping[str, Sequence[int]]:
        """Return the places of each line, as a tier compares them."""
        if tier not in self._index:
            index: dict[str, list[int]] = {}
            for at, form in enumerate(self.forms(tier)):
                index.setdefault(form, []).append(at)
            self._index[tier] = index
        return self._index[tier]

    def holds(self, line: str) -> bool:
        """Whether the file has this line, apart from indentation."""
        return line.strip() in self.index(2)

    @property
    def end(self) -> str:
        """The line end that a line added to nothing takes."""
        return next((end for end in self.ends if end), "\n")

    @property
    def ended(self) -> bool:
        """Whether the last line has its line end; a file of no lines counts as such."""
        return not self.ends or bool(self.ends[-1])
