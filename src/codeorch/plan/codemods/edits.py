"""Edits of a text by character, and the diff that they make."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edit:
    """Put `text` in place of the characters from `start` up to `end`."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Carry out edits that do not overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def unified_diff(path: str, before: str, after: str) -> str:
    """Write a diff in git's form; line ends and a missing last one are kept."""
    lines = difflib.unified_diff(
        _lines(before), _lines(after), f"a/{path}", f"b/{path}", lineterm="\n"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    # Only a line feed ends a line of a diff: `splitlines` would also break at form feeds.
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
