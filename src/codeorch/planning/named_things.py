"""Request -> the definitions that it names, by what is written like code and nothing else.

A plain word that happens to be a name (`inspect`, `validate`) names nothing. A qualified name means
the definition in that class or module; `c.req.header` that of a class which is called like `req`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from codeorch.planning.dependencies import files_of
from codeorch.retrieval.look_ups import Codebase, Defined, LookUpError, NameUse, find_definitions

_SPAN: Final = re.compile(r"`([^`\n]+)`")
_PATH: Final = r"[A-Za-z_$][\w$]*(?:(?:\.|::|#|->)[A-Za-z_$][\w$]*)*"
_CODE: Final = re.compile(rf"[@.&*$]*({_PATH})(?:\W*|\s*[(<].*)")
_CALLED: Final = re.compile(rf"(?<![\w$./-])({_PATH})\(")
_DOTTED: Final = re.compile(r"(?<![\w./@-])[A-Za-z_]\w*(?:(?:\.|::|#)[A-Za-z_]\w+)+(?![\w/])")
_MARKED: Final = re.compile(
    r"(?<![\w./-])(?:\w+_\w+|_\w+|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*)(?![\w/-])"
)
_FENCED: Final = re.compile(r"^```[^\n]*\n.*?^```", re.MULTILINE | re.DOTALL)
_RUN: Final = re.compile(r"[\w./@+-]+")
_FILE: Final = re.compile(r"[\w./@+-]*\w\.\w+|[\w.@+-]+/[\w./@+-]*\w")
_LONGEST_PATH: Final = 1_000  # characters; what is longer is data
_SEPARATOR: Final = re.compile(r"::|->|[.#]")
_MOST: Final = 12  # names of a request
_SHORTEST, _LIKE = 3, 3  # characters of a name, and of a receiver that is like a class
_HOLDERS: Final = 60  # files with a name whose uses are analysed; more take too long
_PARTED: Final = 3  # definitions of one name, above which an outer one hides members


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThing:
    """What a request names. `definitions` is empty when nothing is called so."""

    written: str
    definitions: tuple[Defined, ...] = ()
    uses: tuple[NameUse, ...] = ()  # of all of them, surely or likely; else doubtful ones
    holders: tuple[str, ...] = ()  # the files of code that hold the bare name
    alike: tuple[Defined, ...] = ()  # what is called almost so, where there are no definitions

    @property
    def name(self) -> str:
        """The last part of what is written."""
        return _SEPARATOR.split(self.written)[-1]


def named_files(request: str, codebase: Codebase) -> tuple[str, ...]:
    """Return the files that a request names by their paths or names."""
    runs = (run for run in _RUN.findall(request) if len(run) <= _LONGEST_PATH)
    words = dict.fromkeys(word for run in runs for word in _FILE.findall(run))
    paths = codebase.snapshot.files.keys()
    found = (files_of(word.removeprefix("./"), paths) for word in words)
    return tuple(dict.fromkeys(files[0] for files in found if len(files) == 1))


def written_names(request: str) -> tuple[str, ...]:
    """Return the names of a request that are written like code, dotted ones whole, in its order.

    >>> written_names("Let `Cart.total()` call net_total, do not inspect it")
    ('Cart.total', 'net_total')
    """
    places: dict[str, int] = {}
    for span in _SPAN.finditer(request):
        if code := _CODE.fullmatch(span[1]):
            places.setdefault(code[1], span.start())
    prose = _FENCED.sub(lambda fence: " " * len(fence[0]), request)
    for pattern in (_CALLED, _DOTTED, _MARKED):
        for found in pattern.finditer(prose):
            name = found[1] if pattern.groups else found[0]
            places.setdefault(name, found.start())
    order = sorted(places, key=lambda name: places[name])
    long = [name for name in order if len(name) >= _SHORTEST]
    parts = {part for name in long for part in _SEPARATOR.split(name) if part != name}
    return tuple(name for name in long if name not in parts)


def named_things(request: str, codebase: Codebase) -> tuple[NamedThing, ...]:
    """Return what a request names, with definitions and uses."""
    found: list[NamedThing] = []
    files = {path.rpartition("/")[2] for path in named_files(request, codebase)}
    for written in written_names(request):
        if written not in files and len(found) < _MOST:
            found.append(_thing(written, codebase))
    return tuple(thing for thing in found if thing.definitions or _is_new(thing, codebase))


def _is_new(thing: NamedThing, codebase: Codebase) -> bool:
    """Whether a name that nothing has is one to come, and not one of a library."""
    head, *rest = _SEPARATOR.split(thing.written)
    if thing.holders:
        return False
    parts = {part.partition(".")[0] for path in codebase.ranked for part in path.split("/")}
    return not rest or head in parts or bool(codebase.names.definers(head, tests=False))


def _thing(written: str, codebase: Codebase) -> NamedThing:
    definitions = _definitions(written, codebase)
    name = _SEPARATOR.split(written)[-1]
    names, files = codebase.names, codebase.snapshot.files
    holders = tuple(sorted({*names.definers(name, tests=False), *names.users(name)} & files.keys()))
    if not definitions:
        alike = () if holders else tuple(_alike(name, codebase))
        return NamedThing(written=written, holders=holders, alike=alike)
    uses: tuple[NameUse, ...] = ()
    if len(holders) <= _HOLDERS and len({one.symbol.qualified for one in definitions}) == 1:
        some = codebase.use_finder.uses(definitions, holders)
        uses = tuple(use for use in some if use.sureness in ("sure", "likely"))
        uses = uses or tuple(use for use in some if use.sureness == "doubtful")
    return NamedThing(written=written, definitions=definitions, uses=uses, holders=holders)


def _definitions(written: str, codebase: Codebase) -> tuple[Defined, ...]:
    """Return what a name means; of one whose head is no class or module, by what it is like."""
    parts = _SEPARATOR.split(written)
    found = _definitions_or_none(written, codebase)
    if found and len({one.symbol.qualified for one in found}) > _PARTED:
        found = _definitions_or_none(written, codebase, exact=True)
    if found or len(parts) == 1:
        return found
    found = _definitions_or_none(parts[-1], codebase)
    like = parts[-2].replace("_", "").lower()
    owners = [one for one in found if len(like) >= _LIKE and like in one.symbol.parent.lower()]
    return tuple(owners) or (found if len(found) == 1 else ())


def _definitions_or_none(
    written: str, codebase: Codebase, *, exact: bool = False
) -> tuple[Defined, ...]:
    """Return the definitions of a name, those of tests only if there are no others."""
    try:
        found = find_definitions(written, codebase.snapshot, codebase.names, exact=exact)
    except LookUpError:
        return ()
    return tuple(one for one in found if one.file.role != "test") or found


def _alike(name: str, codebase: Codebase) -> Iterator[Defined]:
    """Yield the definitions of the best files whose names share most parts with a new name."""
    parts = _parts(name)
    scores: dict[str, tuple[float, Defined]] = {}
    for path in codebase.ranked[:_ALIKE_FILES]:
        file = codebase.snapshot.files[path]
        for symbol in file.symbols:
            own = _parts(symbol.name)
            share = 2 * len(parts & own) / (len(parts) + len(own)) if own else 0.0
            same_case = symbol.name[:1].isupper() == name[:1].isupper()
            if share >= _SHARE and same_case and symbol.name not in scores:
                scores[symbol.name] = share, Defined(file=file, symbol=symbol)
    best = sorted(scores.values(), key=lambda each: -each[0])
    yield from (one for _, one in best[:2])


def _parts(name: str) -> set[str]:
    return {part.lower() for part in _PART.findall(name)}


_ALIKE_FILES, _SHARE = 12, 0.6  # files that are looked through, and parts that names share
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
