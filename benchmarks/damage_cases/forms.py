"""Diffs that are right and oddly written: headers, order, dialect."""

import itertools
from dataclasses import replace

from damage_cases.case import any_headers, applied, diff_of, fenced, kind, sure_hunks
from damage_cases.edits import Edit, hunks_of, occurrences, text_of


@kind
def plain(rng, edit, _other):
    hunks = hunks_of(edit, rng.choice((3, 3, 8)))
    return applied(edit, diff_of(edit, hunks, [hunk.header() for hunk in hunks]))


@kind
def numbers_off(rng, edit, _other):
    hunks = sure_hunks(edit)
    headers = [hunk.header(shift=rng.choice((-30, -7, -1, 1, 2, 12, 45))) for hunk in hunks]
    return applied(edit, diff_of(edit, hunks, headers)) if hunks else None


@kind
def counts_off(rng, edit, _other):
    hunks = sure_hunks(edit)
    headers = [hunk.header(grow=rng.choice((-2, -1, 1, 2, 5))) for hunk in hunks]
    return applied(edit, diff_of(edit, hunks, headers)) if hunks else None


@kind
def bare_headers(_rng, edit, _other):
    hunks = sure_hunks(edit)
    return applied(edit, diff_of(edit, hunks, ["@@"] * len(hunks))) if hunks else None


@kind
def heading_headers(rng, edit, _other):
    hunks = sure_hunks(edit)
    end = rng.choice(("", " @@"))
    headers = [f"@@ {hunk.heading}{end}" if hunk.heading else "@@" for hunk in hunks]
    return applied(edit, diff_of(edit, hunks, headers)) if hunks else None


@kind
def no_headers(_rng, edit, _other):
    hunks = sure_hunks(edit)
    return applied(edit, diff_of(edit, hunks, [""])) if len(hunks) == 1 else None


@kind
def no_file_names(rng, edit, _other):
    hunks = sure_hunks(edit)
    answer = diff_of(edit, hunks, any_headers(rng, hunks)).split("\n", 2)[2]
    return applied(edit, answer) if hunks else None


@kind
def names_per_hunk(rng, edit, _other):
    hunks = sure_hunks(edit)
    parts = [diff_of(edit, [hunk], any_headers(rng, [hunk])) for hunk in hunks]
    return applied(edit, rng.choice(("", "\n")).join(parts)) if len(hunks) > 1 else None


@kind
def fence_and_prose(rng, edit, _other):
    hunks = sure_hunks(edit)
    text = fenced(diff_of(edit, hunks, any_headers(rng, hunks)), rng.choice(("diff", "", "patch")))
    before = rng.choice(("", f"This is the change to `{edit.path}`:\n\n", "Done.\n"))
    after = rng.choice(("", "\nNothing else has to change.\n", "\n- tests stay as they are\n"))
    return applied(edit, before + text + after) if hunks else None


@kind
def hunks_run_together(rng, edit, _other):
    hunks = sure_hunks(edit)
    headers = [any_headers(rng, hunks)[0], *[""] * (len(hunks) - 1)] if hunks else []
    return applied(edit, diff_of(edit, hunks, headers)) if len(hunks) > 1 else None


@kind
def hunks_out_of_order(rng, edit, _other):
    hunks = sure_hunks(edit)
    hunks = rng.sample(hunks, len(hunks))
    ordered = [hunk.start for hunk in hunks] == sorted(hunk.start for hunk in hunks)
    return None if ordered else applied(edit, diff_of(edit, hunks, any_headers(rng, hunks)))


@kind
def hunk_twice(rng, edit, _other):
    hunks = sure_hunks(edit)
    hunks.insert(rng.randint(0, len(hunks)), rng.choice(hunks)) if hunks else None
    return applied(edit, diff_of(edit, hunks, any_headers(rng, hunks))) if hunks else None


@kind
def overlap(rng, edit, _other):
    hunks = sure_hunks(edit, merge=False)
    near = any(
        second.start < first.start + len(first.old) for first, second in itertools.pairwise(hunks)
    )
    return applied(edit, diff_of(edit, hunks, any_headers(rng, hunks))) if near else None


@kind
def one_after_another(rng, edit, _other):
    hunks, lines, moved = [], edit.old, 0
    for change in edit.changes:
        step = Edit(
            edit.repository, edit.commit, edit.path, lines, (replace(change, at=change.at + moved),)
        )
        hunk = hunks_of(step)[0]
        if occurrences(lines, hunk.old) != 1:
            return None
        hunks.append(hunk)
        lines, moved = step.new, moved + len(change.new) - change.count
    answer = diff_of(edit, hunks, any_headers(rng, hunks))
    return applied(edit, answer) if len(hunks) > len(hunks_of(edit)) else None


@kind
def v4a(rng, edit, _other):
    hunks = sure_hunks(edit)
    if not hunks:
        return None
    lines = ["*** Begin Patch", f"*** Update File: {edit.path}"]
    for hunk in hunks:
        named = hunk.heading and rng.random() < 0.5
        lines += [f"@@ {hunk.heading}" if named else "@@", *hunk.body()]
    return applied(edit, "\n".join([*lines, "*** End Patch", ""]))


@kind
def search_replace(_rng, edit, _other):
    hunks = sure_hunks(edit)
    blocks = [
        f"{edit.path}\n```\n<<<<<<< SEARCH\n{text_of(hunk.old)}=======\n"
        + text_of([text for mark, text in hunk.lines if mark != "-"])
        + ">>>>>>> REPLACE\n```\n"
        for hunk in hunks
    ]
    return applied(edit, "\n".join(blocks)) if hunks else None
