"""Changed sources that no test names. Words prove nothing, but they order a review. Pure."""

from collections.abc import Callable, Collection, Iterable
from pathlib import PurePosixPath

from codeorch.domain import Snapshot, SourceFile

_TELLING = 3  # characters; shorter names say little
_PACKAGE_FILES = ("__init__", "index", "mod")  # go by their folder's name


def unreached(
    after: Snapshot,
    changed: Iterable[str],
    tests: Collection[str],
    users: Callable[[str], Collection[str]],
) -> tuple[str, ...]:
    """Name the changed sources of which no test holds a name: the module's, or a definition's.

    `users` gives the paths that hold a name. Without any tests no source is named: that is said
    of the whole run.
    """
    known = frozenset(tests)
    files = (after.files[path] for path in changed if path in after.files)
    return tuple(
        file.path
        for file in files
        if known and file.role == "source"
        and all(known.isdisjoint(users(name)) for name in _names(file))
    )  # fmt: skip


def _names(file: SourceFile) -> list[str]:
    """Give the names by which a test could speak of a file, the most telling first."""
    place = PurePosixPath(file.path)
    stem = place.name.partition(".")[0]
    module = place.parent.name if stem in _PACKAGE_FILES else stem
    defined = (symbol.name for symbol in file.symbols if not symbol.parent)
    names = {name for name in (module, *defined) if len(name) >= _TELLING}
    return sorted(names, key=lambda name: (-len(name), name))
