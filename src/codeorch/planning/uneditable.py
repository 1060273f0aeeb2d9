"""Why no model can edit a file, in words for whoever plans; found out before it is paid for."""

from collections.abc import Callable, Mapping
from posixpath import dirname, join, normpath

from codeorch.domain import Snapshot, SourceFile

_LINK = "symbolic link to "
# What is left out of the snapshot, and can be deleted and moved all the same.
_FOREIGN = ("submodule", "symbolic link", "missing", "its path")
_DENSE, _SOME = 2_000, 5_000  # characters of a line on average, in a file of so many


def reason_against(path: str, snapshot: Snapshot, is_ignored: Callable[[str], bool]) -> str:
    """Return why a file cannot be edited or made, to stand behind its path; empty if it can be.

    E.g. `is binary`, or `is in submodule vendor/x, a repository of its own`.
    """
    if path in snapshot.skipped:
        return _reason_of_skipped(path, snapshot)
    if above := _skipped_above(path, snapshot.skipped):
        return _reason_within(path, above, snapshot)
    if path in snapshot.files:
        return _reason_of_text(snapshot.bare(path))
    return "is ignored by git, so that no commit holds it" if is_ignored(path) else ""


def reason_against_moving(path: str, snapshot: Snapshot) -> str:
    """Return why a file cannot even be deleted or moved as it is; empty if it can be."""
    if path in snapshot.skipped:
        is_foreign = snapshot.skipped[path].startswith(_FOREIGN)
        return _reason_of_skipped(path, snapshot) if is_foreign else ""
    above = _skipped_above(path, snapshot.skipped)
    return _reason_within(path, above, snapshot) if above else ""


def _reason_of_text(file: SourceFile) -> str:
    if file.role == "lfs":
        return "is a pointer of git-lfs: its content is not in the repository"
    if file.role == "minified" or _is_dense(file.text):
        return "is minified; change the file that it is made from"
    if file.encoding.startswith("utf-16"):
        return "is in UTF-16, which no diff can be made of; convert it to UTF-8 first"
    return ""


def _reason_of_skipped(path: str, snapshot: Snapshot) -> str:
    reason = snapshot.skipped[path]
    if reason.startswith("submodule"):
        return f"is submodule {path}, a repository of its own"
    if reason.startswith(_LINK):
        target = reason.removeprefix(_LINK)
        real = normpath(join(dirname(path), target))
        instead = f"; change {real} instead" if real in snapshot.files else ""
        return f"is a symbolic link to {target}{instead}"
    if reason.startswith("missing"):
        return "is missing from this clone; fetch it first"
    starts = ("binary", "larger", "minified", "in UTF", "not valid")
    return f"is {reason}" if reason.startswith(starts) else f"cannot be read: {reason}"


def _reason_within(path: str, above: str, snapshot: Snapshot) -> str:
    reason = snapshot.skipped[above]
    if reason.startswith("submodule"):
        return f"is in submodule {above}, a repository of its own"
    if not reason.startswith(_LINK):
        return f"cannot exist beside {above}, which is a file"
    target = reason.removeprefix(_LINK)
    real = normpath(join(dirname(above), target, path.removeprefix(f"{above}/")))
    inside = not real.startswith(("/", ".."))
    instead = f"; its real path is {real}" if inside else ", outside of the repository"
    return f"is behind {above}, a symbolic link to {target}{instead}"


def _skipped_above(path: str, skipped: Mapping[str, str]) -> str:
    """Return the folder on the way to a path that is none of ours, if there is one."""
    parts = path.split("/")
    folders = ("/".join(parts[:end]) for end in range(1, len(parts)))
    return next((folder for folder in folders if folder in skipped), "")


def _is_dense(text: str) -> bool:
    return len(text) > _SOME and len(text) / (text.count("\n") + 1) > _DENSE
