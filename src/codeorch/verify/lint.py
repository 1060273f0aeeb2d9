"""Two checkouts -> what linters find in the changed files of one and did not in the other."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from codeorch.sandbox import Ran
from codeorch.verify.checkout import Site
from codeorch.verify.flaky import Sides
from codeorch.verify.linters import Linter

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


_LONGEST_S = 300.0
# Tools that print more than a line for each finding by default, and colours.
_BRIEF: Mapping[str, str] = {"RUFF_OUTPUT_FORMAT": "concise", "NO_COLOR": "1", "FORCE_COLOR": "0"}
_ONLY_STDOUT = ("/bin/sh", "-c", 'exec "$@" 2>/dev/null', "sh")


def lint(sides: Sides, paths: Collection[str]) -> tuple[str, ...]:
    """Say what is newly found in the changed files.

    A linter that finds nothing now need not look at the base.
    """
    linters = sides.result.trial.linters
    return tuple(text for linter in linters for text in _compared(sides, linter, paths))


def _compared(sides: Sides, linter: Linter, paths: Collection[str]) -> Sequence[str]:
    now, ran = _look(sides.result, linter, paths)
    fails = ran is not None and ran.exit_code != 0
    if not now and not fails:
        return ()
    before, ran_before = _look(sides.base(), linter, paths)
    if now or before:
        return [str(finding) for finding in new_findings(before, now)]
    # Nothing of the output could be read, so only the exit code can speak.
    if linter.takes == "nothing" and fails and ran_before and ran_before.exit_code == 0:
        return [f"`{linter.name}` fails now: {_last_line(ran)}"]
    return ()


def _look(
    site: Site, linter: Linter, paths: Collection[str]
) -> tuple[Sequence[Finding], Ran | None]:
    there = [path for path in sorted(paths) if (site.scratch.folder / path).is_file()]
    known = linter.about(there)
    if not known or site.failed:
        return (), None
    argv = linter.on(known)
    if linter.form != "text":
        argv = (*_ONLY_STDOUT, *argv)
    limits = replace(site.trial.limits, time_s=min(_LONGEST_S, site.trial.limits.time_s))
    ran = site.call(argv, limits=limits, env=_BRIEF)
    found = read(linter.form, ran.log, str(site.where))
    return [finding for finding in found if finding.path in paths], ran


def _last_line(ran: Ran | None) -> str:
    lines = ran.log.strip().splitlines() if ran else []
    return lines[-1] if lines else "it says nothing"
