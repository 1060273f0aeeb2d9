"""Diffs that fit in two places, and one of the two by name or number; and doctests."""

import re
from dataclasses import replace

from damage_cases.case import any_headers, applied, diff_of, kind, refused, sure_hunks
from damage_cases.edits import Change, Edit, Hunk, hunks_of, occurrences


def twin_of(edit: Edit) -> tuple[Edit, Hunk] | None:
    """Make a file that holds the top-level block of an edit twice, under two names.

    The hunk belongs to one of the two, and nothing but the name of the block says to which.
    """
    twins = (_twin_of(replace(edit, changes=(change,))) for change in edit.changes)
    return next((twin for twin in twins if twin), None)


def _twin_of(edit: Edit) -> tuple[Edit, Hunk] | None:
    change = edit.changes[0]
    tops = [at for at, line in enumerate(edit.old) if line[:1].isalpha()]
    first = max((at for at in tops if at < change.at - 4), default=None)
    end = next((at for at in tops if at > change.at + change.count), None)
    if first is None or end is None or any(first < at < end for at in tops):
        return None
    name = re.match(r"(?:\w+ )*?(?:class|def|func|struct|fn|function) (\w+)", edit.old[first])
    if not name or change.at + change.count + 3 > end:  # the context
        return None
    block = edit.old[first:end]
    twin = (re.sub(rf"\b{name[1]}\b", name[1] + "Twin", block[0], count=1), *block[1:])
    old = (*edit.old[:end], *twin, *edit.old[end:])
    both = replace(edit, old=old, changes=(replace(change, at=change.at + len(block)),))
    (hunk,) = hunks_of(both)
    lone = occurrences(edit.old, hunk.old) == 1 and occurrences(old, hunk.old) == 2
    return (both, replace(hunk, heading=twin[0])) if lone else None


@kind
def twin_by_heading(rng, edit, _other):
    twins = twin_of(edit)
    if not twins:
        return None
    both, hunk = twins
    heading = rng.choice((hunk.heading, hunk.heading.split("(")[0].rstrip(" :{")))
    return applied(both, diff_of(both, [hunk], [f"@@ {heading}"]))


@kind
def twin_by_number(_rng, edit, _other):
    twins = twin_of(edit)
    return applied(twins[0], diff_of(twins[0], [twins[1]], [twins[1].header()])) if twins else None


@kind
def doctest(rng, edit, _other):
    blanks = [at for at in range(4, len(edit.old) - 4) if not edit.old[at].strip()]
    if not blanks or not edit.path.endswith((".py", ".rst", ".md", ".txt")):
        return None
    at = rng.choice(blanks)
    pad = re.match(r"\s*", edit.old[at - 1])[0]
    lines = [">>> for item in ready:", "...     print(item)", "...", "first", ">>> pack(", "... )"]
    change = Change(at, rng.choice((0, 1)), tuple(pad + line for line in lines))
    step = replace(edit, changes=(change,))
    hunks = sure_hunks(step)
    return applied(step, diff_of(step, hunks, any_headers(rng, hunks))) if hunks else None


@kind
def refuse_ambiguous(_rng, edit, _other):
    twins = twin_of(edit)
    return refused(twins[0], diff_of(twins[0], [twins[1]], ["@@"])) if twins else None
