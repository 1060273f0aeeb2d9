"""Name -> the definitions that it means; definition -> the lines that belong to it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Import, Snapshot, SourceFile, Symbol
from codeorch.languages import module_path
from codeorch.retrieval.look_ups.places import LookUpError, clean_path, file_at, lines_of

_SEPARATOR = re.compile(r"::|->|[.#]")
_COMMENT = re.compile(r"\s*(?:///?|/\*|\*|#|--\s|@\w)")
_HEAD, _STATEMENT, _COMMENTS = 60, 12, 40  # lines of a signature, an import, a comment above
_LONGEST = 600  # characters of a signature
_CANDIDATES = 8
_FEW_IMPORTS = 15  # lines of import statements that are all shown
_WORD, _DEPTH = re.compile(r"[A-Z]\w+"), 3  # of a base class, and classes between it and another
_CLASSES = frozenset({"class", "interface", "enum", "module"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """A definition and its file."""

    file: SourceFile
    symbol: Symbol

    @property
    def place(self) -> str:
        """Where it is: `shop/cart.py:12`."""
        return f"{self.file.path}:{self.symbol.line}"

    @property
    def is_class(self) -> bool:
        """Whether it holds members."""
        return self.symbol.kind in _CLASSES


def find_definitions(
    written: str, snapshot: Snapshot, names: SymbolIndex, path: str = "", *, exact: bool = True
) -> tuple[Defined, ...]:
    """Return the definitions that a name means: `total`, `Cart.total`, `shop.cart.Cart.total`.

    With a path only those of this file; sources come before tests. Where `exact`, a function
    `total` hides the methods of this name.

    Raises:
        LookUpError: nothing is called so; what is called alike is named.
    """
    wanted = [part for part in _SEPARATOR.split(_plain(written)) if part]
    if not wanted:
        raise LookUpError("Give a name, e.g. `total` or `Cart.total`.")
    same = list(_definitions_of_name(wanted[-1], snapshot, names, path))
    found = [each for each in same if _is_meant(each, wanted)]
    if found:
        whole = [each for each in found if exact and each.symbol.qualified.split(".") == wanted]
        return tuple(sorted(whole or found, key=lambda each: each.file.role == "test"))
    if heirs := _definitions_above(wanted, snapshot, names) if len(wanted) > 1 and not path else ():
        return heirs
    if same:
        others = ", ".join(f"{d.symbol.qualified} ({d.place})" for d in same[:_CANDIDATES])
        raise LookUpError(f"Nothing is called {'.'.join(wanted)!r}. There is {others}.")
    where = f"{path} defines no" if path else "No file is called so, and nothing defines a"
    raise LookUpError(f"{where} {wanted[-1]!r}. Call `search` for the text.")


def _definitions_above(
    wanted: list[str], snapshot: Snapshot, names: SymbolIndex, depth: int = 0
) -> tuple[Defined, ...]:
    """Return what a class has by a name from the classes that its head names."""
    *owner, name = wanted
    for one in _definitions_of_name(owner[-1], snapshot, names, ""):
        if not one.is_class or depth > _DEPTH:
            continue
        head = one.symbol.signature.partition(one.symbol.name)[2]
        for base in dict.fromkeys(_WORD.findall(head)):
            above = [base, name]
            found = [
                each
                for each in _definitions_of_name(name, snapshot, names, "")
                if _is_meant(each, above)
            ]
            if found or (found := [*_definitions_above(above, snapshot, names, depth + 1)]):
                return tuple(found)
    return ()


def _plain(written: str) -> str:
    return written.strip("`'\"<> \t\n").partition("(")[0].strip()


def _definitions_of_name(
    name: str, snapshot: Snapshot, names: SymbolIndex, path: str
) -> Iterator[Defined]:
    files = [file_at(snapshot, path)] if path else _definers(name, snapshot, names)
    for file in files:
        yield from (Defined(file=file, symbol=one) for one in file.symbols if one.name == name)


def _definers(name: str, snapshot: Snapshot, names: SymbolIndex) -> Iterator[SourceFile]:
    """Yield the files that define a name; tests, which take longest, only if no others do."""
    paths = names.definers(name, tests=False) or names.definers(name)
    return (snapshot.files[path] for path in dict.fromkeys(paths) if path in snapshot.files)


def _is_meant(one: Defined, wanted: list[str]) -> bool:
    """Whether the parts of a name fit: the end of the qualified name, or this behind a module."""
    own = one.symbol.qualified.split(".")
    if len(wanted) <= len(own):
        return own[-len(wanted) :] == wanted
    module = module_path(one.file.path).split("/")
    outer = wanted[: len(wanted) - len(own)]
    return wanted[-len(own) :] == own and module[-len(outer) :] == outer


def split_place(written: str, snapshot: Snapshot) -> tuple[str, str]:
    """Return path and rest of `shop/cart.py:12-20` or `shop/cart.py:Cart.total`.

    Either may be empty: of `shop/cart.py` there is no rest, of `Cart.total` no path.
    """
    whole = clean_path(written)
    if _is_path(whole, snapshot) or (whole and written.strip().endswith(("/", "\\"))):
        return whole, ""
    before, colon, rest = written.partition(":")
    path = clean_path(before)
    if colon and _is_path(path, snapshot):
        return path, rest.strip(": ")
    return "", written.replace(":", ".") if colon and ":" not in rest else written


def _is_path(path: str, snapshot: Snapshot) -> bool:
    """Whether a word names a file, rightly or wrongly, and no definition."""
    if path in snapshot.files or path in snapshot.skipped:
        return True
    if ":" in path or not path:
        return False
    return "/" in path or any(basename(each) == path for each in snapshot.files)


# ------------------------------------------------------------------------------- lines


def span_of(one: Defined) -> tuple[int, int]:
    """Return the first and the last line of a definition, with decorators and comments above it."""
    lines = lines_of(one.file)
    first = one.symbol.line
    for number in range(first - 1, max(0, first - 1 - _COMMENTS), -1):
        if not _COMMENT.match(lines[number - 1]):
            break
        first = number
    return first, min(one.symbol.end_line, len(lines))


def head_of(one: Defined) -> tuple[int, int]:
    """Return the lines of a definition's signature: decorators, name, bases or parameters."""
    lines = lines_of(one.file)
    data = one.file.text.encode("utf-8", "surrogatepass")
    named = data.count(b"\n", 0, one.symbol.name_start) + 1
    return one.symbol.line, min(_end_of_signature(lines, named), one.symbol.end_line)


def _end_of_signature(lines: list[str], first: int) -> int:
    depth = 0
    for number in range(first, min(first + _HEAD, len(lines)) + 1):
        line = lines[number - 1]
        depth += sum(line.count(mark) for mark in "([") - sum(line.count(mark) for mark in ")]")
        if depth <= 0 and (number > first or line.rstrip().endswith((":", "{", ";", ")", ","))):
            return number
        if depth <= 0 and not lines[min(number, len(lines) - 1)].rstrip().endswith(("{", ":")):
            return number
    return first


def signature_of(one: Defined) -> str:
    """Return a definition's signature in one line, whole where the symbol's own is cut."""
    if not one.symbol.signature.endswith(" ..."):
        return _tidy(one.symbol.signature)
    lines = lines_of(one.file)
    data = one.file.text.encode("utf-8", "surrogatepass")
    named = data.count(b"\n", 0, one.symbol.name_start) + 1
    text = " ".join(" ".join(lines[named - 1 : head_of(one)[1]]).split()).rstrip(" {:")
    text = _tidy(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _tidy(signature: str) -> str:
    """Take out what only several lines need: blanks and commas beside brackets."""
    return re.sub(r",? ([)\]])", r"\1", re.sub(r"([(\[]) ", r"\1", signature)).rstrip(":")


def owners_of(one: Defined) -> Iterator[Defined]:
    """Yield the definitions around a definition, outer ones first."""
    parts = one.symbol.parent.split(".") if one.symbol.parent else []
    for depth in range(1, len(parts) + 1):
        qualified = ".".join(parts[:depth])
        around = (
            each
            for each in one.file.symbols
            if each.qualified == qualified and each.start <= one.symbol.start < each.end
        )
        yield from (Defined(file=one.file, symbol=each) for each in list(around)[:1])


def imports_of(one: Defined) -> Iterator[tuple[int, int]]:
    """Yield the lines of the import statements that a definition is read with.

    All of the file's, where they are few: one that the definition does not use yet may be the line
    that a change extends. Else those that bring in what its text uses.
    """
    symbol, lines = one.symbol, lines_of(one.file)
    used = {each.name for each in one.file.references if symbol.start <= each.start < symbol.end}
    outside = [
        (end_of_statement(lines, each.line), each)
        for each in one.file.imports
        if not symbol.line <= each.line <= symbol.end_line
    ]
    is_short = sum(end - each.line + 1 for end, each in outside) <= _FEW_IMPORTS
    for end, each in outside:
        if is_short or used & _brought_in(each):
            yield each.line, end


def _brought_in(statement: Import) -> set[str]:
    return set(statement.names) or {*statement.module.split(".")[:1], statement.module}


def end_of_statement(lines: list[str], first: int) -> int:
    """Return the last line of a statement that may go on in brackets."""
    depth = 0
    for number in range(first, min(first + _STATEMENT, len(lines) + 1)):
        line = lines[number - 1]
        depth += sum(line.count(mark) for mark in "([{") - sum(line.count(mark) for mark in ")]}")
        if depth <= 0 and not line.endswith("\\"):
            return number
    return first


def join_ranges(ranges: Iterable[tuple[int, int]], gap: int = 1) -> list[tuple[int, int]]:
    """Return ranges in order, those that touch or nearly do as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + gap + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found
