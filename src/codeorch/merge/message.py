"""Task, request -> commit message, in the repository's own manner."""

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from codeorch.domain import Done, Request
from codeorch.invisible import without_invisible
from codeorch.source.roles import is_test

_WIDTH = 72  # characters; what git's own tools show without wrapping
_LISTED = 50
# https://www.conventionalcommits.org, with the types of the Angular convention.
_CONVENTIONAL = re.compile(
    r"(build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(\([^()]*\))?!?: (?P<rest>.)"
)
_KINDS = (
    ("fix", r"fix|mend|repair|correct|bug|crash|error|wrong"),
    ("feat", r"add|introduce|support|implement|create|allow|give|let"),
)
# A sentence's end; "e.g." and "i.e." are none, and neither is a stop inside of code.
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)\s")
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*[A-Z*#-])")  # else a line that goes on in the next
_DANGLING = re.compile(r"[,;:]?\s(?:a|an|and|as|at|by|for|from|in|of|on|or|so|that|the|to|with)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a repository words its subject lines."""

    conventional: bool = False
    capital: bool = True  # whether the first word starts with a capital letter


def style_of(subjects: Sequence[str]) -> Style:
    """Return the style of subject lines: what most of them do."""
    conventional = [match for line in subjects if (match := _CONVENTIONAL.match(line))]
    if 2 * len(conventional) > len(subjects):
        return Style(
            conventional=True, capital=_majority([f["rest"].isupper() for f in conventional])
        )
    first_letters = [line[0] for line in subjects if line[:1].isalpha()]
    return Style(capital=_majority([first.isupper() for first in first_letters], default=True))


def task_message(steps: Sequence[Done], request: Request, run_id: str, style: Style) -> str:
    """Return the message of one task's commit, or of all tasks that one codemod made."""
    goal = steps[0].task.goal
    parts = [_subject(goal, change_type(goal, [step.patch.path for step in steps]), style)]
    if not _covers(parts[0], goal):
        parts.append(_wrap(goal))
    if not _covers(goal, request.text):
        parts.append(_wrap(f"Part of: {_shorten(request.text, 4 * _WIDTH)}"))
    tasks = [f"Codeorch-Task: {_one_line(step.task.id)}" for step in steps[:_LISTED]]
    return "\n\n".join([*parts, "\n".join([f"Codeorch-Run: {run_id}", *tasks])]) + "\n"


def squash_message(steps: Sequence[Done], request: Request, run_id: str, style: Style) -> str:
    """Return the message of the one commit that holds all tasks."""
    paths = [step.patch.path for step in steps]
    parts = [_subject(request.text, change_type(request.text, paths), style)]
    if not _covers(parts[0], request.text):
        parts.append(_wrap(request.text))
    goals = Counter(_shorten(step.task.goal, _WIDTH - 12) for step in steps)
    if len(goals) > 1:
        lines = [f"- {goal}" + (f" ({n} files)" if n > 1 else "") for goal, n in goals.items()]
        more = [f"- and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
        parts.append("\n".join([*lines[:_LISTED], *more]))
    return "\n\n".join([*parts, f"Codeorch-Run: {run_id}"]) + "\n"


def formatting_message(run_id: str, style: Style) -> str:
    """Return the message of the commit that only formats."""
    subject = _subject("Format the changed files", "style", style)
    return f"{subject}\n\nCodeorch-Run: {run_id}\n"


def change_type(goal: str, paths: Sequence[str]) -> str:
    """Return the conventional type of a change."""
    if all(PurePosixPath(path).suffix in (".md", ".rst", ".adoc") for path in paths):
        return "docs"
    if all(map(is_test, paths)):
        return "test"
    words = goal.lower()
    first = (kind for kind, sign in _KINDS if re.match(rf"\W*({sign})", words))
    return next(first, "refactor")


def _subject(goal: str, kind: str, style: Style) -> str:
    sentence = _SENTENCE.split(_one_line(_PARAGRAPH.split(goal.strip())[0]))[0].rstrip(".;: ")
    word = re.match(r"[A-Za-z][a-z]*(?![\w.(])", sentence)
    if word:  # a name of code keeps its case
        first = sentence[0].upper() if style.capital else sentence[0].lower()
        sentence = first + sentence[1:]
    text = (f"{kind}: " if style.conventional else "") + (sentence or "Change as asked")
    return _shorten(text, _WIDTH)


def _shorten(text: str, max_chars: int) -> str:
    """Return a text's first line, cut between words and outside of quoted code."""
    line = _one_line(text.strip().split("\n", 1)[0])
    if len(line) <= max_chars and "\n" not in text.strip():
        return line
    cut = line[: max_chars - 3].rsplit(" ", 1)[0] if len(line) > max_chars - 4 else line
    if cut.count("`") % 2 and (before := cut.rpartition("`")[0].strip()):
        cut = before
    while (match := _DANGLING.search(cut)) and match.start():
        cut = cut[: match.start()]
    return f"{cut[: max_chars - 4].rstrip(',;: ')} ..."


def _covers(summary: str, text: str) -> bool:
    """Return whether the short text leaves nothing out."""
    return _normalize(text) in _normalize(summary)


def _normalize(text: str) -> str:
    return _one_line(text).rstrip(".;: ").lower()


def _wrap(text: str) -> str:
    return "\n".join(
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in _strip_control(text).strip().split("\n")
    )


def _one_line(text: str) -> str:
    return " ".join(_strip_control(text).split())


def _strip_control(text: str) -> str:
    """Take out what could deceive whoever reads the log: control and invisible characters."""
    visible, _ = without_invisible(text.replace("\t", " "))
    return "".join(
        c for c in visible if c == "\n" or unicodedata.category(c) not in ("Cc", "Co", "Cs")
    )


def _majority(votes: Sequence[bool], *, default: bool = False) -> bool:
    return 2 * sum(votes) > len(votes) if votes else default
