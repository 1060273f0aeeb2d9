"""Folders for what foreign programs do, gone afterwards whatever was made in them."""

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards, as far as it can be removed."""
    folder = Path(tempfile.mkdtemp(prefix=f"codeorch-{purpose}-")).resolve()
    try:
        yield folder
    finally:
        remove_tree(folder)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all in it, however deep; what cannot be removed stays, and is no error.

    `shutil.rmtree` calls itself for each level, and names grow longer than the system takes. So
    folders that hold folders are first moved to the top, level by level. No link is followed.
    """
    with contextlib.suppress(OSError):
        top = os.open(folder, _FOLDER)
        try:
            mark = secrets.token_hex(8)  # no name that the folder may hold
            levels = count()
            while _remove_level(top, f"{mark}-{next(levels)}"):
                pass
        finally:
            os.close(top)
        folder.rmdir()


def _remove_level(top: int, mark: str) -> bool:
    """Remove what is at the top, with the folders of its folders moved there; whether any was."""
    moved = False
    for place, name in enumerate(os.listdir(top)):
        with contextlib.suppress(OSError):
            if not _is_folder(name, top):
                os.unlink(name, dir_fd=top)
                continue
            os.chmod(name, stat.S_IRWXU, dir_fd=top)
            inner = os.open(name, _FOLDER, dir_fd=top)
            try:
                for number, below in enumerate(os.listdir(inner)):  # noqa: PTH208 - by its descriptor
                    moved |= _raise_or_remove(below, inner, f"{mark}-{place}-{number}", top)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=top)
    return moved


def _raise_or_remove(name: str, inner: int, new_name: str, top: int) -> bool:
    """Move a folder to the top, or remove a file; whether a folder was moved."""
    with contextlib.suppress(OSError):
        if not _is_folder(name, inner):
            os.unlink(name, dir_fd=inner)
            return False
        os.chmod(name, stat.S_IRWXU, dir_fd=inner)  # one that is not writable cannot be moved
        os.rename(name, new_name, src_dir_fd=inner, dst_dir_fd=top)
        return True
    return False


def _is_folder(name: str, parent: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
