"""A test that is gone and one that is new: the same under another name? Pure.

A renamed test keeps its text, but for names that were changed all through it. One with other
values, or with less to prove, is another test; a change must not swap that for the old one unseen.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice

Alike = Callable[[str, str], bool]
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\S")
_CLOSERS = (")", "]", "}")
_LONGEST = 8_000  # characters
_PLACES = 8


def alike_in(before: Sequence[str], after: Sequence[str]) -> Alike:
    """Give the comparison of tests in the files of a change, as they were and as they are."""

    @cache
    def ours(name: str) -> Sequence[Sequence[str]]:
        return [body for text in before for body in _bodies(text, name)]

    @cache
    def theirs(name: str) -> Sequence[Sequence[str]]:
        return [body for text in after for body in _bodies(text, name)]

    def alike(old: str, new: str) -> bool:
        return any(_renamed(one, other) for one in ours(old) for other in theirs(new))

    return alike


def never(_old: str, _new: str) -> bool:
    """Take no test for another."""
    return False


def _bodies(text: str, name: str) -> Iterator[list[str]]:
    """Give what is defined or described under a name: its line, and what is indented below."""
    words = re.split(r"[\[(/]", name)[0].split()
    # Runners in JavaScript put the titles of the groups around a test before its own.
    for skipped in range(len(words)):
        own = " ".join(words[skipped:])
        places = list(islice(_places(text, own), _PLACES))
        for start in dict.fromkeys(text.rfind("\n", 0, place) + 1 for place in places):
            body = "\n".join(_block(text[start : start + _LONGEST].split("\n")))
            yield [_nameless(token, own) for token in _TOKEN.findall(body)]
        if places:
            return


def _places(text: str, name: str) -> Iterator[int]:
    """Find a name where it is not a part of a longer one."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        around = text[at - 1 : at] + text[end : end + 1]
        if not any(_is_name(character) or character.isdigit() for character in around):
            yield at
        at = text.find(name, at + 1)


def _nameless(token: str, name: str) -> str:
    if token == name:
        return "_"
    return token.replace(name, "_") if token[0] in "\"'" else token


def _block(lines: Sequence[str]) -> Iterator[str]:
    first, *others = lines
    yield first
    for line in others:
        if line.strip() and _indent(line) <= _indent(first):
            if line.strip().startswith(_CLOSERS):
                yield line
            return
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _renamed(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Tell whether two texts differ only in names, each of them in the same way throughout."""
    if len(ours) != len(theirs):
        return False
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for one, other in zip(ours, theirs, strict=True):
        named = _is_name(one) and _is_name(other)
        if not named and one != other:
            return False
        if there.setdefault(one, other) != other or back.setdefault(other, one) != one:
            return False
    return True


def _is_name(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"
