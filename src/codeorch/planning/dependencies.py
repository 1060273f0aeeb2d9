"""Who uses what: what a request names, and which files use names that others define.

By name only, so it is an estimate; it orders and proposes, and nothing is changed by it alone.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

from codeorch.analysis.symbol_index import SymbolIndex, code_words
from codeorch.domain import Snapshot, SourceFile
from codeorch.languages import facts_of, import_stem, is_package_file, module_name

Uses = Mapping[str, tuple[str, ...]]  # user -> names
_WORD = re.compile(r"[\w./\\@+-]+")
_NO_END = "./\\@+-"  # what no path ends with
_CANDIDATES = 40  # users of a file that are looked at closely
_FEW = 2  # files that may define one name before it says nothing any more
_PART = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a request names for certain: files by path, and defined names with their files."""

    files: tuple[str, ...]
    symbols: Mapping[str, tuple[str, ...]]
    vague: bool  # a name fits several files
    unknown: bool  # a word is surely code, and nothing defines it


def named(text: str, snapshot: Snapshot, names: SymbolIndex) -> Named:
    """Find the files and definitions that a request names in so many words."""
    files: dict[str, None] = {}
    vague = False
    runs = (run.rstrip(_NO_END) for run in _WORD.findall(text.replace("\\", "/")))
    for word in dict.fromkeys(filter(None, runs)):
        found = files_of(word.removeprefix("./"), snapshot.files.keys())
        vague = vague or len(found) > 1
        files |= dict.fromkeys(found if len(found) == 1 else ())
    owners = {
        word: tuple(path for path in names.definers(word) if path in snapshot.files)
        for word in sorted(code_words(text))
    }
    symbols = {word: paths for word, paths in owners.items() if 0 < len(paths) <= _FEW}
    vague = vague or any(len(paths) > 1 for paths in owners.values())
    unknown = any(not paths for paths in owners.values())
    return Named(files=tuple(files), symbols=symbols, vague=vague, unknown=unknown)


def users(snapshot: Snapshot, path: str, names: SymbolIndex) -> Uses:
    """Find the files that use what a file defines, those with the most names first."""
    own = {one.name for one in snapshot.files[path].symbols if not one.parent}
    holders = Counter(user for name in own for user in names.users(name) if user in snapshot.files)
    likely = sorted(holders, key=lambda user: (-holders[user], user))[:_CANDIDATES]
    found = {user: used(snapshot, user, path) for user in likely if user != path}
    return dict(
        sorted(
            ((user, found[user]) for user in found if found[user]),
            key=lambda use: (-len(use[1]), use[0]),
        )
    )


def used(snapshot: Snapshot, user: str, definer: str) -> tuple[str, ...]:
    """Name what a file uses of another one, by name and import.

    Methods and fields have common names, so they only add to a link that a name on its own makes.
    """
    using, defining = snapshot.files[user], snapshot.files[definer]
    said = {reference.name for reference in using.references}
    outer = {symbol.name for symbol in defining.symbols if not symbol.parent}
    plain = (said & outer) - {symbol.name for symbol in using.symbols}
    if not plain or not _can_see(using, defining):
        return ()
    inner = {symbol.name for symbol in defining.symbols if symbol.parent}
    return (*sorted(plain), *sorted(said & inner - plain))


def _can_see(user: SourceFile, definer: SourceFile) -> bool:
    """Whether names of a file can be meant: an import points to it, or the language needs none."""
    if not facts_of(user.language).imports_every_use:
        return user.language == definer.language
    package, holder = basename(dirname(definer.path)), module_name(definer.path)
    defined = {symbol.name for symbol in definer.symbols}
    for one in user.imports:
        parts = _PART.findall(import_stem(one.module, user.language))[-2:]
        if holder in (*parts, *one.names) or (package in parts and defined & set(one.names)):
            return True
    return False


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
    stems = {
        f"/{dirname(path) if is_package_file(path) else path.rpartition('.')[0]}": path
        for path in paths
    }
    for wanted in (module, shorter):
        if wanted.count("/") > 1:
            found = tuple(path for stem, path in stems.items() if stem.endswith(wanted))
        if found:
            return found
    return ()
