"""What an engine said of the files of one tree, in a file of JSON by path.

One file for each tree, engine, version and configuration; the folder holds a bounded number of
them. Two runs that write at once lose an answer at most, and whoever needs it asks again.
"""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from codeorch.engines.checkers import Diagnostic

_MOST_FILES: Final = 64


def read_answers(file: Path) -> dict[str, list[Diagnostic]]:
    """Return what was said of each file; of none where nothing is kept, or it is damaged."""
    try:
        value = json.loads(file.read_bytes())
        answers = {str(path): [Diagnostic(*row) for row in rows] for path, rows in value.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    with suppress(OSError):
        os.utime(file)
    return answers


def write_answers(file: Path, answers: Mapping[str, Sequence[Diagnostic]]) -> None:
    """Write answers, whole or not at all, and drop those that were not asked for longest."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".tmp", delete=False) as to:
            json.dump(answers, to)
        Path(to.name).replace(file)
        others = sorted(file.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in others[:-_MOST_FILES]:
            old.unlink()
