"""The form that a worker fills in after its edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codeorch.domain import Deviation
from codeorch.errors import ReplyError
from codeorch.llm import Tool

_STATUSES = ("done", "nothing_to_do", "needs_other_files")
_FIELDS = {"status", "summary", "reason", "paths", "interface_notes", "deviations", "excuses"}
_LONGEST, _ROWS = 1_500, 20  # characters of each text; deviations, and excuses
_TEXT = {"type": "string"}
_DEVIATION = {
    "type": "object",
    "properties": {
        "symbol": {**_TEXT, "description": "the contract's name"},
        "signature": {**_TEXT, "description": "as it is in your file now"},
        "why": _TEXT,
    },
    "required": ["symbol", "signature", "why"],
    "additionalProperties": False,
}
_EXCUSE = {
    "type": "object",
    "properties": {"name": {**_TEXT, "description": "the old name"}, "why": _TEXT},
    "required": ["name", "why"],
    "additionalProperties": False,
}
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": list(_STATUSES)},
        "summary": {**_TEXT, "description": "what changed, in a sentence or two"},
        "reason": {
            **_TEXT,
            "description": "why nothing is to do, or why others must change",
        },
        "paths": {"type": "array", "items": _TEXT, "description": "files that must change, too"},
        "interface_notes": {
            **_TEXT,
            "description": "what workers of other files should know and no contract says",
        },
        "deviations": {
            "type": "array",
            "items": _DEVIATION,
            "description": "contracts of your file that you could not keep",
        },
        "excuses": {
            "type": "array",
            "items": _EXCUSE,
            "description": "changed or removed names that your file goes on to use on purpose",
        },
    },
    "required": ["status"],  # what else is due, depends on it
    "additionalProperties": False,
}
RESULT_TOOL = Tool(
    name="result",
    description="Worker: say how the task went, after the edit.",
    schema=SCHEMA,
    is_form=True,
)


class Unusable(ReplyError):
    """A reply that cannot be used. The text goes back to the model."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultForm:
    """The form, filled in."""

    status: str = "done"
    summary: str = ""
    reason: str = ""
    paths: tuple[str, ...] = ()
    interface_notes: str = ""
    deviations: tuple[Deviation, ...] = ()
    excuses: tuple[tuple[str, str], ...] = ()  # name, why


def read_form(form: Mapping[str, Any]) -> ResultForm:
    """Read a form strictly.

    Raises:
        Unusable: with what would be valid.
    """
    if unknown := sorted(form.keys() - _FIELDS):
        raise Unusable("form", f"`result` has no field {unknown[0]!r}.")
    status, paths = form.get("status"), form.get("paths", [])
    texts = [form.get(name, "") for name in ("summary", "reason", "interface_notes")]
    if status not in _STATUSES:
        raise Unusable("form", f"`status` is {status!r}; valid are {', '.join(_STATUSES)}.")
    if not _are_texts(texts) or not isinstance(paths, list) or not _are_texts(paths):
        raise Unusable(
            "form",
            "`summary`, `reason` and `interface_notes` must be text, `paths` a list of texts.",
        )
    if status != "done" and not texts[1].strip():
        raise Unusable("form", f"{status} needs a `reason`.")
    summary, reason, notes = map(_on_one_line, texts)
    return ResultForm(
        status=status,
        summary=summary,
        reason=reason,
        paths=tuple(paths),
        interface_notes=notes,
        deviations=tuple(
            Deviation(**row) for row in _rows(form, "deviations", ("symbol", "signature", "why"))
        ),
        excuses=tuple(
            (row["name"], row["why"])
            for row in _rows(form, "excuses", ("name", "why"))
            if row["why"]
        ),
    )


def _rows(form: Mapping[str, Any], field: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Read a list of objects that hold certain texts."""
    rows = form.get(field, [])
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and row.keys() == set(names) and _are_texts(list(row.values()))
        for row in rows
    ):
        raise Unusable("form", f"each of `{field}` must hold the texts {', '.join(names)}.")
    return [{name: _on_one_line(row[name]) for name in names} for row in rows[:_ROWS]]


def _on_one_line(text: str) -> str:
    """Keep what goes into other workers' prompts from looking like a part of them."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + " ..."


def _are_texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
