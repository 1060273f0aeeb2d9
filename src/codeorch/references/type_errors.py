"""What a type checker says anew of a change -> missed uses.

What it says of a changed definition is sure, and so is a name that nothing defines in a line that
is new. A member that nothing sets is likely to be forgotten. All else follows from types, and is
left to those who check types.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from codeorch.domain import Certainty, MissedUse
from codeorch.engines import Diagnostic, kind_of
from codeorch.references.changes import Change
from codeorch.references.snapshot_pair import SnapshotPair
from codeorch.references.type_check import names_of

# A value that may be nothing, or of which nothing is known, lacks every member.
_OF_MODULE: Final = re.compile(r"^No attribute `\w+` in module ")
_SPECIAL = re.compile(r"\.__\w+__$")  # by which a class is called
_FUNCTION: Final = re.compile(r"\b(?:Function|Method|BoundMethod)(?:Type)?\b")  # may be replaced
_NOTHING: Final = re.compile(
    r"\b(?:NoneType|None|object|Unknown|Never)\b|on type `(?:never|unknown|undefined|null|\{\})`"
)

_Causes = Mapping[str, Sequence[Change]]


def type_errors(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Give what a type checker says anew that is about names and calls of this repository."""
    causes: dict[str, list[Change]] = defaultdict(list)
    for change in sides.changes:
        for name in names_of(sides, change):
            causes[name].append(change)
    for each in sides.type_check.diagnostics if sides.type_check else ():
        cause = _cause(sides, each, causes)
        if cause is not None:
            gap = sides.gap(
                each.path, each.line, symbol=cause.old.symbol.qualified, change=cause.kind,
                judgement=("sure", f"{cause.detail}; {each.message}"),
            )  # fmt: skip
            yield replace(gap, kind="call" if kind_of(each.rule) == "call" else "use")
        elif certainty := _certainty(sides, each):
            yield sides.gap(
                each.path, each.line, symbol=_name(each), change="missing",
                judgement=(certainty, each.message),
            )  # fmt: skip


def _cause(sides: SnapshotPair, each: Diagnostic, causes: _Causes) -> Change | None:
    """Find the changed definition that something is said of."""
    kind = kind_of(each.rule)
    is_call = kind == "call"
    if kind == "member" and _is_of_nothing(each):
        return None
    if is_call and _name(each) in sides.new.definers("__new__"):
        return None  # it may make what it is not, and a checker does not look
    among = [
        change for change in causes.get(_name(each), ())
        if (change.kind == "signature") == is_call
    ]  # fmt: skip
    said = [change for change in among if change.old.owner and change.old.owner in each.message]
    return next(iter((*said, *among)), None)


def _certainty(sides: SnapshotPair, each: Diagnostic) -> Certainty | None:
    """Say how sure it is that something is forgotten of which no definition was changed.

    Imports and calls are sure only where our own reading says the same: see `new_uses`.
    """
    name, kind = _name(each), kind_of(each.rule)
    if not sides.is_read(each.path) or not _is_new_line(sides, each):
        return None
    if kind == "name":
        return "sure"
    if kind != "member" or _is_of_nothing(each) or name in sides.new.standard:
        return None
    if sides.new.definers(name) or sides.is_set(name):
        return None
    return "maybe" if _FUNCTION.search(_holder(each)) else "likely"


def _name(each: Diagnostic) -> str:
    """Return the name that something is said of: what is missing, or the function called."""
    if each.name:
        return each.name
    quoted = _quotations(each)
    if _OF_MODULE.search(each.message):
        return quoted[0]
    if kind_of(each.rule) in ("call", "member", "module"):
        return _SPECIAL.sub("", quoted[-1]).rpartition(".")[2]
    return quoted[0].rpartition(".")[2]


def _quotations(each: Diagnostic) -> list[str]:
    return re.findall(r"`([^`]+)`", each.message) or [""]


def _is_of_nothing(each: Diagnostic) -> bool:
    return bool(_NOTHING.search(_holder(each)))


def _holder(each: Diagnostic) -> str:
    """Return the words about the value that lacks a member."""
    return each.message.partition(" has no ")[0]


def _is_new_line(sides: SnapshotPair, each: Diagnostic) -> bool:
    """Whether no line of the file was like this one before."""
    line = sides.after.line(each.path, each.line)
    if not sides.before.has(each.path):
        return True
    return line not in map(str.strip, sides.before.text(each.path).split("\n"))
