"""Request + findings -> what a planner is told and sees."""

import re
from collections.abc import Iterator

from codeorch.analysis.outline import bodies, outline, tree
from codeorch.config import Settings
from codeorch.domain import Request, Snapshot
from codeorch.llm.prompts import catalogue, fence, text
from codeorch.planning.affected_tests import touched_tests
from codeorch.planning.dependencies import Uses, users
from codeorch.planning.findings import Findings
from codeorch.planning.occurrences import places

HAND_IN = "Hand in the plan: call the tool `plan` once."  # what every question ends with
SHOWN = 30  # files with an outline; the study of real requests found 9 in 10 needed files there
_DETAILED = 6  # of these, the best get more room
_ROOM_DETAILED, _ROOM, _ROOM_BODIES = 9_000, 1_800, 6_000  # characters of each
_ROOM_TREE = 12_000
_ROOM_LISTED = 8_000  # of each list, where less is shown than usual
_FEWEST = 3  # files with an outline, in the smallest window
_USERS, _NAMES = 8, 4  # of a file, and names of each


def system_text(settings: Settings) -> str:
    """Write what every planner of a run is told."""
    chosen = (
        "Choose the one that fits the request."
        if settings.strategy == "auto"
        else f"The user wants `{settings.strategy}` for this request."
    )
    return (
        text("plan")
        .replace("{max_tasks}", str(settings.max_tasks))
        .replace("{strategy}", chosen)
        .replace("{workers}", catalogue(settings.workers).replace("\n", "\n  "))
    )


def question(request: Request, findings: Findings, hint: str, share: float = 1.0) -> Iterator[str]:
    """Write what a planner is asked; `hint` is what a first look found.

    `share` is how much is shown of what usually is, from 0 to 1.
    """
    shown_files = max(_FEWEST, round(SHOWN * share))
    snapshot, ranked = findings.snapshot, findings.ranked[:shown_files]
    yield "# Change request\n" + fence(request.text)
    if hint:
        yield "# What a first look at the files that it names found\n" + hint
    if request.paths:
        yield "Only these paths may change: " + ", ".join(request.paths)
    near = [entry.path for entry in ranked]
    yield "# All files\n" + fence(tree(snapshot.files, int(_ROOM_TREE * share), near))
    yield "# The files that probably matter most, best first, with their definitions"
    words = set(re.findall(r"[A-Za-z_]\w{2,}", request.text))
    named = findings.said_in(request.text)
    for place, entry in enumerate(ranked):
        detailed = place < _DETAILED
        yield from shown(snapshot, entry.path, words, set(named), detailed=detailed, share=share)
    if found := _cut(places(request.text, findings), share):
        yield "# Where texts and names of the request stand\n" + found
    using = {path: users(snapshot, path, findings.names) for path in near}
    if uses := [_uses(path, found) for path, found in using.items() if found]:
        listed = _cut("\n".join(uses), share)
        yield "# Who uses what they define, as far as names tell\n" + listed
    best = {path: using[path] for path in near[:_DETAILED]}
    if tests := list(touched_tests(named, best, findings)):
        listed = _cut("\n".join(tests), share)
        yield "# Tests that use what the request names or the best files define\n" + listed


def _cut(lines: str, share: float) -> str:
    """Leave the last lines out where less is shown than usual."""
    if share >= 1 or len(lines) <= (room := int(_ROOM_LISTED * share)):
        return lines
    return lines[:room].rpartition("\n")[0]


def _uses(path: str, using: Uses) -> str:
    """List the users of a file, as far as names and imports tell."""
    told = [f"{user} ({', '.join(names[:_NAMES])})" for user, names in using.items()]
    more = f" and {len(told) - _USERS} more" if len(told) > _USERS else ""
    return f"- {path}: {', '.join(told[:_USERS])}{more}"


def shown(
    snapshot: Snapshot,
    path: str,
    words: set[str],
    named: set[str],
    *,
    detailed: bool,
    share: float = 1.0,
) -> Iterator[str]:
    """Show a file whole where that costs little, else its outline and what the request names."""
    file = snapshot.files[path]
    room = int((_ROOM_DETAILED if detailed else _ROOM) * share)
    if len(file.text) <= room:
        yield f"## {path} (whole)\n{fence(file.text, file.language)}"
        return
    of = f"of {file.text.count(chr(10))} lines"
    if short := outline(file, room, words):
        yield f"## {path} (outline {of})\n{fence(short, file.language)}"
    else:
        begin = file.text[:room].rpartition("\n")[0] or file.text[:room]
        yield f"## {path} (the beginning, {of})\n{fence(begin, file.language)}"
    if detailed and (body := bodies(file, named, int(_ROOM_BODIES * share))):
        yield f"Of these, the request names:\n{fence(body, file.language)}"
