"""A rewrite -> the names that it brings into a file, and that nothing there makes known.

What an import has to bring in is told; it is not written, as the rule does not say from where.
"""

import re
from collections.abc import Iterator
from typing import Final

from codeorch.analysis.ast_grep import NAMES
from codeorch.analysis.language import Language
from codeorch.refactoring.pattern.template import Part, Template

_BINDING: Final = re.compile(r"param|declar|definition|import|pattern|for_in|as_|except|catch")
_ASSIGNING: Final = re.compile(r"assignment|named_expression")
_MEMBER_SIGNS: Final = (".", "?.", "::", "->")


def new_names(pattern: Template, rewrite: Template, language: Language) -> frozenset[str]:
    """Return the names that a rewrite uses, and neither its pattern nor itself makes known."""
    must_be_known = language.syntax.imported
    if must_be_known is None:
        return frozenset()
    bound = {name for root in rewrite.roots for name in _bound(root)}
    used = {
        name
        for root in rewrite.roots
        for name in _scope_names(root)
        if must_be_known.fullmatch(name)
    }
    return frozenset(used - bound - set(pattern.words) - language.syntax.builtins)


def unknown_names(names: frozenset[str], text: str, siblings: Iterator[str]) -> list[str]:
    """Return which names a file does not know; `siblings` are the names that its folder gives."""
    if not names or re.search(r"import\s*\*|\.\*\s*;|::\*", text):
        return []  # something brings in whatever it has
    missing = [name for name in sorted(names) if not re.search(rf"\b{re.escape(name)}\b", text)]
    known = set(siblings) if missing else set()
    return [name for name in missing if name not in known]


def unused_imports(pattern: Template, before: str, after: str) -> Iterator[tuple[str, int]]:
    """Yield the packages that a file has no use of any more, and where it imports them.

    For languages that refuse to compile such a file.
    """
    words = {name for root in pattern.roots for name in _scope_names(root)}
    for name in sorted(words):
        use = re.compile(rf"(?<![\w.\"/]){re.escape(name)}\s*\.")
        imported = re.search(
            rf"\"(?:[\w./-]*/)?{re.escape(name)}\"|^\s*{re.escape(name)}\s+\"", after, re.MULTILINE
        )
        if imported and use.search(before) and not use.search(after):
            yield name, imported.start()


def _scope_names(part: Part) -> Iterator[str]:
    """Yield the names that are looked up by scopes: no members, no keys."""
    for place, each in enumerate(part.parts):
        if each.parts and each.capture is None:
            yield from _scope_names(each)
        elif each.kind in NAMES and each.capture is None and not _is_key(part, place):
            yield each.text
    if not part.parts and part.kind in NAMES and part.capture is None:
        yield part.text


def _is_key(part: Part, place: int) -> bool:
    """Whether a name is that of a member, an entry or an argument."""
    name, before, behind = part.parts[place], part.parts[:place][-1:], part.parts[place + 1 :][:1]
    if "property" in name.kind or "field" in name.kind:
        return True
    if before and before[0].text in _MEMBER_SIGNS:
        return True
    sign = behind[0].text if behind else ""
    return (sign == ":" and "pair" in part.kind) or (sign == "=" and "argument" in part.kind)


def _bound(part: Part) -> Iterator[str]:
    """Yield the names that a rewrite binds itself."""
    if _BINDING.search(part.kind):
        yield from (each.text for each in part.walk() if each.kind in NAMES)
    if _ASSIGNING.search(part.kind) and part.parts:
        yield part.parts[0].text
    for each in part.parts:
        yield from _bound(each)
