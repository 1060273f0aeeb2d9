"""A commit's files, written into an empty folder from git's objects.

Git's own ways to do this run the repository's filters, and leave out what its attributes say.
"""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from codeorch.errors import UnsafeError
from codeorch.repo import Repo, TreeEntry

_LINK, _SUBMODULE, _EXECUTABLE = 0o120000, 0o160000, 0o100755


def lay_out(repo: Repo, commit: str, folder: Path) -> None:
    """Write the files of a commit into an empty folder.

    Links that lead out of the folder are left out; submodules are empty folders.

    Raises:
        UnsafeError: a path of the commit leads out of the folder or into a .git.
    """
    entries = repo.tree(commit)
    for entry in entries:
        _refuse_unsafe(entry.path)
    # All folders before all files before all links: so no link can lie on the way to a file.
    for parent in {(folder / entry.path).parent for entry in entries}:
        parent.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        if entry.mode == _SUBMODULE:
            (folder / entry.path).mkdir(exist_ok=True)
    _write_files(repo, [entry for entry in entries if entry.is_file], folder)
    _write_links(repo, [entry for entry in entries if entry.mode == _LINK], folder)


def _refuse_unsafe(path: str) -> None:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or any(part.lower() == ".git" for part in parts):
        raise UnsafeError(f"the commit holds a path that no checkout may have: {path!r}")


def _write_files(repo: Repo, entries: Iterable[TreeEntry], folder: Path) -> None:
    rows = list(entries)
    blobs = repo.blobs(entry.blob for entry in rows)
    for entry, (_, data) in zip(rows, blobs, strict=True):
        mode = 0o755 if entry.mode == _EXECUTABLE else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(folder / entry.path, flags, mode), "wb") as file:
            file.write(data)


def _write_links(repo: Repo, entries: Iterable[TreeEntry], folder: Path) -> None:
    rows = list(entries)
    blobs = repo.blobs(entry.blob for entry in rows)
    for entry, (_, data) in zip(rows, blobs, strict=True):
        (folder / entry.path).symlink_to(os.fsdecode(data))
    inside = folder.resolve()
    links = [folder / entry.path for entry in rows]
    # A link can lead out by way of another one; so ask the file system, when all are there.
    outside = [link for link in links if not Path(os.path.realpath(link)).is_relative_to(inside)]
    for link in outside:
        link.unlink()
