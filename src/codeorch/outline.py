"""Short forms of files for prompts: signatures instead of bodies, names instead of files."""

from collections.abc import Iterable

from codeorch.domain import SourceFile


def outline(file: SourceFile, limit: int = 4_000) -> str:
    """List a file's definitions, one signature a line, indented by nesting; `limit` in characters.

    What does not fit is counted in the last line.
    """
    lines = [
        "    " * (symbol.parent.count(".") + 1 if symbol.parent else 0)
        + symbol.signature.strip()
        + (f"  # {symbol.doc}" if symbol.doc else "")
        for symbol in file.symbols
        if symbol.kind != "field"
    ]
    return _fit(lines, limit, "more definitions")


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

    Useful are the head of the file and each definition whose name is among `words`. Left-out
    ranges are named by line numbers, so that nobody takes the excerpt for the file.
    """
    if len(file.text) <= limit:
        return file.text
    lines = file.text.splitlines(keepends=True)
    wanted = set(words)
    keep = _with_room([(1, 40)], len(lines))
    room = limit - sum(len(lines[i - 1]) for i in keep)
    chosen = [s for s in file.symbols if s.name in wanted or s.qualified in wanted]
    for symbol in sorted(chosen, key=lambda s: s.end - s.start):
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
