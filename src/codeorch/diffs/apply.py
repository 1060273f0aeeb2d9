"""Base text + answer -> new text, or a refusal. All hunks land or none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from posixpath import basename

from codeorch.diffs.placing import TIERS, Place, place
from codeorch.diffs.reading import Answer, Dialect, Hunk, Line, read_answer
from codeorch.diffs.refusal import Refusal
from codeorch.domain import Action, Symbol

_PLACEHOLDER = re.compile(
    r"^\W*(\.\.\.|…|(\.\.\.|…)?\s*(the\s+)?(rest|remaining|remainder|other|existing|previous|"
    r"unchanged)\b.{0,60}\b(code|unchanged|same|here|as before|methods?|functions?|lines?|"
    r"implementation|content)\b.*)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkReport:
    """Where a hunk landed: the file's line, and how loosely it had to be compared."""

    line: int
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A new text and how it came about."""

    text: str
    dialect: Dialect
    hunks: tuple[HunkReport, ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Replace the lines from `start` to `end` by new ones."""

    start: int
    end: int
    new: tuple[str, ...]


def apply_answer(base: str, answer: str, path: str) -> str:
    """Turn an answer into the file's new text; empty for a deleted file.

    Raises:
        Refusal: with the reason and the nearest place.
    """
    return apply(base, answer, path).text


def apply(
    base: str, answer: str, path: str, *, action: Action = "edit", symbols: tuple[Symbol, ...] = ()
) -> Applied:
    """Apply an answer to the text of its file. Untouched lines stay byte for byte.

    Raises:
        Refusal: with the reason and the nearest place; nothing of the answer is used.
    """
    del symbols  # the dialect that names a definition is not read yet
    if action == "rename" and not answer.strip():
        return Applied(text=base, dialect="unified")
    read = read_answer(answer)
    _check_names(read.names, path)
    if read.dialect == "whole":
        return _whole(base, read.whole)
    if not base:
        return _created(read)
    return _edited(base, read, action)


def _check_names(names: Sequence[str], path: str) -> None:
    """Refuse an answer for another file; a shortened name of the right one is fine."""
    for name in names:
        same = name == path or path.endswith("/" + name) or name.endswith("/" + path)
        if ".." in name.split("/") or not (same or basename(name) == basename(path)):
            raise Refusal("path", f"it is for {name!r}, but your file is {path!r}")


# ------------------------------------------------------------------------------- whole texts


def _whole(base: str, text: str) -> Applied:
    kept = {line.strip() for line in base.split("\n")}
    for line in text.split("\n"):
        if _PLACEHOLDER.match(line) and line.strip() not in kept:
            raise _placeholder(line, 0)
    old, new = len(base), len(text)
    if old > 400 and new < old / 3:
        raise Refusal(
            "truncated", "the whole file was asked for, but most of it is missing",
            detail="Give every line of the file, or a diff.",
        )  # fmt: skip
    lines = text.split("\n")
    if "\r\n" in base:
        lines = [line + "\r" for line in lines[:-1]] + lines[-1:]
    result = "\n".join(lines)
    if base and not base.endswith("\n"):
        result = result.removesuffix("\n").removesuffix("\r")
    if result == base:
        raise _no_change()
    return Applied(text=result, dialect="whole")


def _created(read: Answer) -> Applied:
    lines = [line for hunk in read.hunks for line in hunk.lines]
    if not lines or any(line.mark == "-" for line in lines):
        raise Refusal("not_found", "the file is empty or new; every line must start with `+`")
    ends = "" if any(hunk.no_newline for hunk in read.hunks) else "\n"
    return Applied(text="\n".join(line.text for line in lines) + ends, dialect=read.dialect)


# ------------------------------------------------------------------------------- hunks


def _edited(base: str, read: Answer, action: Action) -> Applied:
    raw = base.split("\n")
    final = raw[-1] == ""
    if final:
        raw.pop()
    lines = [line.removesuffix("\r") for line in raw]
    edits: list[_Edit] = []
    reports: list[HunkReport] = []
    after = 0
    for number, hunk in enumerate(read.hunks, start=1):
        _check_lines(hunk, number, lines)
        found = place(hunk, number, lines, after)
        after = found.line + len(hunk.old)
        edits += _edits(hunk, found, lines)
        reports.append(HunkReport(line=found.line + 1, tier=TIERS[found.tier][0]))
    text = _written(raw, _sorted(edits), final, read.hunks)
    if text == base and action != "rename":
        raise _no_change()
    repairs = tuple(
        f"hunk {number}: placed by {report.tier}"
        for number, report in enumerate(reports, start=1)
        if report.tier != TIERS[0][0]
    )
    return Applied(text=text, dialect=read.dialect, hunks=tuple(reports), repairs=repairs)


def _check_lines(hunk: Hunk, number: int, lines: Sequence[str]) -> None:
    known = {line.strip() for line in lines}
    for line in hunk.lines:
        if line.mark == "+" and _PLACEHOLDER.match(line.text) and line.text.strip() not in known:
            raise _placeholder(line.text, number)


def _edits(hunk: Hunk, found: Place, lines: Sequence[str]) -> list[_Edit]:
    """Turn a placed hunk into edits of single stretches; context keeps the file's own text."""
    reindent = _indents(hunk, found, lines)
    edits: list[_Edit] = []
    at = found.line
    start = at
    new: list[str] = []
    for line in (*hunk.lines, Line(mark=" ", text="")):
        if line.mark == "+":
            new.append(_indented(line.text, reindent))
        elif line.mark == "-":
            at += 1
        else:
            if at > start or new:
                edits.append(_Edit(start=start, end=at, new=tuple(new)))
            at += 1
            start, new = at, []
    return edits


def _indents(hunk: Hunk, found: Place, lines: Sequence[str]) -> dict[str, str]:
    """Learn how the answer's indentation maps to the file's, from the lines that matched."""
    if found.tier < 2:
        return {}
    pairs = zip(hunk.old, lines[found.line :], strict=False)
    return {_lead(said): _lead(there) for said, there in pairs if said.strip()}


def _indented(text: str, reindent: dict[str, str]) -> str:
    lead = _lead(text)
    if not reindent or not text.strip():
        return text
    if lead in reindent:
        return reindent[lead] + text[len(lead) :]
    # A deeper line: the nearest known indentation that it starts with, and the rest as it is.
    known = max((k for k in reindent if lead.startswith(k)), key=len, default=None)
    if known is None:
        raise Refusal("not_found", "the indentation of the new lines cannot be told from the file")
    return reindent[known] + text[len(known) :]


def _lead(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _sorted(edits: list[_Edit]) -> list[_Edit]:
    """Put edits into the file's order; the same edit twice is one, different ones clash."""
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for one, two in pairwise(ordered):
        if two.start < one.end or (two.start == one.start and two.end == one.end):
            raise Refusal(
                "contradiction", f"two hunks change line {two.start + 1} differently",
                detail="Change each line in one hunk only.",
            )  # fmt: skip
    return ordered


def _written(raw: Sequence[str], edits: Sequence[_Edit], final: bool, hunks: Sequence[Hunk]) -> str:  # noqa: FBT001
    """Splice the edits in. A new line takes the line end of its neighbour."""
    parts: list[str] = []
    at = 0
    for edit in edits:
        parts += raw[at : edit.start]
        near = raw[edit.start] if edit.start < len(raw) else raw[-1]
        if edit.start == len(raw) - 1 and not final and len(raw) > 1:
            near = raw[-2]
        end = "\r" if near.endswith("\r") else ""
        parts += [line + end for line in edit.new]
        at = edit.end
    parts += raw[at:]
    at_end = bool(edits) and edits[-1].end >= len(raw) and bool(edits[-1].new)
    ends = final or (at_end and not hunks[-1].no_newline)
    if at_end and hunks[-1].no_newline:
        ends = False
    text = "\n".join(parts)
    return text + "\n" if ends and parts else text


def _placeholder(line: str, number: int) -> Refusal:
    return Refusal(
        "placeholder", f"{line.strip()!r} stands for code that is left out", hunk=number,
        detail="Write every line out; a diff needs only the lines around the change.",
    )  # fmt: skip


def _no_change() -> Refusal:
    return Refusal(
        "no_change", "it changes nothing: the file already is like that",
        detail="If nothing is to be done, say so with status nothing_to_do.",
    )  # fmt: skip
