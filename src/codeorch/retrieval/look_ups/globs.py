"""Globs as editors read them: which paths they select, in time linear in glob and path.

`*` and `?` stay within one name, `**` crosses folders, `[...]` is one character of some, `{a,b}`
one text of some. A glob without a slash is the name of a file in any folder, one that ends with a
slash all that is in a folder. What stands in a glob as it is in a path is meant so: `app/[id]/x`
selects the file of that name.

Matching is greedy, star by star, as in wildcard matching without backtracking: each text between
two stars is taken where it first occurs, which leaves the most to what follows. The same holds for
the names between two `**`.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from codeorch.retrieval.look_ups.places import MARKS, clean_path, compiled

_SPECIAL = re.compile(r"[*?\[]|\{[^{}]*,[^{}]*\}|/$")
_CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")
_MOST_CHOICES = 256  # globs that braces stand for
_PART = re.compile(r"\*+|\?|\[[!^]?+\]?+[^\]]*\]|[^*?\[]+|\[")

Matcher = Callable[[str], bool]


def is_glob(text: str) -> bool:
    """Return whether a text can select other paths than the one that it spells."""
    return bool(_SPECIAL.search(text))


def select_paths(glob: str, paths: Collection[str]) -> tuple[str, ...]:
    """Return the paths that a glob selects, sorted; one that is a path itself selects that alone.

    >>> select_paths("src/*.{py,pyi}", ["src/a.py", "src/b/c.py", "src/d.pyi"])
    ('src/a.py', 'src/d.pyi')
    """
    path = clean_path(glob)
    if is_glob(path) and path in paths:
        return (path,)
    return tuple(sorted(filter(glob_matcher(glob), paths)))


def glob_matcher(glob: str) -> Matcher:
    """Return the test whether a glob selects a path; an empty glob selects all.

    >>> glob_matcher("a/**/*.py")("a/b/c/d.py"), glob_matcher("a/*.py")("a/b/c.py")
    (True, False)
    """
    glob = glob.strip(MARKS).removeprefix("./")
    if not glob.strip("*"):
        return lambda _path: True
    choices = [_names_of(each) for each in dict.fromkeys((glob, *_choices(glob)))]

    def matches(path: str) -> bool:
        names = path.split("/")
        return any(_match_names(each, names) for each in choices)

    return matches


def _choices(glob: str) -> Sequence[str]:
    """Write out what braces stand for, the innermost first; too many are read as they are."""
    globs = [glob]
    while any(map(_CHOICE.search, globs)):
        globs = [each for one in globs for each in _first_choice(one)]
        if len(globs) > _MOST_CHOICES:
            return ()
    return globs


def _first_choice(glob: str) -> Iterator[str]:
    choice = _CHOICE.search(glob)
    if choice is None:
        yield glob
        return
    for text in choice[1].split(","):
        yield f"{glob[: choice.start()]}{text}{glob[choice.end() :]}"


# ------------------------------------------------------------------------------- names of a path

_ANY = None  # in the place of names: so many as there may be


def _names_of(glob: str) -> Sequence[Matcher | None]:
    if "/" not in glob:
        glob = f"**/{glob}"
    elif glob.endswith("/"):
        glob = f"{glob}**"
    names = glob.removeprefix("/").split("/")
    if names[-1] == "**":
        names.append("*")  # the files in a folder, not the folder
    return [_ANY if name == "**" else _name_matcher(name) for name in names]


def _match_names(pattern: Sequence[Matcher | None], names: Sequence[str]) -> bool:
    """Match names of a path one by one; after a mismatch, the last `**` takes one name more."""
    at = place = 0
    retry: tuple[int, int] | None = None  # behind the last `**`, and where that ends for now
    while place < len(names):
        if at < len(pattern) and (part := pattern[at]) is _ANY:
            at += 1
            retry = (at, place)
        elif at < len(pattern) and part is not None and part(names[place]):
            at, place = at + 1, place + 1
        elif retry is None:
            return False
        else:
            at, place = retry[0], retry[1] + 1
            retry = (at, place)
    return all(part is _ANY for part in pattern[at:])


# ------------------------------------------------------------------------------- one name


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two stars: a pattern without repetition, so of a fixed length."""

    pattern: re.Pattern[str]
    length: int


@lru_cache(maxsize=256)
def _name_matcher(name: str) -> Matcher:
    if not is_glob(name):
        return name.__eq__
    try:
        first, *others = _pieces_of(name)
    except re.error:  # e.g. [z-a]
        return name.__eq__

    def matches(text: str) -> bool:
        return text == name or _match_pieces(text, first, others)

    return matches


def _match_pieces(text: str, first: _Piece, others: Sequence[_Piece]) -> bool:
    """Match the first piece at the start, the last one at the end, each other where it can be."""
    if not others:
        return first.pattern.fullmatch(text) is not None
    *middle, last = others
    place, end = first.length, len(text) - last.length
    if place > end or not first.pattern.match(text):
        return False
    for piece in middle:
        match = piece.pattern.search(text, place, end)
        if match is None:
            return False
        place = match.end()
    return last.pattern.fullmatch(text, end) is not None


def _pieces_of(name: str) -> Iterator[_Piece]:
    """Part a name at its stars.

    Raises:
        re.error: what stands in brackets is no set of characters.
    """
    pattern, length = "", 0
    for part in _PART.findall(name):
        if part.startswith("*"):
            yield _Piece(compiled(pattern, re.DOTALL), length)
            pattern, length = "", 0
            continue
        is_set = part.startswith("[") and len(part) > 1
        pattern += _character_set(part) if is_set else "." if part == "?" else re.escape(part)
        length += 1 if is_set else len(part)
    yield _Piece(compiled(pattern, re.DOTALL), length)


def _character_set(brackets: str) -> str:
    inside = brackets[1:-1]
    negation = "^" if inside[0] in "!^" else ""
    inside = inside[1:] if negation else inside
    inside = re.sub(r"([\[\]&|~\\^])", r"\\\1", inside)  # of none of these a set of sets is made
    return f"[{negation}{inside}]"
