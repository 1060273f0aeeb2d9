"""Two snapshots -> which definitions went, moved, got another name or take something else.

Definitions are paired by their names, scope by scope. What has no partner in its own scope is
looked for elsewhere in the change: under the same name, it moved; with a like text, it was renamed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from codeorch.domain import ChangeKind, Snapshot, SourceFile, Symbol
from codeorch.names.signatures import Signature, difference

_GROUPS: Final = {
    "function": "call", "method": "call", "class": "type", "interface": "type", "type": "type",
    "enum": "type", "variable": "value", "field": "value", "macro": "value", "module": "module",
}  # fmt: skip
_ALIKE: Final = 0.6  # of the words of a definition, for a new name
_LONG: Final = 300  # words of a definition that are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A definition in a file."""

    path: str
    symbol: Symbol
    text: str

    @property
    def group(self) -> str:
        """What it can be exchanged for."""
        return _GROUPS[self.symbol.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A definition before and after; `new` is None when it is gone."""

    kind: ChangeKind
    old: Place
    new: Place | None = None
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
        old, new = before.files.get(path), after.files.get(path)
        pairing.scopes(_Scope.of(old), _Scope.of(new))
    pairing.match()
    return tuple(pairing.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What a file, or a definition in it, defines directly."""

    file: SourceFile | None
    parent: str = ""

    @classmethod
    def of(cls, file: SourceFile | None) -> "_Scope":
        return cls(file=file)

    def places(self) -> dict[str, Place]:
        if self.file is None:
            return {}
        data = self.file.text.encode("utf-8", "surrogatepass")
        return {
            each.name: Place(
                path=self.file.path,
                symbol=each,
                text=data[each.start : each.end].decode("utf-8", "replace"),
            )
            for each in self.file.symbols
            if each.parent == self.parent
        }

    def inside(self, name: str) -> "_Scope":
        parent = f"{self.parent}.{name}" if self.parent else name
        return _Scope(file=self.file, parent=parent)


@dataclass(slots=True, kw_only=True)
class _Pairing:
    """Pairs definitions; what has no partner waits in `gone` and `fresh`."""

    signature_of: SignatureOf
    gone: list[tuple[_Scope, Place]] = field(default_factory=list)
    fresh: list[tuple[_Scope, Place]] = field(default_factory=list)
    found: list[Change] = field(default_factory=list)

    def scopes(self, old: _Scope, new: _Scope) -> None:
        """Pair what two scopes define under the same names."""
        olds, news = old.places(), new.places()
        self.fresh += [(new, place) for name, place in news.items() if name not in olds]
        for name, place in olds.items():
            if name in news:
                self.pair(old, place, new, news[name])
            else:
                self.gone.append((old, place))

    def pair(self, old: _Scope, was: Place, new: _Scope, now: Place) -> None:
        """Compare a definition with what it has become, and what the two hold."""
        if was.text == now.text and was.symbol.name == now.symbol.name:
            return
        assert old.file is not None
        assert new.file is not None
        before = self.signature_of(old.file, was.symbol)
        after = self.signature_of(new.file, now.symbol)
        if before is not None and after is not None and difference(before, after):
            change = Change(kind="signature", old=was, new=now, before=before, after=after)
            self.found.append(change)
        if was.group != "call":  # what a function defines is nobody else's
            self.scopes(old.inside(was.symbol.name), new.inside(now.symbol.name))

    def match(self) -> None:
        """Find out what became of that which is gone; the outer ones first."""
        while self.gone:
            scope, place = self.gone.pop(0)
            partner = self._partner(scope, place)
            if partner is None:
                self.found.append(Change(kind="removed", old=place))
                if place.group != "call":
                    inner = scope.inside(place.symbol.name)
                    self.gone += [(inner, one) for one in inner.places().values()]
                continue
            self.fresh.remove(partner)
            new, now = partner
            kind: ChangeKind = "moved" if now.symbol.name == place.symbol.name else "renamed"
            self.found.append(Change(kind=kind, old=place, new=now))
            self.pair(scope, place, new, now)

    def _partner(self, scope: _Scope, place: Place) -> tuple[_Scope, Place] | None:
        near = [each for each in self.fresh if each[1].group == place.group]
        best = max(near, key=lambda each: _likeness(scope, place, each), default=None)
        return best if best and _likeness(scope, place, best) >= _ALIKE else None


def _likeness(scope: _Scope, place: Place, other: tuple[_Scope, Place]) -> float:
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


def _alike(one: Place, other: Place) -> float:
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
