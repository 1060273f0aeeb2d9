"""What linters print -> findings; two lots of findings -> those that are new. Pure."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_AT = r"(?::(\d+))(?::\d+)?|\((\d+)(?:,\d+)?\)"
_LINE = re.compile(rf"^(?:vet: )?(?:\./)?([^\s:(][^:(]*?)(?:{_AT}):?\s*(\S.*)$")
_CODE = re.compile(r"^(?:(?:error|warning|info|note)[: ]+)?([A-Z]{1,5}\d{2,5}):?\s+(.+)$")
_NAME = re.compile(r"^(.+?)\s+[(\[]([\w./-]+)[)\]]$")
_Key = tuple[str, ...]
_PLACES = re.compile(r"\b(line|lines|col|column)\s+\d+|:\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One complaint of a linter."""

    path: str
    line: int
    rule: str  # empty when the linter names none
    message: str

    def __str__(self) -> str:
        rule = f" ({self.rule})" if self.rule else ""
        return f"{self.path}:{self.line}: {self.message}{rule}"


def new_findings(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings that were not there before, whichever line or file they have moved to."""
    rest = list(before)
    new = list(after)
    for key in (_in_its_file, _anywhere):
        known = Counter(map(key, rest))
        rest = _without(rest, Counter(map(key, new)), key)
        new = _without(new, known, key)
    return tuple(sorted(new, key=lambda one: (one.path, one.line, one.rule, one.message)))


def _without(
    findings: Iterable[Finding], taken: Counter[_Key], key: Callable[[Finding], _Key]
) -> list[Finding]:
    left = []
    for finding in findings:
        if taken[key(finding)] > 0:
            taken[key(finding)] -= 1
        else:
            left.append(finding)
    return left


def _in_its_file(finding: Finding) -> _Key:
    return (finding.path, *_anywhere(finding))


def _anywhere(finding: Finding) -> _Key:
    return finding.rule, _PLACES.sub("", finding.message)


# ------------------------------------------------------------------------------- forms


def read(form: str, output: str, root: str) -> Iterator[Finding]:
    """Read what a linter printed; `root` is cut off its paths. All of this text is untrusted."""
    for path, line, rule, message in _FORMS[form](output):
        place = str(path).removeprefix(f"{root}/").removeprefix("./")
        yield Finding(
            path=place,
            line=line if isinstance(line, int) else 0,
            rule=str(rule or ""),
            message=" ".join(str(message).split()),
        )


_Row = tuple[object, object, object, object]  # path, line, rule, message


def _ruff(output: str) -> Iterator[_Row]:
    for one in _dicts(_json(output)):
        place = one.get("location")
        row = place.get("row") if isinstance(place, dict) else 0
        yield one.get("filename"), row, one.get("code"), one.get("message")


def _eslint(output: str) -> Iterator[_Row]:
    for file in _dicts(_json(output)):
        for one in _dicts(file.get("messages")):
            yield file.get("filePath"), one.get("line"), one.get("ruleId"), one.get("message")


def _clippy(output: str) -> Iterator[_Row]:
    told: set[tuple[object, ...]] = set()
    for line in output.splitlines():
        event = _json(line) if line.startswith("{") else None
        message = event.get("message") if isinstance(event, dict) else None
        if not isinstance(message, dict):
            continue
        code = message.get("code")
        rule = code.get("code") if isinstance(code, dict) else ""
        for span in _dicts(message.get("spans")):
            place = tuple(str(span.get(key)) for key in ("file_name", "byte_start"))
            # It looks at a file once for each target that the file is part of.
            if span.get("is_primary") and (*place, str(rule)) not in told:
                told.add((*place, str(rule)))
                yield span.get("file_name"), span.get("line_start"), rule, message.get("message")


def _text(output: str) -> Iterator[_Row]:
    """Read the form that most tools share: `path:line:column: message`, a rule at either end."""
    for line in output.splitlines():
        if found := _LINE.match(line):
            path, row, other, said = found.groups()
            message, rule = said, ""
            if code := _CODE.match(said):
                rule, message = code.groups()
            elif name := _NAME.match(said):
                message, rule = name.groups()
            yield path, int(row or other), rule, message


_FORMS: Mapping[str, Callable[[str], Iterator[_Row]]] = {
    "ruff": _ruff,
    "eslint": _eslint,
    "clippy": _clippy,
    "text": _text,
}


def _json(text: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
    try:
        return json.loads(text[text.index("[") :] if text[:1] not in "[{" else text)
    except (ValueError, RecursionError):
        return None


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
