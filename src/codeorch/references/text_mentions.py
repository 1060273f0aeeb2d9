"""Names and paths that are gone -> lines of strings, comments and prose with them.

In prose a plain word is a name only where it is written as one: in backticks, called, or dotted.
"""

import re
from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import Final

from codeorch.analysis.ast_grep import span, word
from codeorch.analysis.parse_cache import ParseCache
from codeorch.domain import Mention, Snapshot, SourceFile
from codeorch.languages import facts_of
from codeorch.references.changes import Change

# A name that no sentence holds by chance: `put_in`, `putIn`, `Sha256`.
_MARKED: Final = re.compile(r"\w_\w|[a-z][A-Z]|[A-Za-z]\d")
_HISTORY: Final = re.compile(r"(?i)change|history|news|release")  # tells of old names on purpose
_CONFIG: Final = re.compile(r"\.(?:toml|ya?ml|json|ini|cfg|env)$")
_KEY: Final = re.compile(r"(?m)^[ \t-]*[\"']?([A-Za-z_][\w-]*)[\"']?\s*[:=]")
_FEW: Final = 20  # keys; where more are gone, the file was exchanged
_OTHERS: Final = frozenset({"generated", "vendored", "minified", "lfs", "data"})


def mentions(
    after: Snapshot, names: Iterable[str], paths: Iterable[str], parses: ParseCache
) -> Iterator[Mention]:
    """Find the lines that hold names or paths that are gone, without using them."""
    words = [(name, word(name, r"\w$")) for name in sorted(set(names))]
    old_paths = [word(path, r"\w/") for path in paths]
    for path in after.files:
        file = after.bare(path)
        if file.role in _OTHERS or _HISTORY.search(basename(path)):
            continue
        places = {at for name, whole in words for at in _places(file, name, whole, parses)}
        places |= {each.start() for old in old_paths for each in old.finditer(file.text)}
        yield from _by_line(file, places)


def removed_names(found: Iterable[Change]) -> Iterator[str]:
    """Give the names that nothing has any more which had them."""
    return (each.name for each in found if each.kind in ("removed", "renamed"))


def removed_keys(before: Snapshot, after: Snapshot, paths: Iterable[str]) -> Iterator[str]:
    """Give the keys that changed configuration files do not have any more."""
    for path in paths:
        if _CONFIG.search(path) and path in before.files and path in after.files:
            removed = _keys(before.bare(path)) - _keys(after.bare(path))
            yield from removed if len(removed) <= _FEW else ()


def _keys(file: SourceFile) -> set[str]:
    return set(_KEY.findall(file.text)) if file.role not in _OTHERS else set()


def _places(
    file: SourceFile, name: str, whole: re.Pattern[str], parses: ParseCache
) -> Iterator[int]:
    """Find a name where it is no identifier."""
    starts = [found.start() for found in whole.finditer(file.text)]
    facts = facts_of(file.language)
    if starts and facts.family:
        used = {span(leaf)[0] for leaf in parses.of(file.text, facts.ast_grep).leaves(name)}
        starts = [at for at in starts if at not in used]
    yield from (at for at in starts if _MARKED.search(name) or _is_written(file.text, at, name))


def _is_written(text: str, at: int, name: str) -> bool:
    """Whether a plain word is written like a name."""
    before, behind = text[max(0, at - 1) : at], text[at + len(name) : at + len(name) + 1]
    return behind == "(" or before == "." or (before == behind and before in ("`", "'", '"'))


def _by_line(file: SourceFile, places: set[int]) -> Iterator[Mention]:
    if not places:
        return
    lines = file.text.split("\n")
    for number in sorted({file.text.count("\n", 0, at) + 1 for at in places}):
        yield Mention(path=file.path, line=number, text=lines[number - 1].strip())
