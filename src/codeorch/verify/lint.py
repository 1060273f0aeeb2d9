"""Two checkouts -> what linters find in the changed files of one and did not in the other."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from codeorch.sandbox import ProcessResult
from codeorch.verify.checkout import Checkout
from codeorch.verify.flaky import CheckoutPair
from codeorch.verify.linters import Linter

_POSITION = r"(?::(\d+))(?::\d+)?|\((\d+)(?:,\d+)?\)"
_LINE = re.compile(rf"^(?:vet: )?(?:\./)?([^\s:(][^:(]*?)(?:{_POSITION}):?\s*(\S.*)$")
_CODE = re.compile(r"^(?:(?:error|warning|info|note)[: ]+)?([A-Z]{1,5}\d{2,5}):?\s+(.+)$")
_NAME = re.compile(r"^(.+?)\s+[(\[]([\w./-]+)[)\]]$")
_FindingKey = tuple[str, ...]
_LINE_NUMBERS = re.compile(r"\b(line|lines|col|column)\s+\d+|:\d+")


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
    """Return the findings that were not there before, whichever line or file they have moved to."""
    old, new = list(before), list(after)
    for key in (_in_its_file, _anywhere):
        old_counts = Counter(map(key, old))
        old = _without(old, Counter(map(key, new)), key)
        new = _without(new, old_counts, key)
    return tuple(sorted(new, key=lambda f: (f.path, f.line, f.rule, f.message)))


def _without(
    findings: Iterable[Finding],
    counts: Counter[_FindingKey],
    key: Callable[[Finding], _FindingKey],
) -> list[Finding]:
    """Leave out as many findings of each key as are counted."""
    rest = []
    for finding in findings:
        if counts[key(finding)] > 0:
            counts[key(finding)] -= 1
        else:
            rest.append(finding)
    return rest


def _in_its_file(finding: Finding) -> _FindingKey:
    return (finding.path, *_anywhere(finding))


def _anywhere(finding: Finding) -> _FindingKey:
    return finding.rule, _LINE_NUMBERS.sub("", finding.message)


# ------------------------------------------------------------------------------- output formats


def read_findings(output_format: str, output: str, root: str) -> Iterator[Finding]:
    """Read what a linter printed: JSON of ruff, eslint or clippy, or text; it is untrusted.

    `root` is where the linter ran: it is cut off the paths.
    """
    for path, line, rule, message in _OUTPUT_FORMATS[output_format](output):
        yield Finding(
            path=str(path).removeprefix(f"{root}/").removeprefix("./"),
            line=line if isinstance(line, int) else 0,
            rule=str(rule or ""),
            message=" ".join(str(message).split()),
        )


_Row = tuple[object, object, object, object]  # path, line, rule, message


def _ruff(output: str) -> Iterator[_Row]:
    for item in _dicts(_json(output)):
        location = item.get("location")
        line = location.get("row") if isinstance(location, dict) else 0
        yield item.get("filename"), line, item.get("code"), item.get("message")


def _eslint(output: str) -> Iterator[_Row]:
    for file in _dicts(_json(output)):
        for item in _dicts(file.get("messages")):
            yield file.get("filePath"), item.get("line"), item.get("ruleId"), item.get("message")


def _clippy(output: str) -> Iterator[_Row]:
    seen: set[tuple[object, ...]] = set()
    for line in output.splitlines():
        event = _json(line) if line.startswith("{") else None
        message = event.get("message") if isinstance(event, dict) else None
        if not isinstance(message, dict):
            continue
        code = message.get("code")
        rule = code.get("code") if isinstance(code, dict) else ""
        for span in _dicts(message.get("spans")):
            position = tuple(str(span.get(key)) for key in ("file_name", "byte_start"))
            # It looks at a file once for each target that the file is part of.
            if span.get("is_primary") and (*position, str(rule)) not in seen:
                seen.add((*position, str(rule)))
                yield span.get("file_name"), span.get("line_start"), rule, message.get("message")


def _text(output: str) -> Iterator[_Row]:
    """Read the form that most tools share: `path:line:column: message`, a rule at either end."""
    for line in output.splitlines():
        if match := _LINE.match(line):
            path, line_by_colon, line_in_brackets, text = match.groups()
            message, rule = text, ""
            if code := _CODE.match(text):
                rule, message = code.groups()
            elif name := _NAME.match(text):
                message, rule = name.groups()
            yield path, int(line_by_colon or line_in_brackets), rule, message


_OUTPUT_FORMATS: Mapping[str, Callable[[str], Iterator[_Row]]] = {
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
_PLAIN_OUTPUT_ENV: Mapping[str, str] = {
    "RUFF_OUTPUT_FORMAT": "concise",
    "NO_COLOR": "1",
    "FORCE_COLOR": "0",
}
_ONLY_STDOUT = ("/bin/sh", "-c", 'exec "$@" 2>/dev/null', "sh")


def lint(checkouts: CheckoutPair, paths: Collection[str]) -> tuple[str, ...]:
    """Run the linters on both commits; return each new finding in the changed files as a line.

    A linter that finds nothing in the result is not run on the base.
    """
    linters = checkouts.result.test_setup.linters
    return tuple(text for linter in linters for text in _new_findings_of(checkouts, linter, paths))


def _new_findings_of(
    checkouts: CheckoutPair, linter: Linter, paths: Collection[str]
) -> Sequence[str]:
    after, process = _run_linter(checkouts.result, linter, paths)
    fails = process is not None and process.exit_code != 0
    if not after and not fails:
        return ()
    before, process_before = _run_linter(checkouts.base(), linter, paths)
    if after or before:
        return [str(finding) for finding in new_findings(before, after)]
    # Nothing of the output could be read, so only the exit code can speak.
    passed_before = process_before is not None and process_before.exit_code == 0
    if linter.argument_kind == "nothing" and fails and passed_before:
        return [f"`{linter.name}` fails now: {_last_line(process)}"]
    return ()


def _run_linter(
    checkout: Checkout, linter: Linter, paths: Collection[str]
) -> tuple[Sequence[Finding], ProcessResult | None]:
    existing = [path for path in sorted(paths) if (checkout.scratch.folder / path).is_file()]
    supported = linter.select_paths(existing)
    if not supported or checkout.setup_failure:
        return (), None
    argv = linter.command_for(supported)
    if linter.output_format != "text":
        argv = (*_ONLY_STDOUT, *argv)
    limits = checkout.test_setup.limits
    limits = replace(limits, time_s=min(_LONGEST_S, limits.time_s))
    process = checkout.run_command(argv, limits=limits, env=_PLAIN_OUTPUT_ENV)
    findings = read_findings(linter.output_format, process.log, str(checkout.visible_path))
    return [finding for finding in findings if finding.path in paths], process


def _last_line(process: ProcessResult | None) -> str:
    lines = process.log.strip().splitlines() if process else []
    return lines[-1] if lines else "it says nothing"
