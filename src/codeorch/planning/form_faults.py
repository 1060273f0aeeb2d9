"""JSON -> a plan's form, and what of the JSON has another shape, in words for whoever mends it.

What is well formed is read all the same: so its sense is judged with the first look, and a planner
hears of every fault at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeorch.planning.plan_form import PlanForm

_NAMES = ("id", "symbol", "name", "task", "path")  # by which a row is known
_ROWS = {"tasks": "Task", "groups": "Group", "scripts": "Script", "contracts": "Contract"}
_WORDS = {
    "string_pattern_mismatch": "letters, digits, `_`, `.` and `-`, at most 40, a letter or digit "
    "first",
    "extra_forbidden": "there is no such field",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReading:
    """What of a form is well formed, and the faults of the rest."""

    filled: "PlanForm"
    faults: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()  # names and paths of the rows that are not well formed

    def may_hold(self, fault: str) -> bool:
        """Whether a fault of the rest is one, and does not come from what was left out."""
        return not any(repr(name) in fault for name in self.left_out)


def read_form(data: Mapping[str, Any]) -> FormReading:
    """Read a plan's form from JSON of any shape."""
    from pydantic import ValidationError  # noqa: PLC0415 - costs 0.1 s

    from codeorch.planning.plan_form import PlanForm  # noqa: PLC0415 - as above

    try:
        return FormReading(filled=PlanForm.model_validate(data))
    except ValidationError as error:
        found = error.errors()
    faults = tuple(
        f"{_place(data, one['loc'])}: {_WORDS.get(one['type'], one['msg'])}" for one in found
    )
    rest, rows = _without(data, [one["loc"] for one in found])
    try:
        filled = PlanForm.model_validate(rest)
    except ValidationError:
        filled = PlanForm()
    left_out = frozenset(value for row in rows for key in _NAMES if (value := _text(row, key)))
    return FormReading(filled=filled, faults=faults, left_out=left_out)


def _place(data: Mapping[str, Any], loc: Sequence[int | str]) -> str:
    """Name a place of a form: the row by its own name, and the field in it."""
    row = _row(data, loc)
    if row is None:
        return ".".join(map(str, loc))
    kind = _ROWS.get(str(loc[0]), str(loc[0]))
    names = (repr(value) for key in _NAMES if (value := _text(row, key)))
    name = next(names, f"number {int(loc[1]) + 1}")
    return ", ".join(filter(None, [f"{kind} {name}", ".".join(map(str, loc[2:]))]))


def _row(data: Mapping[str, Any], loc: Sequence[int | str]) -> object:
    """Return the row of a list that a place lies in; None if it lies in none."""
    rows = data.get(str(loc[0])) if loc else None
    if len(loc) < 2 or not isinstance(rows, list) or not isinstance(loc[1], int):
        return None
    return rows[loc[1]]


def _without(
    data: Mapping[str, Any], places: Sequence[Sequence[int | str]]
) -> tuple[Mapping[str, Any], list[object]]:
    """Return a form without the rows and fields of some places, and these rows."""
    bad: dict[str, set[int]] = {}
    fields: set[str] = set()
    for loc in places:
        if _row(data, loc) is not None:
            bad.setdefault(str(loc[0]), set()).add(int(loc[1]))
        elif loc:
            fields.add(str(loc[0]))
    rest = {
        key: [row for number, row in enumerate(value) if number not in bad[key]]
        if key in bad
        else value
        for key, value in data.items()
        if key not in fields
    }
    return rest, [data[key][number] for key, numbers in bad.items() for number in numbers]


def _text(row: object, key: str) -> str:
    value = row.get(key) if isinstance(row, Mapping) else None
    return value if isinstance(value, str) else ""
