"""A model's answer -> hunks. Four dialects, read without being told which.

Numbers in hunk headers are hints only: models count badly. Whatever the dialect, the outcome is a
list of hunks whose lines are context, deletions and additions, so that one applier serves all.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from codeorch.diffs.refusal import Refusal

Mark = Literal[" ", "-", "+"]
Dialect = Literal["unified", "v4a", "blocks", "whole"]

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^`\n]*)$")
_NUMBERS = re.compile(r"^@@+\s*-(\d+)(?:,\d+)?\s+\+\d+(?:,\d+)?\s*@*\s?(.*)$")
_SEARCH = re.compile(r"^<{5,9} ?(SEARCH|ORIGINAL)?\s*$")
_DIVIDE = re.compile(r"^={5,9}\s*$")
_REPLACE = re.compile(r"^>{5,9} ?(REPLACE|UPDATED)?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a hunk, without its mark and line end."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines that belong together, and hints about where."""

    lines: tuple[Line, ...]
    section: str = ""  # text behind `@@`: an enclosing definition
    stated: int = 0  # the line number in the header; 0 = none
    no_newline: bool = False  # the new text is said to end without a line feed

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that must be in the file."""
        return tuple(line.text for line in self.lines if line.mark != "+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer says: hunks, or for `whole` the new text; and the files it names."""

    dialect: Dialect
    hunks: tuple[Hunk, ...] = ()
    whole: str = ""
    names: tuple[str, ...] = ()


def read_answer(answer: str) -> Answer:
    """Find the edit in an answer.

    Raises:
        Refusal: there is none, or it is cut off.
    """
    text = answer.replace("\r\n", "\n")
    blocks, unclosed = _fenced(text.split("\n"))
    if unclosed:
        raise Refusal("truncated", "a fence is opened and never closed: the answer is cut off")
    bodies = [body for _, body in blocks if _holds_edit(body)]
    lines = [line for body in bodies for line in body] if bodies else text.split("\n")
    if any(line.startswith("*** Begin Patch") or _v4a_name(line) for line in lines):
        return _read_v4a(lines)
    if any(_SEARCH.match(line) for line in lines):
        return _read_blocks(lines)
    if _holds_edit(lines) or any(info.strip() in ("diff", "patch") for info, _ in blocks):
        return _read_unified(lines if bodies or not blocks else blocks[0][1])
    if len(blocks) == 1:
        body = "\n".join(blocks[0][1])
        return Answer(dialect="whole", whole=body + "\n" if body else "")
    raise Refusal("empty", "the answer holds no edit", detail="Give a diff in one ```diff fence.")


def paths_in(answer: str) -> tuple[str, ...]:
    """Name every path that the headers of an answer name, unquoted and without a/ and b/."""
    found = [name for line in answer.replace("\r\n", "\n").split("\n") for name in _names(line)]
    return tuple(dict.fromkeys(found))


# ------------------------------------------------------------------------------- fences


def _fenced(lines: Sequence[str]) -> tuple[list[tuple[str, list[str]]], bool]:
    """Give the fenced blocks with their info strings; and whether the last one is open.

    A fence is closed only at its own indentation, so that fences in a Markdown file survive.
    """
    blocks: list[tuple[str, list[str]]] = []
    opened: tuple[str, str] | None = None
    for line in lines:
        found = _FENCE.match(line)
        if opened is None and found:
            opened = (found[1], found[2])
            blocks.append((found[3], []))
        elif opened is not None:
            closes = found and found[1] == opened[0] and not found[3].strip()
            if closes and found and found[2].startswith(opened[1]):
                opened = None
            else:
                blocks[-1][1].append(line)
    return blocks, opened is not None


def _holds_edit(lines: Sequence[str]) -> bool:
    return any(
        line.startswith(("@@", "diff --git ", "*** Begin Patch"))
        or bool(_SEARCH.match(line))
        or (line.startswith("--- ") and after.startswith("+++ "))
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


# ------------------------------------------------------------------------------- unified diff


def _read_unified(lines: Sequence[str]) -> Answer:
    hunks: list[Hunk] = []
    names: list[str] = []
    body: list[str] | None = None
    head = ""
    for index, line in enumerate(lines):
        after = lines[index + 1] if index + 1 < len(lines) else ""
        if _is_header(line, after):
            names += _names(line)
            if body is not None:
                hunks += _hunk(head, body)
            body, head = ([] if line.startswith("+++ ") else None), ""
        elif line.startswith("@@"):
            if body is not None:
                hunks += _hunk(head, body)
            body, head = [], line
        elif body is not None:
            body.append(line)
    if body is not None:
        hunks += _hunk(head, body)
    return Answer(dialect="unified", hunks=tuple(hunks), names=tuple(dict.fromkeys(names)))


def _is_header(line: str, after: str) -> bool:
    if line.startswith(("diff --git ", "index ", "new file mode", "deleted file mode")):
        return not line.startswith("index ") or bool(re.match(r"index [0-9a-f]{4,}\.\.", line))
    if line.startswith(("rename from ", "rename to ", "similarity index ")):
        return True
    return line.startswith("+++ ") or (line.startswith("--- ") and after.startswith("+++ "))


def _hunk(head: str, body: Sequence[str]) -> Iterator[Hunk]:
    numbered = _NUMBERS.match(head)
    section = numbered[2] if numbered else head.strip("@ \t")
    lines: list[Line] = []
    no_newline = False
    for line in body:
        if line.startswith("\\"):
            no_newline = no_newline or not lines or lines[-1].mark != "-"
        else:
            lines.append(_marked(line))
    while lines and lines[-1].mark == " " and not lines[-1].text.strip():
        lines.pop()
    if lines:
        yield Hunk(
            lines=tuple(lines),
            section=section.strip(),
            stated=int(numbered[1]) if numbered else 0,
            no_newline=no_newline,
        )


def _marked(line: str) -> Line:
    match line[:1]:
        case "+":
            return Line(mark="+", text=line[1:])
        case "-":
            return Line(mark="-", text=line[1:])
        case " ":
            return Line(mark=" ", text=line[1:])
        case _:
            return Line(mark=" ", text=line)  # the mark was forgotten


def _names(line: str) -> list[str]:
    """Give the paths that a header line names."""
    if line.startswith("diff --git "):
        found = re.match(r'diff --git ("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)\s*$', line)
        raw = [found[1], found[2]] if found else []
    elif line.startswith(("--- ", "+++ ")):
        raw = [line[4:].split("\t", maxsplit=1)[0].strip()]
    elif line.startswith(("rename from ", "rename to ")):
        raw = [line.split(" ", 2)[2].strip()]
    else:
        raw = [name] if (name := _v4a_name(line)) else []
    names = (_unquoted(name) for name in raw)
    return [re.sub(r"^[abiwco]/", "", name) for name in names if name and name != "/dev/null"]


def _unquoted(name: str) -> str:
    if len(name) < 2 or name[0] != '"' or name[-1] != '"':
        return name
    plain = {"n": "\n", "t": "\t", "r": "\r"}
    raw = re.sub(
        r"\\([0-7]{3}|.)",
        lambda m: chr(int(m[1], 8)) if len(m[1]) == 3 else plain.get(m[1], m[1]),
        name[1:-1],
    )
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


# ------------------------------------------------------------------------------- other dialects


def _v4a_name(line: str) -> str:
    found = re.match(r"^\*\*\* (?:Update|Add|Delete) File: (.+)$|^\*\*\* Move to: (.+)$", line)
    return (found[1] or found[2]).strip() if found else ""


def _read_v4a(lines: Sequence[str]) -> Answer:
    names = [name for line in lines if (name := _v4a_name(line))]
    inner = [line for line in lines if not line.startswith(("*** Begin", "*** End"))]
    read = _read_unified(["+++ " + _v4a_name(line) if _v4a_name(line) else line for line in inner])
    return Answer(dialect="v4a", hunks=read.hunks, names=tuple(dict.fromkeys(names)))


def _read_blocks(lines: Sequence[str]) -> Answer:
    hunks: list[Hunk] = []
    part, search, replace = "", [], []  # type: ignore[var-annotated]
    for line in lines:
        if _SEARCH.match(line) and not part:
            part, search, replace = "search", [], []
        elif part == "search" and _DIVIDE.match(line):
            part = "replace"
        elif part == "replace" and _REPLACE.match(line):
            hunks.append(Hunk(lines=tuple(_between(search, replace))))
            part = ""
        elif part:
            (search if part == "search" else replace).append(line)
    if part:
        raise Refusal("truncated", "a SEARCH/REPLACE block is not finished: it is cut off")
    return Answer(dialect="blocks", hunks=tuple(hunks))


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Mark the lines of two versions, so that only what differs is written."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from (Line(mark=" ", text=text) for text in old[a:b])
            continue
        yield from (Line(mark="-", text=text) for text in old[a:b])
        yield from (Line(mark="+", text=text) for text in new[c:d])
