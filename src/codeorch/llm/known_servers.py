"""What was learnt of servers, kept for later runs in a small file; nothing in it must be there."""

import contextlib
import json
import os
import time
from dataclasses import asdict, replace
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
        self._known: dict[str, Capabilities] | None = None

    def of(self, model: str) -> Capabilities:
        """Return what the server is known to do with a model."""
        if self._known is None:
            self._known = _read(self._file, self._url)
        like = self._known.get(_ANY, self._start) if self._is_uniform else self._start
        return self._known.get(model, like)

    def learn(self, model: str, known: Capabilities) -> None:
        """Keep what a refusal has taught."""
        if self._known is None:
            self._known = _read(self._file, self._url)
        self._known[model] = known
        self._known[_ANY] = replace(known)
        with contextlib.suppress(OSError):  # the next run learns it again
            _write(self._file, self._url, self._known)


def _read(file: Path | None, url: str) -> dict[str, Capabilities]:
    found: dict[str, Capabilities] = {}
    for model, entry in _table(file).get(url, {}).items():
        try:
            if time.time() - entry["time_s"] < _DAYS * 86_400:
                values = entry["known"]
                found[model] = Capabilities(**{**values, "refused": frozenset(values["refused"])})
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


def _write(file: Path | None, url: str, known: dict[str, Capabilities]) -> None:
    """Write the file anew in one step, so that no run reads half of it."""
    if file is None:
        return
    now = time.time()
    rows = {
        model: {"time_s": now, "known": {**asdict(one), "refused": sorted(one.refused)}}
        for model, one in known.items()
    }
    whole = {"form": _FORM, "servers": {**_table(file), url: rows}}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    draft.replace(file)
