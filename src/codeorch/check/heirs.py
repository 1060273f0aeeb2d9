"""A test that is gone and one that is new: the same under another name? Pure.

A renamed test keeps its text, but for names that were changed all through it. One with other
values, or with less to prove, is another test; a change must not swap that for the old one unseen.
"""

import re
from collections.abc import Callable, Iterator, Sequence

Alike = Callable[[str, str], bool]
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\S")
_CLOSERS = (")", "]", "}")
_LONGEST = 200  # lines
_PLACES = 8


def alike_in(before: Sequence[str], after: Sequence[str]) -> Alike:
    """Give the comparison of tests in the files of a change, as they were and as they are."""

    def alike(old: str, new: str) -> bool:
        ours = [text for file in before for text in _bodies(file, old)]
        theirs = [text for file in after for text in _bodies(file, new)]
        return any(_renamed(one, other) for one in ours for other in theirs)

    return alike


def never(_old: str, _new: str) -> bool:
    """Take no test for another."""
    return False


def _bodies(text: str, name: str) -> Iterator[list[str]]:
    """Give what is defined or described under a name: its line, and what is indented below."""
    lines = text.split("\n")
    words = re.split(r"[\[(/]", name)[0].split()
    # Runners in JavaScript put the titles of the groups around a test before its own.
    for skipped in range(len(words)):
        bare = re.escape(" ".join(words[skipped:]))
        word = re.compile(rf"(?<!\w){bare}(?!\w)")
        starts = [number for number, line in enumerate(lines) if word.search(line)]
        for start in starts[:_PLACES]:
            body = "\n".join(_block(lines[start : start + _LONGEST]))
            yield _TOKEN.findall(word.sub("_", body))
        if starts:
            return


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
