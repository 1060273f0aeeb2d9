"""Outcome -> JSON: the one record that every other report is told from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from codeorch.diffs import render
from codeorch.domain import DeadLetter, Done, FilePatch, NeedsMore, NothingToDo, Outcome, Skipped

SCHEMA = 1  # raised when a field changes its meaning or goes
BUDGET = 6  # the exit code when a ceiling kept tasks from being asked for
EXIT_CODES = {"verified": 0, "nothing": 0, "failed": 1, "partial": 3, "unverified": 4}


def record(outcome: Outcome) -> dict[str, Any]:
    """Turn an outcome into plain values for JSON."""
    last = outcome.last
    return {
        "schema": SCHEMA,
        "run": outcome.run_id,
        "status": outcome.status,
        "exit_code": exit_code(outcome),
        "request": _plain(outcome.request),
        "branch": _plain(outcome.branch) if outcome.branch else None,
        "commit": last.commit,
        "files": [
            {"path": patch.path, "old_path": patch.old_path, "change": change_of(patch),
             "added": added, "removed": removed, "diff": render(patch)}
            for patch in last.change.patches for added, removed in (counts(patch),)
        ],
        "rejected": [_plain(rejected) for rejected in last.change.rejected],
        "rounds": [
            {
                "plan": _plain(one.plan),
                "results": [_result(result) for result in one.results],
                "commit": one.commit,
                "verdict": _plain(one.verdict),
                "completeness": _plain(one.completeness),
                "conventions": list(one.conventions),
            }
            for one in outcome.rounds
        ],
        "usage": _plain(outcome.usage),
        "timings": [_plain(timing) for timing in outcome.timings],
        "notices": list(outcome.notices),
    }  # fmt: skip


def exit_code(outcome: Outcome) -> int:
    """Give the documented exit code of a finished run."""
    if any(isinstance(r, DeadLetter) and r.kind == "budget" for r in outcome.last.results):
        return BUDGET
    return EXIT_CODES[outcome.status]


def change_of(patch: FilePatch) -> str:
    """Name what happens to a file: created, deleted, renamed or edited."""
    if patch.before is None:
        return "created"
    if patch.after is None:
        return "deleted"
    return "renamed" if patch.old_path else "edited"


def counts(patch: FilePatch) -> tuple[int, int]:
    """Count the lines that a patch adds and removes."""
    body = [line for line in render(patch).split("\n") if line[:3] not in ("+++", "---")]
    return sum(line.startswith("+") for line in body), sum(line.startswith("-") for line in body)


def save(outcome: Outcome, folder: Path) -> Path:
    """Write the record of a run into its folder, whole or not at all; give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "record.json"
    draft = target.with_suffix(".tmp")
    draft.write_text(json.dumps(record(outcome), indent=1, ensure_ascii=False), encoding="utf-8")
    draft.replace(target)
    return target


def _result(result: Done | NothingToDo | NeedsMore | DeadLetter | Skipped) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(result)
    plain["task"] = result.task.id
    plain.pop("patch", None)  # the files of the change tell it
    return {"result": type(result).__name__, **plain}


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value
