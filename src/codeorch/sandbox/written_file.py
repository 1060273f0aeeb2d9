"""A file that came out of a sandbox, read or removed without following where it may lead.

What ran there may have put a link to the user's files in the place of its output, a pipe that
nobody writes to, or something huge.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A folder on the way may be one that can be entered but not read; O_PATH is Linux's alone.
_FOLDER_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


def read_written(path: Path, most_bytes: int) -> bytes | None:
    """Return the bytes of a plain file; None when there is none, or it is larger than `most_bytes`.

    No link is followed, neither at the end of the path nor on the way: `path` is absolute, and was
    real (`Path.resolve`) before anything ran in the sandbox. The file's name is looked up once, so
    it cannot be swapped between a check and the reading.
    """
    try:
        with _folder_of(path) as folder_fd:
            return _read_plain(os.open(path.name, _FILE_FLAGS, dir_fd=folder_fd), most_bytes)
    except OSError:
        return None


def remove_written(path: Path) -> None:
    """Remove a file or link; where that is not what `path` leads to without links, nothing."""
    with suppress(OSError), _folder_of(path) as folder_fd:
        os.unlink(path.name, dir_fd=folder_fd)


@contextmanager
def _folder_of(path: Path) -> Iterator[int]:
    """Open the folder of a file, folder by folder from the root on; yield its descriptor."""
    anchor, *folders, _ = path.parts
    folder_fd = os.open(anchor, _FOLDER_FLAGS)
    try:
        for folder in folders:
            inner_fd = os.open(folder, _FOLDER_FLAGS, dir_fd=folder_fd)
            os.close(folder_fd)
            folder_fd = inner_fd
        yield folder_fd
    finally:
        os.close(folder_fd)


def _read_plain(fd: int, most_bytes: int) -> bytes | None:
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        data = file.read(most_bytes + 1)
    return data if len(data) <= most_bytes else None
