"""FilePatch -> the diff that git would write for it."""

import difflib
from collections.abc import Iterator

from codeorch.diffs.encoding import decode
from codeorch.diffs.refusal import Refusal
from codeorch.domain import FilePatch

_CONTEXT = 3


def render(patch: FilePatch) -> str:
    """Write a patch as a git-style unified diff that `git apply` accepts on its base."""
    old, new = patch.old_path or patch.path, patch.path
    lines = [f"diff --git {_quoted('a/' + old)} {_quoted('b/' + new)}\n"]
    if patch.before is None:
        lines.append(f"new file mode {patch.mode:o}\n")
    elif patch.after is None:
        lines.append(f"deleted file mode {patch.mode:o}\n")
    elif old != new:
        lines += [f"rename from {_quoted(old)}\n", f"rename to {_quoted(new)}\n"]
    body = "".join(_hunks(_lines(patch.before), _lines(patch.after)))
    if body:
        lines.append("--- " + ("/dev/null" if patch.before is None else _quoted("a/" + old)) + "\n")
        lines.append("+++ " + ("/dev/null" if patch.after is None else _quoted("b/" + new)) + "\n")
    return "".join(lines) + body


def _lines(data: bytes | None) -> list[str]:
    if not data:
        return []
    try:
        text = decode(data).text
    except Refusal:
        text = data.decode("latin-1")
    if data.startswith(b"\xef\xbb\xbf"):
        text = "\ufeff" + text
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (_line(" ", line) for line in before[a:b])
                continue
            yield from (_line("-", line) for line in before[a:b])
            yield from (_line("+", line) for line in after[c:d])


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _quoted(path: str) -> str:
    """Quote a path as git does when it holds control characters, quotes or backslashes."""
    if not any(c in '"\\' or ord(c) < 32 or ord(c) == 127 for c in path):
        return path
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return (
        '"'
        + "".join(
            escapes.get(c) or (f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c)
            for c in path
        )
        + '"'
    )
