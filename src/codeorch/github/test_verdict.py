"""The verdict of the tests as a file: written in one job, read as foreign text in the next."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from codeorch.errors import UserError
from codeorch.github.request import json_object

_LARGEST = 1 << 20  # bytes
_LONGEST = 1_000  # characters of a text
_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TestVerdict:
    """What the tests say of a commit, in words that fit into a pull request."""

    __test__ = False  # for pytest: this is no test class

    head: str  # the commit that was judged
    status: str  # as `domain.VerdictStatus` has it
    reason: str
    before: str = ""  # counts
    after: str = ""
    protection: str = ""
    broken: tuple[str, ...] = ()
    regressions: int = 0
    notes: tuple[str, ...] = ()


def write_verdict(folder: Path, verdict: TestVerdict) -> None:
    """Write a verdict into a folder."""
    (folder / "verdict.json").write_text(json.dumps(asdict(verdict), indent=1), encoding="utf-8")


def read_verdict(raw: bytes) -> TestVerdict:
    """Return the verdict that a file holds.

    Raises:
        UserError: it is damaged, or has another form.
    """
    value = json_object(raw[: _LARGEST + 1], "verdict.json")
    kinds = {field.name: field.type for field in fields(TestVerdict)}
    fault = UserError("verdict.json has another form", "start the run again")
    if value.keys() != kinds.keys():
        raise fault
    for name, kind in kinds.items():
        rows = value[name] if isinstance(value[name], list) else [value[name]]
        is_many = name in ("broken", "notes")
        is_number = name == "regressions"
        if is_many != isinstance(value[name], list) or len(rows) > _MOST or kind is None:
            raise fault
        for row in rows:
            is_fit = (
                isinstance(row, int) and not isinstance(row, bool) and 0 <= row < 1_000_000
                if is_number
                else isinstance(row, str) and len(row) <= _LONGEST
            )
            if not is_fit:
                raise fault
    lists = {name: tuple(value[name]) for name in ("broken", "notes")}
    return TestVerdict(**{**value, **lists})
