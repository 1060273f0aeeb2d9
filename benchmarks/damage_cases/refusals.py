"""Answers that must change nothing."""

import re
from dataclasses import replace

from damage_cases.case import (
    any_headers,
    change_line,
    comment_mark,
    deleted_lines,
    diff_of,
    kind,
    refused,
    sure_hunks,
)
from damage_cases.edits import Change, Hunk, hunks_of, occurrences


@kind
def refuse_stale(rng, edit, other):
    strange = [text for text in other.old if 16 < len(text) < 80 and text not in edit.old]
    hunks = hunks_of(edit)
    places = [(n, at) for n, hunk in enumerate(hunks) for at in deleted_lines(hunk)]
    places = [(n, at) for n, at in places if len(hunks[n].lines[at][1].strip()) > 12]
    if not strange or not places:
        return None
    index, at = rng.choice(places)
    hunks[index] = change_line(hunks[index], at, ("-", rng.choice(strange)))
    return refused(edit, diff_of(edit, hunks, any_headers(rng, hunks)))


@kind
def refuse_other_file(rng, edit, other):
    hunks = hunks_of(other)
    if any(occurrences(edit.old, [t for m, t in hunk.lines if m == "-"]) for hunk in hunks):
        return None
    if not any(deleted_lines(hunk) for hunk in hunks) or other.path == edit.path:
        return None
    return refused(edit, diff_of(edit, hunks, any_headers(rng, hunks)))


@kind
def refuse_one_strange(rng, edit, other):
    strange = [
        hunk
        for hunk in hunks_of(other)
        if len("".join(t.strip() for m, t in hunk.lines if m == "-")) > 30
        and other.path != edit.path
        and not any(t in edit.old for m, t in hunk.lines if m == "-")
    ]
    hunks = [*sure_hunks(edit), *strange[:1]]
    if not strange or len(hunks) == 1:
        return None
    return refused(edit, diff_of(edit, hunks, any_headers(rng, hunks)))


@kind
def refuse_cut(rng, edit, _other):
    hunks = sure_hunks(edit)
    changes = [at for at, (mark, _) in enumerate(hunks[-1].lines) if mark != " "] if hunks else []
    if len(changes) < 3:  # so that a change stands and one is lost
        return None
    text = diff_of(edit, hunks, [hunk.header() for hunk in hunks])
    end = len(hunks[-1].lines) - rng.choice(changes[1:-1]) - 1
    return refused(edit, "```diff\n" + "\n".join(text.rstrip("\n").split("\n")[:-end]))


@kind
def refuse_placeholder(rng, edit, _other):
    """Replace a run of code by its first two lines and the word that the rest stays."""
    runs = [
        at
        for at in range(4, len(edit.old) - 14)
        if all(line.strip() for line in edit.old[at : at + 10])
    ]
    if not runs:
        return None
    at, mark = rng.choice(runs), comment_mark(edit.path)
    words = rng.choice(
        ("... rest of the code stays the same ...", "... existing code ...", "(unchanged)")
    )
    pad = re.match(r"\s*", edit.old[at + 2])[0]
    first = edit.old[at].replace(" ", " x", 1)
    new = (first, edit.old[at + 1], f"{pad}{mark} {words}")
    step = replace(edit, changes=(Change(at, 10, new),))
    if any(words in line for line in edit.old) or first == edit.old[at]:
        return None
    hunks = hunks_of(step)
    return refused(edit, diff_of(step, hunks, any_headers(rng, hunks)))


@kind
def refuse_contradiction(rng, edit, _other):
    change = next((change for change in edit.changes if change.count and change.new), None)
    if not change:
        return None
    other = tuple(f"{line} {rng.choice(('x', 'other', '1'))}" for line in change.new)
    first = replace(edit, changes=(change,))
    second = replace(edit, changes=(replace(change, new=other),))
    hunks = [*sure_hunks(first), *sure_hunks(second)]
    return refused(edit, diff_of(edit, hunks, ["@@"] * len(hunks))) if len(hunks) > 1 else None


@kind
def refuse_no_anchor(_rng, edit, _other):
    added = [text for change in edit.changes for text in change.new if text.strip()]
    if len(added) < 2:  # a text worth the name
        return None
    return refused(edit, diff_of(edit, [Hunk(1, 1, tuple(("+", text) for text in added))], ["@@"]))


@kind
def refuse_prose(rng, edit, _other):
    texts = (f"I have changed `{edit.path}` as you asked.", "Let me look at the file first.", "")
    return refused(edit, rng.choice(texts))


@kind
def nothing_left_to_do(rng, edit, _other):
    hunks = sure_hunks(edit)
    new = [[text for mark, text in hunk.lines if mark != "-"] for hunk in hunks]
    old_left = any(occurrences(edit.new, hunk.old) for hunk in hunks)
    if not hunks or old_left or any(occurrences(edit.new, block) != 1 for block in new):
        return None
    answer = diff_of(edit, hunks, any_headers(rng, hunks))
    return refused(edit, answer, unchanged=True, base=edit.after)
