"""Request -> rename or replacement, by a small grammar; None when it needs a model."""

import re
from dataclasses import dataclass
from typing import Final, cast

from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import DefinedKind
from codeorch.edits import plain_path
from codeorch.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Rewrite every piece of code that matches a pattern, in the files that `within` names."""

    pattern: str
    rewrite: str
    within: tuple[str, ...] = ()


Rule = Rename | Replace

_WORD = r"(?:`[^`]+`|\S+)"
_RENAME: Final = re.compile(
    rf"""rename \s (?:the \s)? (?P<kind>function|class|method|variable) \b \s?
    (?P<old>{_WORD})? (?:\s to \b \s? (?P<new>{_WORD})? (?P<rest>.*))?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_REPLACE: Final = re.compile(
    r"""replace \s++ (?P<a>`{1,20}) (?P<pattern>.+?) (?P=a)
    \s++ with \s++ (?P<b>`{1,20}) (?P<rewrite>.*?) (?P=b) (?!`) (?P<rest>.*)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_WITHIN: Final = re.compile(r"in (?P<globs>.+)", re.IGNORECASE | re.DOTALL)
_GLOBS: Final = re.compile(r" ?, ?(?:and )?| and ", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*[?!]?")  # Ruby allows a last ? or !
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:(?:\.|::|#)[^\W\d]\w*)*[?!]?")
_FORM: Final = "write: rename function|class|method|variable `old` to `new` [in `path-or-glob`]"


def parse_rule(text: str) -> Rule | None:
    """Read a request that needs no model; None when it is no such request.

    Raises:
        UserError: it is nearly one, and what is missing can be said.
    """
    if found := _REPLACE.fullmatch(text.strip()):
        within = _within(found["rest"])
        if within is None:
            return None
        return Replace(
            pattern=found["pattern"].strip(), rewrite=found["rewrite"].strip(" "), within=within
        )
    if found := _RENAME.fullmatch(" ".join(text.split())):
        return _rename(found)
    return None


def _rename(found: re.Match[str]) -> Rename | None:
    within = _within(found["rest"] or "")
    if within is None:  # goes on in prose: work for a model
        return None
    old, new = _plain(found["old"]), _plain(found["new"])
    if not old or not new:
        missing = "new" if old else "old"
        raise UserError(f"the rename does not say the {missing} name", _FORM)
    old = old.replace("::", ".").replace("#", ".")
    if not _DOTTED.fullmatch(old):
        raise UserError(f"`{old}` is not a name that code can have", _FORM)
    if not _IDENTIFIER.fullmatch(new):
        raise UserError(f"`{new}` cannot be a name in code", "give a plain identifier")
    kind = cast("DefinedKind", found["kind"].lower())
    rule = Rename(kind=kind, old=old, new=new, within=within)
    if rule.name == new:
        raise UserError(f"`{old}` is called `{new}` already", _FORM)
    return rule


def _plain(word: str | None) -> str:
    return (word or "").strip().strip("`'\"").strip()


def _within(rest: str) -> tuple[str, ...] | None:
    """Read `in a, b`; None when something else stands there."""
    words = " ".join(rest.split()).removesuffix(".").rstrip()
    if not words:
        return ()
    found = _WITHIN.fullmatch(words) if rest[:1].isspace() else None
    if not found:
        return None
    globs = tuple(_glob(_plain(glob)) for glob in _GLOBS.split(found["globs"]))
    return globs if all(glob and " " not in glob for glob in globs) else None


def _glob(word: str) -> str:
    """Undo slips in a path; a slash at its end stays, as it makes it a folder."""
    return plain_path(word) + ("/" if word.endswith("/") else "")
