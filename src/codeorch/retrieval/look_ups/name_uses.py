"""Definitions -> every place of their name, sure, likely and doubtful uses apart.

`lost_uses` says which uses would stand for nothing without the definitions: these are sure. A use
whose receiver nobody knows is doubtful, likely if the receiver is named like the class, and sure if
nothing else has the name. All other places of the name mean something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.parse_cache import ParseCache
from codeorch.analysis.signatures import CallArguments
from codeorch.analysis.use_sites import SourceSymbol
from codeorch.domain import Snapshot, SourceFile
from codeorch.languages import FAMILIES, facts_of, family_files, family_of
from codeorch.retrieval.look_ups.definitions import Defined
from codeorch.retrieval.look_ups.lost_uses import FamilyUses, LostUses, Place

# likely: called on something that is named like the class; doubtful: on nobody knows what;
# unread: in a file beyond those that are analysed; other: it means something else.
Sureness = Literal["sure", "likely", "doubtful", "unread", "other"]
_KEPT: Final = 60  # files of one question whose trees may stay in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class NameUse:
    """A place that holds a name; `form` says what a call hands over, e.g. `2 by position, tax=`."""

    path: str
    line: int
    kind: str  # of the reference
    sureness: Sureness
    form: str = ""


class UseFinder:
    """Finds the uses of definitions in one commit; what it has parsed serves the next question."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._parses = ParseCache()
        self._files: dict[str, FamilyFiles] = {}

    def uses(self, found: Sequence[Defined], paths: Iterable[str]) -> tuple[NameUse, ...]:
        """Return every place of the files at `paths` that holds the name of some definitions.

        All of them have one name; only code is looked at.
        """
        name = found[0].symbol.name
        files = [self._snapshot.files[path] for path in paths]
        by_family: dict[str, dict[str, SourceFile]] = {}
        for file in files:
            by_family.setdefault(family_of(file.language), {})[file.path] = file
        uses: dict[str, list[NameUse]] = {}
        for family, holders in by_family.items():
            own = [one for one in found if family_of(one.file.language) == family]
            places = {path: list(_places(file, name)) for path, file in holders.items()}
            if family and own:
                uses |= self._of_family(family, own, holders, places)
                continue
            # Another language may use it all the same, if nothing there is called so.
            free = family and not _defines(holders.values(), name)
            sureness: Sureness = "doubtful" if free else "other"
            uses |= {path: list(_unread(path, places[path], sureness)) for path in holders}
        if len(files) > _KEPT:
            self._forget()
        return tuple(use for file in files for use in uses[file.path])

    def is_constructor(self, one: Defined) -> bool:
        """Return whether a definition is called by the name of the class that it is in."""
        facts = facts_of(one.file.language)
        if one.symbol.name == facts.initializer or not (facts.family and one.symbol.parent):
            return one.symbol.name == facts.initializer
        place = SourceSymbol(path=one.file.path, symbol=one.symbol, text="")
        reader = FAMILIES[facts.family].reader(self._files_of(facts.family))
        return next(iter(reader.call_names(place))) != one.symbol.name

    def _files_of(self, family: str) -> FamilyFiles:
        if family not in self._files:
            self._files[family] = family_files(self._snapshot, family, self._parses)
        return self._files[family]

    def _forget(self) -> None:
        """Drop the trees of many files, which take much memory."""
        self._parses = ParseCache()
        for family, files in self._files.items():
            self._files[family] = replace(files, parses=self._parses)

    def _of_family(
        self,
        family: str,
        found: Sequence[Defined],
        holders: Mapping[str, SourceFile],
        places: Mapping[str, Sequence[Place]],
    ) -> dict[str, list[NameUse]]:
        """Return the uses of each file of the definitions' own languages."""
        question = FamilyUses.of(family, self._files_of(family), found, holders, places)
        lost = question.lost()
        return {
            path: sorted(_classify_places(question, path, lost[path]), key=lambda use: use.line)
            if path in lost
            else list(_unread(path, places[path], "unread"))
            for path in holders
        }


def _classify_places(question: FamilyUses, path: str, lost: LostUses) -> Iterator[NameUse]:
    """Yield every place of the name in a file, with what calls hand over."""
    places = question.places[path]
    wanted = lost.imports or any(place.start in lost.sure | lost.likely for place in places)
    calls = question.reader.sites(path, question.name) if wanted else ()
    sites = {site.start: site for site in calls}
    lines: set[int] = set()  # with an import, which often says the name twice
    for place in places:
        site = sites.get(place.start)
        if place.kind == "import" and place.line in lines:
            continue
        lines |= {place.line} if place.kind == "import" else set()
        yield NameUse(
            path=path,
            line=place.line,
            kind=place.kind,
            sureness=_sureness(place, lost),
            form=_form(site.call) if site and site.call else "",
        )
    for site in sites.values() if lost.imports else ():
        if site.name != question.name:  # imported under another name
            form = _form(site.call) if site.call else ""
            yield NameUse(path=path, line=site.line, kind="call", sureness="sure", form=form)


def _sureness(place: Place, lost: LostUses) -> Sureness:
    if place.start in lost.sure:
        return "sure"
    if place.start in lost.likely:
        return "likely"
    return "doubtful" if place.start in lost.unknown else "other"


def _places(file: SourceFile, name: str) -> Iterator[Place]:
    """Yield the references to a name in a file."""
    data = file.text.encode("utf-8", "surrogatepass")
    plain = len(data) == len(file.text)
    for each in file.references:
        if each.name == name:
            start = each.start if plain else len(data[: each.start].decode("utf-8", "replace"))
            yield Place(start=start, line=each.line, kind=each.kind)


def _unread(path: str, places: Iterable[Place], sureness: Sureness) -> Iterator[NameUse]:
    """Yield the places of a file that no reader looked at."""
    for place in places:
        yield NameUse(path=path, line=place.line, kind=place.kind, sureness=sureness)


def _defines(files: Iterable[SourceFile], name: str) -> bool:
    return any(symbol.name == name for file in files for symbol in file.symbols)


def _form(call: CallArguments) -> str:
    """Say what a call hands over."""
    parts = [f"{call.positions} by position"] * bool(call.positions)
    parts += [f"{name}=" for name in call.keywords]
    parts += ["unpacked ones"] * call.spread
    return "called with " + (", ".join(parts) or "no arguments")
