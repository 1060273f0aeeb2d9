"""What a file has to do with others: definitions that it uses, and callers of its own."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import commonpath, dirname
from typing import Generic, TypeVar

from codeorch.analysis.symbol_index import is_rare, sure_words
from codeorch.domain import Contract, Import, Reference, SourceFile, Symbol
from codeorch.languages import facts_of, import_stem, module_name
from codeorch.workers.context import TaskContext
from codeorch.workers.contracts import short_name
from codeorch.workers.receiver_match import fit_score, may_refer_to

T = TypeVar("T")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*\w")
_TELLING = 4  # letters; a shorter name says little about where it is from
_MOST_USED, _CLOSE, _SITES, _AROUND = 60, 8, 3, 2
_FEW = 8  # files that may hold a plain word before it names no definition any more
_LOOKED_AT = 60  # files for one name; parsing them takes time
_MEMBERS = 20
_CLASSES = frozenset({"class", "interface", "enum", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Generic[T]):
    """What a file has to do with, and what only has the names for it."""

    shown: Sequence[T] = ()
    doubtful: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A definition in another file that a task's file uses."""

    file: SourceFile
    symbol: Symbol
    close: bool  # it is used by what the task changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The places of a file that use what a task changes."""

    path: str
    excerpt: str


def words(context: TaskContext) -> set[str]:
    """Name what a task is about: the identifiers of its goal and of its contracts."""
    said = [context.task.goal, *(contract.symbol for contract in bound_contracts(context))]
    return {word for part in said for word in words_in(part)}


def words_in(text: str) -> set[str]:
    """Give the identifiers of a text, ordinary words included."""
    return set(_IDENTIFIER.findall(text))


def bound_contracts(context: TaskContext) -> list[Contract]:
    """Give the contracts that bind a task."""
    path = context.task.path
    return [c for c in context.round.plan.contracts if path == c.defined_in or path in c.used_in]


def agreed_names(context: TaskContext) -> set[str]:
    """Return the short names of the contracts that bind a task."""
    return {short_name(contract.symbol) for contract in bound_contracts(context)}


def targets(context: TaskContext) -> tuple[str, ...]:
    """Name the definitions of the task's file that it changes, as far as its words tell.

    A plain word of the goal names one only if few files hold it.
    """
    about = words(context) | {short_name(word) for word in words(context)}
    sure = sure_words(context.task.goal) | agreed_names(context)
    own = context.file.symbols if context.file else ()
    spoken = dict.fromkeys(symbol.name for symbol in own if symbol.name in about)
    return tuple(
        name
        for name in spoken
        if name in sure or name != name.lower() or is_rare(name, context.names, _FEW)
    )


def used(context: TaskContext) -> Linked[Used]:
    """Find the definitions in other files that a task's file uses, the most useful first.

    A definition counts when an import of the file reaches it, when it lies in the same package, or
    when nothing else in the repository has its name; and when what the name is said of fits.
    """
    near, far = _names_used(context)
    agreed = agreed_names(context)
    sight = Sight(context.file)
    found: list[Used] = []
    doubtful: list[str] = []
    for name in (*near, *far):
        at = definition(name, sight, context)
        if at is None or at[1].kind == "field":
            continue
        file, symbol = at
        if name not in agreed and not _is_said(symbol, file.path, context):
            doubtful.append(f"{symbol.qualified} of {file.path}")
            continue
        close = name in near if near else len(found) < _CLOSE
        found.append(Used(file=file, symbol=symbol, close=close))
        if len(found) == _MOST_USED:
            break
    return Linked(shown=found, doubtful=doubtful)


def _is_said(symbol: Symbol, owner: str, context: TaskContext) -> bool:
    """Whether the task's file says a name where it can mean a definition; a new file may."""
    file = context.file
    return file is None or any(
        may_refer_to(file, place, symbol, owner, context.names)
        for place in file.references
        if place.name == symbol.name and place.kind != "import"
    )


def callers(context: TaskContext) -> Linked[Caller]:
    """Show the lines around the places where other files use what a task changes."""
    file = context.file
    if file is None:
        return Linked()
    found: dict[str, list[Reference]] = {}
    doubtful: list[str] = []
    for name in targets(context):
        for path, places in _uses_of(name, file, context):
            if meant := [place for place in places if _means_own(place, path, context)]:
                found.setdefault(path, []).extend(meant)
            elif places:
                doubtful.append(f"{name} in {path}")
    names = {path: len({place.name for place in found[path]}) for path in found}
    order = sorted(found, key=lambda path: (-names[path], distance(path, file.path)))
    files = context.snapshot.files
    shown = [Caller(path=path, excerpt=_sites(files[path], found[path])) for path in order]
    return Linked(shown=shown, doubtful=doubtful)


def _means_own(place: Reference, path: str, context: TaskContext) -> bool:
    """Whether a place of another file can mean a definition of the task's file."""
    file, using = context.file, context.snapshot.files[path]
    return file is not None and any(
        may_refer_to(using, place, symbol, file.path, context.names)
        for symbol in file.symbols
        if symbol.name == place.name
    )


def _uses_of(
    name: str, file: SourceFile, context: TaskContext
) -> Iterator[tuple[str, Sequence[Reference]]]:
    """Give the files that hold a name and see the task's file, with the places of the name."""
    files = context.snapshot.files
    alone = len(context.names.definers(name, tests=False)) == 1 and len(name) >= _TELLING
    users = [path for path in context.names.users(name) if path in files and path != file.path]
    for path in sorted(users, key=lambda path: distance(path, file.path))[:_LOOKED_AT]:
        if alone or Sight(files[path]).reaches(file.path):
            said = (one for one in files[path].references if one.name == name)
            yield path, [one for one in said if one.kind != "import"]


def source_of(file: SourceFile, symbol: Symbol) -> str:
    """Give the text of a definition, from the start of its first line."""
    return "\n".join(lines_of(file)[symbol.line - 1 : symbol.end_line])


def heads_of(file: SourceFile, symbol: Symbol) -> str:
    """Give the signature of a definition, and of a class those of its members."""
    members = [one for one in file.symbols if one.parent == symbol.qualified]
    heads = [f"    {one.signature}" for one in members[:_MEMBERS] if symbol.kind in _CLASSES]
    return "\n".join([symbol.signature, *heads])


def lines_of(file: SourceFile) -> list[str]:
    """Split a text into lines as line numbers count them: at line feeds only."""
    return [line.removesuffix("\r") for line in file.text.removesuffix("\n").split("\n")]


def distance(path: str, other: str) -> tuple[int, int, str]:
    """Say how far apart two paths are, for sorting."""
    common = commonpath([dirname(path) or ".", dirname(other) or "."]) if path and other else ""
    return -len(common), len(path), path


def _names_used(context: TaskContext) -> tuple[list[str], list[str]]:
    """List the names a file uses: of contracts and inside of what is to be changed; the others."""
    path = context.task.path
    near = [short_name(c.symbol) for c in context.round.plan.contracts if path in c.used_in]
    file = context.file
    if file is None:
        sure = sure_words(context.task.goal)
        said = {short_name(word) for word in words(context)}
        telling = (n for n in sorted(said) if n in sure or is_rare(n, context.names, _FEW))
        return list(dict.fromkeys([*near, *telling])), []
    about = set(targets(context))
    ranges = [(s.line, s.end_line) for s in file.symbols if s.name in about]
    own = {symbol.name for symbol in file.symbols}
    used = [r for r in file.references if r.kind != "import" and r.name not in own]
    near += [r.name for r in used if any(a <= r.line <= b for a, b in ranges)]
    known = set(near)
    return list(dict.fromkeys(near)), [
        name for name in dict.fromkeys(r.name for r in used) if name not in known
    ]


class Sight:
    """What a file can see of others: by its imports, told by their last parts, and by its folder.

    A file that is still to be written sees nothing in particular, and may mean anything.
    """

    def __init__(self, file: SourceFile | None) -> None:
        self._facts = facts_of(file.language if file else "")
        self._folder = dirname(file.path) if file and self._facts.sees_folder else None
        self._named = {name for one in file.imports for name in one.names} if file else set()
        self._imports: dict[str, list[Import]] = {}
        for one in file.imports if file else ():
            parts = re.findall(r"[\w-]+", import_stem(one.module, self._facts.name))
            for word in {*parts[-2:], *one.names}:
                self._imports.setdefault(word, []).append(one)

    def reaches(self, path: str) -> bool:
        """Whether the file imports from a path, or shares a package with it."""
        return dirname(path) == self._folder or module_name(path) in self._imports

    def reach(self, file: SourceFile, symbol: Symbol) -> int:
        """Say how surely a definition can be meant: 2 by its name, 1 by what holds it, or 0."""
        if dirname(file.path) == self._folder:
            return 2
        pointing = self._imports.get(module_name(file.path), [])
        if any(symbol.name in one.names for one in pointing):
            return 2
        if symbol.name.startswith("_"):
            return 0
        whole = {module_name(file.path), "*"}
        modules = any(not one.names or whole & set(one.names) for one in pointing)
        return 1 if modules or (pointing and symbol.parent) else 0

    def may_mean(self, symbol: Symbol) -> bool:
        """Whether a definition that no import reaches may be meant all the same.

        A re-exported name may, and a member, since objects travel without imports.
        """
        known = self._facts.imports_every_use and not symbol.parent
        return not known or symbol.name in self._named


def definition(name: str, sight: Sight, context: TaskContext) -> tuple[SourceFile, Symbol] | None:
    """Find what a name most probably means in the task's file, if another file defines it."""
    path, files = context.task.path, context.snapshot.files
    known = [p for p in context.names.definers(name, tests=False) if p != path and p in files]
    if 1 < len(known) <= _LOOKED_AT:
        known = _fitting(name, known, context)
    in_tests = context.names.users(name) if context.file and context.file.role == "test" else ()
    others = [p for p in in_tests if p != path and p in files and files[p].role == "test"]
    for paths in (known, others):
        near = sorted(filter(sight.reaches, paths), key=lambda p: distance(p, path))[:_LOOKED_AT]
        ranked = [(sight.reach(*place), place) for place in _places(name, near, context)]
        best = max((reach for reach, _ in ranked), default=0)
        if best > 0:
            return next(place for reach, place in ranked if reach == best)
    if len(known) != 1 or len(name) < _TELLING or name.startswith("_"):
        return None
    return next((at for at in _places(name, known, context) if sight.may_mean(at[1])), None)


def _fitting(name: str, paths: list[str], context: TaskContext) -> list[str]:
    """Keep the files whose definition fits best to how the task's file says a name."""
    file = context.file
    said = [r for r in file.references if r.name == name and r.kind != "import"] if file else []
    fitting: dict[str, int] = {}
    for owner, symbol in _places(name, paths if file and said else (), context):
        well = max(fit_score(file, place, symbol, owner.path) for place in said) if file else 0
        fitting[owner.path] = max(well, fitting.get(owner.path, 0))
    best = max(fitting.values(), default=0)
    return [path for path in paths if fitting.get(path, 0) == best]


def _places(
    name: str, paths: Iterable[str], context: TaskContext
) -> list[tuple[SourceFile, Symbol]]:
    found = [context.snapshot.files[path] for path in paths]
    return [(file, symbol) for file in found for symbol in file.symbols if symbol.name == name]


def _sites(file: SourceFile, places: Iterable[Reference]) -> str:
    lines = lines_of(file)
    parts: list[str] = []
    shown = 0
    at = {place.line for place in places if place.line <= len(lines)}
    for line in sorted(at)[:_SITES]:
        if line > shown:
            first, shown = max(shown + 1, line - _AROUND), min(len(lines), line + _AROUND)
            parts.append("\n".join([f"[from line {first}]", *lines[first - 1 : shown]]))
    return "\n".join(parts)


def changed_by_others(paths: Sequence[str], context: TaskContext) -> set[str]:
    """Tell which paths other workers of the plan change, whose edits are not in place yet."""
    placed = {context.task.id, *(done.task.id for done in context.prerequisites)}
    return {task.path for task in context.round.plan.tasks if task.id not in placed} & set(paths)
