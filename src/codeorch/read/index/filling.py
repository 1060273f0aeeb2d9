"""Blobs -> new segments of an index, with a second process where there is much to read."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from codeorch.errors import ServiceError
from codeorch.read.index.gathering import Gathering
from codeorch.read.index.store import Damaged, Store
from codeorch.repo import Repo

_WORTH_IT = 8_000  # files; for fewer, starting a process costs more time than it saves

Wanted = Sequence[tuple[str, str]]  # path and blob


def fill(repo: Repo, store: Store, wanted: Wanted) -> None:
    """Read files into the store.

    Raises:
        Damaged: the store cannot be used.
        ServiceError: git failed.
    """
    if store.file is None or len(wanted) < _WORTH_IT or (os.cpu_count() or 1) < 2:
        _read(repo, store, wanted)
        return
    # Every second file, as neighbours are alike. What the other one does not manage is found
    # missing afterwards, and read then.
    other = _start(repo, store.file, wanted[1::2])
    try:
        _read(repo, store, wanted[::2])
    except BaseException:
        other.terminate()
        raise
    finally:
        other.join()
        other.close()


def _start(repo: Repo, file: Path, wanted: Wanted) -> BaseProcess:
    # Not forked: there may be threads, and locks held by them.
    made = get_context("spawn").Process(
        target=_read_for, args=(os.getpid(), repo.root, repo.git_dir, file, wanted), daemon=True
    )
    made.start()
    return made


def _read_for(parent: int, root: Path, git_dir: Path, file: Path, wanted: Wanted) -> None:
    """Read files on behalf of another process, as long as that one lives."""
    import signal  # noqa: PLC0415 - only here

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    try:
        _read(Repo(root, git_dir), Store(file), wanted, lambda: os.getppid() == parent)
    except (Damaged, ServiceError):
        return  # whoever started this will see it, too


def _read(
    repo: Repo, store: Store, wanted: Wanted, goes_on: Callable[[], bool] = lambda: True
) -> None:
    gathering = Gathering()
    blobs = repo.blobs((blob for _, blob in wanted), ahead=64)
    with _no_search_for_cycles():
        for (path, blob), (_, data) in zip(wanted, blobs, strict=True):
            gathering.add(path, blob, data)
            if not goes_on():
                return
            if gathering.full:
                store.add(gathering.segment())
                gathering = Gathering()
    if len(gathering):
        store.add(gathering.segment())


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Switch Python's cycle collector off: nothing here makes cycles, and it costs a tenth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
