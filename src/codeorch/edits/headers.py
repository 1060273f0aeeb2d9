"""Header lines: which file an edit is for. The one parser for every path in an answer."""

import re
from collections.abc import Sequence

from codeorch.edits.hunks import FileHeader

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_GIT = re.compile(rf"diff --git ({_QUOTED}|.+?) ({_QUOTED}|\S+)\s*$")
# Names with spaces stand unquoted, so two equal ones are what tells where the first one ends.
_GIT_SAME = re.compile(r"diff --git (\w/(.+)) (\w/\2)$")
_V4A = re.compile(r"\*\*\* (Update|Add|Delete) File: ?(.*)$|\*\*\* Move to: ?(.*)$")
_PREFIX = re.compile(r"(?:\./|[abciow]/)(?=.)")
_STAMP = re.compile(r"(?<!\s)\s+\d{4}-\d\d-\d\d[T ].*$")
_EXTENDED = re.compile(
    r"index [0-9a-fA-F]{4,}\.\.|(?:old|new|new file|deleted file) mode \d+\s*$"
    r"|(?:dis)?similarity index \d|(?:rename|copy) (?:from|to) \S|Index: \S|={67}$"
    r"|Binary files |GIT binary patch"
)
_NOWHERE = "/dev/null"


def is_pair(line: str, after: str) -> bool:
    """Whether two lines are `---` and `+++` with names."""
    return line.startswith("--- ") and after.startswith("+++ ")


def is_start(line: str, after: str) -> bool:
    """Whether a file's header starts here."""
    return line.startswith("diff --git ") or is_pair(line, after) or bool(_V4A.match(line))


def is_extended(line: str) -> bool:
    """Whether it is one of git's further header lines, or a Subversion one."""
    return bool(_EXTENDED.match(line))


def v4a_name(line: str) -> str:
    """Return the path of a `*** Update File:` line and its like."""
    match = _V4A.match(line)
    return (match[2] or match[3] or "").strip() if match else ""


def read_header(lines: Sequence[str]) -> FileHeader:
    """Read the header lines of one file."""
    old = new = ""
    creates = deletes = renames = False
    for line in lines:
        before, after = _names(line)
        old, new = before or old, after or new
        creates = creates or line.startswith(("new file mode", "*** Add File"))
        deletes = deletes or line.startswith(("deleted file mode", "*** Delete File"))
        renames = renames or line.startswith(("rename ", "*** Move to"))
    return FileHeader(
        old="" if old == _NOWHERE else old,
        new="" if new == _NOWHERE else new,
        creates=creates or old == _NOWHERE,
        deletes=deletes or new == _NOWHERE,
        renames=renames,
    )


def _names(line: str) -> tuple[str, str]:
    """Return the old and the new path that one header line names."""
    if line.startswith("diff --git "):
        if same := _GIT_SAME.match(line):
            return _path(same[1]), _path(same[3])
        match = _GIT.match(line)
        return (_path(match[1]), _path(match[2])) if match else ("", "")
    for start, is_old in _STARTS:
        if line.startswith(start):
            path = _path(line[len(start) :])
            return (path, "") if is_old else ("", path)
    return "", ""


_STARTS = (
    ("--- ", True), ("+++ ", False), ("rename from ", True), ("rename to ", False),
    ("copy from ", True), ("copy to ", False), ("Index: ", True), ("*** Update File:", True),
    ("*** Delete File:", True), ("*** Add File:", False), ("*** Move to:", False),
)  # fmt: skip


def _path(name: str) -> str:
    """Unquote a name; leave out a date behind it and the prefix of a side."""
    name = name.split("\t", maxsplit=1)[0].strip()
    name = _STAMP.sub("", name).strip("`'") if not name.startswith('"') else _unquoted(name)
    prefix = _PREFIX.match(name)
    return name[prefix.end() :] if prefix and name != _NOWHERE else name


def _unquoted(name: str) -> str:
    """Undo the quoting that git uses: C escapes, with bytes in octal."""
    body = name[1:-1] if len(name) > 1 and name.endswith('"') else name[1:]
    plain = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
    raw = re.sub(
        r"\\([0-7]{1,3}|.)",
        lambda m: chr(int(m[1], 8) % 256) if m[1][0] in "01234567" else plain.get(m[1], m[1]),
        body,
    )
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw
