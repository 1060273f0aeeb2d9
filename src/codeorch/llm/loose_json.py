"""JSON as models write it, read where only one reading is possible.

Beyond JSON it takes what leaves no doubt: trailing commas, comments, the words and quotes of Python
and JavaScript, keys without quotes, line ends in texts, pairs of quotes in a text that were not
escaped, and a missing last brace. Whatever could be meant in two ways is an error.
"""

import json
import re
from collections.abc import Collection
from typing import Any, NoReturn

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_QUOTES = {'"': '"', "'": "'", "“": "”", "`": "`"}
_KEY = re.compile(r"\"([^\"\n\\]*)\"\s*:|'([^'\n\\]*)'\s*:|“([^”\n\\]*)”\s*:|([A-Za-z_][\w-]*)\s*:")
_VALUE = re.compile(r"[\"'“`{\[\]]|-?\d|(?i:true|false|null|none)\b")
_SCALAR = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])|[A-Za-z]+(?!\w)")
_WORDS = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_ESCAPE = re.compile(r"\\(?:([\"'\\/])|([ntrbf])|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n))")
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_DEEPEST = 60


class NotJson(ValueError):
    """A text that cannot be read for certain; str() says what is wrong, and where."""


def read_object(text: str, keys: Collection[str] = ()) -> tuple[dict[str, Any], int]:
    r"""Read the object that a text begins with; return it and the place behind it.

    `keys` are all keys that may occur, at any depth; without them any may.

    Raises:
        NotJson: it is none, or could be meant in several ways.

    >>> read_object("{'a': True, b: \"so \"called\"\",}")
    ({'a': True, 'b': 'so "called"'}, 30)
    """
    reader = _Reader(text, keys)
    found = reader.object(0)
    return found, reader.at


def read_array(text: str) -> tuple[list[Any], int]:
    """Read the array that a text begins with; return it and the place behind it.

    Raises:
        NotJson: it is none, or could be meant in several ways.
    """
    reader = _Reader(text, ())
    found = reader.array(1)
    return found, reader.at


class _Reader:
    """A place in a text, and what is read from there."""

    def __init__(self, text: str, keys: Collection[str]) -> None:
        self.at = 0
        self._text = text
        self._keys = frozenset(keys)

    def object(self, depth: int) -> dict[str, Any]:
        """Read an object, and go behind it."""
        self._expect("{")
        found: dict[str, Any] = {}
        while not self._passes("}"):
            key = self._key()
            if key in found:
                self._fail(f"the key {key!r} stands twice")
            if self._keys and key not in self._keys:
                self._fail(f"there is no field {key!r}")
            self._expect(":")
            found[key] = self._value(depth, in_array=False)
            if depth == 0 and self._is_complete_at_end():
                break
            self._comma("}")
        return found

    def array(self, depth: int) -> list[Any]:
        """Read an array, and go behind it."""
        self._expect("[")
        found: list[Any] = []
        while not self._passes("]"):
            found.append(self._value(depth, in_array=True))
            self._comma("]")
        return found

    def _value(self, depth: int, *, in_array: bool) -> Any:  # noqa: ANN401 - JSON
        self.at = self._next(self.at)
        char = self._char()
        if depth > _DEEPEST:
            self._fail("it is nested too deeply")
        if char == "{":
            return self.object(depth + 1)
        if char == "[":
            return self.array(depth + 1)
        if char in _QUOTES:
            return self._string(is_last=depth == 0, in_array=in_array)
        return self._scalar()

    def _scalar(self) -> Any:  # noqa: ANN401 - JSON
        match = _SCALAR.match(self._text, self.at)
        if match is None:
            self._fail("a value is missing" if self._char() else "it is cut off")
        word = match[0].lower()
        if word[0] not in "-0123456789" and word not in _WORDS:
            self._fail(f"{match[0]!r} is no value; texts stand in double quotes")
        if word in _WORDS:
            found: Any = _WORDS[word]
        else:
            try:
                found = json.loads(match[0])
            except ValueError:  # a zero in front, or more digits than Python takes
                self._fail(f"{match[0][:20]!r} is no number of JSON")
        self.at = match.end()
        return found

    def _key(self) -> str:
        self.at = self._next(self.at)
        match = _KEY.match(self._text, self.at)
        if match is None:
            self._fail("a key is missing" if self._char() else "it is cut off")
        self.at = match.end() - 1
        return next(group for group in match.groups() if group is not None)

    # ------------------------------------------------------------------------------- texts

    def _string(self, *, is_last: bool, in_array: bool) -> str:
        """Read a text. A quotation mark ends it where what may follow a text follows.

        Marks in it that were not escaped come in pairs, else it is not clear which one ends it.
        """
        quote = _QUOTES[self._char()]
        self.at += 1
        parts: list[str] = []
        loose = 0  # quotation marks that were not escaped
        while True:
            char = self._char()
            if not char:
                self._fail("it is cut off within a text")
            elif char == "\\":
                parts.append(self._escape())
                continue
            elif char == quote:
                behind = self._next(self.at + 1)
                if self._ends(behind, is_last=is_last, in_array=in_array):
                    # Where the end is missing, too, there is more than one reading.
                    self._check_pairs(loose if behind < len(self._text) else bool(loose))
                    self.at += 1
                    return "".join(parts)
                self._check_pairs(self._text[behind : behind + 1] == ":")
                loose += not self._is_in_word(quote)
            parts.append(char)
            self.at += 1

    def _check_pairs(self, loose: int) -> None:
        if loose % 2:
            self._fail('a quotation mark in a text is not escaped; write it as \\"')

    def _is_in_word(self, quote: str) -> bool:
        around = self._text[self.at - 1 : self.at] + self._text[self.at + 1 : self.at + 2]
        return quote == "'" and len(around) == len("nt") and around.isalpha()

    def _ends(self, at: int, *, is_last: bool, in_array: bool) -> bool:
        """Whether what stands at a place may follow a text."""
        char = self._text[at : at + 1]
        if not char:
            return is_last
        if char == ",":
            behind = self._next(at + 1)
            return self._goes_on(behind, in_array=in_array)
        if char != ("]" if in_array else "}"):
            return False
        behind = self._next(at + 1)
        return self._text[behind : behind + 1] in ("", ",", "]", "}") or is_last

    def _goes_on(self, at: int, *, in_array: bool) -> bool:
        """Whether a further value of a list stands at a place, or a further key, or the end."""
        if not self._text[at : at + 1]:
            return True
        if in_array:
            return bool(_VALUE.match(self._text, at))
        return self._text[at] == "}" or bool(_KEY.match(self._text, at))

    def _escape(self) -> str:
        match = _ESCAPE.match(self._text, self.at)
        if match is None:
            wrong = self._text[self.at : self.at + 2]
            self._fail(f"{wrong} is no escape; a backslash in a text is written \\\\")
        self.at = match.end()
        plain, control, four, two, _ = match.groups()
        if four or two:
            return chr(int(four or two, 16))
        return plain or _CONTROL.get(control, "")  # Python joins lines at a backslash

    # ------------------------------------------------------------------------------- between

    def _char(self) -> str:
        return self._text[self.at : self.at + 1]

    def _next(self, at: int) -> int:
        """Return the place behind space and comments."""
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _expect(self, char: str) -> None:
        self.at = self._next(self.at)
        if self._char() != char:
            self._fail(f"{char!r} is missing" if self._char() else "it is cut off")
        self.at += 1

    def _passes(self, bracket: str) -> bool:
        self.at = self._next(self.at)
        passes = self._char() == bracket
        self.at += passes
        return passes

    def _is_complete_at_end(self) -> bool:
        """Whether nothing but the last brace is missing; a number or word may have gone on."""
        is_closed = self._text[: self.at][-1:] in (*_QUOTES.values(), "]", "}")
        return is_closed and not self._text[self._next(self.at) :]

    def _comma(self, bracket: str) -> None:
        self.at = self._next(self.at)
        if self._char() == ",":
            self.at += 1
        elif self._char() != bracket:
            self._fail("a comma is missing" if self._char() else "it is cut off")

    def _fail(self, what: str) -> NoReturn:
        line = self._text.count("\n", 0, self.at) + 1
        near = " ".join(self._text[max(0, self.at - 30) : self.at + 10].split())
        raise NotJson(f"{what} (line {line}, near {near!r})")
