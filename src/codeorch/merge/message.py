"""Task, request -> commit message, in the repository's own manner."""

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from codeorch.domain import Done, Request
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
    """Read the style off subject lines: what most of them do."""
    conventional = [found for line in subjects if (found := _CONVENTIONAL.match(line))]
    if 2 * len(conventional) > len(subjects):
        return Style(conventional=True, capital=_most([f["rest"].isupper() for f in conventional]))
    firsts = [line[0] for line in subjects if line[:1].isalpha()]
    return Style(capital=_most([first.isupper() for first in firsts], usual=True))


def of_task(steps: Sequence[Done], request: Request, run_id: str, style: Style) -> str:
    """Write the message of one task's commit, or of all tasks that one codemod made."""
    goal = steps[0].task.goal
    parts = [_subject(goal, kind_of(goal, [step.patch.path for step in steps]), style)]
    if not _says_all(parts[0], goal):
        parts.append(_wrapped(goal))
    if not _says_all(goal, request.text):
        parts.append(_wrapped(f"Part of: {_short(request.text, 4 * _WIDTH)}"))
    tasks = [f"Codeorch-Task: {_line(step.task.id)}" for step in steps[:_LISTED]]
    return "\n\n".join([*parts, "\n".join([f"Codeorch-Run: {run_id}", *tasks])]) + "\n"


def of_all(steps: Sequence[Done], request: Request, run_id: str, style: Style) -> str:
    """Write the message of the one commit that holds all tasks."""
    paths = [step.patch.path for step in steps]
    parts = [_subject(request.text, kind_of(request.text, paths), style)]
    if not _says_all(parts[0], request.text):
        parts.append(_wrapped(request.text))
    goals = Counter(_short(step.task.goal, _WIDTH - 12) for step in steps)
    if len(goals) > 1:
        lines = [f"- {goal}" + (f" ({n} files)" if n > 1 else "") for goal, n in goals.items()]
        more = [f"- and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
        parts.append("\n".join([*lines[:_LISTED], *more]))
    return "\n\n".join([*parts, f"Codeorch-Run: {run_id}"]) + "\n"


def of_tidying(run_id: str, style: Style) -> str:
    """Write the message of the commit that only formats."""
    subject = _subject("Format the changed files", "style", style)
    return f"{subject}\n\nCodeorch-Run: {run_id}\n"


def kind_of(goal: str, paths: Sequence[str]) -> str:
    """Name the conventional type of a change."""
    if all(PurePosixPath(path).suffix in (".md", ".rst", ".adoc") for path in paths):
        return "docs"
    if all(map(is_test, paths)):
        return "test"
    words = goal.lower()
    first = (kind for kind, sign in _KINDS if re.match(rf"\W*({sign})", words))
    return next(first, "refactor")


def _subject(goal: str, kind: str, style: Style) -> str:
    sentence = _SENTENCE.split(_line(_PARAGRAPH.split(goal.strip())[0]))[0].rstrip(".;: ")
    word = re.match(r"[A-Za-z][a-z]*(?![\w.(])", sentence)
    if word:  # a name of code keeps its case
        first = sentence[0].upper() if style.capital else sentence[0].lower()
        sentence = first + sentence[1:]
    said = (f"{kind}: " if style.conventional else "") + (sentence or "Change as asked")
    return _short(said, _WIDTH)


def _short(said: str, room: int) -> str:
    """Give a text's first line, cut between words and outside of quoted code."""
    line = _line(said.strip().split("\n", 1)[0])
    if len(line) <= room and "\n" not in said.strip():
        return line
    cut = line[: room - 3].rsplit(" ", 1)[0] if len(line) > room - 4 else line
    if cut.count("`") % 2 and (before := cut.rpartition("`")[0].strip()):
        cut = before
    while (found := _DANGLING.search(cut)) and found.start():
        cut = cut[: found.start()]
    return f"{cut[: room - 4].rstrip(',;: ')} ..."


def _says_all(short: str, said: str) -> bool:
    """Tell whether the short text leaves nothing out."""
    return _bare(said) in _bare(short)


def _bare(said: str) -> str:
    return _line(said).rstrip(".;: ").lower()


def _wrapped(said: str) -> str:
    return "\n".join(
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in _plain(said).strip().split("\n")
    )


def _line(said: str) -> str:
    return " ".join(_plain(said).split())


def _plain(said: str) -> str:
    """Take out what could deceive whoever reads the log: control and invisible characters."""
    return "".join(
        c for c in said.replace("\t", " ")
        if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs")
    )  # fmt: skip


def _most(votes: Sequence[bool], *, usual: bool = False) -> bool:
    return 2 * sum(votes) > len(votes) if votes else usual
