"""Both snapshots of a change -> what a type checker says of the result and did not say of the base.

Asked are the changed files and those that hold a changed name: what else may be said anew follows
from types, and no use of a changed definition.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import SequenceMatcher
from functools import partial
from posixpath import basename
from typing import Final

from codeorch.domain import Snapshot
from codeorch.engines import Checker, Diagnostic, Engines, check, new_diagnostics, source_tree
from codeorch.errors import ServiceError
from codeorch.references.changes import Change
from codeorch.references.snapshot_pair import SnapshotPair, TypeCheck

_ALIKE: Final = 0.5  # of the lines of a file, for one that is gone to be it


def type_check(sides: SnapshotPair, engines: Engines) -> TypeCheck | None:
    """Ask the first type checker of a family that answers; None without one."""
    for checker in engines.of(sides.family):
        if checker.name_rules:  # others only serve definitions
            with suppress(ServiceError):
                return _ask(sides, checker, engines)
    return None


def names_of(sides: SnapshotPair, change: Change) -> Iterator[str]:
    """Give the names by which a changed definition is used or called."""
    yield change.name
    if change.kind == "signature":
        yield from sides.new.call_names(change.new or change.old)


def _ask(sides: SnapshotPair, checker: Checker, engines: Engines) -> TypeCheck:
    paths = _paths(sides)
    old_paths = {path for path in (*paths, *sides.paths) if sides.before.has(path)}
    ask = partial(_diagnostics, family=sides.family, checker=checker, engines=engines)
    after = ask(sides.after.snapshot, paths)
    before = ask(sides.before.snapshot, old_paths)
    names = {
        each.name: each.new.symbol.name for each in sides.found
        if each.kind == "renamed" and each.new is not None
    }  # fmt: skip
    fresh = new_diagnostics(before, after, moves=_moves(sides), names=names)
    return TypeCheck(
        engine=f"{checker.program.name} {checker.program.version}",
        paths=frozenset(paths),
        diagnostics=tuple(_without_known(fresh, before)),
    )


def _paths(sides: SnapshotPair) -> set[str]:
    names = {name for each in sides.found for name in names_of(sides, each)}
    gone = (path for path in sides.paths if not sides.after.has(path))
    names |= {name for path in gone for name in sides.new.module_names(path)}
    plain = {name for name in names if not name.startswith("__")}
    holding = {path for path, _ in sides.after.holding(sides.family, plain)}
    return holding | {path for path in sides.paths if sides.after.has(path)}


def _diagnostics(
    snapshot: Snapshot,
    paths: Collection[str],
    *,
    family: str,
    checker: Checker,
    engines: Engines,
) -> list[Diagnostic]:
    if not paths:
        return []
    with source_tree(snapshot, family) as tree:
        known = [path for path in paths if path in tree.paths]
        return check(tree, known, checker, engines) if known else []


def _moves(sides: SnapshotPair) -> Mapping[str, str]:
    """Say where files went that are gone: to a new one that has most of their lines."""
    gone = [path for path in sides.paths if not sides.after.has(path)]
    new = [path for path in sides.paths if not sides.before.has(path)]
    moves: dict[str, str] = {}
    for old in gone:
        rated = [(_likeness(sides, old, path), path) for path in new if path not in moves.values()]
        best, path = max(rated, default=(0.0, ""))
        if best >= _ALIKE:
            moves[old] = path
    return moves


def _likeness(sides: SnapshotPair, old: str, new: str) -> float:
    texts = sides.before.text(old).split("\n"), sides.after.text(new).split("\n")
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    bonus = 0.01 if basename(old) == basename(new) else 0.0
    return matcher.ratio() + bonus if matcher.real_quick_ratio() >= _ALIKE else 0.0


def _without_known(
    fresh: Iterable[Diagnostic], before: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Leave out what is said of the base as well, in whatever file that was asked about.

    It went along with the code; or the base shows that it does no harm, or is not so.
    """
    known = {(each.rule, each.message) for each in before}
    return (each for each in fresh if (each.rule, each.message) not in known)
