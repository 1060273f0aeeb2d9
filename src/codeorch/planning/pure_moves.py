"""Whether a goal asks for a move and for nothing else, so that no model is needed for it."""

import re
from posixpath import basename, dirname

from codeorch.languages import module_name

_WORD = re.compile(r"\w+")
# Words in which nothing but a move is spoken of. Without them a goal has nothing left to say.
_OF_MOVES = re.compile(
    r"mov(?:e|es|ed|ing)|renam(?:e|es|ed|ing)|relocates?|git|mv|put|place"
    r"|the|this|that|its?|an?|of|as|at|into|in|to|from|under|and|then|only|just|simply|pure(?:ly)?"
    r"|files?|module|script|document|folder|directory|dir|(?:sub)?package|subfolder|path|location"
    r"|name[ds]?|new|old|called|with|same|contents?|text|code|unchanged|untouched|verbatim|exactly"
    r"|is|be|should|stays?|remains?|otherwise|everything|else",
    re.IGNORECASE,
)
# What is denied is not asked for, up to the end of the clause.
_DENIED = re.compile(
    r"\b(?:(?:do|does) not|no|not|nothing|never|none|without|don't|doesn't|leave)\b"
    r"(?:(?!\b(?:and|then)\b)[^.,;:\n])*",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:but|except|apart|besides|beyond|other than|unless|only)\b", re.IGNORECASE
)


def is_pure_move(goal: str, old_path: str, path: str) -> bool:
    """Return whether a goal of a rename leaves the file's content as it is.

    A goal of which anything is not understood needs a model.

    >>> is_pure_move("Move util.py to lib/. Its content stays as it is.", "util.py", "lib/util.py")
    True
    >>> is_pure_move("Move util.py to lib/ and mend its imports.", "util.py", "lib/util.py")
    False
    """
    said = re.sub(r"\s+", " ", goal)
    for name in sorted(_names(old_path) | _names(path), key=len, reverse=True):
        said = re.sub(rf"(?<![\w/]){re.escape(name)}(?!\w)", " ", said)
    if any(_EXCEPT.search(match[0]) for match in _DENIED.finditer(said)):
        return False
    said = _DENIED.sub(" ", said)
    return all(_OF_MOVES.fullmatch(word) for word in _WORD.findall(said))


def _names(path: str) -> set[str]:
    """Name the ways in which a path may be called."""
    folder = dirname(path)
    dotted = path.rpartition(".")[0].replace("/", ".")
    names = {path, basename(path), folder, basename(folder), module_name(path), dotted}
    return {name for name in names if name} | ({f"{folder}/"} if folder else set())
