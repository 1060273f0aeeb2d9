"""File or folder -> its parts by line number: what to ask for next."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import dirname

from codeorch.domain import Snapshot, SourceFile, Symbol
from codeorch.retrieval.look_ups.definitions import Defined, end_of_statement, signature_of
from codeorch.retrieval.look_ups.places import (
    LookUpError,
    clean_path,
    file_at,
    lines_of,
    plural,
    short_line,
)

# A list of names, such as what a module exports.
_NAMES = re.compile(r"[^=]*=\s*[\[({]\s*(?:[\"'][\w.$-]+[\"'],?\s*)+[\])}];?")
_LONG_LIST, _VALUE, _DOC = 700, 60, 90  # characters of it, a variable's value, a description
_FENCE = re.compile(r"(```+|~~~+)")
_HEADING = re.compile(r"(#{1,6}) +\S")
_UNDERLINE = re.compile(r"([=\-~^\"'*+#.:`_])\1{2,}")
_TITLE = re.compile(r"\s?[^\s=\-~^*+#.]")
_KEY = re.compile(r"\[[^\]]+\]|[\"']?[\w.$/@-]+[\"']?\s*[:=]|  ?[\"'][\w.$/@-]+[\"']\s*:")
_FEW = 5  # headings; no more of them tell nothing
_MANY_FILES = 40  # of a folder; of no more, the definitions are named
_NAMED = 6  # definitions of a file in the list of a folder
_DROPPED = (
    ("doc",),
    ("doc", "field"),
    ("doc", "field", "variable"),
    ("doc", "field", "variable", "inner"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line of an outline; `kind` says when it may be left out."""

    line: int
    text: str
    kind: str = "head"


def outline_of(path: str, snapshot: Snapshot, room: int) -> str:
    """Return the outline of a file, or the files of a folder, in at most `room` characters.

    Raises:
        LookUpError: there is neither at this path.
    """
    folder = clean_path(path)
    inside = [each for each in snapshot.files if not folder or each.startswith(f"{folder}/")]
    if inside and folder not in snapshot.files:
        return _folder(folder, inside, snapshot, room)
    if not snapshot.files:
        raise LookUpError("The commit has no files that can be shown.")
    return file_outline(file_at(snapshot, path), room)


def file_outline(file: SourceFile, room: int) -> str:
    """Return the definitions, imports and fields of a file, or the headings of a document."""
    lines = lines_of(file)
    if file.symbols:
        head = f"{file.path}, {plural(len(lines), 'line')}:"
        return "\n".join([head, *_fit(list(_entries(file, lines)), room - len(head))])
    plain = file.path.endswith((".rst", ".txt"))
    found = list(_headings(lines, plain=plain) if file.role == "docs" else _keys(lines))
    if not found:
        return f"{file.path}, {plural(len(lines), 'line')}, has no definitions or headings."
    return _levels(f"{file.path}, {plural(len(lines), 'line')}:", found, room)


# ------------------------------------------------------------------------------- code


def _entries(file: SourceFile, lines: list[str]) -> Iterator[_Entry]:
    """Yield the lines of a code file's outline, imports first."""
    for statement in file.imports:
        text = lines[statement.line - 1].strip()
        last = end_of_statement(lines, statement.line)
        if last > statement.line:
            text = " ".join(" ".join(lines[statement.line - 1 : last]).split())
        yield _Entry(line=statement.line, text=f"{statement.line}: {text}", kind="import")
    for symbol in file.symbols:
        yield from _symbol_entries(file, symbol, lines)


def _symbol_entries(file: SourceFile, symbol: Symbol, lines: list[str]) -> Iterator[_Entry]:
    depth = symbol.parent.count(".") + 1 if symbol.parent else 0
    span = f"{symbol.line}-{symbol.end_line}" if symbol.end_line > symbol.line else str(symbol.line)
    written = signature_of(Defined(file=file, symbol=symbol))
    kind = symbol.kind
    if kind == "variable" and not depth:
        whole = " ".join(" ".join(lines[symbol.line - 1 : symbol.end_line]).split())
        if _NAMES.fullmatch(whole):
            yield _Entry(line=symbol.line, text=f"{span}: {short_line(whole, width=_LONG_LIST)}")
            return
    if kind in ("variable", "field", "macro"):
        written = short_line(written, width=_VALUE)
    elif depth and kind != "class":
        kind = "method"
    text = f"{'  ' * depth}{span}: {written}"
    yield _Entry(line=symbol.line, text=text, kind=_droppable(kind, depth))
    if symbol.doc:
        doc = f"{'  ' * (depth + 1)}# {short_line(symbol.doc, width=_DOC)}"
        yield _Entry(line=symbol.line, text=doc, kind="doc")


def _droppable(kind: str, depth: int) -> str:
    if kind == "field" or (kind == "variable" and depth):
        return "field"
    if kind in ("variable", "macro"):
        return "variable"
    return "inner" if depth > 1 else "head"


def _fit(entries: list[_Entry], room: int) -> Iterator[str]:
    """Yield the lines of an outline, the least telling kinds left out until it fits."""
    for kinds in ((), *_DROPPED):
        kept = [each for each in entries if each.kind not in kinds]
        if sum(len(each.text) + 1 for each in kept) <= room:
            break
    else:
        kept = [each for each in entries if each.kind not in _DROPPED[-1]]
    shown: list[_Entry] = []
    for each in kept:
        room -= len(each.text) + 1
        if room < 60:
            break
        shown.append(each)
    yield from (each.text for each in shown)
    left = Counter(each.kind for each in entries if each.kind != "doc")
    left.subtract(each.kind for each in shown if each.kind != "doc")
    if more := (+left).total():
        last = f" below line {shown[-1].line}" if shown and len(shown) < len(kept) else ""
        yield f"[{plural(more, 'definition')} left out{last}; ask for lines or a class]"


# ------------------------------------------------------------------------------- documents


def _headings(lines: Sequence[str], *, plain: bool) -> Iterator[tuple[int, int, str]]:
    """Yield line, level and text of the headings of a text in Markdown or reStructuredText.

    In a `plain` one tildes are no fence, but underline a heading.
    """
    fence, marks = "", list[str]()
    for number, line in enumerate(lines, 1):
        if not plain and (opened := _FENCE.match(line)):
            fence = "" if fence and line.startswith(fence) else fence or opened[0]
        if fence:
            continue
        if not plain and (heading := _HEADING.match(line)):
            yield number, len(heading[1]), line.lstrip("# ")
            continue
        below = lines[number].rstrip() if number < len(lines) else ""
        titled = _TITLE.match(line) and _UNDERLINE.fullmatch(below)
        if titled and len(below) >= len(line.strip()):
            above = lines[number - 2].rstrip() if number > 1 else ""
            mark = below[0] * (2 if above == below else 1)
            if mark not in marks:
                marks.append(mark)
            yield number, marks.index(mark) + 1, line.strip()


def _keys(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the sections and outer keys of a configuration or data file."""
    for number, line in enumerate(lines, 1):
        if _KEY.match(line):
            yield number, 1 if line.startswith("[") else 2, short_line(line, width=_VALUE)


def _levels(head: str, found: Sequence[tuple[int, int, str]], room: int) -> str:
    """List headings: the deepest levels go first, then those in the middle; both ends tell most."""
    kept = list(found)
    for level in range(max(level for _, level, _ in found), 0, -1):
        outer = [each for each in found if each[1] <= level]
        if len(outer) < _FEW:
            break
        kept = outer
        if _size(kept) <= room:
            break
    lines = [f"{'  ' * (level - 1)}{line}: {text}" for line, level, text in kept]
    left = f"[{plural(len(found) - len(kept), 'heading')} below these left out; ask for lines]"
    notes = [left] if len(kept) < len(found) else []
    while _size(kept) > room and len(kept) > _FEW:
        middle, some = len(kept) * 2 // 3, max(1, len(kept) // 20)
        gap = kept[middle - some : middle]
        del kept[middle - some : middle]
        del lines[middle - some : middle]
        notes = [f"[headings about line {gap[0][0]} left out; ask for lines]"]
    return "\n".join([head, *lines, *notes])


def _size(headings: Sequence[tuple[int, int, str]]) -> int:
    return sum(len(text) + 2 * level + 8 for _, level, text in headings)


# ------------------------------------------------------------------------------- folders


def _folder(folder: str, inside: list[str], snapshot: Snapshot, room: int) -> str:
    here = [path for path in inside if dirname(path) == folder]
    below = Counter(
        path[len(folder) + bool(folder) :].split("/")[0] for path in inside if path not in set(here)
    )
    lines = [f"{folder or 'The root'}: {plural(len(inside), 'file')}"]
    lines += [f"{name}/ ({plural(count, 'file')})" for name, count in sorted(below.items())]
    detailed = len(here) <= _MANY_FILES
    for path in sorted(here):
        file = snapshot.files[path] if detailed else snapshot.bare(path)
        lines.append(_summary(file, detailed=detailed))
    size = 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        if size > room - 60:
            return "\n".join([*lines[:number], f"[{len(lines) - number} more entries left out]"])
    return "\n".join(lines)


def _summary(file: SourceFile, *, detailed: bool) -> str:
    name = file.path.rpartition("/")[2]
    if not detailed:
        return name
    outer = [one.name for one in file.symbols if not one.parent and one.kind != "variable"]
    more = f" and {len(outer) - _NAMED} more" if len(outer) > _NAMED else ""
    told = f": {', '.join(outer[:_NAMED])}{more}" if outer else ""
    return f"{name} ({plural(file.text.count(chr(10)), 'line')}){told}"
