"""Definitions -> their uses, sure and doubtful ones apart, by what would break if they went.

The files are read once as they are and once with the definitions called something else. A use that
then stands for nothing is surely one of theirs: imports, types of receivers and inheritance are
followed by the language's own reader. Imports that are lost are called something else as well, and
so on, until nothing more is lost: so names that are handed on, and bare names behind an import, are
found. A use whose receiver nobody knows is doubtful, likely if the receiver is named like the
class, and sure if nothing else has the name. All other places of the name mean something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.parse_cache import ParseCache
from codeorch.analysis.signatures import CallArguments
from codeorch.analysis.use_sites import Reader, SourceSymbol, Use
from codeorch.domain import Snapshot, SourceFile
from codeorch.languages import FAMILIES, all_receivers, facts_of, family_files, family_of
from codeorch.retrieval.look_ups.definitions import Defined

# likely: called on something that is named like the class; doubtful: on nobody knows what;
# unread: in a file beyond those that are analysed; other: it means something else.
Sureness = Literal["sure", "likely", "doubtful", "unread", "other"]
_FILES, _PLACES = 250, 1_500  # that are analysed for one name; it takes some ms each
_LIKE: Final = 3  # letters that a receiver must have to be like a class
_ROUNDS: Final = 5  # of following names that are handed on
_HIDDEN: Final = "Q"  # what a name is called instead, once for each of its characters


@dataclass(frozen=True, slots=True, kw_only=True)
class NameUse:
    """A place that holds a name; `form` says what a call hands over, e.g. `2 by position, tax=`."""

    path: str
    line: int
    kind: str  # of the reference
    sureness: Sureness
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A place of the name; `start` in characters."""

    start: int
    line: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """The uses of a file that stand for nothing without the definitions, by where they start."""

    sure: frozenset[int] = frozenset()
    likely: frozenset[int] = frozenset()
    unknown: frozenset[int] = frozenset()
    imports: frozenset[int] = frozenset()  # those of the sure ones that hand the name on


class UseFinder:
    """Finds the uses of definitions in one commit; what it has parsed serves the next question."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._parses = ParseCache()
        self._files: dict[str, FamilyFiles] = {}
        self._readers: dict[str, Reader] = {}

    def uses(self, found: Sequence[Defined], paths: Iterable[str]) -> tuple[NameUse, ...]:
        """Return every place of the files at `paths` that holds the name of some definitions.

        All of them have one name; only code is looked at.
        """
        name = found[0].symbol.name
        files = [self._snapshot.files[path] for path in paths]
        places = {file.path: list(_places(file, name)) for file in files}
        families = {file.path: family_of(file.language) for file in files}
        homes = {family_of(one.file.language) for one in found}
        uses: list[NameUse] = []
        for family in dict.fromkeys(families.values()):
            own = [one for one in found if family_of(one.file.language) == family]
            some = [file for file in files if families[file.path] == family]
            lost = self._lost(family, own, places, _closest(some, own, places)) if own else {}
            # Another language may use it all the same, if nothing there is called so.
            rest: Sureness = "unread" if own else "doubtful"
            if not own and (not family or _defines(some, name) or not homes - {""}):
                rest = "other"
            for file in some:
                mine = places[file.path]
                if file.path in lost:
                    uses += self._of_file(file.path, name, mine, lost[file.path], family)
                else:
                    uses += _unread(file.path, mine, rest)
        order = {path: place for place, path in enumerate(places)}
        return tuple(sorted(uses, key=lambda use: (order[use.path], use.line)))

    def is_constructor(self, one: Defined) -> bool:
        """Return whether a definition is called by the name of the class that it is in."""
        facts = facts_of(one.file.language)
        if one.symbol.name == facts.initializer or not (facts.family and one.symbol.parent):
            return one.symbol.name == facts.initializer
        place = SourceSymbol(path=one.file.path, symbol=one.symbol, text="")
        return next(iter(self._reader(facts.family).call_names(place))) != one.symbol.name

    def _of_file(
        self, path: str, name: str, places: Sequence[_Place], lost: _Lost, family: str
    ) -> Iterator[NameUse]:
        wanted = lost.imports or any(place.start in lost.sure | lost.likely for place in places)
        calls = self._reader(family).sites(path, name) if wanted else ()
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
            if site.name != name:  # imported under another name
                form = _form(site.call) if site.call else ""
                yield NameUse(path=path, line=site.line, kind="call", sureness="sure", form=form)

    # --------------------------------------------------------------------------- what is lost

    def _reader(self, family: str) -> Reader:
        if family not in self._readers:
            self._files[family] = family_files(self._snapshot, family, self._parses)
            self._readers[family] = FAMILIES[family].reader(self._files[family])
        return self._readers[family]

    def _lost(
        self,
        family: str,
        found: Sequence[Defined],
        places: Mapping[str, Sequence[_Place]],
        paths: Sequence[str],
    ) -> Mapping[str, _Lost]:
        """Hide the definitions, and then what hands them on, until nothing more is lost."""
        name, before = found[0].symbol.name, self._reader(family)
        files = self._files[family]
        hidden: dict[str, set[int]] = {path: set() for path in paths}
        for one in found:
            hidden.setdefault(one.file.path, set()).add(_start(one))
        lost: dict[str, _Lost] = {}
        others = before.definers(name)
        for _ in range(_ROUNDS):
            texts = dict(files.texts)
            for path, starts in hidden.items():
                if starts and path in texts:
                    texts[path] = texts[path][0], _with_hidden(texts[path][1], starts, len(name))
            after = FAMILIES[family].reader(replace(files, texts=texts))
            more = False
            for path in paths:
                now = _losses(path, found, (before, after), others)
                known = lost.get(path, _Lost())
                lost[path] = _Lost(
                    sure=known.sure | now.sure,
                    likely=known.likely | now.likely,
                    unknown=known.unknown | now.unknown,
                    imports=known.imports | now.imports,
                )
                if handed_on := _imports_at(places[path], now.imports) - hidden[path]:
                    hidden[path] |= handed_on
                    more = True
            if not more:
                break
        return lost


def _losses(
    path: str, found: Sequence[Defined], sides: tuple[Reader, Reader], others: Mapping[str, int]
) -> _Lost:
    """Return what a file loses with the definitions; `others` counts all that has the name."""
    before, after = sides
    name = found[0].symbol.name
    fixtures = any(one.file.role == "test" for one in found)  # any parameter of a test may be one
    gone = [use for use in after.unresolved_uses(path, name) if use.role != "fixture" or fixtures]
    known: set[int] = set()
    if any(use.certainty is not None for use in gone):
        uses = before.unresolved_uses(path, name)
        known = {use.start for use in uses if use.certainty is not None}
    unknown = [use for use in gone if use.certainty is None]
    new = [use for use in gone if use.certainty is not None and use.start not in known]
    new += [use for use in unknown if _is_only_one(use, found, others)]
    return _Lost(
        sure=frozenset(use.start for use in new),
        likely=frozenset(use.start for use in unknown if _is_like(use, found)),
        unknown=frozenset(use.start for use in unknown),
        imports=frozenset(use.start for use in new if use.role == "import"),
    )


def _owners(found: Sequence[Defined]) -> set[str]:
    """Name the classes that definitions are members of; empty for none."""
    return {one.symbol.parent.rpartition(".")[2] for one in found}


def _is_only_one(use: Use, found: Sequence[Defined], others: Mapping[str, int]) -> bool:
    """Whether a use of something unknown means a definition, since nothing else has its name."""
    owners = _owners(found)
    if use.receiver in all_receivers():
        return False  # it is another class's: its own ones are known
    return set(others) <= owners and not (use.role == "member" and owners == {""})


def _is_like(use: Use, found: Sequence[Defined]) -> bool:
    """Whether a receiver is named like the class: `cart`, `self._cart`, `req` of a `Request`."""
    last = use.receiver.rpartition(".")[2].partition("(")[0].strip("_$*&!?")
    receiver = last.replace("_", "").lower()
    if len(receiver) < _LIKE:
        return False
    alike = (owner.replace("_", "").lower() for owner in _owners(found) if owner)
    return any(receiver in owner or owner in receiver for owner in alike)


def _sureness(place: _Place, lost: _Lost) -> Sureness:
    if place.start in lost.sure:
        return "sure"
    if place.start in lost.likely:
        return "likely"
    return "doubtful" if place.start in lost.unknown else "other"


def _closest(
    files: Sequence[SourceFile], found: Sequence[Defined], places: Mapping[str, Sequence[_Place]]
) -> list[str]:
    """Return the files to analyse, those that name the class first, as many as time allows."""
    owners = [owner for owner in _owners(found) if owner]
    order = sorted(files, key=lambda file: not any(owner in file.text for owner in owners))
    chosen: list[str] = []
    room = _PLACES
    for file in order[:_FILES]:
        room -= len(places[file.path])
        if room < 0 and chosen:
            break
        chosen.append(file.path)
    return chosen


def _defines(files: Iterable[SourceFile], name: str) -> bool:
    return any(symbol.name == name for file in files for symbol in file.symbols)


# ------------------------------------------------------------------------------- places


def _places(file: SourceFile, name: str) -> Iterator[_Place]:
    """Yield the references to a name in a file."""
    data = file.text.encode("utf-8", "surrogatepass")
    plain = len(data) == len(file.text)
    for each in file.references:
        if each.name == name:
            start = each.start if plain else len(data[: each.start].decode("utf-8", "replace"))
            yield _Place(start=start, line=each.line, kind=each.kind)


def _start(one: Defined) -> int:
    data = one.file.text.encode("utf-8", "surrogatepass")
    return len(data[: one.symbol.name_start].decode("utf-8", "replace"))


def _with_hidden(text: str, starts: Iterable[int], size: int) -> str:
    """Return a text in which the names that start somewhere are called something else."""
    parts: list[str] = []
    at = 0
    for start in sorted(starts):
        parts += [text[at:start], _HIDDEN * size]
        at = start + size
    return "".join([*parts, text[at:]])


def _imports_at(places: Sequence[_Place], lost: frozenset[int]) -> set[int]:
    """Return where the imports stand whose name, or alias of the same name, was lost."""
    lines = {place.line for place in places if place.start in lost}
    return {place.start for place in places if place.kind == "import" and place.line in lines}


def _unread(path: str, places: Iterable[_Place], sureness: Sureness) -> Iterator[NameUse]:
    """Yield the places of a file that no reader looked at."""
    for place in places:
        yield NameUse(path=path, line=place.line, kind=place.kind, sureness=sureness)


def _form(call: CallArguments) -> str:
    """Say what a call hands over."""
    parts = [f"{call.positions} by position"] * bool(call.positions)
    parts += [f"{name}=" for name in call.keywords]
    parts += ["unpacked ones"] * call.spread
    return "called with " + (", ".join(parts) or "no arguments")
