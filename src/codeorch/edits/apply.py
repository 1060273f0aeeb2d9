"""Base text + answer -> new text, or a refusal. All hunks land or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from codeorch.domain import Action, Symbol
from codeorch.edits.answer import read_answer
from codeorch.edits.build import build
from codeorch.edits.checks import (
    check_cut,
    check_hunks,
    check_names,
    check_task_names,
    no_change,
    placeholder,
)
from codeorch.edits.entities import are_escaped, unescape_entities
from codeorch.edits.full_file import new_file, replaced
from codeorch.edits.hunks import Answer, Dialect, Placement, Refusal
from codeorch.edits.lines import Lines
from codeorch.edits.placeholders import comment_text, elides
from codeorch.edits.placement import place
from codeorch.edits.repair import mend


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkReport:
    """Where a hunk landed, how loosely it had to be compared, and how well it fitted (to 1)."""

    line: int  # of the file, from 1
    tier: str
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A new text and how it came about."""

    text: str
    dialect: Dialect
    hunks: tuple[HunkReport, ...] = ()
    repairs: tuple[str, ...] = ()  # what was mended in the answer


def apply_answer(base: str, answer: str, path: str) -> str:
    """Turn an answer into the file's new text; empty for a deleted file.

    Raises:
        Refusal: with the reason and the nearest place.
    """
    return apply(base, answer, path).text


def apply(
    base: str,
    answer: str,
    path: str,
    *,
    action: Action = "edit",
    symbols: tuple[Symbol, ...] = (),
    task_names: tuple[str, ...] = (),
) -> Applied:
    """Apply an answer to the text of its file. Untouched lines stay byte for byte.

    `task_names` are all names of a task's file, the old one before a move last: with them, an
    answer that names a second file is refused.

    Raises:
        Refusal: with the reason and the nearest place; nothing of the answer is used.
    """
    if action == "delete" or (action == "rename" and not answer.strip()):
        return Applied(text="" if action == "delete" else base, dialect="unified")
    file = Lines(base)
    read = read_answer(answer, file)
    if action != "rename":
        check_names(read, path)
    if task_names and action != "create":
        check_task_names(read, *task_names)
    if not file.texts:
        return _created(read)
    if read.dialect == "whole":
        return _replaced(base, file, read.texts, symbols)
    return _edited(base, file, read, action)


def _created(read: Answer) -> Applied:
    if read.dialect == "whole":
        return Applied(text=new_file(read.texts), dialect="whole")
    check_cut(read)
    lines = [line for hunk in read.hunks for line in hunk.lines]
    if not lines or any(line.mark == "-" for line in lines):
        raise Refusal(code="not_found", brief="the file is new, so every line must start with `+`")
    elided = next(
        (line.text for line in lines if comment_text(line.text) and elides(line.text)), ""
    )
    if elided:
        raise placeholder(elided)
    end = "" if read.hunks[-1].new_unended else "\n"
    return Applied(text="\n".join(line.text for line in lines) + end, dialect=read.dialect)


def _replaced(base: str, file: Lines, texts: Sequence[str], symbols: tuple[Symbol, ...]) -> Applied:
    """Put whole definitions, or the whole file, in place."""
    escaped = are_escaped(texts, file)
    texts = [unescape_entities(text) for text in texts] if escaped else texts
    placements = replaced(file, texts, symbols)
    dialect: Dialect = "whole" if len(placements[0].at) == len(file.texts) else "definition"
    repairs = ("HTML escapes undone",) if escaped else ()
    return _applied(base, build(file, placements), dialect, placements, repairs)


def _edited(base: str, file: Lines, read: Answer, action: Action) -> Applied:
    if read.creates:
        raise Refusal(
            code="contradiction", brief="it creates the file, but the file exists",
            detail="Give a diff against the file as it is.",
        )  # fmt: skip
    if not read.hunks:
        if action == "rename":
            return Applied(text=base, dialect=read.dialect)
        raise Refusal(
            code="truncated", brief="it has a header but no hunk", detail="Give the whole edit."
        )
    hunks, repairs = mend(read, file)
    check_cut(read)
    check_hunks(hunks, file)
    text, placements = place(hunks, file)
    if read.deletes and text:
        raise Refusal(
            code="truncated", brief="it deletes the file, but not all of its lines",
            detail="Delete every line, or leave the file and change it.",
        )  # fmt: skip
    return _applied(base, text, read.dialect, placements, repairs)


def _applied(
    base: str,
    text: str,
    dialect: Dialect,
    placements: Sequence[Placement],
    repairs: Sequence[str],
) -> Applied:
    if text == base:
        raise no_change()
    loose = [f"hunk {p.number}: {_placed_by(p)}" for p in placements if p.tier != "exact"]
    reports = (HunkReport(line=p.start + 1, tier=p.tier, score=p.score) for p in placements)
    return Applied(
        text=text,
        dialect=dialect,
        hunks=tuple(reports),
        repairs=(*repairs, *dict.fromkeys(loose)),
    )


def _placed_by(placement: Placement) -> str:
    if placement.done:
        return "already there"
    return f"placed by {placement.tier} at line {placement.start + 1}"
