"""Changed definitions -> uses of names that are gone; imports of modules that are."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codeorch.analysis.use_sites import Reader, Use
from codeorch.domain import Certainty, ChangeKind, MissedUse
from codeorch.references.changes import Change
from codeorch.references.confidence import UseEvidence, certainty_of
from codeorch.references.snapshot_pair import SnapshotPair, SnapshotSide

UseKey = tuple[str, str, str]


def broken_names(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the uses of the old names of what is gone, in all files that hold one."""
    by_name: dict[str, list[Change]] = defaultdict(list)
    for each in sides.changes:
        if each.kind != "signature":
            by_name[each.name].append(each)
    evidence = {name: UseEvidence.of(name, each, sides) for name, each in by_name.items()}
    for path, name in sides.after.holding(sides.family, by_name):
        known = _known(sides, path, name)
        for use in sides.new.unresolved_uses(path, name):
            if use.certainty is not None and known[_key(use)] > 0:
                known[_key(use)] -= 1
                continue
            certainty = use.certainty or certainty_of(use, evidence[name], sides.after.text(path))
            if use.certainty == "maybe" and _was_used(sides, path, name):
                certainty = "likely"  # it was found before, and is not any more
            if certainty is not None and not _is_from_elsewhere(sides, use):
                yield _gap(sides, use, by_name[name], certainty)


def broken_entry_points(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the paths in configuration files that do not lead to what they led to."""
    for each in sides.changes:
        if each.kind != "signature":
            known = {_key(use) for use in sides.old.unresolved_entries(each.name)}
            for use in sides.new.unresolved_entries(each.name):
                if _key(use) not in known:
                    judgement = use.certainty or "likely", f"{each.detail}; {use.why}"
                    yield sides.gap(
                        use.path, use.line, symbol=each.old.symbol.qualified, change=each.kind,
                        judgement=judgement,
                    )  # fmt: skip


def broken_imports(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the imports of modules that are not there, in changed files and wherever one went."""
    removed = [path for path in sides.paths if not sides.after.has(path)]
    names = {name: path for path in removed for name in sides.new.module_names(path)}
    holding = set(sides.after.holding(sides.family, names))
    changed = {each for each in sides.paths if sides.after.has(each)}
    for path in sorted(changed | {path for path, _ in holding}):
        words = [name for name in names if (path, name) in holding]
        known = _known_imports(sides, path, words)
        for use in _imports(sides.new, path, words):
            if known[_key(use)] > 0:
                known[_key(use)] -= 1
            else:
                judgement = (use.certainty or "likely", use.why)
                change: ChangeKind = "removed" if use.name in names else "missing"
                yield sides.gap(
                    path, use.line, symbol=use.name, change=change, judgement=judgement,
                    is_checkable=is_checkable(use),
                )  # fmt: skip


def _imports(reader: Reader, path: str, words: Sequence[str]) -> Iterator[Use]:
    """Find the lost modules that a file imports, and the lost ones that it takes from a package."""
    yield from reader.unresolved_imports(path)
    for name in words:
        yield from (use for use in reader.unresolved_uses(path, name) if use.certainty == "sure")


def _known_imports(sides: SnapshotPair, path: str, words: Sequence[str]) -> Counter[UseKey]:
    before = _imports(sides.old, path, words) if sides.before.has(path) else ()
    return Counter(_key(use) for use in before)


def broken_reexports(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find who takes a name from a module that only imported it, and does not any more."""
    done = {each.name for each in sides.changes if each.kind != "signature"}
    for home in sides.paths:
        if not (sides.before.has(home) and sides.after.has(home)):
            continue
        removed = _imported(sides.before, home) - _imported(sides.after, home) - done
        if not removed:
            continue
        stems = list(sides.new.module_names(home))
        users = {path for path, _ in sides.after.holding(sides.family, stems)} - {home}
        for path, name in sides.after.holding(sides.family, removed) if users else ():
            if path not in users:
                continue
            known = _known(sides, path, name)
            for use in sides.new.unresolved_uses(path, name):
                if use.certainty is not None and use.role != "name" and not known[_key(use)]:
                    judgement = use.certainty, f"{use.why}: {home} does not import it any more"
                    yield sides.gap(
                        path, use.line, symbol=name, change="removed", judgement=judgement,
                        is_checkable=is_checkable(use),
                    )  # fmt: skip


def _imported(side: SnapshotSide, path: str) -> set[str]:
    """Name what a file imports, less what it defines."""
    file = side.snapshot.files[path]
    names = {each.name for each in file.references if each.kind == "import"}
    return names - {each.name for each in file.symbols}


def _is_from_elsewhere(sides: SnapshotPair, use: Use) -> bool:
    """Whether an import that cannot be followed was not there before."""
    if use.role != "import" or use.certainty is not None:
        return False
    if not sides.before.has(use.path):
        return True
    line = sides.after.line(use.path, use.line)
    if line in map(str.strip, sides.before.text(use.path).split("\n")):
        return False  # it could be followed then
    before = sides.old.unresolved_uses(use.path, use.name)
    return all(_key(each) != _key(use) for each in before)


def _was_used(sides: SnapshotPair, path: str, name: str) -> bool:
    return sides.before.has(path) and name in sides.before.text(path)


def _known(sides: SnapshotPair, path: str, name: str) -> Counter[UseKey]:
    """Count the uses that stood for nothing before, too."""
    if not sides.before.has(path):
        return Counter()
    lost = sides.old.unresolved_uses(path, name)
    return Counter(_key(use) for use in lost if use.certainty is not None)


def _key(use: Use) -> UseKey:
    return use.name, use.role, use.receiver


def _gap(
    sides: SnapshotPair, use: Use, causes: Sequence[Change], certainty: Certainty
) -> MissedUse:
    same = (each for each in causes if each.old.path == use.path)
    cause = next(same, causes[0])
    gap = sides.gap(
        use.path, use.line, symbol=cause.old.symbol.qualified, change=cause.kind,
        judgement=(certainty, cause.detail), is_checkable=is_checkable(use),
    )  # fmt: skip
    return replace(gap, kind="text") if use.role == "string" else gap


def is_checkable(use: Use) -> bool:
    """Whether a type checker knows what a use stands for, as far as we know it."""
    return use.certainty is not None and use.role not in ("string", "fixture")
