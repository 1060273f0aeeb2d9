"""Fences around code in an answer: what opens one, and what closes it."""

import re

# An opening fence may stand behind prose when it says what it holds.
_OPEN = re.compile(r"([ \t]*)(`{3,}|~{3,})([^`]*)$")
_GLUED = re.compile(r"[^`\s][^`]*?(`{3,})(diff|patch|udiff)\s*$")


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
