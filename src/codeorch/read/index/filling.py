"""Blobs -> new segments of an index.

One process reads, and git unpacks the blobs beside it. A second reader was tried: it saves time on
the clock and no CPU time, but two take twice the memory.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from codeorch.read.index.gathering import Gathering
from codeorch.read.index.store import Store
from codeorch.repo import Repo


def fill(repo: Repo, store: Store, wanted: Sequence[tuple[str, str]]) -> None:
    """Read files, given as paths and blobs, into the store.

    Raises:
        Damaged: the store cannot be used.
        ServiceError: git failed.
    """
    gathering = Gathering()
    blobs = repo.blobs((blob for _, blob in wanted), ahead=64)
    with _no_search_for_cycles():
        for (path, blob), (_, data) in zip(wanted, blobs, strict=True):
            gathering.add(path, blob, data)
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
