"""The reference gate: changed definitions, the uses they left behind, and how sure that is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from codeorch.analysis.parse_cache import ParseCache
from codeorch.domain import (
    ChangeSet,
    Completeness,
    Mention,
    MissedUse,
    Snapshot,
    SymbolChange,
    UseKind,
    WaivedUse,
    Waiver,
)
from codeorch.engines import Engines
from codeorch.languages import symbol_signature
from codeorch.references.broken_uses import (
    broken_entry_points,
    broken_imports,
    broken_names,
    broken_reexports,
)
from codeorch.references.calls import misfits
from codeorch.references.changes import Change, changes, outermost
from codeorch.references.new_uses import new_calls, new_names
from codeorch.references.overrides import stale_bases, stale_overrides
from codeorch.references.snapshot_pair import SnapshotPair, SnapshotSide
from codeorch.references.test_data import is_test_data
from codeorch.references.text_mentions import mentions, removed_keys, removed_names
from codeorch.references.type_check import type_check
from codeorch.references.type_errors import type_errors

_LOOKS: Mapping[Callable[[SnapshotPair], Iterator[MissedUse]], UseKind] = {
    broken_names: "use", broken_entry_points: "text", broken_reexports: "use",
    broken_imports: "use", stale_overrides: "override", stale_bases: "override", misfits: "call",
    new_names: "use", new_calls: "call", type_errors: "use",
}  # fmt: skip
_ORDER = ("sure", "likely", "maybe")


def references(
    before: Snapshot,
    after: Snapshot,
    changed: Iterable[str],
    waivers: Sequence[Waiver] = (),
    engines: Engines | None = None,
) -> Completeness:
    """Find the uses that a change broke or forgot, over the whole repository.

    `changed` are the paths that differ, old and new ones. A file is parsed only when it is one of
    these or holds a changed name. Of the engines that read a language of the change the first
    is asked that answers; see `type_check`.
    """
    paths = sorted(set(changed))
    parses = ParseCache()
    found = changes(before, after, paths, partial(symbol_signature, parses))
    sides = (
        SnapshotSide(snapshot=before, parses=parses),
        SnapshotSide(snapshot=after, parses=parses),
    )
    families = [
        replace(each, type_check=type_check(each, engines or Engines()))
        for each in _families(sides, paths, found)
    ]
    by_place = _by_place(gap for each in families for gap in _gaps(each))
    gaps = tuple(gap for gap in by_place if not is_test_data(after, gap.path))
    open_gaps, waived = _split_waived(gaps, waivers)
    names = [*removed_names(found), *removed_keys(before, after, paths)]
    removed = [path for path in paths if path not in after.files]
    return Completeness(
        changes=tuple(_symbol_change(each) for each in outermost(found)),
        gaps=open_gaps,
        waived_uses=waived,
        mentions=tuple(_elsewhere(mentions(after, names, removed, parses), gaps)),
        type_checkers=tuple(each.type_check.engine for each in families if each.type_check),
        unchecked=tuple(each.family for each in families if each.type_check is None),
    )


def complete(
    before: Snapshot,
    change: ChangeSet,
    waivers: Sequence[Waiver] = (),
    engines: Engines | None = None,
) -> Completeness:
    """Hold a change against the snapshot that it was made for."""
    files = change.files
    if not files:
        return Completeness()
    return references(before, before.with_files(files), files, waivers, engines)


def _families(
    sides: tuple[SnapshotSide, SnapshotSide], paths: Sequence[str], found: Sequence[Change]
) -> Iterator[SnapshotPair]:
    """Split a change by families of languages: names mean nothing across them."""
    before, after = sides
    of_path = {path: after.family(path) or before.family(path) for path in paths}
    for family in sorted({*of_path.values()} - {""}):
        yield SnapshotPair(
            family=family,
            before=before,
            after=after,
            paths=[path for path in paths if of_path[path] == family],
            changes=[each for each in found if of_path[each.old.path] == family],
        )


def _gaps(sides: SnapshotPair) -> Iterator[MissedUse]:
    for look, kind in _LOOKS.items():
        yield from (gap if gap.kind != "use" else replace(gap, kind=kind) for gap in look(sides))


def _by_place(gaps: Iterable[MissedUse]) -> Iterator[MissedUse]:
    """Give one gap for each symbol on a line, the surest, in the order of places."""
    seen: set[tuple[str, int, str]] = set()
    for gap in sorted(gaps, key=lambda gap: _ORDER.index(gap.certainty)):
        place = (gap.path, gap.line, gap.symbol)
        if place not in seen:
            seen.add(place)
            yield gap


def _elsewhere(lines: Iterable[Mention], gaps: Iterable[MissedUse]) -> Iterator[Mention]:
    """Give the mentions on lines that no gap names."""
    places = {(gap.path, gap.line) for gap in gaps}
    return (each for each in lines if (each.path, each.line) not in places)


def _symbol_change(change: Change) -> SymbolChange:
    new = change.new
    return SymbolChange(
        symbol=change.old.symbol.qualified,
        change=change.kind,
        path=change.old.path,
        detail=change.detail,
        line=change.old.symbol.line,
        new_path=new.path if new else "",
        new_line=new.symbol.line if new else 0,
        new_symbol=new.symbol.qualified if new else "",
    )


def _split_waived(
    gaps: Sequence[MissedUse], waivers: Sequence[Waiver]
) -> tuple[tuple[MissedUse, ...], tuple[WaivedUse, ...]]:
    kept: list[MissedUse] = []
    waived: list[WaivedUse] = []
    for gap in sorted(gaps, key=lambda gap: (gap.path, gap.line)):
        why = next((each.why for each in waivers if each.covers(gap.symbol, gap.path)), "")
        if why:
            waived.append(WaivedUse(gap=gap, why=why))
        else:
            kept.append(gap)
    return tuple(kept), tuple(waived)
