"""A case of damage, and what all kinds of damage are made with."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from damage_cases.edits import Edit, Hunk, Line, hunks_of, occurrences

Kind = Callable[[random.Random, Edit, Edit], "Case | None"]
KINDS: dict[str, Kind] = {}


@dataclass(frozen=True)
class Case:
    """An answer, and the texts that may come of it; `refusable`: a refusal is right, too."""

    path: str
    base: str
    answer: str
    right: tuple[str, ...]
    refusable: bool = False


def kind(function: Kind) -> Kind:
    """Register a kind of damage by its function's name."""
    KINDS[function.__name__] = function
    return function


def diff_of(edit: Edit, hunks: Sequence[Hunk], headers: Sequence[str]) -> str:
    """Write file names, headers and bodies."""
    lines = [f"--- a/{edit.path}", f"+++ b/{edit.path}"]
    for hunk, header in zip(hunks, headers, strict=True):
        lines += [header] * bool(header) + hunk.body()
    return "\n".join(lines) + "\n"


def any_headers(rng: random.Random, hunks: Sequence[Hunk]) -> list[str]:
    """Head the hunks in one of the ways of models: numbers, nothing, or what encloses them."""
    style = rng.choice(("numbers", "bare", "heading"))
    if style == "numbers":
        return [hunk.header() for hunk in hunks]
    named = style == "heading"
    return [f"@@ {hunk.heading}" if named and hunk.heading else "@@" for hunk in hunks]


def applied(edit: Edit, answer: str) -> Case:
    """Ask for the edit, from this answer."""
    return Case(edit.path, edit.before, answer, (edit.after,))


def refused(edit: Edit, answer: str, *, unchanged: bool = False, base: str | None = None) -> Case:
    """Ask for a refusal; or, where nothing is to be done, for the text as it is."""
    base = edit.before if base is None else base
    return Case(edit.path, base, answer, (base,) if unchanged else (), refusable=True)


def sure_hunks(edit: Edit, context: int = 3, *, merge: bool = True) -> list[Hunk]:
    """Give the hunks if each stands in one place of the file alone, else none."""
    hunks = hunks_of(edit, context, merge=merge)
    return hunks if all(occurrences(edit.old, hunk.old) == 1 for hunk in hunks) else []


def fenced(text: str, language: str = "diff") -> str:
    """Put a text into a fence that it does not hold itself."""
    mark = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{mark}{language}\n{text}{mark}\n"


def comment_mark(path: str) -> str:
    """Give what begins a comment in a file of this name."""
    return "#" if path.endswith((".py", ".rb", ".yml", ".yaml", ".sh", ".toml")) else "//"


def inner_context(hunk: Hunk) -> list[int]:
    """Find the lines of context that no change touches."""
    marks = [" ", *(mark for mark, _ in hunk.lines), " "]
    inner = (at for at in range(len(hunk.lines)) if marks[at : at + 3] == [" ", " ", " "])
    return [at for at in inner if 0 < at < len(hunk.lines) - 1]


def change_line(hunk: Hunk, at: int, *lines: Line) -> Hunk:
    """Put other lines in the place of one."""
    return hunk.with_lines((*hunk.lines[:at], *lines, *hunk.lines[at + 1 :]))


def damage_one(
    rng: random.Random,
    edit: Edit,
    places: Callable[[Hunk], Sequence[int]],
    damage: Callable[[str], Sequence[Line] | None],
    context: int = 3,
) -> Case | None:
    """Damage one line of one hunk; `places` says which will do."""
    hunks = sure_hunks(edit, context)
    candidates = [(index, at) for index, hunk in enumerate(hunks) for at in places(hunk)]
    rng.shuffle(candidates)
    for index, at in candidates[:20]:
        lines = damage(hunks[index].lines[at][1])
        if lines is not None:
            hunks[index] = change_line(hunks[index], at, *lines)
            return applied(edit, diff_of(edit, hunks, any_headers(rng, hunks)))
    return None


def unchanged_lines(hunk: Hunk) -> list[int]:
    """Find its lines of context."""
    return [at for at, (mark, _) in enumerate(hunk.lines) if mark == " "]


def deleted_lines(hunk: Hunk) -> list[int]:
    """Find the lines that it deletes."""
    return [at for at, (mark, _) in enumerate(hunk.lines) if mark == "-"]
