"""CO401: what a change adds by mistake: conflict markers, debugging, focused tests, backups."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from codeorch.domain import SourceFile
from codeorch.languages import facts_of
from codeorch.prereview.finding import Finding, Level
from codeorch.prereview.notes.change import Change

_MARKS: Final = ("<<<<<<< ", "=======", ">>>>>>> ")
_BACKUP: Final = re.compile(r"\.(?:orig|rej|bak|swp)$|~$")
_TO_DO: Final = re.compile(r"(?:#|//|/\*|--|;|<!--|\*)\s*(?:TODO|FIXME|XXX)\b(?P<rest>.*)")
# A program that prints is no wonder, nor is a file that begins to print a lot.
_PROGRAM: Final = re.compile(r"(?:^|/)(?:bin|build|cli|cmd|commands?|scripts?|tools?)(?:/|\.)|main")
_FEW: Final = 2
_FAULT: Final = "was added, as one does to find a fault"
_FOCUS: Final = "keeps the other tests from being run"
# Of an issue, a person or an address: somebody will come back to it.
_OWNED: Final = re.compile(r"#\d|\b[A-Z]{2,}-\d|https?:|^\s*\([^)]+\)")


def leftovers(change: Change) -> Iterator[Finding]:
    """Yield what the added lines of each file should not hold."""
    for path in change.hunks:
        if _BACKUP.search(path) and not _was_there(change, path):
            yield change.note("CO401", path, 1, "a backup file was added")
    for file in change.files():
        if file.role not in ("generated", "vendored", "minified", "lfs", "data"):
            yield from _conflict_markers(change, file)
            yield from _debugging(change, file)


def _was_there(change: Change, path: str) -> bool:
    is_gone = path not in change.after.files and path not in change.after.skipped
    return is_gone or path in change.before.files or path in change.before.skipped


def _conflict_markers(change: Change, file: SourceFile) -> Iterator[Finding]:
    """Find whole conflicts alone: a row of equals signs underlines titles, too."""
    at: list[int] = []
    for number, line in change.added_lines(file.path):
        if line.startswith(_MARKS[len(at)]):
            at.append(number)
        if len(at) == len(_MARKS):
            level: Level = "note" if file.role == "docs" else "sure"  # prose may show one
            message = "a merge conflict is not resolved"
            yield change.note("CO401", file.path, at[0], message, level=level)
            at = []


def _debugging(change: Change, file: SourceFile) -> Iterator[Finding]:
    before = change.before.bare(file.path).text if file.path in change.before.files else ""
    facts = facts_of(file.language)
    patterns = {facts.debugging: _FAULT, facts.focused_test: _FOCUS}
    if facts.printing and file.role == "source" and not _PROGRAM.search(file.path):
        fresh = [line for _, line in change.added_lines(file.path) if facts.printing.search(line)]
        prints = any(map(facts.printing.search, before.split("\n")))  # it does so on purpose
        if before and not prints and len(fresh) <= _FEW:
            patterns[facts.printing] = _FAULT
    for number, line in change.added_lines(file.path):
        if line.strip() not in before:  # else it was moved, or only indented anew
            message = _message(line, patterns, is_code=bool(file.language))
            if message:
                yield change.note("CO401", file.path, number, message)


def _message(line: str, patterns: Mapping[re.Pattern[str] | None, str], *, is_code: bool) -> str:
    """Say what a line should not hold; empty for nothing."""
    for pattern, words in patterns.items():
        if pattern is not None and (found := pattern.search(line)):
            return f"`{found[0].strip(' (')}` {words}"
    to_do = _TO_DO.search(line) if is_code else None
    is_open = to_do is not None and not _OWNED.search(to_do["rest"])
    return "something to do was added that no issue knows of" if is_open else ""
