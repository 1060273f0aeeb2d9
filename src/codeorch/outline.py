"""Short forms of files for prompts: signatures instead of bodies, names instead of files."""

from collections.abc import Collection, Iterable

from codeorch.domain import SourceFile, Symbol

_SHORT = 60  # characters of a variable's definition
_LONG_HEAD = 150  # lines; imports further down are not part of the head
_LONG_WORD = 5  # shorter words are in every body


def outline(file: SourceFile, limit: int = 4_000, words: Collection[str] = ()) -> str:
    """List a file's definitions, one signature a line, indented by nesting; `limit` in characters.

    When they do not all fit, those whose name is among `words` stay longest; before whole lines,
    descriptions go. What is left out is counted in the last line.
    """
    symbols = [symbol for symbol in file.symbols if symbol.kind != "field"]
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


def tree(paths: Iterable[str], limit: int = 8_000) -> str:
    """List paths folder by folder, one folder a line; `limit` in characters."""
    folders: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    lines = [f"{folder or '.'}/: {' '.join(names)}" for folder, names in folders.items()]
    return _fit(lines, limit, "more folders")


def excerpt(file: SourceFile, words: Iterable[str], limit: int = 60_000) -> str:
    """Give the whole text, or, when it is longer than `limit` characters, its useful parts.

    Useful are the head of the file, then definitions whose name is among `words`, then those that
    mention one of them, then any that fit. Left-out ranges are named by line numbers, so that
    nobody takes the excerpt for the file.
    """
    if len(file.text) <= limit:
        return file.text
    lines = file.text.splitlines(keepends=True)
    wanted = set(words)
    imports = max((one.line for one in file.imports if one.line < _LONG_HEAD), default=0)
    keep = _with_room([(1, max(40, imports + 12))], len(lines))
    room = limit - sum(len(lines[i - 1]) for i in keep)

    def use(symbol: Symbol) -> tuple[int, int]:
        if symbol.name in wanted or symbol.qualified in wanted:
            return 0, symbol.end - symbol.start
        body = " ".join(lines[symbol.line - 1 : symbol.end_line])
        mentions = sum(word in body for word in wanted if len(word) > _LONG_WORD)
        return (1, -mentions) if mentions else (2, symbol.line)

    for symbol in sorted(file.symbols, key=use):
        extra = _with_room([(symbol.line - 3, symbol.end_line + 3)], len(lines)) - keep
        cost = sum(len(lines[i - 1]) for i in extra)
        if cost <= room:
            keep |= extra
            room -= cost
    return _with_gaps(lines, keep)


def _with_room(ranges: Iterable[tuple[int, int]], last: int) -> set[int]:
    return {i for first, end in ranges for i in range(max(1, first), min(last, end) + 1)}


def _with_gaps(lines: list[str], keep: set[int]) -> str:
    parts: list[str] = []
    gap = 0
    for number, line in enumerate(lines, 1):
        if number in keep:
            if gap:
                parts.append(f"[... lines {gap} to {number - 1} are left out ...]\n")
            parts.append(line)
            gap = 0
        elif not gap:
            gap = number
    if gap:
        parts.append(f"[... lines {gap} to {len(lines)} are left out ...]\n")
    return "".join(parts)


def _fit(lines: list[str], limit: int, what: str) -> str:
    room = limit
    for index, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*lines[:index], f"... and {len(lines) - index} {what}"])
    return "\n".join(lines)
