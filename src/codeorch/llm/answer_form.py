"""A form that a model filled in -> its fields: arguments of a call, or an object in its text."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from codeorch.errors import ReplyError
from codeorch.llm.answer_text import well_formed
from codeorch.llm.loose_json import NotJson, read_object
from codeorch.llm.native_calls import INPUT_KEYS, NAME_KEYS, name_of
from codeorch.llm.text_layout import TextLine, lines_of

_FENCED = re.compile(r"(`{3,}|~{3,})[^\n`]*\n(.*?)\n?[ \t]*\1\s*", re.DOTALL)
_TAGS = ("tool_call", "function_call", "function", "tool", "json")
_EMPTY_FIRST = re.compile(
    r"^(?:\{\s*\}\s*)+(?=\{)"
)  # that a stream begins with before it is filled
_MOST_OBJECTS = 200  # of one answer
_BLANK = " \t\r\n"


class MalformedForm(ReplyError):
    """A form that cannot be read; the text says for the model what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormText:
    """An answer without the form in it, and the form.

    `fault` says for the model why a form that is there cannot be read; then the text is whole.
    """

    text: str
    form: Mapping[str, Any] | None = None
    fault: str = ""


def read_arguments(raw: object, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    r"""Read the arguments of a call, as a service gave them: a text, an object, or nothing.

    With the schema of the form, what is damaged is read only if it has all fields that must be
    there and none that may not.

    Raises:
        MalformedForm: they are no object, or could be meant in several ways.

    >>> read_arguments('```json\n{"status": "done",}\n```')
    {'status': 'done'}
    """
    if isinstance(raw, Sequence) and not isinstance(raw, str | bytes) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, Mapping):
        return cast("dict[str, Any]", _well_formed(dict(raw)))
    if raw is None:
        return {}
    if not isinstance(raw, str):
        raise MalformedForm(f"The arguments are no JSON object, but {_kind(raw)}.")
    return cast("dict[str, Any]", _well_formed(_read_text(raw, schema or {})))


def split_form(text: str, name: str, schema: Mapping[str, Any]) -> FormText:
    """Part an answer from the form that stands in it: the last object that is one.

    It is announced by a line `name:`, or has the fields of the form; the line, and a fence or tags
    around it, go with it. What stands in a diff is none.
    """
    last: tuple[_Place, Mapping[str, Any]] | None = None
    damaged: _Place | None = None
    for place in islice(_places(text, lines_of(text), name), _MOST_OBJECTS):
        found = _read_strictly(text, place)
        if found is None:
            begins = _begins(text[place.start :], schema)
            damaged = place if begins or (place.is_marked and last is None) else damaged
            continue
        form = _unwrap(found[0], name)
        if place.is_marked or form is not found[0] or _fits(form, schema):
            last, damaged = (place.ending_at(found[1]), form), None
    if damaged is not None:
        return _mend(text, damaged, schema, name)
    if last is None:
        return FormText(text=text)
    return FormText(text=_without(text, last[0]), form=_well_formed(dict(last[1])))


# ------------------------------------------------------------------------------- arguments


def _read_text(raw: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    text = raw.strip().removeprefix("\ufeff").strip()
    if fenced := _FENCED.fullmatch(text):
        text = fenced[2].strip()
    if not text:
        return {}
    try:
        found: Any = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _read_damaged(text, schema)
    if isinstance(found, str):  # written as JSON twice
        return _read_text(found, schema) if len(found) < len(raw) else {}
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, dict):
        raise MalformedForm(f"The arguments are no JSON object, but {_kind(found)}.")
    return found


def _read_damaged(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    start = text.find("{")
    if start < 0:
        raise MalformedForm("The arguments are no JSON object.")
    body = _EMPTY_FIRST.sub("", text[start:])
    try:
        found, behind = _decode(body)
        is_strict = True
    except (ValueError, RecursionError):
        found, behind = _read_loosely(body, schema)
        is_strict = False
    _check_rest(found, body[behind:], schema)
    if not is_strict:
        _check_required(found, schema)
    return found


def _read_loosely(body: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    try:
        return read_object(body, _keys(schema))
    except (NotJson, RecursionError) as error:
        raise MalformedForm(f"The arguments are not valid JSON: {error}.") from error


def _check_rest(found: Mapping[str, Any], rest: str, schema: Mapping[str, Any]) -> None:
    """Refuse a second object that says something else."""
    start = rest.find("{")
    if start < 0:
        return
    try:
        second, _ = _decode(rest[start:])
    except (ValueError, RecursionError):
        return  # prose with a brace
    if second != found and (_fits(second, schema) or not schema):
        raise MalformedForm("The arguments hold two objects that differ. Give one.")


def _check_required(found: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    missing = [key for key in schema.get("required", ()) if key not in found]
    if missing:
        raise MalformedForm(f"The arguments are cut off: {missing[0]!r} is missing.")


def _decode(text: str) -> tuple[dict[str, Any], int]:
    found, behind = json.JSONDecoder(strict=False).raw_decode(text)
    if not isinstance(found, dict):
        raise NotJson("it is no object")
    return found, behind


def _keys(schema: object) -> frozenset[str]:
    """Name the fields of a schema, at any depth; none when it has objects of any fields."""
    if isinstance(schema, Mapping):
        named = schema.get("properties")
        own = frozenset(named) if isinstance(named, Mapping) else frozenset[str]()
        return own.union(*map(_keys, schema.values()))
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return frozenset[str]().union(*map(_keys, schema))
    return frozenset()


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", int: "a number"}
    return kinds.get(type(value), "something else")


def _well_formed(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, Mapping):
        return {well_formed(str(key)): _well_formed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_well_formed(inner) for inner in value]
    return value


# ------------------------------------------------------------------------------- in a text


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an object begins and ends, with what announces it and what is wrapped around it."""

    first: int  # of what goes with it
    start: int
    end: int = -1
    is_marked: bool = False  # a line says that it is the form

    def ending_at(self, end: int) -> "_Place":
        return _Place(self.first, self.start, end, self.is_marked)


def _places(text: str, lines: Sequence[TextLine], name: str) -> Iterator[_Place]:
    """Yield each place at which a form could begin."""
    mark = _mark_of(name)
    behind = 0
    for at, line in enumerate(lines):
        brace = line.text.find("{")
        if brace < 0 or line.start + brace < behind or line.is_edge:
            continue
        head = line.text[:brace]
        marked_here = bool(head.strip(_BLANK + "`*")) and bool(mark.search(_without_tags(head)))
        above = _mark_above(lines, at, mark) if not head.strip(_BLANK + "`") else -1
        if line.is_diff or not (marked_here or above >= 0 or _is_alone(lines, at, head)):
            continue
        first = lines[above].start if above >= 0 else line.start
        place = _Place(first, line.start + brace, is_marked=marked_here or above >= 0)
        yield place
        found = _read_strictly(text, place)
        behind = found[1] if found else behind


def _mark_of(name: str) -> re.Pattern[str]:
    """Find the name of a form at the end of a line: alone, or with a colon behind words."""
    name = rf"[*_`\"]*{re.escape(name)}[*_`\"]*\s*"
    alone = rf"^[\s>#*_`\"-]*(?:(?:the|call|tool)\s+)*{name}[:=(]?"
    return re.compile(rf"(?:{alone}|\b{name}[:=])[*_`\s]*$", re.IGNORECASE)


def _without_tags(head: str) -> str:
    """Leave out a tag such as `<tool_call>` in front of an object."""
    return re.sub(rf"</?(?:{'|'.join(_TAGS)})>", "", head)


def _mark_above(lines: Sequence[TextLine], at: int, mark: re.Pattern[str]) -> int:
    """Return the line that announces an object, over empty lines and an opening fence; else -1."""
    above = at - 1
    while above >= 0 and (
        not lines[above].text.strip() or (lines[above].is_edge and lines[above].fence == above)
    ):
        above -= 1
    is_mark = above >= 0 and not lines[above].is_diff and mark.search(lines[above].text)
    return above if is_mark else -1


def _is_alone(lines: Sequence[TextLine], at: int, head: str) -> bool:
    """Whether an object begins its line, and the fence that it stands in, if any."""
    if _without_tags(head).strip(_BLANK + "`"):
        return False
    fence = lines[at].fence
    if fence is None:
        return not lines[at].is_quoted
    return not any(line.text.strip() for line in lines[fence + 1 : at])


def _read_strictly(text: str, place: _Place) -> tuple[dict[str, Any], int] | None:
    try:
        found, length = _decode(text[place.start :])
    except (ValueError, RecursionError):
        return None
    return found, place.start + length


def _mend(text: str, place: _Place, schema: Mapping[str, Any], name: str) -> FormText:
    """Read a damaged form that a line announces, if that can be done for certain."""
    try:
        found, behind = read_object(text[place.start :], _keys(schema))
        _check_required(found, schema)
    except (NotJson, MalformedForm, RecursionError) as error:
        return FormText(text=text, fault=f"The JSON behind `{name}:` cannot be read: {error}")
    return FormText(
        text=_without(text, place.ending_at(place.start + behind)), form=_well_formed(found)
    )


def _begins(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether a text begins as the form does."""
    first = re.match(r"\{\s*[\"'“]?(\w+)[\"'”]?\s*:", text)
    return first is not None and first[1] in schema.get("properties", {})


def _unwrap(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the form in an object that is written as a call: its name and its arguments."""
    inner: object = None
    called = next((found[key] for key in NAME_KEYS if isinstance(found.get(key), str)), "")
    if name_of(called).casefold() == name.casefold():
        inner = next((found[key] for key in INPUT_KEYS if key in found), None)
    elif len(found) == 1 and next(iter(found)).casefold() == name.casefold():
        inner = next(iter(found.values()))
    if isinstance(inner, str):
        try:
            inner = json.loads(inner, strict=False)
        except (ValueError, RecursionError):
            return found
    return inner if isinstance(inner, Mapping) else found


def _fits(found: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Whether an object that nothing announces can only be the form."""
    named = schema.get("properties", {})
    required = set(schema.get("required", ()))
    return bool(found) and found.keys() <= set(named) and required <= found.keys()


def _without(text: str, place: _Place) -> str:
    """Leave the form out, with the fence or the tags around it; an edit stays whole.

    Words behind the form are left out, too, unless the edit stands there.
    """
    before, after = text[: place.first], text[place.end :]
    closing = re.match(r"[\s)]*(?:</\w+>\s*)*(`{3,}|~{3,})[ \t]*(?=\n|$)", after)
    opened = _opened_last(before)
    if closing and opened >= 0:
        before, after = before[:opened], after[closing.end() :]
    elif closing and re.search(r"`{3,}|~{3,}", text[place.first : place.start]):
        after = after[closing.end() :]
    before = re.sub(rf"(?:<(?:{'|'.join(_TAGS)})>\s*)+$", "", before)
    kept = before.rstrip(_BLANK)
    lines = lines_of(before)
    is_open = lines[-1].fence is not None and not _closes(lines)
    if is_open or (not _holds_edit(before) and _holds_edit(after)):
        return f"{kept}{after.rstrip()}" if is_open else f"{kept}\n{after.strip()}".strip()
    return kept


def _closes(lines: Sequence[TextLine]) -> bool:
    """Whether the last line closes a fence, and does not open one."""
    return lines[-1].is_edge and lines[-1].fence != len(lines) - 1


def _opened_last(text: str) -> int:
    """Return where the fence begins that a text ends with; -1 when it does not end with one."""
    lines = lines_of(text.rstrip(_BLANK))
    return lines[-1].start if lines[-1].is_edge and not _closes(lines) else -1


def _holds_edit(text: str) -> bool:
    return any(line.is_edge or line.is_quoted for line in lines_of(text))
