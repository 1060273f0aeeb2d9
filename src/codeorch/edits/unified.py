"""Unified diffs and V4A patches -> hunks, whatever their headers are like."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from codeorch.edits.headers import is_extended, is_pair, is_start, read_header, v4a_name
from codeorch.edits.hunks import Answer, FileHeader, Hunk, HunkLine, Refusal

_NUMBERS = re.compile(r"@@+\s*-(\d+)(?:,(\d+))?\s+\+(\d+)(?:,(\d+))?\s*(?:@@+)?\s?(.*)$")
_DOTS = re.compile(r"[-+.,\sxX?0-9…]*$")  # headers that say nothing: `@@ ... @@`, `@@ -XX +XX @@`
_MODE = re.compile(r"(?:old|new) mode \d+|new file mode (?!100(?:644|755))\d+")


@dataclass(slots=True)
class _Reader:
    """Collects header lines and hunk bodies from line to line."""

    hunks: list[Hunk] = field(default_factory=list)
    headers: list[FileHeader] = field(default_factory=list)
    head: list[str] = field(default_factory=list)  # of the file
    title: str | None = None  # of the open hunk; None = none is open
    body: list[str] = field(default_factory=list)

    def open_hunk(self, title: str) -> None:
        self.close_hunk()
        self.title = title

    def close_hunk(self) -> None:
        if self.title is not None:
            hunk = _hunk(self.title, self.body)
            # A title without lines narrows the place of the next hunk down, in V4A.
            if hunk.lines:
                self.hunks.append(hunk)
        self.title, self.body = None, []

    def header_line(self, line: str) -> None:
        self.close_hunk()
        self.head.append(line)

    def close_header(self) -> None:
        if self.head:
            self.headers.append(read_header(self.head))
        self.head = []


def read_unified(bodies: Sequence[Sequence[str]], *, fenced: bool, ended: bool) -> Answer:
    """Read unified diffs.

    Raises:
        Refusal: it is cut off behind a header, binary, or changes a file's mode.
    """
    reader = _Reader()
    for body in bodies:
        _read(reader, body)
        reader.close_hunk()
        reader.close_header()
    last = next((line for line in reversed(bodies[-1]) if line.strip()), "") if bodies else ""
    if last.startswith("@@"):
        raise Refusal(
            code="truncated", brief="the last hunk has a header but no lines",
            hunk=len(reader.hunks) + 1, detail="Give the whole edit.",
        )  # fmt: skip
    return Answer(
        dialect="unified",
        hunks=tuple(reader.hunks),
        headers=tuple(reader.headers),
        fenced=fenced,
        ended=ended,
    )


def read_v4a(bodies: Sequence[Sequence[str]], *, fenced: bool, ended: bool) -> Answer:
    """Read patches between `*** Begin Patch` and `*** End Patch`.

    Raises:
        Refusal: it is cut off.
    """
    begun = sum(line.startswith("*** Begin Patch") for body in bodies for line in body)
    closed = sum(line.startswith("*** End Patch") for body in bodies for line in body)
    if begun > closed:
        raise Refusal(
            code="truncated", brief="`*** End Patch` is missing: the answer is cut off",
            detail="Give the whole patch, down to `*** End Patch`.",
        )  # fmt: skip
    inner = [list(_inside(body)) for body in bodies]
    answer = read_unified(inner, fenced=fenced or closed > 0, ended=ended or closed > 0)
    return Answer(
        dialect="v4a",
        hunks=answer.hunks,
        headers=answer.headers,
        fenced=answer.fenced,
        ended=answer.ended,
    )


def _inside(body: Sequence[str]) -> Iterator[str]:
    for line in body:
        if line.startswith("*** End Patch"):
            return
        if not line.startswith(("*** Begin Patch", "*** End of File")):
            yield line


def _read(reader: _Reader, lines: Sequence[str]) -> None:
    skip = False
    for at, line in enumerate(lines):
        after = lines[at + 1] if at + 1 < len(lines) else ""
        if skip:
            skip = False
        elif is_start(line, after):
            _start_file(reader, line)
            if is_pair(line, after):
                reader.header_line(after)
                reader.open_hunk("")
                skip = True
        elif line.startswith("@@"):
            reader.close_header()
            reader.open_hunk(line)
        elif is_extended(line) and reader.title in (None, ""):
            _check_extended(line)
            reader.header_line(line)
        elif _is_lone_name(line, reader):
            reader.header_line(line)
        else:
            _body_line(reader, line)


def _start_file(reader: _Reader, line: str) -> None:
    """Open a header; `---` belongs to the header that `diff --git` began."""
    if reader.title is not None or not line.startswith(("--- ", "*** Move")):
        reader.close_hunk()
        reader.close_header()
    reader.header_line(line)
    if v4a_name(line):
        reader.open_hunk("")


def _is_lone_name(line: str, reader: _Reader) -> bool:
    """Whether one of `---` and `+++` stands alone, in a header or in front of everything."""
    return line.startswith(("--- ", "+++ ")) and reader.title is None


def _body_line(reader: _Reader, line: str) -> None:
    if reader.title is None:
        if not line.strip() and (reader.head or not reader.hunks):
            return
        reader.open_hunk("")  # the hunk's header is missing
    reader.close_header()
    reader.body.append(line)


def _check_extended(line: str) -> None:
    if line.startswith(("Binary files ", "GIT binary patch")):
        raise Refusal(code="binary", brief="it holds a binary patch")
    if _MODE.match(line):
        raise Refusal(
            code="mode", brief=f"it changes what kind of file it is (`{line.strip()}`)",
            detail="Change the text only.",
        )  # fmt: skip


def _hunk(title: str, body: Sequence[str]) -> Hunk:
    numbers = _NUMBERS.match(title)
    lines: list[HunkLine] = []
    unended = {"-": False, "+": False}
    for line in body:
        if line.startswith("\\"):
            for mark in _sides(lines):
                unended[mark] = True
        else:
            lines.append(_marked(line))
    counts = (int(numbers[2] or 1), int(numbers[4] or 1)) if numbers else None
    return Hunk(
        lines=tuple(_trimmed(lines, counts)),
        section=numbers[5].strip() if numbers else _section(title),
        stated=int(numbers[1]) if numbers else 0,
        counts=counts,
        old_unended=unended["-"],
        new_unended=unended["+"],
    )


def _sides(lines: Sequence[HunkLine]) -> str:
    """Say which sides a note about a missing newline speaks of: those of the line above it."""
    mark = lines[-1].mark if lines else " "
    return "-+" if mark == " " else mark


def _section(title: str) -> str:
    text = title.strip().removeprefix("@@").removesuffix("@@").strip()
    return "" if _DOTS.match(text) else text


def _trimmed(lines: list[HunkLine], counts: tuple[int, int] | None) -> list[HunkLine]:
    """Leave out empty lines behind a hunk, which part it from what follows."""
    old = sum(line.mark != "+" for line in lines)
    new = sum(line.mark != "-" for line in lines)
    end = len(lines)
    while end and not lines[end - 1].raw and (old, new) != counts:
        end, old, new = end - 1, old - 1, new - 1  # such a line stands on both sides
    return lines[:end]


def _marked(line: str) -> HunkLine:
    match line[:1]:
        case "+":
            return HunkLine(mark="+", text=line[1:], raw=line)
        case "-":
            return HunkLine(mark="-", text=line[1:], raw=line)
        case " ":
            return HunkLine(mark=" ", text=line[1:], raw=line)
        case _:
            return HunkLine(mark=" ", text=line, raw=line)  # the mark was forgotten
