"""Methods of classes that derive from each other, of which only some followed a change."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from codeorch.analysis.signatures import Signature, narrowing
from codeorch.analysis.use_sites import CallTarget
from codeorch.domain import Certainty, MissedUse
from codeorch.references.changes import Change
from codeorch.references.snapshot_pair import SnapshotPair

# Says of a method that a base has one of its name: `@Override`, `override fun`.
_MARKED: Final = re.compile(r"^[^(){=]*\boverride\b", re.IGNORECASE)


def stale_overrides(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the definitions in derived classes that should have followed one of a base."""
    for change in _of_classes(sides):
        before = list(sides.old.overrides(change.old, change.name))
        for heir in sides.new.overrides(change.new or change.old, change.name):
            judgement = _override(change, heir)
            if judgement is not None and _is_among(heir, before):
                yield _gap(sides, change, heir, judgement)


def stale_bases(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the definitions in bases that a changed one overrode, and does not any more."""
    for change in _of_classes(sides):
        before = list(sides.old.base_definitions(change.old, change.name))
        for base in (
            sides.new.base_definitions(change.new or change.old, change.name) if before else ()
        ):
            judgement = _base(sides, change, base)
            if judgement is not None and _is_among(base, before):
                yield _gap(sides, change, base, judgement)


def _of_classes(sides: SnapshotPair) -> Iterator[Change]:
    """Give the changes that derived classes and bases must follow, or be followed in."""
    # Names with two underscores are called by the language, not by each other.
    return (each for each in sides.changes if not each.name.startswith("__"))


def _override(change: Change, heir: CallTarget) -> tuple[Certainty, str] | None:
    """Judge a definition that overrides a changed one."""
    again = heir.owner == change.old.owner
    does = "declares" if again else "overrides"
    sure: Certainty = "likely" if heir.plain else "maybe"
    match change.kind:
        case "renamed":
            return sure, f"{change.detail}, and this {does} it under the old name"
        case "signature":
            fitted = not narrowing(change.before, heir.signature)
            if fitted and narrowing(change.after, heir.signature):
                return sure, f"{change.detail}, and this {does} it as it was"
            return None
        case "removed":
            return "maybe", f"{change.detail}, and this {does} it"
        case _:
            return None if again else ("maybe", f"{change.detail}, and this overrides it")


def _base(sides: SnapshotPair, change: Change, base: CallTarget) -> tuple[Certainty, str] | None:
    """Judge a definition that a changed one overrode."""
    sure: Certainty = "likely" if base.plain else "maybe"
    match change.kind:
        case "renamed":
            if _overrides_another(sides, change):
                return None
            proven = base.needed or _is_meant(sides, change, base)
            why = f"{change.detail}, and this is what it overrode, under the old name"
            return sure if proven else "maybe", why
        case "signature":
            fitted = not narrowing(base.signature, change.before)
            if not fitted or not narrowing(base.signature, change.after):
                return None
            legal = sides.new.may_take_less and not _asks_more(base.signature, change.after)
            why = f"{change.detail}, and what it overrides is as it was"
            return "maybe" if legal else sure, why
        case "removed":
            why = f"{change.detail}, and this is what it overrode"
            return sure if base.needed else "maybe", why
        case _:
            return (sure, f"{change.detail}, and this asks for it") if base.needed else None


def _overrides_another(sides: SnapshotPair, change: Change) -> bool:
    """Whether a base has a member of the new name."""
    new = change.new
    return new is not None and any(True for _ in sides.new.base_definitions(new, new.symbol.name))


def _is_meant(sides: SnapshotPair, change: Change, base: CallTarget) -> bool:
    """Whether a renamed member should still override: it says so, or one name alone is called."""
    new = change.new
    if new is None or _MARKED.search(new.text) or _is_called_above(sides, base, change.name):
        return True
    return _is_called(sides, change.name) != _is_called(sides, new.symbol.name)


def _is_called_above(sides: SnapshotPair, base: CallTarget, name: str) -> bool:
    """Whether the file of a base calls the member on what may be of a derived class."""
    return not sides.receivers.isdisjoint(sides.new.receivers(base.path, name))


def _is_called(sides: SnapshotPair, name: str) -> bool:
    """Whether anything calls a member of this name, but for what overrides it."""
    paths = (path for path, _ in sides.after.holding(sides.family, [name]))
    above = sides.base_receivers
    return any(sides.new.receivers(path, name) - above for path in paths)


def _asks_more(base: Signature, after: Signature) -> bool:
    """Whether a call that gives a base all that it must have gives a derived class too little."""
    needed = [sum(each.required for each in one) for one in (base, after)]
    return needed[0] < needed[1]


def _is_among(one: CallTarget, others: Iterable[CallTarget]) -> bool:
    """Whether a definition stood in the same relation before."""
    return any(each.path == one.path and each.owner == one.owner for each in others)


def _gap(
    sides: SnapshotPair, change: Change, at: CallTarget, judgement: tuple[Certainty, str]
) -> MissedUse:
    symbol = change.old.symbol.qualified
    return sides.gap(at.path, at.line, symbol=symbol, change=change.kind, judgement=judgement)
