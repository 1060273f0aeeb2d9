"""Two snapshots -> which definitions went, moved, got another name or take something else.

Definitions are paired by their names, scope by scope. What has no partner in its own scope is
looked for elsewhere in the change: under the same name, it moved; with a like text, it was renamed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from codeorch.analysis.signatures import Signature, difference
from codeorch.analysis.use_sites import SourceSymbol
from codeorch.domain import ChangeKind, Snapshot, SourceFile, Symbol

_GROUPS: Final = {
    "function": "call", "method": "call", "class": "type", "interface": "type", "type": "type",
    "enum": "type", "variable": "value", "field": "value", "macro": "value", "module": "module",
}  # fmt: skip
_ALIKE: Final = 0.6  # of the words of a definition, for a new name
_LONG: Final = 300  # words of a definition that are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A definition before and after; `new` is None when it is gone."""

    kind: ChangeKind
    old: SourceSymbol
    new: SourceSymbol | None = None
    before: Signature = ()
    after: Signature = ()

    @property
    def name(self) -> str:
        """The name that uses are found by."""
        return self.old.symbol.name

    @property
    def detail(self) -> str:
        """Say what became of it."""
        was, new = self.old, self.new
        if new is None:
            return f"`{was.symbol.qualified}` was removed from {was.path}"
        if self.kind == "signature":
            return f"`{was.symbol.qualified}`: {difference(self.before, self.after)}"
        if self.kind == "renamed":
            return f"`{was.symbol.qualified}` is `{new.symbol.qualified}` now"
        return f"`{was.symbol.qualified}` is in {new.path} now"


# Reads what a definition takes; None when it cannot be called, or does not show it.
SignatureOf = Callable[[SourceFile, Symbol], Signature | None]


def changes(
    before: Snapshot, after: Snapshot, paths: Iterable[str], signature_of: SignatureOf
) -> tuple[Change, ...]:
    """Find the changed definitions of the changed files."""
    pairing = _Pairing(signature_of=signature_of)
    for path in paths:
        old, new = _Defined.of(before.files.get(path)), _Defined.of(after.files.get(path))
        for parent in sorted({*old.scopes, *new.scopes}):
            # What stands in a scope that came or went goes with it.
            if old.holds(parent) == new.holds(parent):
                pairing.scopes(_Scope(old, parent), _Scope(new, parent))
    pairing.match()
    return tuple(pairing.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Defined:
    """What a file defines, by the scope that it is defined in; what functions hold is left out."""

    file: SourceFile | None
    scopes: Mapping[str, Mapping[str, SourceSymbol]]

    @classmethod
    def of(cls, file: SourceFile | None) -> "_Defined":
        scopes: dict[str, dict[str, SourceSymbol]] = defaultdict(dict)
        symbols = file.symbols if file else ()
        closed = {each.qualified for each in symbols if _GROUPS[each.kind] == "call"}
        data = file.text.encode("utf-8", "surrogatepass") if file else b""
        for each in symbols:
            if each.parent in closed:
                closed.add(each.qualified)
            elif file is not None:
                text = data[each.start : each.end].decode("utf-8", "replace")
                scopes[each.parent][each.name] = SourceSymbol(
                    path=file.path, symbol=each, text=text
                )
        return cls(file=file, scopes=scopes)

    def holds(self, scope: str) -> bool:
        """Whether a scope is defined in this file."""
        parent, _, name = scope.rpartition(".")
        return name in self.scopes.get(parent, {})


@dataclass(frozen=True, slots=True)
class _Scope:
    """A file, or a definition in it that holds others."""

    defined: _Defined
    parent: str

    def places(self) -> Mapping[str, SourceSymbol]:
        return self.defined.scopes.get(self.parent, {})

    def inside(self, name: str) -> "_Scope":
        return _Scope(self.defined, f"{self.parent}.{name}" if self.parent else name)


@dataclass(slots=True, kw_only=True)
class _Pairing:
    """Pairs definitions; what has no partner waits in `gone` and `fresh`."""

    signature_of: SignatureOf
    removed: list[tuple[_Scope, SourceSymbol]] = field(default_factory=list)
    fresh: list[tuple[_Scope, SourceSymbol]] = field(default_factory=list)
    found: list[Change] = field(default_factory=list)

    def scopes(self, old: _Scope, new: _Scope, *, deep: bool = False) -> None:
        """Pair what two scopes define under the same names; `deep`, also what that defines."""
        olds, news = old.places(), new.places()
        self.fresh += [(new, place) for name, place in news.items() if name not in olds]
        for name, place in olds.items():
            if name not in news:
                self.removed.append((old, place))
                continue
            self.compare(old, place, new, news[name])
            if deep:
                self.scopes(old.inside(name), new.inside(name), deep=True)

    def compare(self, old: _Scope, was: SourceSymbol, new: _Scope, now: SourceSymbol) -> None:
        """Compare what a definition takes with what its partner takes."""
        if was.text == now.text or old.defined.file is None or new.defined.file is None:
            return
        before = self.signature_of(old.defined.file, was.symbol)
        after = self.signature_of(new.defined.file, now.symbol)
        if before is not None and after is not None and difference(before, after):
            change = Change(kind="signature", old=was, new=now, before=before, after=after)
            self.found.append(change)

    def match(self) -> None:
        """Find out what became of that which is gone; the outer ones first."""
        while self.removed:
            scope, place = self.removed.pop(0)
            name = place.symbol.name
            partner = self._partner(scope, place)
            if partner is None:
                self.found.append(Change(kind="removed", old=place))
                inner = scope.inside(name)
                self.removed += [(inner, one) for one in inner.places().values()]
                continue
            self.fresh.remove(partner)
            new, now = partner
            kind: ChangeKind = "moved" if now.symbol.name == name else "renamed"
            self.found.append(Change(kind=kind, old=place, new=now))
            self.compare(scope, place, new, now)
            self.scopes(scope.inside(name), new.inside(now.symbol.name), deep=True)

    def _partner(self, scope: _Scope, place: SourceSymbol) -> tuple[_Scope, SourceSymbol] | None:
        near = [each for each in self.fresh if _group(each[1]) == _group(place)]
        best = max(near, key=lambda each: _likeness(scope, place, each), default=None)
        return best if best and _likeness(scope, place, best) >= _ALIKE else None


def _group(place: SourceSymbol) -> str:
    """Name the kinds of definitions that one can be exchanged for."""
    return _GROUPS[place.symbol.kind]


def _likeness(scope: _Scope, place: SourceSymbol, other: tuple[_Scope, SourceSymbol]) -> float:
    """Say how well another definition could be what one has become; 1 and more = surely."""
    around, now = other
    same_name = now.symbol.name == place.symbol.name
    same_scope = around.parent == scope.parent and now.path == place.path
    if not same_name and not same_scope:
        return 0.0
    alike = _alike(place, now)
    if same_name:  # top-level names are rarely the same by chance
        return alike + (1.0 if not scope.parent and not around.parent else 0.2)
    return alike


def _alike(one: SourceSymbol, other: SourceSymbol) -> float:
    mine, theirs = (
        place.text.replace(place.symbol.name, "_").split()[:_LONG] for place in (one, other)
    )
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio()


def outermost(found: Iterable[Change]) -> Iterator[Change]:
    """Leave out what went along with the definition around it."""
    changes = list(found)
    whole = {(each.old.path, each.old.symbol.qualified, each.kind) for each in changes}
    for each in changes:
        if (each.old.path, each.old.symbol.parent, each.kind) not in whole:
            yield each
