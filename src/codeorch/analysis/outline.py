"""Short forms of files for prompts: signatures instead of bodies, names instead of files."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from codeorch.domain import SourceFile, Symbol

_SHORT = 60  # characters of a variable's definition
_LONG_HEAD = 150  # lines; imports further down are not part of the head
_LONG_WORD = 5  # shorter words are in every body
_GAP = 50  # characters of the line that names a left-out range
_ANY = 2  # the last use of a definition: it may fit
_FENCE = re.compile(r"(```+|~~~+)")
_HEADING = re.compile(r"#{1,6} +\S")
_TITLE = re.compile(r"\w|[`*:\"']\w")
_UNDERLINE = re.compile(r"([=\-~^\"'*+#.:`_])\1{2,}")
_SMALL = 120  # characters of a folder's line
_COUNTED = 0.6  # of a tree's room: what may go into folders without their files


def outline(file: SourceFile, limit: int = 4_000, words: Collection[str] = ()) -> str:
    """List a file's definitions, one signature a line, indented by nesting; `limit` in characters.

    When they do not all fit, those whose name is among `words` stay longest; before whole lines,
    descriptions go. What is left out is counted in the last line. Of a document, headings are
    listed.
    """
    symbols = [symbol for symbol in file.symbols if symbol.kind != "field"]
    if not symbols and file.role == "docs":
        return _headings(file.text, limit)
    lines = [_entry(symbol, described=True) for symbol in symbols]
    if _size(lines) > limit:
        lines = [_entry(symbol, described=symbol.name in words) for symbol in symbols]
    order = sorted(range(len(symbols)), key=lambda i: (_rank(symbols[i], words), i))
    room, kept = limit, set[int]()
    for i in order:
        room -= len(lines[i]) + 1
        if room < 0:
            break
        kept.add(i)
    left = len(lines) - len(kept)
    shown = [line for i, line in enumerate(lines) if i in kept]
    return "\n".join([*shown, f"... and {left} more definitions"] if left else shown)


def bodies(file: SourceFile, words: Collection[str], limit: int) -> str:
    """Give the text of the functions that `words` name, as far as they fit into `limit`."""
    data = file.text.encode("utf-8", "surrogatepass")
    parts = []
    for symbol in file.symbols:
        body = data[symbol.start : symbol.end].decode("utf-8", "replace")
        if symbol.name in words and symbol.kind in ("function", "method") and len(body) <= limit:
            parts.append(
                f"[lines {symbol.line} to {symbol.end_line}, in {symbol.qualified}]\n{body}"
            )
            limit -= len(parts[-1])
    return "\n\n".join(parts)


def _headings(text: str, limit: int) -> str:
    """List the headings of a text in Markdown or reStructuredText, with their lines."""
    lines = text.split("\n")
    found: list[str] = []
    fence = ""
    for number, (line, below) in enumerate(zip(lines, [*lines[1:], ""], strict=True), 1):
        if opened := _FENCE.match(line):
            fence = "" if fence and line.startswith(fence) else fence or opened[0]
        is_titled = _UNDERLINE.fullmatch(below.rstrip()) and len(below.rstrip()) >= len(
            line.strip()
        )
        if not fence and (_HEADING.match(line) or (_TITLE.match(line) and is_titled)):
            found.append(f"{line.strip()}  (line {number})")
    kept = [line for end, line in enumerate(found, 1) if _size(found[:end]) <= limit]
    left = len(found) - len(kept)
    return "\n".join([*kept, f"... and {left} more headings"] if left else kept)


def _entry(symbol: Symbol, *, described: bool) -> str:
    indent = "    " * (symbol.parent.count(".") + 1 if symbol.parent else 0)
    written = symbol.signature.strip()
    if symbol.kind == "variable" and len(written) > _SHORT:
        written = written[:_SHORT] + " ..."
    return indent + written + (f"  # {symbol.doc}" if described and symbol.doc else "")


def _rank(symbol: Symbol, words: Collection[str]) -> int:
    """Say how soon a definition may be left out; 0 last."""
    if symbol.name in words or symbol.kind in ("class", "interface"):
        return 0
    return 2 if symbol.kind in ("variable", "macro") else 1


def _size(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def tree(paths: Iterable[str], limit: int = 8_000, near: Iterable[str] = ()) -> str:
    """List paths folder by folder, one folder a line; `limit` in characters.

    When not all fits, folders are counted instead of listed, those of `near`, the small and the
    outer ones last; then the innermost are left out, and the last line says how many.
    """
    folders: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    listed = {at: f"{at or '.'}/: {' '.join(folders[at])}" for at in sorted(folders)}
    if _size(listed.values()) <= limit:
        return "\n".join(listed.values())
    counted = {at: f"{at or '.'}/: {len(names)} files" for at, names in folders.items()}
    close = {path.rpartition("/")[0] for path in near}
    order = sorted(folders, key=lambda at: (at not in close, at.count("/"), at))
    shown: dict[str, str] = {}
    room = limit
    # What counting would hardly shorten is listed first.
    small_first = sorted(order, key=lambda at: (at not in close, len(listed[at]) > _SMALL))
    for lines, share, some in ((counted, _COUNTED, order), (listed, 1.0, small_first)):
        for at in some:
            cost = len(lines[at]) + 1 - (len(shown[at]) + 1 if at in shown else 0)
            if cost <= room - limit * (1.0 - share):
                shown[at] = lines[at]
                room -= cost
    left = len(folders) - len(shown)
    text = [shown[at] for at in listed if at in shown]
    return "\n".join([*text, f"... and {left} more folders"] if left else text)


def excerpt(file: SourceFile, words: Iterable[str], limit: int = 60_000) -> str:
    """Give the whole text, or, when it is longer than `limit` characters, its useful parts.

    Useful are the head of the file, then definitions whose name is among `words`, then those that
    mention one of them, the lines around other mentions, any definitions that fit, and at last the
    lines from the top on. A definition comes with the first line of what encloses it. Left-out
    ranges are named by line numbers, so that nobody takes the excerpt for the file.
    """
    if len(file.text) <= limit:
        return file.text
    lines = file.text.split("\n")
    imports = max((one.line for one in file.imports if one.line < _LONG_HEAD), default=0)
    head = _with_room([(1, max(40, imports + 12))], len(lines))
    keep = _beginning(head, lines, limit // 3)
    room = limit - _GAP - _size(lines[i - 1] for i in keep)
    for extra, most in _parts(file, lines, set(words)):
        wanted = extra - keep
        if most:  # too long or not, it is what matters
            wanted = _beginning(wanted, lines, int(most * room) - _GAP)
        gaps = sum(i - 1 not in keep and i - 1 not in wanted for i in wanted)
        cost = _GAP * gaps + _size(lines[i - 1] for i in wanted)
        if wanted and cost <= room:
            keep |= wanted
            room -= cost
    return _with_gaps(lines, keep)


def _parts(
    file: SourceFile, lines: list[str], words: Collection[str]
) -> Iterator[tuple[set[int], float]]:
    """Give the lines that are useful together, the most useful first.

    With a number, as many of them are wanted as go into that share of the room.
    """
    last = len(lines)
    heads = {symbol.qualified: symbol.line for symbol in file.symbols}
    found = [(_use(symbol, lines, words), symbol) for symbol in file.symbols]
    for (rank, _), symbol in sorted(found, key=lambda one: one[0]):
        if rank == _ANY:
            break
        named = rank == 0 and symbol.kind in ("function", "method")
        around = _with_room([(symbol.line - 3, symbol.end_line + 3)], last)
        yield around | _enclosing(symbol, heads), 0.5 if named else 0.0
    for line in _mentions(lines, words):
        yield _with_room([(line - 3, line + 3)], last), 0.0
    for symbol in (symbol for (rank, _), symbol in found if rank == _ANY):
        around = _with_room([(symbol.line - 3, symbol.end_line + 3)], last)
        yield around | _enclosing(symbol, heads), 0.0
    yield _with_room([(1, last)], last), 1.0


def _mentions(lines: list[str], words: Iterable[str]) -> Iterator[int]:
    """Give the lines that hold a word, those of the rarest first."""
    places = (
        [number for number, line in enumerate(lines, 1) if word in line]
        for word in sorted(words) if len(word) > _LONG_WORD
    )  # fmt: skip
    for some in sorted(places, key=len):
        yield from some


def _is_named(symbol: Symbol, wanted: Collection[str]) -> bool:
    return symbol.name in wanted or symbol.qualified in wanted


def _use(symbol: Symbol, lines: list[str], wanted: Collection[str]) -> tuple[int, int]:
    """Say how useful a definition is; the most useful sorts first."""
    if _is_named(symbol, wanted):
        return 0, symbol.end - symbol.start
    body = " ".join(lines[symbol.line - 1 : symbol.end_line])
    mentions = sum(word in body for word in wanted if len(word) > _LONG_WORD)
    return (1, -mentions) if mentions else (_ANY, symbol.line)


def _enclosing(symbol: Symbol, heads: Mapping[str, int]) -> set[int]:
    parts = symbol.parent.split(".") if symbol.parent else []
    above = (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return {heads[name] for name in above if name in heads}


def _beginning(extra: set[int], lines: list[str], room: int) -> set[int]:
    kept: set[int] = set()
    for i in sorted(extra):
        room -= len(lines[i - 1]) + 1
        if room < 0:
            break
        kept.add(i)
    return kept


def _with_room(ranges: Iterable[tuple[int, int]], last: int) -> set[int]:
    return {i for first, end in ranges for i in range(max(1, first), min(last, end) + 1)}


def _with_gaps(lines: list[str], keep: set[int]) -> str:
    parts: list[str] = []
    gap = 0
    for number, line in enumerate(lines, 1):
        if number in keep:
            if gap:
                parts.append(f"[... lines {gap} to {number - 1} are left out ...]")
            parts.append(line)
            gap = 0
        elif not gap:
            gap = number
    if gap:
        parts.append(f"[... lines {gap} to {len(lines)} are left out ...]")
    return "\n".join(parts)
