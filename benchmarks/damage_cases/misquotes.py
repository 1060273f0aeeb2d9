"""Diffs whose quoted lines are not quite those of the file, or too few."""

import random
import re
from difflib import SequenceMatcher

from damage_cases.case import (
    any_headers,
    applied,
    comment_mark,
    damage_one,
    deleted_lines,
    diff_of,
    inner_context,
    kind,
    sure_hunks,
    unchanged_lines,
)


def mistype(rng: random.Random, text: str) -> str | None:
    """Swap, lose or double one letter of a line of some length."""
    places = [at for at in range(1, len(text)) if text[at - 1 : at + 1].isalpha()]
    if len(text.strip()) < 14 or not places:  # a shorter line says too little
        return None
    at = rng.choice(places)
    first, second = text[at - 1], text[at]
    other = (
        text[: at - 1] + rng.choice((second + first, first, first + second * 2)) + text[at + 1 :]
    )
    return other if other != text else None


@kind
def context_mistyped(rng, edit, _other):
    return damage_one(
        rng, edit, unchanged_lines, lambda text: (t := mistype(rng, text)) and [(" ", t)]
    )


@kind
def deletion_mistyped(rng, edit, _other):
    return damage_one(
        rng, edit, deleted_lines, lambda text: (t := mistype(rng, text)) and [("-", t)]
    )


@kind
def context_renamed(rng, edit, _other):
    def damage(text):
        words = re.findall(r"[A-Za-z_]{4,}", text)
        if len(words) < 3:  # or nothing is left to know the line by
            return None
        word = rng.choice(words)
        return [(" ", re.sub(rf"\b{word}\b", word + rng.choice(("s", "_value", "2")), text))]

    return damage_one(rng, edit, unchanged_lines, damage)


@kind
def context_lost(rng, edit, _other):
    return damage_one(rng, edit, inner_context, lambda text: [] if text.strip() else None, 5)


@kind
def comment_lost(rng, edit, _other):
    def damage(text):
        return [] if text.strip().startswith(("#", "//", "/*", "*")) else None

    return damage_one(rng, edit, inner_context, damage, 6)


@kind
def blank_lost(rng, edit, _other):
    return damage_one(rng, edit, inner_context, lambda text: None if text.strip() else [], 5)


@kind
def context_made_up(rng, edit, other):
    strange = [text for text in other.old if 12 < len(text) < 70 and text not in edit.old]
    if not strange:
        return None
    return damage_one(
        rng, edit, inner_context, lambda text: [(" ", text), (" ", rng.choice(strange))], 5
    )


@kind
def plus_lost(rng, edit, _other):
    def places(hunk):
        marks = [mark for mark, _ in hunk.lines]
        inner = range(1, len(marks) - 1)
        return [at for at in inner if marks[at - 1 : at + 2] == ["+", "+", "+"]]

    def damage(text):
        strange = len(text.strip()) > 8 and all(
            SequenceMatcher(None, text.strip(), line.strip()).quick_ratio() < 0.7
            for line in edit.old
        )
        return [(" ", text)] if strange else None

    return damage_one(rng, edit, places, damage)


@kind
def context_elided(rng, edit, _other):
    (hunk, *rest) = sure_hunks(edit, 12) or [None]
    before = next((at for at, (mark, _) in enumerate(hunk.lines) if mark != " "), 0) if hunk else 0
    if rest or before < 12 or not sure_hunks(edit):  # all the context there can be
        return None
    indent = re.match(r"\s*", hunk.lines[before - 4][1])[0]
    gap = rng.choice(
        (
            "...",
            f"{comment_mark(edit.path)} ...",
            f"{comment_mark(edit.path)} ... existing code ...",
        )
    )
    lines = (*hunk.lines[:4], (" ", indent + gap), *hunk.lines[before - 3 :])
    hunk = hunk.with_lines(lines)
    return applied(edit, diff_of(edit, [hunk], any_headers(rng, [hunk])))


@kind
def context_short(rng, edit, _other):
    hunks = sure_hunks(edit, 1)
    return applied(edit, diff_of(edit, hunks, any_headers(rng, hunks))) if hunks else None


@kind
def no_context(rng, edit, _other):
    if not all(change.count for change in edit.changes):
        return None
    hunks = sure_hunks(edit, 0, merge=False)
    return applied(edit, diff_of(edit, hunks, any_headers(rng, hunks))) if hunks else None
