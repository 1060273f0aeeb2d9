"""A plan's form and what a model changes in it -> the form as it is meant.

What comes from a model may be any JSON. Nothing here raises: what has another shape than a plan
passes through, so that reading the plan finds it and says so, and never becomes part of the form
that the next change builds on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from codeorch.edits import plain_path

Form = Mapping[str, Any]  # JSON
Row = Mapping[str, Any]

# The lists whose rows are amended one by one, by their key; then those that are handed in whole.
_KEYS = {"tasks": "id", "groups": "id", "scripts": "id", "contracts": "symbol"}
_KEYS_OF_WHOLE = {"questions": "text", "dropped": "task", "excuses": "name"}
_TEXTS = ("rationale", "strategy", "next_stage")


def amend(form: Form, more: Form) -> Form:
    """Return a plan's form with what another one changes in it.

    Rows with the same key take the place of earlier ones. So does a task of the same path, unless
    it needs the earlier one; what needed that needs the new one then. What is empty in the second
    form stays as it was. `form` is well formed (`well_formed`), `more` may be any JSON.

    >>> amend({"tasks": [{"id": "a"}, {"id": "b"}]}, {"dropped": [{"task": "b", "why": "w"}]})
    {'tasks': [{'id': 'a'}], 'dropped': []}
    """
    if not form:
        return more
    result = {**form, **{key: value for key, value in more.items() if value not in ("", [], {})}}
    for name, key in _KEYS.items():
        if isinstance(later := more.get(name), list):
            result[name] = [*_rows_that_stay(_rows(form.get(name)), later, key), *later]
    successors = _successors(_rows(form.get("tasks")), _rows(more.get("tasks")))
    if successors:
        for name in ("tasks", "groups"):
            if isinstance(rows := result.get(name), list):
                result[name] = [_with_needs(row, successors) for row in rows]
    if isinstance(rows := more.get("dropped"), list):
        _drop(result, rows, form)
    return result


def well_formed(form: Form) -> Form:
    """Return what of a form can be amended: rows with a key, and values of the right type."""
    result: dict[str, Any] = {
        key: value for key, value in form.items() if key in _TEXTS and isinstance(value, str)
    }
    for name, key in (_KEYS | _KEYS_OF_WHOLE).items():
        if isinstance(form.get(name), list):
            result[name] = [row for row in _rows(form[name]) if _text(row, key)]
    if isinstance(rules := form.get("codemods"), list):
        result["codemods"] = [rule for rule in rules if isinstance(rule, str)]
    return result


def is_whole(form: Form, before: Form, faults: Sequence[str]) -> bool:
    """Return whether a form repeats all of an earlier one but what was wrong with it.

    Then it was meant as the whole plan, and not as what changes in it. `before` is well formed.
    """
    if not before or not _rows(form.get("tasks")):
        return False
    told = "\n".join(faults)
    for kind, key in _KEYS.items():
        again = [row.get(key) for row in _rows(form.get(kind))]
        for row in _rows(before.get(kind)):
            name, path = row.get(key), _text(row, "path")
            if name not in again and not (repr(name) in told or (path and path in told)):
                return False
    codemods = form.get("codemods")
    again = codemods if isinstance(codemods, list) else []
    return all(repr(rule) in told for rule in before.get("codemods", ()) if rule not in again)


# ------------------------------------------------------------------------------- rows


def _rows_that_stay(earlier: Sequence[Row], later: Sequence[object], key: str) -> Iterator[Row]:
    keys = {_text(row, key) for row in _rows(later)}
    successors = _successors(earlier, _rows(later))
    for row in earlier:
        if _text(row, key) not in keys and _text(row, "id") not in successors:
            yield row


def _successors(earlier: Sequence[Row], later: Sequence[Row]) -> Mapping[str, Sequence[str]]:
    """Return, by the id of each task that others of its path replace, the ids of these."""
    ids = {_text(row, "id") for row in later}
    successors: dict[str, Sequence[str]] = {}
    for row in earlier:
        name, path = _text(row, "id"), _path(row)
        same = [other for other in later if path and _path(other) == path]
        if same and name not in ids and not any(name in _needs(other) for other in same):
            successors[name] = [_text(other, "id") for other in same if _text(other, "id")]
    return successors


def _with_needs(row: object, successors: Mapping[str, Sequence[str]]) -> object:
    """Let a row need what stands in the place of what it needed, but never itself."""
    if not isinstance(row, dict) or successors.keys().isdisjoint(_needs(row)):
        return row
    needs: list[object] = []
    for need in row["needs"]:
        for one in successors.get(need, [need]) if isinstance(need, str) else [need]:
            if one not in needs and one != row.get("id"):
                needs.append(one)
    return {**row, "needs": needs}


def _drop(result: dict[str, Any], dropped: Sequence[object], form: Form) -> None:
    """Take out of a form what another one drops; other rounds' tasks stay in the list.

    Rows are known by their keys, codemods by their text.
    """
    names = {_text(row, "task") for row in _rows(dropped)} - {""}
    taken: set[str] = set()
    for kind, key in _KEYS.items():
        out = names & {_text(row, key) for row in _rows(form.get(kind))}
        if out and isinstance(rows := result[kind], list):
            result[kind] = [row for row in rows if _text(row, key) not in out]
        taken |= out
    rules = form.get("codemods")
    out = names & {rule for rule in rules if isinstance(rule, str)} if rules else set()
    if out and isinstance(rules := result["codemods"], list):
        result["codemods"] = [rule for rule in rules if rule not in out]
    result["dropped"] = [row for row in dropped if _text(row, "task") not in taken | out]


def _rows(value: object) -> list[Row]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _text(row: object, key: str) -> str:
    value = row.get(key) if isinstance(row, dict) else None
    return value if isinstance(value, str) else ""


def _path(row: Row) -> str:
    return plain_path(_text(row, "path"))


def _needs(row: Row) -> list[str]:
    needs = row.get("needs")
    return [need for need in needs if isinstance(need, str)] if isinstance(needs, list) else []
