"""The reference gate: changed definitions, the uses they left behind, and how sure that is."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from codeorch.check.complete.changes import Change, changes, outermost
from codeorch.check.complete.grading import Evidence, graded
from codeorch.check.complete.languages import family_of, readers, signature_of
from codeorch.check.complete.uses import Reader, Site, Use
from codeorch.domain import (
    Certainty,
    Completeness,
    Excuse,
    Excused,
    Gap,
    Snapshot,
    SymbolChange,
)
from codeorch.names.signatures import misfit, shifted

_ORDER: Final[Sequence[Certainty]] = ("sure", "likely", "maybe")


def references(
    before: Snapshot, after: Snapshot, changed: Iterable[str], excuses: Sequence[Excuse] = ()
) -> Completeness:
    """Find the uses that a change broke or forgot, over the whole repository.

    `changed` are the paths that differ, old and new ones. A file is parsed only when it is one of
    these or holds a changed name.
    """
    paths = sorted(set(changed))
    found = changes(before, after, paths, signature_of)
    gate = _Gate(
        paths=paths,
        found=found,
        before=_Side(snapshot=before),
        after=_Side(snapshot=after),
    )
    gaps = sorted(set(gate.gaps()), key=lambda gap: (gap.path, gap.line, gap.symbol))
    open_gaps, excused = _excused(gaps, excuses)
    return Completeness(
        changes=tuple(_told(each) for each in outermost(found)),
        gaps=open_gaps,
        excused=excused,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two snapshots, with what is known of its names."""

    snapshot: Snapshot
    _readers: dict[str, Reader] = field(default_factory=dict)

    def reader(self, family: str) -> Reader:
        """Give the reader of a family of languages."""
        if family not in self._readers:
            self._readers[family] = readers(self.snapshot, family)
        return self._readers[family]

    def family(self, path: str) -> str:
        """Name the family of a file's language; empty when no reader knows it."""
        return family_of(self.snapshot.bare(path).language) if path in self.snapshot.files else ""

    def holding(self, family: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give each path of a family and each of the names that it holds."""
        words = {name: re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])") for name in names}
        for path in self.snapshot.files:
            if self.family(path) == family:
                text = self.snapshot.bare(path).text
                for name, word in words.items():
                    if name in text and word.search(text):
                        yield path, name

    def line(self, path: str, number: int) -> str:
        """Give a line of a file, without what is around it."""
        lines = self.snapshot.bare(path).text.split("\n")
        return lines[number - 1].strip() if number <= len(lines) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    paths: Sequence[str]
    found: Sequence[Change]
    before: _Side
    after: _Side

    def gaps(self) -> Iterator[Gap]:
        """Give every gap, family by family."""
        families = {self.after.family(path) or self.before.family(path) for path in self.paths}
        for family in sorted(families - {""}):
            ours = [each for each in self.found if self._family(each.old.path) == family]
            yield from self._lost(family, [each for each in ours if each.kind != "signature"])
            yield from self._misfits(family, [each for each in ours if each.kind == "signature"])
            yield from self._in_changed(family)

    def _family(self, path: str) -> str:
        return self.before.family(path) or self.after.family(path)

    # --------------------------------------------------------------------------- lost names

    def _lost(self, family: str, found: Sequence[Change]) -> Iterator[Gap]:
        """Find the uses of names that went, moved or were renamed."""
        by_name: dict[str, list[Change]] = defaultdict(list)
        for each in found:
            by_name[each.name].append(each)
        reader, old = self.after.reader(family), self.before.reader(family)
        evidence = {
            name: Evidence.of(name, each, old, reader, self.paths) for name, each in by_name.items()
        }
        for path, name in self.after.holding(family, by_name):
            known = self._known(family, path, name)
            for use in reader.lost(path, name):
                if use.certainty is not None and known[_key(use)] > 0:
                    known[_key(use)] -= 1
                    continue
                certainty = use.certainty or graded(use, evidence[name])
                if certainty is not None:
                    yield self._gap(use, by_name[name], certainty)

    def _known(self, family: str, path: str, name: str) -> Counter[tuple[str, str, str]]:
        """Count the uses that stood for nothing before, too."""
        if path not in self.before.snapshot.files:
            return Counter()
        lost = self.before.reader(family).lost(path, name)
        return Counter(_key(use) for use in lost if use.certainty is not None)

    def _gap(self, use: Use, causes: Sequence[Change], certainty: Certainty) -> Gap:
        cause = _cause(use, causes)
        return Gap(
            symbol=cause.old.symbol.qualified if cause else use.name,
            change=cause.kind if cause else "import",
            path=use.path,
            line=use.line,
            text=self.after.line(use.path, use.line),
            certainty=certainty,
            suggestion=cause.detail if cause else use.why,
        )

    # --------------------------------------------------------------------------- calls

    def _misfits(self, family: str, found: Sequence[Change]) -> Iterator[Gap]:
        """Find the calls that do not fit what is called any more."""
        by_name: dict[str, list[Change]] = defaultdict(list)
        reader = self.after.reader(family)
        for each in found:
            for name in reader.called_as(each.new or each.old):
                by_name[name].append(each)
        for path, name in self.after.holding(family, by_name):
            old = self._old_calls(family, path, name)
            for site in reader.sites(path, name):
                for cause in by_name[name]:
                    yield from self._misfit(site, cause, old)

    def _old_calls(self, family: str, path: str, name: str) -> Mapping[str, Site]:
        if path not in self.before.snapshot.files:
            return {}
        return {site.text: site for site in self.before.reader(family).sites(path, name)}

    def _misfit(self, site: Site, cause: Change, old: Mapping[str, Site]) -> Iterator[Gap]:
        assert cause.new is not None
        meant = [each for each in site.targets if _is_place(each.path, each.line, cause)]
        if not meant or site.call is None:
            return
        wrong = [misfit(each.signature, site.call) for each in site.targets]
        was = old.get(site.text)
        if all(wrong):
            if was is not None and was.targets and all(_faults(was)):
                return
            plain = site.exact and all(each.plain for each in meant)
            yield self._call_gap(site, cause, wrong[0], "sure" if plain else "likely")
        elif site.exact and was is not None and any(wrong) is False:
            name = shifted(cause.before, cause.after, site.call)
            if name:
                why = f"a positional argument of this call meant `{name}` before"
                yield self._call_gap(site, cause, why, "likely")

    def _call_gap(self, site: Site, cause: Change, why: str, certainty: Certainty) -> Gap:
        return Gap(
            symbol=cause.old.symbol.qualified,
            change="signature",
            path=site.path,
            line=site.line,
            text=self.after.line(site.path, site.line),
            certainty=certainty,
            suggestion=f"{cause.detail}; {why}",
        )

    # --------------------------------------------------------------------------- changed files

    def _in_changed(self, family: str) -> Iterator[Gap]:
        """Find what the changed files use and nobody defines."""
        del family
        yield from ()


def _key(use: Use) -> tuple[str, str, str]:
    return use.name, use.role, use.receiver


def _faults(site: Site) -> list[str]:
    return [misfit(each.signature, site.call) if site.call else "" for each in site.targets]


def _is_place(path: str, line: int, cause: Change) -> bool:
    new = cause.new
    return new is not None and new.path == path and (new.symbol.line <= line <= new.symbol.end_line)


def _cause(use: Use, causes: Sequence[Change]) -> Change | None:
    """Choose the change that a use most probably suffers from."""
    same = [each for each in causes if each.old.path == use.path]
    return next(iter([*same, *causes]), None)


def _told(change: Change) -> SymbolChange:
    return SymbolChange(
        symbol=change.old.symbol.qualified,
        change=change.kind,
        path=change.old.path,
        detail=change.detail,
    )


def _excused(
    gaps: Sequence[Gap], excuses: Sequence[Excuse]
) -> tuple[tuple[Gap, ...], tuple[Excused, ...]]:
    kept: list[Gap] = []
    excused: list[Excused] = []
    for gap in gaps:
        why = next((each.why for each in excuses if _covers(each, gap)), "")
        if why:
            excused.append(Excused(gap=gap, why=why))
        else:
            kept.append(gap)
    return tuple(kept), tuple(excused)


def _covers(excuse: Excuse, gap: Gap) -> bool:
    named = excuse.name in (gap.symbol, gap.symbol.rpartition(".")[2])
    return named and excuse.path in ("", gap.path)
