"""Diffs in other white space or characters than the file has."""

import html
import random
import re
from collections.abc import Callable

from damage_cases.case import (
    Case,
    any_headers,
    applied,
    damage_one,
    diff_of,
    kind,
    sure_hunks,
    unchanged_lines,
)
from damage_cases.edits import Edit, hunks_of, occurrences


def shifted(rng: random.Random, edit: Edit, change: Callable[[str], str]) -> Case | None:
    """Write all lines of all hunks with other white space."""
    hunks = sure_hunks(edit)
    other = [
        hunk.with_lines(
            [(mark, change(text) if text.strip() else text) for mark, text in hunk.lines]
        )
        for hunk in hunks
    ]
    if other == hunks or any(occurrences(edit.old, hunk.old) for hunk in other):
        return None
    return applied(edit, diff_of(edit, other, any_headers(rng, other)))


@kind
def indent_lost(rng, edit, _other):
    hunks = sure_hunks(edit)
    texts = [text for hunk in hunks for _, text in hunk.lines if text.strip()]
    width = min((len(text) - len(text.lstrip(" ")) for text in texts), default=0)
    return shifted(rng, edit, lambda text: text[width:]) if width else None


@kind
def indent_more(rng, edit, _other):
    pad = " " * rng.choice((2, 4, 8))
    if not any(text.startswith(" ") for text in edit.old):
        return None
    return shifted(rng, edit, lambda text: pad + text)


@kind
def spaces_for_tabs(rng, edit, _other):
    width = rng.choice((2, 4, 8))

    def expand(text):
        depth = len(text) - len(text.lstrip("\t"))
        return " " * (width * depth) + text[depth:]

    texts = [text for hunk in hunks_of(edit) for _, text in hunk.lines]
    if any(text.startswith(" ") for text in texts):  # which of them were tabs nobody can tell
        return None
    return shifted(rng, edit, expand)


@kind
def space_at_ends(rng, edit, _other):
    hunks = sure_hunks(edit)
    pad = rng.choice((" ", "  ", "\t"))
    other = [
        hunk.with_lines(
            [(m, t + pad if m == " " and rng.random() < 0.5 else t) for m, t in hunk.lines]
        )
        for hunk in hunks
    ]
    return None if other == hunks else applied(edit, diff_of(edit, other, any_headers(rng, other)))


@kind
def blanks_without_mark(rng, edit, _other):
    hunks = sure_hunks(edit)
    text = diff_of(edit, hunks, any_headers(rng, hunks))
    bare = re.sub(r"(?m)^ $", "", text)
    return applied(edit, bare) if bare != text else None


@kind
def context_without_mark(rng, edit, _other):
    hunks = sure_hunks(edit)
    texts = [text for hunk in hunks for mark, text in hunk.lines if mark == " "]
    if not texts or any(re.match(r"[-+@\\*<>=`]|diff |index ", text) for text in texts):
        return None
    text = diff_of(edit, hunks, any_headers(rng, hunks))
    return applied(edit, re.sub(r"(?m)^ (?=.)", "", text))


@kind
def crlf_file(rng, edit, _other):
    hunks = sure_hunks(edit)
    answer = diff_of(edit, hunks, any_headers(rng, hunks))
    answer = rng.choice((answer, answer.replace("\n", "\r\n")))
    before, after = (text.replace("\n", "\r\n") for text in (edit.before, edit.after))
    return Case(edit.path, before, answer, (after,)) if hunks else None


@kind
def crlf_answer(rng, edit, _other):
    hunks = sure_hunks(edit)
    answer = diff_of(edit, hunks, any_headers(rng, hunks)).replace("\n", "\r\n")
    return applied(edit, answer) if hunks else None


@kind
def entities(rng, edit, _other):
    hunks = sure_hunks(edit)
    text = diff_of(edit, hunks, any_headers(rng, hunks))
    old = [line for hunk in hunks for line in hunk.old]
    plain_text = "\n".join(edit.old)
    if not re.search("[<>&]", "".join(old)) or re.search(r"&\w+;", plain_text + text):
        return None
    return applied(edit, html.escape(text, quote=False))


@kind
def line_numbers(rng, edit, _other):
    form = rng.choice(("{:>5} | ", "{}: ", "{:>4}\t"))
    hunks = []
    for hunk in sure_hunks(edit):
        at, lines = hunk.start, []
        for mark, text in hunk.lines:
            lines.append((mark, form.format(at) + text))
            at += mark != "-"
        hunks.append(hunk.with_lines(lines))
    return applied(edit, diff_of(edit, hunks, any_headers(rng, hunks))) if hunks else None


@kind
def look_alikes(rng, edit, _other):
    table = rng.choice(({"'": "\u2019", '"': "\u201d"}, {"-": "\u2013"}, {" ": "\u00a0"}))

    def damage(text):
        body = text.lstrip()
        other = body.translate(str.maketrans(table))
        return None if other == body else [(" ", text[: len(text) - len(body)] + other)]

    return damage_one(rng, edit, unchanged_lines, damage)
