"""Changed sources that no test names. Words prove nothing, but they order a review. Pure."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from codeorch.domain import Snapshot, SourceFile

_WORD = re.compile(r"\w{3,}")
_PACKAGE_FILES = ("__init__", "index", "mod")  # go by their folder's name


def unreached(after: Snapshot, changed: Iterable[str], tests: Iterable[str]) -> tuple[str, ...]:
    """Name the changed sources of which no test holds a name: the module's, or a definition's.

    Without any tests none are named: that is said of the whole run.
    """
    files = (after.files[path] for path in changed if path in after.files)
    left = {file.path: _names(file) for file in files if file.role == "source"}
    known = False
    for test in tests:
        if known and not left:
            break
        known = True
        words = frozenset(_WORD.findall(after.bare(test).text))
        left = {path: names for path, names in left.items() if names.isdisjoint(words)}
    return tuple(left) if known else ()


def _names(file: SourceFile) -> frozenset[str]:
    """Give the names by which a test could speak of a file."""
    place = PurePosixPath(file.path)
    stem = place.name.partition(".")[0]
    module = place.parent.name if stem in _PACKAGE_FILES else stem
    return frozenset([module, *(symbol.name for symbol in file.symbols if not symbol.parent)])
