"""Where in an answer the edit is: behind some prose, or in fences; what opens and closes one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from codeorch.edits.headers import is_extended, is_start
from codeorch.edits.hunks import Refusal

SEARCH = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL)?:?\s*$")
DIVIDE = re.compile(r"={5,9}\s*$")
REPLACE = re.compile(r">{5,9} ?(?:REPLACE|UPDATED)?\s*$")

# An opening fence may stand behind prose when it says what it holds.
_OPEN = re.compile(r"([ \t]*)(`{3,}|~{3,})([^`]*)$")
_GLUED = re.compile(r"[^`\s][^`]*?(`{3,})(diff|patch|udiff)\s*$")
_DIFF_INFO = frozenset({"diff", "patch", "udiff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced text: the word behind the opening fence, and the lines in between."""

    info: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The lines of the edit, each list closed by its own fence; and fenced texts without one."""

    bodies: tuple[Sequence[str], ...] = ()
    fenced: bool = False
    texts: tuple[Fence, ...] = ()


def extract(lines: Sequence[str]) -> Extract:
    """Find the edit in an answer.

    Raises:
        Refusal: a fence is open at the end.
    """
    first = next((at for at in range(len(lines)) if starts_edit(lines, at)), len(lines))
    opening = next((at for at, line in enumerate(lines) if opening_fence(line)), len(lines))
    if first < opening:
        return Extract(bodies=(lines[first:],))
    fences = _fences(lines)
    edits = tuple(fence.lines for fence in fences if _holds_edit(fence))
    if edits:
        return Extract(bodies=edits, fenced=True)
    if fences:
        return Extract(texts=tuple(fences))
    return Extract(bodies=(lines,) if _all_marked(lines) else ())


def starts_edit(lines: Sequence[str], at: int) -> bool:
    """Whether a dialect's first line is here."""
    line = lines[at]
    after = lines[at + 1] if at + 1 < len(lines) else ""
    return (
        is_start(line, after)
        or line.startswith(("@@ ", "*** Begin Patch"))
        or line.rstrip() == "@@"
        or bool(SEARCH.match(line))
    )


def _holds_edit(fence: Fence) -> bool:
    return any(starts_edit(fence.lines, at) for at in range(len(fence.lines))) or (
        fence.info in _DIFF_INFO
        and any(line[:1] in ("+", "-") or is_extended(line) for line in fence.lines)
    )


def _all_marked(lines: Sequence[str]) -> bool:
    """Whether it is a bare hunk, without any header or fence."""
    full = [line for line in lines if line]
    changed = sum(line[:1] in ("+", "-") for line in full)
    # A list in prose has nothing but its bullets: a hunk has an indented or unmarked neighbour.
    kept = sum(line[:1] in (" ", "\t") for line in full)
    return bool(changed and kept) and changed + kept == len(full)


def opening_fence(line: str) -> tuple[str, str, str] | None:
    """Return indentation, fence and first word of an opening fence; None for any other line."""
    if match := _OPEN.match(line):
        words = match[3].split()
        return match[1], match[2], words[0].lower() if words else ""
    if match := _GLUED.match(line):
        return "", match[1], match[2]
    return None


def closes_fence(line: str, opened: tuple[str, str, str]) -> bool:
    """Whether a line closes a fence.

    Only one at the same indentation does, so that fences in a hunk of a Markdown file, which
    stand behind a mark, do not.
    """
    indent, fence, _ = opened
    text = line.rstrip()
    return text.startswith(indent + fence) and not text[len(indent) :].strip(fence[0])


def _fences(lines: Sequence[str]) -> list[Fence]:
    fences: list[Fence] = []
    opened: tuple[str, str, str] | None = None
    body: list[str] = []
    for line in lines:
        match = opening_fence(line)
        if opened is None:
            opened, body = match, []
        elif closes_fence(line, opened):
            fences.append(Fence(info=opened[2], lines=tuple(_outdented(body, opened[0]))))
            opened = None
        else:
            body.append(line)
    if opened is not None:
        raise Refusal(
            code="truncated", brief="a fence is opened and never closed: the answer is cut off",
            detail="Give the whole edit, and close the fence. Use smaller hunks if it is long.",
        )  # fmt: skip
    return fences


def _outdented(body: Sequence[str], indent: str) -> Sequence[str]:
    if indent and all(line.startswith(indent) for line in body if line.strip()):
        return [line[len(indent) :] for line in body]
    return body
