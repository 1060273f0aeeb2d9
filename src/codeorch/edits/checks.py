"""Reasons to refuse an answer before any of it is placed."""

import re
from collections.abc import Collection, Sequence
from posixpath import basename

from codeorch.edits.hunks import Answer, Hunk, Refusal
from codeorch.edits.lines import Lines
from codeorch.edits.paths import plain_path
from codeorch.edits.placeholders import depth, placeholder_in
from codeorch.invisible import added_characters


def check_names(answer: Answer, path: str) -> None:
    """Refuse an answer for another file; a shortened name of the right one is fine.

    Raises:
        Refusal: code `path`.
    """
    for header in answer.headers:
        names = [name for name in (header.old, header.new) if name]
        hostile = next((name for name in names if ".." in plain_path(name).split("/")), "")
        if hostile or (names and not any(_is_one_of(name, (path,)) for name in names)):
            raise _for_another(hostile or names[-1], path)


def check_task_names(answer: Answer, path: str, old_path: str = "") -> None:
    """Refuse an answer that names a second file; `old_path` is where the file was before a move.

    Raises:
        Refusal: code `path`.
    """
    ours = tuple(filter(None, (path, old_path)))
    for header in answer.headers:
        for name in filter(None, (header.old, header.new)):
            if not _is_one_of(name, ours):
                raise _for_another(name, path)
        if header.renames and not old_path and plain_path(header.old) != plain_path(header.new):
            raise _for_another(header.new, path)


def _for_another(name: str, path: str) -> Refusal:
    return Refusal(
        code="path", brief=f"it is for {name!r}, but your file is {path!r}",
        detail=f"Change nothing but {path}, and move no file.",
    )  # fmt: skip


def check_not_emptied(before: str, after: str, path: str) -> None:
    """Refuse an edit that leaves nothing of its file: to delete one is a task of its own.

    Raises:
        Refusal: code `contradiction`.
    """
    if before.strip() and not after.strip():
        raise Refusal(
            code="contradiction",
            brief=f"with it nothing of {path} is left, but the task is to edit it",
            detail="Keep the lines that the goal does not name.",
        )


def check_visible(before: str, after: str, path: str, named: Collection[str] = ()) -> None:
    """Refuse a text with more characters that nobody can see than the one before.

    `named` are those that the request names, and so wants.

    Raises:
        Refusal: code `invisible`; names each place.
    """
    added = added_characters(before, after, named)
    if not added:
        return
    places = [f"{path}:{place.line}: {place}" for place in added[:_PLACES]]
    more = f" and {len(added) - _PLACES} more" if len(added) > _PLACES else ""
    raise Refusal(
        code="invisible",
        brief=f"it brings in characters that nobody can see: {'; '.join(places)}{more}",
        detail="Leave them out. Where the code needs one, write it as an escape of the language, "
        f"e.g. \\u{ord(added[0].char):04x}." if ord(added[0].char) < 0x10000 else
        "Leave them out. Where the code needs one, write it as an escape of the language.",
    )  # fmt: skip


_PLACES = 5  # that are named


def _is_one_of(name: str, paths: Sequence[str]) -> bool:
    """Whether a name means one of some files: as it stands, or without the end of a copy's name."""
    plain = plain_path(name)
    names = {plain, _BACKUP.sub("", plain)}  # a file may really be called `a.py.orig`
    return any(_same(one, path) for one in names for path in paths)


def _same(name: str, path: str) -> bool:
    return (
        path == name
        or path.endswith("/" + name)
        or name.endswith("/" + path)
        or basename(path) == basename(name)
    )


_BACKUP = re.compile(r"(?<=.)(?:\.(?:orig|original|old|new|bak|before|after|modified)|~)$")


def check_cut(answer: Answer) -> None:
    """Refuse an answer whose end is missing.

    Raises:
        Refusal: code `truncated`.
    """
    if answer.fenced or answer.ended or answer.deletes or not answer.hunks:
        return
    last = answer.hunks[-1]
    if last.lines[-1].mark != " " and (_is_short(last) or _is_open(last)):
        raise Refusal(
            code="truncated", brief="it ends within a change: the answer is cut off",
            hunk=len(answer.hunks),
            detail="Give the whole edit, in a fence that is closed.",
        )  # fmt: skip


def _is_short(hunk: Hunk) -> bool:
    """Whether a hunk has fewer lines than its header says."""
    if hunk.counts is None:
        return False
    old, new = len(hunk.old), len(hunk.new)
    return (old, new) != hunk.counts and old <= hunk.counts[0] and new <= hunk.counts[1]


def _is_open(hunk: Hunk) -> bool:
    """Whether the new lines of a hunk without counts open more brackets than the old ones."""
    new, old = (sum(map(depth, lines)) for lines in (hunk.new, hunk.old))
    return hunk.counts is None and new > max(0, old)


def check_hunks(hunks: Sequence[Hunk], file: Lines) -> None:
    """Refuse hunks that change nothing, say nothing of their place or leave code out.

    Raises:
        Refusal: code `no_change`, `no_anchor` or `placeholder`.
    """
    if not any(hunk.changes for hunk in hunks):
        raise no_change()
    for number, hunk in enumerate(hunks, start=1):
        if hunk.changes and not hunk.old:
            raise Refusal(
                code="no_anchor", brief="it names no line of the file", hunk=number,
                detail="Give a few unchanged lines around the change, each behind one space.",
            )  # fmt: skip
    line, number = placeholder_in(hunks, file)
    if line:
        raise placeholder(line, number)


def placeholder(line: str, number: int = 0) -> Refusal:
    """Refuse a line that stands for code left out."""
    return Refusal(
        code="placeholder", brief=f"{line.strip()!r} stands for code that is left out", hunk=number,
        detail="Write every new line out. Unchanged lines far from the change can be left away.",
    )  # fmt: skip


def no_change() -> Refusal:
    """Refuse an edit after which the file is what it was."""
    return Refusal(
        code="no_change", brief="it changes nothing: the file already is like that",
        detail="If nothing is to be done, say so with status nothing_to_do.",
    )  # fmt: skip
