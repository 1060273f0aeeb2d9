"""Who uses what: what a request names, and which files use names that others define.

By name only, so it is an estimate; it orders and proposes, and nothing is changed by it alone.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from codeorch.domain import Snapshot

Links = Mapping[tuple[str, str], tuple[str, ...]]  # (user, definer) -> names
_WORD = re.compile(r"[\w./\\@+-]*\w")
_FEW = 2  # files that may define one name before it says nothing any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a request names for certain: files by path, and defined names with their files."""

    files: tuple[str, ...]
    symbols: Mapping[str, tuple[str, ...]]
    vague: bool  # a name fits several files


def named(text: str, snapshot: Snapshot) -> Named:
    """Find the files and definitions that a request names in so many words."""
    files: dict[str, None] = {}
    vague = False
    for word in dict.fromkeys(_WORD.findall(text.replace("\\", "/"))):
        found = files_of(word.removeprefix("./"), snapshot.files.keys())
        vague = vague or len(found) > 1
        files |= dict.fromkeys(found if len(found) == 1 else ())
    owners: dict[str, list[str]] = {name: [] for name in sorted(code_words(text))}
    for path in snapshot.files:
        for name in {symbol.name for symbol in snapshot.files[path].symbols} & owners.keys():
            owners[name].append(path)
    symbols = {name: tuple(paths) for name, paths in owners.items() if 0 < len(paths) <= _FEW}
    vague = vague or any(len(paths) > 1 for paths in owners.values())
    return Named(files=tuple(files), symbols=symbols, vague=vague)


def code_words(text: str) -> set[str]:
    """Name the words of a request that are surely code: quoted, called, or with inner marks."""
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text))
    called = re.findall(r"(\w+)\(", text)
    marked = re.findall(r"\b(?:\w+_\w+|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*)\b", text)
    return {*re.findall(r"[A-Za-z_]\w+", quoted), *called, *marked}


def links(snapshot: Snapshot, paths: Collection[str]) -> Links:
    """Find which of some files use what others of them define.

    Methods and fields have common names, so they only add to a link that a name on its own makes.
    """
    defined: dict[str, set[str]] = {}
    inner: dict[str, set[str]] = {}
    used: dict[str, set[str]] = {}
    for path in paths:
        file = snapshot.files[path]
        defined[path] = {symbol.name for symbol in file.symbols if not symbol.parent}
        inner[path] = {symbol.name for symbol in file.symbols if symbol.parent}
        used[path] = {reference.name for reference in file.references} - defined[path]
    owners: dict[str, int] = defaultdict(int)
    for names in defined.values():
        for name in names:
            owners[name] += 1
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for user in paths:
        for definer in paths:
            plain = {n for n in used[user] & defined[definer] if owners[n] <= _FEW}
            if user != definer and plain:
                members = used[user] & inner[definer] - inner[user]
                found[user, definer] = (*sorted(plain), *sorted(members - plain))
    return found


def users(snapshot: Snapshot, path: str) -> Mapping[str, tuple[str, ...]]:
    """Find the files that use what this one defines, with the names."""
    own = {symbol.name for symbol in snapshot.files[path].symbols if not symbol.parent}
    found: dict[str, tuple[str, ...]] = {}
    for other in snapshot.files:
        file = snapshot.files[other]
        used = own & {reference.name for reference in file.references}
        if other != path and used:
            found[other] = tuple(sorted(used - {symbol.name for symbol in file.symbols}))
    return {other: names for other, names in found.items() if names}


def files_of(word: str, paths: Collection[str]) -> tuple[str, ...]:
    """Find the files that a word means: a path, its end, a file's name, or a dotted module."""
    if word in paths:
        return (word,)
    if "/" not in word and "." not in word:
        return ()
    ends = (f"/{word}",)
    found = tuple(path for path in paths if f"/{path}".endswith(ends))
    if found or "/" in word:
        return found
    module = "/" + word.replace(".", "/")
    shorter = module.rpartition("/")[0]
    stems = {f"/{path.rpartition('.')[0].removesuffix('/__init__')}": path for path in paths}
    for wanted in (module, shorter):
        if wanted.count("/") > 1:
            found = tuple(path for stem, path in stems.items() if stem.endswith(wanted))
        if found:
            return found
    return ()
