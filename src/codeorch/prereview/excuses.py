"""What is left on purpose: comments in the code, and the file `.codeorch-leave`.

    old = registry.read  # codeorch: leave CO101 the plugin still has it

An excuse speaks of its own line and of the one below. A line of the file is a path or glob, rules
and a reason. Only those that the change itself adds are reported as useless: once it is merged, the
next change has nothing left to excuse.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from codeorch.domain import Snapshot
from codeorch.prereview.finding import Finding, Level, Place
from codeorch.prereview.gate_findings import Hunks

FILE: Final = ".codeorch-leave"
_RULES: Final = r"(?P<rules>CO\d{3}(?:\s*,\s*CO\d{3})*)"
_END: Final = re.compile(r"\s*(?:-->|\*/|#}|--%>)?\s*$")  # of a comment
_COMMENT: Final = re.compile(
    rf"(?:#|//|--|<!--|/\*|;|^\s*\*|^\s*\.\.)\s*codeorch:\s*leave\b\s*(?:{_RULES})?(?P<reason>.*)"
)
_ROW: Final = re.compile(rf"^(?P<path>\S+)\s+{_RULES}(?P<reason>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """A reason why findings of some rules may stay."""

    place: Place  # where it stands
    glob: str  # of the paths that it is about
    lines: frozenset[int]  # that it is about; empty = all of a file
    rules: frozenset[str]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it excuses a finding; without a reason it excuses nothing."""
        at = finding.place
        is_there = fnmatchcase(at.path, self.glob) and (not self.lines or at.line in self.lines)
        return bool(self.reason) and is_there and finding.rule in self.rules


def apply_excuses(
    findings: Sequence[Finding], after: Snapshot, hunks: Hunks, chosen: AbstractSet[str]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that are left, with those of useless excuses, and the excused ones."""
    paths = {each.place.path for each in findings} | set(hunks)
    excuses = [each for path in sorted(paths) for each in _in_comments(after, path)]
    excuses += _in_file(after)
    gone = [each for each in findings if any(one.covers(each) for one in excuses)]
    left = [each for each in findings if each not in gone]
    for excuse in excuses:
        if _is_added(excuse.place, hunks):
            left += _useless(excuse, gone, after, chosen)
    return left, gone


def _useless(
    excuse: Excuse, gone: Iterable[Finding], after: Snapshot, chosen: AbstractSet[str]
) -> Iterator[Finding]:
    if not excuse.reason or not excuse.rules:
        lacks = "a reason" if excuse.rules else "a rule"
        yield _finding(excuse, after, "CO001", "sure", f"this excuse lacks {lacks}")
    elif excuse.rules <= chosen and not any(excuse.covers(each) for each in gone):
        rules = ", ".join(sorted(excuse.rules))
        yield _finding(excuse, after, "CO002", "likely", f"nothing is left to excuse by {rules}")


def _finding(excuse: Excuse, after: Snapshot, rule: str, level: Level, message: str) -> Finding:
    lines = after.bare(excuse.place.path).text.split("\n")
    text = lines[excuse.place.line - 1].strip()
    return Finding(rule=rule, level=level, place=excuse.place, message=message, text=text)


def _in_comments(after: Snapshot, path: str) -> Iterator[Excuse]:
    text = after.bare(path).text if path in after.files else ""
    if "codeorch:" not in text:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if match := _COMMENT.search(line):
            glob = re.sub(r"([*?\[])", r"[\1]", path)
            yield _excuse(match, Place(path=path, line=number), glob, {number, number + 1})


def _in_file(after: Snapshot) -> Iterator[Excuse]:
    text = after.bare(FILE).text if FILE in after.files else ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            place = Place(path=FILE, line=number)
            if match := _ROW.match(line.strip()):
                yield _excuse(match, place, match["path"], set())
            else:
                yield Excuse(
                    place=place, glob=line.split()[0], lines=frozenset(), rules=frozenset(),
                    reason="",
                )  # fmt: skip


def _excuse(match: re.Match[str], place: Place, glob: str, lines: set[int]) -> Excuse:
    return Excuse(
        place=place,
        glob=glob,
        lines=frozenset(lines),
        rules=frozenset(re.findall(r"CO\d{3}", match["rules"] or "")),
        reason=_END.sub("", match["reason"]).strip(" :-\t"),
    )


def _is_added(place: Place, hunks: Hunks) -> bool:
    return any(
        hunk.new_start <= place.line < hunk.new_start + hunk.new_length
        for hunk in hunks.get(place.path, ())
    )
