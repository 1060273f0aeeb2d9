"""Test runs that need not be done again: same commit, same command, same circumstances."""

import contextlib
import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from codeorch.domain import TestRun

_VERSION = "1"  # of the form below; another one makes every kept run a miss


def cache_key(commit: str, argv: tuple[str, ...], circumstances: tuple[str, ...]) -> str:
    """Name a run by all that it depends on."""
    text = json.dumps([_VERSION, commit, argv, circumstances])
    return hashlib.sha256(text.encode()).hexdigest()


def load(folder: Path, key: str) -> TestRun | None:
    """Give a kept run; what cannot be read was never kept."""
    try:
        return TestRun(**json.loads((folder / f"{key}.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def store(folder: Path, key: str, run: TestRun) -> None:
    """Keep a run, whole or not at all; that it cannot be kept is no reason to fail."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{key}.{os.getpid()}.part"
        part.write_text(json.dumps(asdict(run)), "utf-8")
        part.replace(folder / f"{key}.json")
