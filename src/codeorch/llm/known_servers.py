"""What was learnt of servers, kept for later runs in a small file; nothing in it must be there."""

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from codeorch.llm.capabilities import Capabilities

_FORM = 1  # of the file; raised when it changes
_DAYS = 7  # a server may be started anew, with another window
_ANY = ""  # the model whose entry speaks for the server


class KnownServers:
    """What one server can do, by model.

    A model that was never asked is taken to be like the last one of a server that `is_uniform`,
    else to be what the provider is known for.
    """

    def __init__(
        self, file: Path | None, url: str, start: Capabilities, *, is_uniform: bool
    ) -> None:
        self._file = file
        self._url = url
        self._start = start
        self._is_uniform = is_uniform
        self._lessons: dict[str, _Lesson] | None = None

    def of(self, model: str) -> Capabilities:
        """Return what the server is known to do with a model."""
        lessons = self._read()
        like = lessons.get(_ANY) if self._is_uniform else None
        lesson = lessons.get(model, like)
        return lesson.known if lesson else self._start

    def learn(self, model: str, known: Capabilities) -> None:
        """Keep what a refusal has taught.

        What was known before is part of it, so it is as old as that: it holds for a week from the
        first refusal, and then everything is tried again.
        """
        lessons = self._read()
        like = lessons.get(_ANY) if self._is_uniform else None
        earlier = lessons.get(model, like)
        lesson = _Lesson(earlier.time_s if earlier else time.time(), known)
        lessons[model] = lessons[_ANY] = lesson
        with contextlib.suppress(OSError):  # the next run learns it again
            _write(self._file, self._url, lessons)

    def _read(self) -> "dict[str, _Lesson]":
        if self._lessons is None:
            self._lessons = _read(self._file, self._url)
        return self._lessons


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What was learnt, and when it began."""

    time_s: float
    known: Capabilities


def _read(file: Path | None, url: str) -> dict[str, _Lesson]:
    found: dict[str, _Lesson] = {}
    for model, entry in _table(file).get(url, {}).items():
        try:
            if 0 <= time.time() - entry["time_s"] < _DAYS * 86_400:
                values = entry["known"]
                known = Capabilities(**{**values, "refused": frozenset(values["refused"])})
                found[model] = _Lesson(entry["time_s"], known)
        except (TypeError, KeyError, ValueError):
            continue  # of another version
    return found


def _table(file: Path | None) -> dict[str, Any]:
    try:
        whole = json.loads(file.read_text(encoding="utf-8")) if file is not None else {}
        servers = whole["servers"] if whole.get("form") == _FORM else {}
    except (OSError, ValueError, AttributeError, KeyError):
        return {}
    return servers if isinstance(servers, dict) else {}


def _write(file: Path | None, url: str, lessons: dict[str, _Lesson]) -> None:
    """Write the file anew in one step, so that no run reads half of it."""
    if file is None:
        return
    rows = {
        model: {
            "time_s": one.time_s,
            "known": {**asdict(one.known), "refused": sorted(one.known.refused)},
        }
        for model, one in lessons.items()
    }
    whole = {"form": _FORM, "servers": {**_table(file), url: rows}}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    draft.replace(file)
