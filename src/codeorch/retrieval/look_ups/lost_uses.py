"""Definitions of one family of languages -> what its files lose without them.

The files are read once as they are and once with the definitions called something else. A use that
then stands for nothing is surely one of theirs: imports, types of receivers and inheritance are
followed by the language's own reader. Imports that are lost are called something else as well, and
so on, until nothing more is lost: so names that are handed on, and bare names behind an import, are
found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.use_sites import Reader, Use
from codeorch.domain import SourceFile
from codeorch.languages import FAMILIES, all_receivers
from codeorch.retrieval.look_ups.definitions import Defined

# Files and places that are analysed for one name; each takes some ms, and more where imports are
# not followed: there each class that a receiver may have is searched for by its name.
_MOST, _MOST_BY_NAME = (200, 1_000), (80, 500)
_LIKE: Final = 3  # letters that a receiver must have to be like a class
_ROUNDS: Final = 5  # of following names that are handed on
_HIDDEN: Final = "Q"  # what a name is called instead, once for each of its characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of a name in a file; `start` in characters."""

    start: int
    line: int
    kind: str  # of the reference


@dataclass(frozen=True, slots=True, kw_only=True)
class LostUses:
    """The uses of a file that stand for nothing without the definitions, by where they start."""

    sure: frozenset[int] = frozenset()
    likely: frozenset[int] = frozenset()  # called on something that is named like the class
    unknown: frozenset[int] = frozenset()  # called on nobody knows what
    imports: frozenset[int] = frozenset()  # those of the sure ones that hand the name on

    def __add__(self, other: "LostUses") -> "LostUses":
        return LostUses(
            sure=self.sure | other.sure,
            likely=self.likely | other.likely,
            unknown=self.unknown | other.unknown,
            imports=self.imports | other.imports,
        )


@dataclass(frozen=True, kw_only=True)
class FamilyUses:
    """The definitions of a name, and the places that hold it, in one family of languages."""

    family: str
    files: FamilyFiles
    reader: Reader  # of these files
    found: Sequence[Defined]
    holders: Mapping[str, SourceFile]
    places: Mapping[str, Sequence[Place]]  # of each holder

    @classmethod
    def of(
        cls,
        family: str,
        files: FamilyFiles,
        found: Sequence[Defined],
        holders: Mapping[str, SourceFile],
        places: Mapping[str, Sequence[Place]],
    ) -> "FamilyUses":
        """Make it; where imports are not followed, only the files that hold the name count."""
        reader = FAMILIES[family].reader(files)
        if not any(True for _ in reader.module_names(found[0].file.path)):
            near = {*holders, *(one.file.path for one in found)} & files.texts.keys()
            files = replace(files, texts={path: files.texts[path] for path in near})
            reader = FAMILIES[family].reader(files)
        return cls(
            family=family, files=files, reader=reader, found=found, holders=holders, places=places
        )

    @property
    def name(self) -> str:
        """The name of the definitions."""
        return self.found[0].symbol.name

    @cached_property
    def _follows_imports(self) -> bool:
        return any(True for _ in self.reader.module_names(self.found[0].file.path))

    @cached_property
    def _others(self) -> Mapping[str, int]:
        """Counts what defines the name, by the class around it."""
        if self._follows_imports:
            return self.reader.definers(self.name)
        symbols = (one for file in self.holders.values() for one in file.symbols)
        return Counter(_owner(one.parent) for one in symbols if one.name == self.name)

    def lost(self) -> Mapping[str, LostUses]:
        """Return what each file loses, of those that there is time to analyse.

        The definitions are hidden, and then what hands them on, until nothing more is lost.
        """
        paths = self._closest()
        hidden: dict[str, set[int]] = {path: set() for path in paths}
        for one in self.found:
            hidden.setdefault(one.file.path, set()).add(start_of(one))
        lost: dict[str, LostUses] = {path: LostUses() for path in paths}
        for _ in range(_ROUNDS):
            after = self._without(hidden)
            more = False
            for path in paths:
                now = self._losses(path, after)
                lost[path] += now
                handed_on = _imports_at(self.places[path], now.imports) - hidden[path]
                hidden[path] |= handed_on
                more = more or bool(handed_on)
            if not more:
                break
        return lost

    def _closest(self) -> list[str]:
        """Return the files to analyse: sources first, and those that name the class."""
        owners = [owner for one in self.found if (owner := _owner(one.symbol.parent))]

        def order(file: SourceFile) -> tuple[bool, bool]:
            return file.role == "test", not any(owner in file.text for owner in owners)

        most, room = _MOST if self._follows_imports else _MOST_BY_NAME
        chosen: list[str] = []
        for file in sorted(self.holders.values(), key=order)[:most]:
            room -= len(self.places[file.path])
            if room < 0 and chosen:
                break
            chosen.append(file.path)
        return chosen

    def _without(self, hidden: Mapping[str, set[int]]) -> Reader:
        """Return a reader of the files in which some places of the name are called otherwise."""
        texts = dict(self.files.texts)
        for path, starts in hidden.items():
            if starts and path in texts:
                texts[path] = texts[path][0], _with_hidden(texts[path][1], starts, len(self.name))
        return FAMILIES[self.family].reader(replace(self.files, texts=texts))

    def _losses(self, path: str, after: Reader) -> LostUses:
        """Return what a file loses with what is hidden."""
        fixtures = any(one.file.role == "test" for one in self.found)  # any parameter may be one
        gone = [
            use
            for use in after.unresolved_uses(path, self.name)
            if use.role != "fixture" or fixtures
        ]
        known: set[int] = set()
        if any(use.certainty is not None for use in gone):
            uses = self.reader.unresolved_uses(path, self.name)
            known = {use.start for use in uses if use.certainty is not None}
        unknown = [use for use in gone if use.certainty is None]
        new = [use for use in gone if use.certainty is not None and use.start not in known]
        new += [use for use in unknown if self._is_only_one(use)]
        return LostUses(
            sure=frozenset(use.start for use in new),
            likely=frozenset(use.start for use in unknown if self._is_like(use)),
            unknown=frozenset(use.start for use in unknown),
            imports=frozenset(use.start for use in new if use.role == "import"),
        )

    def _is_only_one(self, use: Use) -> bool:
        """Whether a use of something unknown means a definition: nothing else has its name."""
        owners = {_owner(one.symbol.parent) for one in self.found}
        if use.receiver in all_receivers():
            return False  # it is another class's: its own ones are known
        return set(self._others) <= owners and not (use.role == "member" and owners == {""})

    def _is_like(self, use: Use) -> bool:
        """Whether a receiver is named like the class: `cart`, `_cart`, `req` of a `Request`."""
        last = use.receiver.rpartition(".")[2].partition("(")[0].strip("_$*&!?")
        receiver = last.replace("_", "").lower()
        if len(receiver) < _LIKE:
            return False
        owners = (_owner(one.symbol.parent).replace("_", "").lower() for one in self.found)
        return any(owner and (receiver in owner or owner in receiver) for owner in owners)


def _owner(parent: str) -> str:
    return parent.rpartition(".")[2]


def start_of(one: Defined) -> int:
    """Return where the name of a definition starts, in characters."""
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


def _imports_at(places: Sequence[Place], lost: frozenset[int]) -> set[int]:
    """Return where the imports stand whose name, or alias of the same name, was lost."""
    lines = {place.line for place in places if place.start in lost}
    return {place.start for place in places if place.kind == "import" and place.line in lines}
