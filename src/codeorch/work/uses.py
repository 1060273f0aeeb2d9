"""What a file has to do with others: definitions that it uses, and callers of its own."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from posixpath import commonpath, dirname

from codeorch.domain import SourceFile, Symbol
from codeorch.work.contracts import short_name
from codeorch.work.scene import View

_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*\w")
_INDEXES = frozenset({"__init__", "index", "mod", "lib", "main"})  # modules named by their folder
_TELLING = 4  # letters; a shorter name says little about where it is from
_MOST_USED, _SITES, _AROUND = 60, 3, 2
# Files of one folder see each other without an import.
_BY_FOLDER = frozenset({"go", "java", "kotlin", "c_sharp", "csharp", "scala"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The places of a file that use what a task changes."""

    path: str
    excerpt: str


def words(view: View) -> set[str]:
    """Name what a task is about: the identifiers of its goal and of its contracts."""
    path = view.task.path
    bound = [c for c in view.scene.plan.contracts if path == c.defined_in or path in c.used_in]
    said = [view.task.goal, *(contract.symbol for contract in bound)]
    return {word for part in said for word in _IDENTIFIER.findall(part)}


def targets(view: View) -> tuple[str, ...]:
    """Name the definitions of the task's file that it changes, as far as its words tell."""
    about = words(view) | {short_name(word) for word in words(view)}
    own = view.file.symbols if view.file else ()
    return tuple(dict.fromkeys(symbol.name for symbol in own if symbol.name in about))


def used(view: View) -> list[tuple[SourceFile, Symbol]]:
    """Find the definitions in other files that a task's file uses, the most useful first.

    A definition counts when an import of the file points to its module, when it lies in the same
    package, or when nothing else in the repository has its name.
    """
    found: list[tuple[SourceFile, Symbol]] = []
    for name in _names_used(view):
        source = _definer(name, view)
        if source is not None:
            found += [
                (source, symbol) for symbol in source.symbols
                if symbol.name == name and symbol.kind != "field"
            ][:1]  # fmt: skip
        if len(found) == _MOST_USED:
            break
    return found


def callers(view: View) -> list[Caller]:
    """Show the lines around the places where other files use what a task changes."""
    file = view.file
    if file is None:
        return []
    found: dict[str, set[str]] = {}
    for name in targets(view):
        alone = len(view.names.definers(name)) == 1 and len(name) >= _TELLING
        for path in view.names.users(name):
            other = view.snapshot.files.get(path)
            if other is not None and path != file.path and (alone or _linked(other, file.path)):
                found.setdefault(path, set()).add(name)
    order = sorted(found, key=lambda path: (-len(found[path]), distance(path, file.path)))
    return [
        Caller(path=path, excerpt=shown)
        for path in order
        if (shown := _sites(view.snapshot.files[path], found[path]))
    ]


def source_of(file: SourceFile, symbol: Symbol) -> str:
    """Give the text of a definition, from the start of its first line."""
    return "\n".join(lines_of(file)[symbol.line - 1 : symbol.end_line])


def lines_of(file: SourceFile) -> list[str]:
    """Split a text into lines as line numbers count them: at line feeds only."""
    return [line.removesuffix("\r") for line in file.text.removesuffix("\n").split("\n")]


def distance(path: str, other: str) -> tuple[int, int, str]:
    """Say how far apart two paths are, for sorting."""
    common = commonpath([dirname(path) or ".", dirname(other) or "."]) if path and other else ""
    return -len(common), len(path), path


def _names_used(view: View) -> list[str]:
    """List the names a file uses: contracts first, then in what is to be changed, then the rest."""
    path = view.task.path
    names = [short_name(c.symbol) for c in view.scene.plan.contracts if path in c.used_in]
    file = view.file
    if file is None:
        return list(dict.fromkeys([*names, *sorted(map(short_name, words(view)))]))
    about = set(targets(view))
    ranges = [(s.line, s.end_line) for s in file.symbols if s.name in about]
    inside = [r for r in file.references if any(a <= r.line <= b for a, b in ranges)]
    names += [reference.name for reference in (*inside, *file.references)]
    own = {symbol.name for symbol in file.symbols}
    return [name for name in dict.fromkeys(names) if name not in own and name[:2] != "__"]


def _definer(name: str, view: View) -> SourceFile | None:
    """Find the file that most probably defines what a name means in the task's file."""
    path = view.task.path
    files = view.snapshot.files
    known = [p for p in view.names.definers(name) if p != path and p in files]
    sources = [p for p in known if files[p].role != "test"] or known
    file = view.file
    naming = [p for p in sources if file and _linked(file, p, name)]
    linked = naming or [p for p in sources if file and _linked(file, p)]
    alone = sources if len(sources) == 1 and len(name) >= _TELLING else []
    best = min(linked or alone, key=lambda p: distance(p, path), default="")
    return files[best] if best else None


def _linked(file: SourceFile, path: str, name: str = "") -> bool:
    """Whether a file imports from a path (that name, if given), or shares a package with it."""
    if not name and file.language in _BY_FOLDER and dirname(file.path) == dirname(path):
        return True
    return any(
        _points_to(one.module, one.names, path)
        for one in file.imports if not name or name in one.names
    )  # fmt: skip


def _points_to(module: str, names: Collection[str], path: str) -> bool:
    """Whether an import can mean a path, by the last parts of both."""
    folder, _, file = path.rpartition("/")
    stem = file.partition(".")[0]
    holders = {folder.rpartition("/")[2]} if stem in _INDEXES or path.endswith(".go") else {stem}
    parts = re.findall(r"[\w-]+", re.sub(r"\.[cm]?[jt]sx?$", "", module))
    return bool(holders & {*parts[-2:], *names})


def _sites(file: SourceFile, names: Iterable[str]) -> str:
    wanted = set(names)
    at = [one.line for one in file.references if one.name in wanted and one.kind != "import"]
    lines = lines_of(file)
    parts: list[str] = []
    shown = 0
    for line in [line for line in sorted(set(at)) if line <= len(lines)][:_SITES]:
        if line > shown:
            first, shown = max(shown + 1, line - _AROUND), min(len(lines), line + _AROUND)
            parts.append("\n".join([f"[from line {first}]", *lines[first - 1 : shown]]))
    return "\n".join(parts)


def changed_by_others(paths: Sequence[str], view: View) -> set[str]:
    """Tell which paths other workers of the plan change at the same time."""
    planned = {task.path for task in view.scene.plan.tasks if task.id != view.task.id}
    return planned & set(paths)
