"""Request -> rename or replacement, by a small grammar; None when it needs a model."""

import re
from dataclasses import dataclass
from typing import Final, cast

from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import DefinedKind
from codeorch.edits import plain_path
from codeorch.errors import UserError
from codeorch.languages import language_of, module_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Rewrite every piece of code that matches a pattern, in the files that `within` names."""

    pattern: str
    rewrite: str
    within: tuple[str, ...] = ()


Rule = Rename | Replace

_WORD = r"(?:`[^`]+`|\S+)"
_KINDS: Final = "function|class|method|variable|attribute|field|parameter|argument|module"
_SYNONYMS: Final = {"attribute": "variable", "field": "variable", "argument": "parameter"}
_RENAME: Final = re.compile(
    rf"""\s* rename \s+ (?:the \s+)? (?:(?P<kind>{_KINDS}) \b \s*)?
    (?P<old>{_WORD})? (?:\s+ to \b \s* (?P<new>{_WORD})? (?P<rest>.*?))? \s* \Z""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_REPLACE: Final = re.compile(
    r"""\s* replace \s+ (?P<a>`+) (?P<pattern>.+?) (?P=a)
    \s+ with \s+ (?P<b>`+) (?P<rewrite>.*?) (?P=b) (?!`) (?P<rest>.*?) \s* \Z""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_WITHIN: Final = re.compile(r"\s+in\s+(?P<globs>\S.*)\Z", re.IGNORECASE | re.DOTALL)
_GLOBS: Final = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*[?!]?")  # Ruby allows a last ? or !
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:(?:\.|::|#)[^\W\d]\w*)*[?!]?")
_FORM: Final = (
    "write: rename function|class|method|variable|parameter|module `old` to `new` "
    "[in `path-or-glob`]"
)


def parse_rule(text: str) -> Rule | None:
    """Read a request that needs no model; None when it is no such request.

    Raises:
        UserError: it is nearly one, and what is missing can be said.
    """
    if found := _REPLACE.fullmatch(text):
        within = _within(found["rest"])
        if within is None:
            return None
        return Replace(
            pattern=found["pattern"].strip(), rewrite=found["rewrite"].strip(" "), within=within
        )
    if found := _RENAME.fullmatch(text):
        return _rename(found)
    return None


def _rename(found: re.Match[str]) -> Rename | None:
    within = _within(found["rest"] or "")
    if within is None:  # goes on in prose: work for a model
        return None
    old, new = _plain(found["old"]), _plain(found["new"])
    kind = (found["kind"] or "").lower()
    if not kind and not _is_plain_rename(old, new):
        return None
    if kind == "module":
        return _module(old, new, within)
    if not old or not new:
        missing = "new" if old else "old"
        raise UserError(f"the rename does not say the {missing} name", _FORM)
    old = old.replace("::", ".").replace("#", ".")
    if not _DOTTED.fullmatch(old):
        raise UserError(f"`{old}` is not a name that code can have", _FORM)
    if not _IDENTIFIER.fullmatch(new):
        raise UserError(f"`{new}` cannot be a name in code", "give a plain identifier")
    known = cast("DefinedKind", _SYNONYMS.get(kind, kind))
    rule = Rename(kind=known, old=old, new=new, within=within)
    if rule.name == new:
        raise UserError(f"`{old}` is called `{new}` already", _FORM)
    return rule


def _is_plain_rename(old: str, new: str) -> bool:
    """Whether a rename that names no kind can be one of code: two names, and no file's."""
    named = _DOTTED.fullmatch(old) and _IDENTIFIER.fullmatch(new)
    return bool(named) and not language_of(old)


def _module(old: str, new: str, within: tuple[str, ...]) -> Rename:
    """Read the rename of a module, which is written with dots or as a path."""
    before, after = _dotted(old), _dotted(new)
    for word, dotted in ((old, before), (new, after)):
        if not _DOTTED.fullmatch(dotted):
            raise UserError(f"`{word}` cannot be the name of a module", _FORM)
    if "." not in after and "." in before:
        after = f"{before.rpartition('.')[0]}.{after}"
    if before == after:
        raise UserError(f"`{old}` is called `{new}` already", _FORM)
    return Rename(kind="module", old=before, new=after, within=within)


def _dotted(word: str) -> str:
    """Write the path of a module with dots: `shop.cart` of `shop/cart.py`."""
    return module_path(plain_path(word)).replace("/", ".") if "/" in word else word


def _plain(word: str | None) -> str:
    return (word or "").strip().strip("`'\"").strip()


def _within(rest: str) -> tuple[str, ...] | None:
    """Read `in a, b`; None when something else stands there."""
    rest = rest.rstrip().removesuffix(".").rstrip() if rest.strip() != "." else ""
    if not rest.strip():
        return ()
    found = _WITHIN.fullmatch(rest)
    if not found:
        return None
    globs = tuple(_glob(_plain(glob)) for glob in _GLOBS.split(found["globs"]))
    return globs if all(glob and " " not in glob for glob in globs) else None


def _glob(word: str) -> str:
    """Undo slips in a path; a slash at its end stays, as it makes it a folder."""
    return plain_path(word) + ("/" if word.endswith("/") else "")
