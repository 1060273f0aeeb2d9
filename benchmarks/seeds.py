"""Seeded changes for the benchmark of references: made by the text alone, whole, file by file.

They owe nothing to the gate's own way of reading: a name that only one definition in a repository
has is followed by its letters. What does not parse afterwards, or may mean a library's, is no seed.
"""

import keyword
import re
import sysconfig
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from posixpath import dirname

from codeorch.domain import Snapshot, SourceFile, Symbol
from codeorch.languages.ecmascript.facts import STANDARD
from codeorch.languages.python.members import standard_members
from codeorch.source import parse_file
from codeorch.source.syntax import strings_and_comments

KINDS = ("rename", "move", "remove", "parameter", "override")
COMMON = standard_members() | STANDARD  # a use may be of a library's
CALLABLES, TYPES = ("function", "method"), ("class", "interface", "type")
FAMILY = {"python": "python", "typescript": "scripts", "tsx": "scripts", "javascript": "scripts",
          "go": "go"}  # fmt: skip
NOTHING = {"python": "None", "scripts": "null", "go": "nil"}
PLACEHOLDERS = {
    "python": "(lambda *a, **k: None)",
    "scripts": "((...a: any[]): any => null)",
    "go": "(func(a ...any) any { return nil })",
}
_FAMILY = 6  # classes that define one method
_LONG = 6  # letters of a name that is not found elsewhere by chance
_BOUND = (
    r"(?<![\w$.])NAME(?![\w$])\s*(?::[^=\n()]*)?:?=(?![=>])"  # NAME = 1, NAME: int = 1, NAME := 1
)


@dataclass(frozen=True)
class Seed:
    """One definition and every place that holds its name."""

    kind: str
    family: str
    path: str
    symbol: Symbol
    spots: Mapping[str, tuple[int, ...]]  # by path, in characters; the definition's own as well
    homes: tuple[str, ...] = ()  # of a method that several classes define


Change = dict[str, str | None]


def is_code(change: Change, before: Snapshot) -> bool:
    """Whether a change that was made by the text alone parses as well as before."""
    for path, text in change.items():
        file = parse_file(path, text.encode()) if text is not None else ""
        errors = before.files[path].syntax_errors if path in before.files else 0
        if isinstance(file, str) or file.syntax_errors > errors:
            return False
    return True


def candidates(snapshot: Snapshot) -> Iterator[Seed]:
    """Give the definitions whose names nothing else has and that other files use; no kind yet.

    Of kind `override` are methods that only classes define which derive from each other.
    """
    definitions: dict[str, list[tuple[str, Symbol]]] = defaultdict(list)
    for path, file in snapshot.files.items():
        for symbol in file.symbols:
            definitions[symbol.name].append((path, symbol))
    words: dict[str, set[str]] = defaultdict(set)
    for path in snapshot.files:
        for word in set(re.findall(r"\w+", snapshot.files[path].text)):
            words[word].add(path)
    stems = {re.split(r"[/.]", path)[-2] for path in snapshot.files if "." in path}
    for name, places in sorted(definitions.items()):
        path, symbol = places[0]
        family = FAMILY.get(snapshot.files[path].language, "")
        if name in stems or not is_rare(name, snapshot.files[path], family):
            continue
        spots = {other: in_code(snapshot.files[other], name) for other in sorted(words[name])}
        users = users_of(snapshot, (path, symbol), family, spots)
        if is_bound(snapshot, name, users) or is_wrong_already(snapshot, name, users):
            continue
        if family == "go" and is_of_a_package(snapshot, (path, symbol), users):
            continue
        if len(places) > 1:
            homes = tuple(sorted({place for place, _ in places}))
            if len(homes) > 1 and are_related(snapshot, places):
                yield Seed(kind="override", family=family, path=path, symbol=symbol, spots=users,
                           homes=homes)  # fmt: skip
        elif len(users) > 1 and path in users and is_followed(snapshot, (path, symbol), users):
            yield Seed(kind="", family=family, path=path, symbol=symbol, spots=users)


def is_rare(name: str, file: SourceFile, family: str) -> bool:
    """Whether a name is hardly found elsewhere by chance, and no library's."""
    plain = re.fullmatch(r"[a-zA-Z]\w+", name) and len(name) >= _LONG
    if not family or not plain or name.startswith("test") or file.role != "source":
        return False
    if keyword.iskeyword(name) or name in COMMON:
        return False
    return not (family == "python" and name in library())


def users_of(
    snapshot: Snapshot, home: tuple[str, Symbol], family: str, spots: Mapping[str, tuple[int, ...]]
) -> Mapping[str, tuple[int, ...]]:
    """Return the files that use a name, with the places; a member stands behind a value."""
    path, symbol = home
    name, mark = symbol.name, r"[.>:]" if symbol.parent else ""
    return {
        user: places
        for user, places in spots.items()
        if places
        and FAMILY.get(snapshot.files[user].language) == family
        and (user == path or re.search(rf"{mark}\b{name}\b", snapshot.files[user].text))
    }


def is_followed(
    snapshot: Snapshot, home: tuple[str, Symbol], users: Mapping[str, tuple[int, ...]]
) -> bool:
    """Whether a definition can be called, and is what its users mean by the name."""
    path, symbol = home
    file = snapshot.files[path]
    calls = {other.qualified for other in file.symbols if other.kind in CALLABLES}
    if symbol.kind not in (*CALLABLES, *TYPES) or symbol.parent in calls:
        return False
    if symbol.kind == "method" and is_declared_only(file, symbol):
        return False
    return bool(symbol.parent) or FAMILY[file.language] != "scripts" or all(
        any(is_imported(snapshot.files[user].text, at) for at in places)
        for user, places in users.items() if user != path
    )  # fmt: skip


def are_related(snapshot: Snapshot, places: list[tuple[str, Symbol]]) -> bool:
    """Whether all that define a method are one class and those that derive from it.

    By the text: `class B(A)`, `class B extends A`; in Go one interface, and types of its package.
    """
    owners = {symbol.parent.rpartition(".")[2]: path for path, symbol in places}
    if any(symbol.kind != "method" or not symbol.parent for _, symbol in places):
        return False
    if any(snapshot.files[path].role != "source" for path, _ in places):
        return False
    if len(owners) < len(places) or len(owners) > _FAMILY:
        return False
    return any(
        all(owner == base or is_subclass(snapshot, (owners[owner], owner), (owners[base], base))
            for owner in owners)
        for base in owners
    )  # fmt: skip


def is_subclass(snapshot: Snapshot, derived: tuple[str, str], base: tuple[str, str]) -> bool:
    text = snapshot.files[derived[0]].text
    if derived[0].endswith(".go"):
        interface = re.search(
            rf"(?ms)^type {base[1]} interface \{{(.*?)^\}}", snapshot.files[base[0]].text
        )
        methods = re.findall(r"(?m)^\t(\w+)\(", interface[1]) if interface else []
        own = re.compile(rf"(?m)^func \(\w* ?\*?{derived[1]}\) (\w+)\(")
        folder = [path for path in snapshot.files if dirname(path) == dirname(derived[0])]
        names = {name for path in folder for name in own.findall(snapshot.files[path].text)}
        return len(methods) > 1 and names.issuperset(methods)
    return bool(re.search(rf"\bclass {derived[1]}\b[^{{:]*[\s(,.]{base[1]}\b", text))


@cache
def library() -> frozenset[str]:
    """Name all that Python's own library defines: a use may be of that."""
    folder = Path(sysconfig.get_path("stdlib"))
    files = [file for file in folder.rglob("*.py") if not {"test", "site-packages"} & {*file.parts}]
    texts = (file.read_text("utf-8", "replace") for file in files)
    return frozenset(name for text in texts for name in re.findall(r"\b(?:def|class) (\w+)", text))


def is_declared_only(file: SourceFile, symbol: Symbol) -> bool:
    """Whether a method is a library's: it has no body, or is set on a value of something."""
    start, end = extent(file, symbol)
    if re.search(r"(?<!this)\.$", file.text[: name_start(file, symbol)]):
        return True
    return "{" not in file.text[start:end] if file.language != "python" else (
        file.text[start:end].rstrip().endswith("...")
    )  # fmt: skip


def is_bound(snapshot: Snapshot, name: str, users: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a file gives the name to a value of its own, or to an argument."""
    word = re.compile(_BOUND.replace("NAME", name))
    return any(word.search(snapshot.files[user].text) for user in users)


def is_wrong_already(snapshot: Snapshot, name: str, users: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a use asks a module for the name that does not hold it: it never worked."""
    for user in users:
        for before in re.findall(rf"\b(\w+)\.{name}\b", snapshot.files[user].text):
            ends = (f"/{before}.py", f"/{before}/__init__.py")
            homes = [path for path in snapshot.files if f"/{path}".endswith(ends)]
            texts = [snapshot.files[path].text for path in homes]
            if homes and not any(name in text or "import *" in text for text in texts):
                return True
    return False


def is_of_a_package(
    snapshot: Snapshot, home: tuple[str, Symbol], users: Mapping[str, tuple[int, ...]]
) -> bool:
    """Whether a use in Go is of something that another package has under this name."""
    path, symbol = home
    if symbol.parent:
        return any(is_behind_import(snapshot.files[user].text, symbol.name) for user in users)
    return of_other_packages(snapshot, path, symbol.name, users)


def is_behind_import(text: str, name: str) -> bool:
    """Whether a name of Go stands behind the name of a package that the file imports."""
    return any(
        re.search(rf'(?m)^\s*(?:import )?(?:{before} "|(?:\w+ )?"[^"]*\b{before}(?:/v\d+)?")', text)
        for before in set(re.findall(rf"\b(\w+)\.{name}\b", text))
    )


def of_other_packages(
    snapshot: Snapshot, path: str, name: str, users: Mapping[str, tuple[int, ...]]
) -> bool:
    """Whether a name of Go stands behind another package's name, or in another folder alone."""
    package = re.search(r"(?m)^package (\w+)", snapshot.files[path].text)
    for user in users:
        texts = re.findall(rf"(?:(\w+)\.)?\b{name}\b", snapshot.files[user].text)
        for before in texts:
            if before != (package[1] if package and dirname(user) != dirname(path) else ""):
                return True
    return False


def in_code(file: SourceFile, name: str) -> tuple[int, ...]:
    """Find a name outside of strings and comments, in characters."""
    ranges = quoted_ranges(file.text, file.language)
    starts = [start for start, _ in ranges]
    starts_of_name = (m.start() for m in re.finditer(rf"(?<![\w$]){name}(?![\w$])", file.text))
    return tuple(
        at for at in starts_of_name
        if not (last := bisect_right(starts, at)) or at >= ranges[last - 1][1]
    )  # fmt: skip


@cache
def quoted_ranges(text: str, language: str) -> list[tuple[int, int]]:
    """Give the strings and comments of a text, in characters."""
    ranges: list[tuple[int, int]] = []
    for start, end in sorted(strings_and_comments(text, language)):
        if not ranges or start >= ranges[-1][1]:  # not inside of another one
            ranges.append((start, end))
    if text.isascii():
        return ranges
    data = text.encode("utf-8", "surrogatepass")
    return [(len(data[:a].decode()), len(data[:b].decode())) for a, b in ranges]


def rename_everywhere(seed: Seed, snapshot: Snapshot) -> Change | None:
    name = seed.symbol.name
    new = f"{name}Anew" if seed.family != "python" else f"{name}_anew"
    word = re.compile(rf"(?<![\w$]){name}(?![\w$])")
    files = snapshot.files
    family = [path for path in files if FAMILY.get(files[path].language) == seed.family]
    family += [path for path in files if path.endswith((".toml", ".cfg"))]
    paths = [path for path in family if word.search(files[path].text)]  # in strings as well
    return {path: word.sub(new, files[path].text) for path in paths}


def add_parameter(seed: Seed, snapshot: Snapshot) -> Change | None:
    """Put a required parameter in front; each call gives it, and nothing hands the name on."""
    if seed.symbol.kind not in ("function", "method"):
        return None
    change: Change = {}
    if re.search(r"[*=?]|\.\.\.", seed.symbol.signature) or goes_by_another_name(seed, snapshot):
        return None  # a call with one more may fit it as it is, or would not be found
    for path, spots in seed.spots.items():
        text = snapshot.files[path].text
        own = name_start(snapshot.files[path], seed.symbol) if path == seed.path else -1
        for at in reversed(spots):
            end = at + len(seed.symbol.name)
            if is_imported(text, at) and text[end : end + 1] != "(":
                continue  # it stays
            opening = re.match(r"\(\s*", text[end:])
            if opening is None:
                return None
            head = end + opening.end()
            new = "anew" if seed.family == "python" else "anew any"
            new = "anew: any" if seed.family == "scripts" else new
            if at == own:
                receiver = re.match(r"(self|cls)\s*,?\s*", text[head:])
                head += receiver.end() if receiver else 0
                if receiver and "," not in receiver[0]:
                    new = f", {new}"
            else:
                new = NOTHING[seed.family]
            more = "" if text[head] == ")" or new.startswith(",") else ", "
            text = text[:head] + new + more + text[head:]
        change[path] = text
    users = [path for path in change if path != seed.path]
    all_differ = all(change[path] != snapshot.files[path].text for path in users)
    return change if users and all_differ else None


def remove(seed: Seed, snapshot: Snapshot) -> Change | None:
    """Take a function out, and its uses with it."""
    if seed.symbol.kind != "function" or seed.symbol.parent:
        return None
    if goes_by_another_name(seed, snapshot):
        return None
    in_quotes = re.compile(rf"[\"'.:]{seed.symbol.name}[\"']")
    texts = (snapshot.files[path].text for path in snapshot.files)
    if any(in_quotes.search(text) and "__all__" not in text for text in texts):
        return None  # a mock may name it
    change: Change = {}
    for path, spots in seed.spots.items():
        file = snapshot.files[path]
        text = file.text
        span = extent(file, seed.symbol) if path == seed.path else (0, 0)
        for at in reversed(spots):
            if span[0] <= at < span[1]:
                continue
            if re.match(r"\s*=[^=]", text[at + len(seed.symbol.name) :]):
                return None  # something puts another in its place
            text = without_use(text, at, seed)
        if path == seed.path:
            if any(at < span[0] for at in spots):
                return None  # its place would have to be found again
            text = text[: span[0]] + text[span[1] :]
        change[path] = drop_from_all(text, seed.symbol.name)
    return change


def goes_by_another_name(seed: Seed, snapshot: Snapshot) -> bool:
    """Whether a file imports or exports a definition under a name of its own choice."""
    name = seed.symbol.name
    other = re.compile(rf"(?<![\w$]){name}\s+as\s+(?!{name}\b)\w")
    return any(other.search(snapshot.files[path].text) for path in seed.spots)


def drop_from_all(text: str, name: str) -> str:
    """Take a name out of Python's `__all__`."""
    start = text.find("__all__")
    closing = re.search(r"[\])]", text[start:]) if start >= 0 else None
    if closing is None:
        return text
    end = start + closing.start()
    shorter = re.sub(rf"\s*[\"']{name}[\"'],?", "", text[start:end])
    return text[:start] + shorter + text[end:]


def without_use(text: str, at: int, seed: Seed) -> str:
    name, end = seed.symbol.name, at + len(seed.symbol.name)
    if text[at:end] != name:
        return text  # taken out with the one behind it
    head, tail = text[:at], text[end:]
    head = head.removesuffix(f"{name} as ")
    if is_imported(text, at):
        tail = re.sub(r"^\s*(as\s+\w+)?\s*,?[ \t]*", "", tail, count=1)
        result = head + tail
        if seed.family == "python":
            result = re.sub(r"(?m)^(\s*)from\s+\S+\s+import\s*(\(\s*\))?\s*$", r"\1pass", result)
        return re.sub(r",(\s*)\)", r",\1)", result)
    start = re.search(r"(?:\b\w+\.)*$", head).start() if seed.family != "scripts" else at
    return text[:start] + PLACEHOLDERS[seed.family] + tail


def is_imported(text: str, at: int) -> bool:
    """Whether a name stands in an import or an export list."""
    before = text[:at]
    statement = max(before.rfind("import"), before.rfind("export {"), before.rfind("export type {"))
    between = before[statement:]
    return statement >= 0 and not re.search(
        r"[;=:]|\n\s*\n|\)\s*\n|\bfrom\s*['\"]|\n(?!\s)", between
    )


def move(seed: Seed, snapshot: Snapshot) -> Change | None:
    """Move a function or class that its own file does not use to a file of its own."""
    if seed.family not in MOVES or seed.symbol.parent or len(seed.spots[seed.path]) > 1:
        return None
    return MOVES[seed.family](seed, snapshot)


def move_in_python(seed: Seed, snapshot: Snapshot) -> Change | None:
    file, name = snapshot.files[seed.path], seed.symbol.name
    start, end = extent(file, seed.symbol)
    if seed.path.endswith("__init__.py") or file.text[start:end].startswith("@"):
        return None
    module = re.sub(r"^(src|lib)/", "", seed.path).removesuffix(".py").replace("/", ".")
    target = f"{dirname(module.replace('.', '/')).replace('/', '.')}.moved_anew".lstrip(".")
    others = names_used_in(file, start, end, name)
    imports = "".join(
        line + "\n" for line in file.text.split("\n") if re.match(r"(from|import) [^(]*$", line)
    )
    own_import = f"from {module} import {', '.join(others)}\n" if others else ""
    body = f"{imports}{own_import}\n\n{file.text[start:end]}\n"
    change: Change = {
        f"{dirname(seed.path)}/moved_anew.py".lstrip("/"): body,
        seed.path: drop_from_all(file.text[:start] + file.text[end:], name),
    }
    for path in seed.spots:
        if path == seed.path:
            continue
        text = snapshot.files[path].text
        line = re.compile(rf"(?m)^from (\S*\.)?(\w+) import {name}$")
        match = line.search(text)
        if not match:
            return None
        if match[2] == module.rpartition(".")[2]:  # others take it from where it is imported
            change[path] = line.sub(f"from {target} import {name}", text)
    return change if len(change) > 2 and no_strange_names(body, others, file) else None


def move_in_scripts(seed: Seed, snapshot: Snapshot) -> Change | None:
    file, name = snapshot.files[seed.path], seed.symbol.name
    start, end = extent(file, seed.symbol)
    text = file.text[start:end]
    if not text.startswith("export") or "default" in text[:20] or "{" in file.text[:start][-3:]:
        return None
    others = names_used_in(file, start, end, name)
    if any(
        not re.search(rf"export (async |abstract )?\w+ {other}\b", file.text) for other in others
    ):
        return None
    stem = re.sub(r"\.\w+$", "", seed.path.rpartition("/")[2])
    imports = "".join(
        line + "\n" for line in file.text.split("\n") if re.match(r"import .* from '[^']*'", line)
    )
    own_import = f"import {{ {', '.join(others)} }} from './{stem}'\n" if others else ""
    ending = seed.path.rpartition(".")[2]
    change: Change = {
        f"{dirname(seed.path)}/movedAnew.{ending}".lstrip("/"): f"{imports}{own_import}\n{text}\n",
        seed.path: file.text[:start] + file.text[end:],
    }
    for path in seed.spots:
        if path == seed.path:
            continue
        line = re.compile(rf"(import (?:type )?\{{ {name} \}} from ['\"].*/){stem}(\.\w+)?(['\"])")
        text = snapshot.files[path].text
        if len(line.findall(text)) != 1:
            return None
        change[path] = line.sub(r"\1movedAnew\2\3", text)
    return change


def names_used_in(file: SourceFile, start: int, end: int, name: str) -> list[str]:
    """Name what a part of a file uses of the rest of it."""
    inside = set(re.findall(r"\w+", file.text[start:end]))
    top = {symbol.name for symbol in file.symbols if not symbol.parent}
    return sorted((inside & top) - {name})


def no_strange_names(body: str, others: list[str], file: SourceFile) -> bool:
    """Whether a moved part takes no name from an import that spans lines."""
    imports = {name for row in file.imports for name in (*row.names, row.module.split(".")[0])}
    imports |= {name for line in file.text.split("\n") for name in re.findall(r"\bas (\w+)", line)}
    missing = imports & set(re.findall(r"\w+", body))
    head = body.partition("\n\n\n")[0]
    return all(re.search(rf"\b{name}\b", head) for name in missing - set(others))


def extent(file: SourceFile, symbol: Symbol) -> tuple[int, int]:
    data = file.text.encode("utf-8", "surrogatepass")
    return len(data[: symbol.start].decode()), len(data[: symbol.end].decode())


def name_start(file: SourceFile, symbol: Symbol) -> int:
    data = file.text.encode("utf-8", "surrogatepass")
    return len(data[: symbol.name_start].decode())


MAKE: Mapping[str, Callable[[Seed, Snapshot], Change | None]] = {
    "rename": rename_everywhere, "move": move, "remove": remove, "parameter": add_parameter,
    "override": rename_everywhere,
}  # fmt: skip
MOVES = {"python": move_in_python, "scripts": move_in_scripts}
