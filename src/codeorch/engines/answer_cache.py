"""What an engine said of the files of one tree, in a file of JSON by path.

One file for each tree, engine, version and configuration; the folder holds a bounded number of
them. Two processes that write at once lose an answer at most, and whoever needs it asks again.
"""

import json
import os
import tempfile
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Final

from codeorch.engines.checkers import Diagnostic

Answers = dict[str, list[Diagnostic]]

_MOST_FILES: Final = 64
_LOCKS: Final[dict[Path, threading.Lock]] = {}  # of trees that are asked about as a whole, or were


def ask_once(
    file: Path, wanted: AbstractSet[str], ask: Callable[[Collection[str]], Answers], *, wait: bool
) -> Answers:
    """Return what is said of some files at least; asked about are those of which nothing is kept.

    With `wait` nobody asks for what another thread has asked for: it waits for the answer.
    """
    with _LOCKS.setdefault(file, threading.Lock()) if wait else nullcontext():
        known = _read(file)
        if missing := wanted - known.keys():
            known |= ask(missing)
            _write(file, known)
        return known


def _read(file: Path) -> Answers:
    """Return what was said of each file; of none where nothing is kept, or it is damaged."""
    try:
        value = json.loads(file.read_bytes())
        answers = {str(path): [Diagnostic(*row) for row in rows] for path, rows in value.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    with suppress(OSError):
        os.utime(file)
    return answers


def _write(file: Path, answers: Mapping[str, Sequence[Diagnostic]]) -> None:
    """Write answers, whole or not at all, and drop those that were not asked for longest."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".tmp", delete=False) as to:
            json.dump(answers, to)
        Path(to.name).replace(file)
        others = sorted(file.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in others[:-_MOST_FILES]:
            old.unlink()
