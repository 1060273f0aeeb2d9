"""CO203: a change of sources without an entry in a changelog that nearly all others touch."""

from collections.abc import Iterator
from typing import Final

from codeorch.git import first_parent_paths
from codeorch.prereview.finding import Finding
from codeorch.prereview.notes.change import Change
from codeorch.source import is_changelog, is_test

_LAST: Final = 50  # changes of this kind that are looked at
_FEWEST: Final = 20  # of them, for a habit
_SHARE: Final = 0.8
_COMMITS: Final = 300  # among which they are looked for


def untouched_changelog(change: Change) -> Iterator[Finding]:
    """Yield one note where the changelog should have been touched."""
    sources = [file.path for file in change.files() if file.role == "source"]
    if not sources or any(map(is_changelog, change.hunks)):
        return
    suffixes = tuple({path[path.rfind(".") :] for path in sources if "." in path})
    kept, touched, last = 0, 0, ""
    for paths in first_parent_paths(change.repo, change.comparison.base, _COMMITS):
        if not any(path.endswith(suffixes) and not is_test(path) for path in paths):
            continue
        logs = list(filter(is_changelog, paths))
        kept += 1
        touched += bool(logs)
        last = last or next(iter(logs), "")
        if kept == _LAST:
            break
    if kept >= _FEWEST and touched >= _SHARE * kept:
        first = min(sources)
        line = next((hunk.new_start for hunk in change.hunks[first]), 1)
        message = f"{touched} of the last {kept} changes of sources touched a changelog ({last})"
        yield change.note("CO203", first, max(1, line), message)
