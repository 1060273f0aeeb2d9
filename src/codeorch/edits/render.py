"""FilePatch -> the diff that git would write for it."""

from collections.abc import Iterator, Sequence

from codeorch.domain import FilePatch
from codeorch.edits.encoding import decode
from codeorch.edits.hunks import HunkLine, Refusal, between

_CONTEXT = 3
_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v",
    "\f": "\\f", "\r": "\\r",
}  # fmt: skip


def render(patch: FilePatch) -> str:
    """Write a patch as a git-style unified diff.

    Encoded as the file is, `git apply` accepts it on the base.
    UTF-16, which git takes for binary, is for reading only.
    """
    old, new = patch.old_path or patch.path, patch.path
    lines = [f"diff --git {_quoted('a/' + old)} {_quoted('b/' + new)}\n"]
    if patch.before is None:
        lines.append(f"new file mode {patch.mode:o}\n")
    elif patch.after is None:
        lines.append(f"deleted file mode {patch.mode:o}\n")
    elif old != new:
        lines += [f"rename from {_quoted(old)}\n", f"rename to {_quoted(new)}\n"]
    if patch.before == patch.after:
        return "".join(lines)
    before, after = _text(patch.before), _text(patch.after)
    sides = (_name("a/" + old, patch.before), _name("b/" + new, patch.after))
    if before is None or after is None:
        return "".join([*lines, f"Binary files {sides[0]} and {sides[1]} differ\n"])
    body = "".join(_hunks(between(_lines(before), _lines(after))))
    if body:
        lines += [f"--- {_ended(sides[0])}\n", f"+++ {_ended(sides[1])}\n"]
    return "".join(lines) + body


def _name(path: str, data: bytes | None) -> str:
    return "/dev/null" if data is None else _quoted(path)


def _ended(name: str) -> str:
    """End a name that holds spaces with a tab, as git does, so that it is read to its end."""
    return name + "\t" if " " in name and not name.startswith('"') else name


def _text(data: bytes | None) -> str | None:
    """Return the text with its byte order mark, None if it is binary."""
    if data is None:
        return ""
    try:
        decoded = decode(data)
    except Refusal:
        return None
    return ("\ufeff" if decoded.encoding == "utf-8-sig" else "") + decoded.text


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _hunks(lines: Sequence[HunkLine]) -> Iterator[str]:
    """Write the changes, those that are no more than twice the context apart in one hunk."""
    changed = [at for at, line in enumerate(lines) if line.mark != " "]
    spans: list[tuple[int, int]] = []
    for at in changed:
        if spans and at - spans[-1][1] <= 2 * _CONTEXT:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    done, old, new = 0, 0, 0
    for first, last in spans:
        start, end = max(0, first - _CONTEXT), min(len(lines), last + _CONTEXT)
        old += _count(lines[done:start], "+")
        new += _count(lines[done:start], "-")
        inside = lines[start:end]
        sizes = (_count(inside, "+"), _count(inside, "-"))
        yield f"@@ -{_range(old, sizes[0])} +{_range(new, sizes[1])} @@\n"
        yield from (_line(line) for line in inside)
        done, old, new = end, old + sizes[0], new + sizes[1]


def _count(lines: Sequence[HunkLine], other: str) -> int:
    """Count the lines of one side: all but those that only the other one has."""
    return sum(line.mark != other for line in lines)


def _range(before: int, length: int) -> str:
    if length == 1:
        return str(before + 1)
    return f"{before + 1 if length else before},{length}"


def _line(line: HunkLine) -> str:
    if line.text.endswith("\n"):
        return line.mark + line.text
    return f"{line.mark}{line.text}\n\\ No newline at end of file\n"


def _quoted(path: str) -> str:
    """Quote a path as git does when it holds control characters, quotes or backslashes."""
    if not any(c in _ESCAPES or ord(c) < 32 or ord(c) == 127 for c in path):
        return path
    escaped = (
        _ESCAPES.get(c) or (f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c) for c in path
    )
    return f'"{"".join(escaped)}"'
