"""Replace by example: an ast-grep pattern, and a rewrite that its metavariables fill."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import parse, span
from codeorch.analysis.renaming import matches
from codeorch.analysis.text_edits import TextEdit, apply_edits
from codeorch.domain import Snapshot, SourceFile
from codeorch.errors import UserError
from codeorch.languages import facts_of
from codeorch.refactoring.rules import Replace

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_VARIABLE: Final = re.compile(r"\$\$\$(?P<many>[A-Z_][A-Z0-9_]*)|\$(?P<one>[A-Z_][A-Z0-9_]*)")
_HINT: Final = "a pattern is code with $NAME for one piece and $$$NAME for any number of them"


def find_replacements(rule: Replace, snapshot: Snapshot) -> Mapping[str, tuple[TextEdit, ...]]:
    """Find the edits of a replace rule, by path.

    Raises:
        UserError: the pattern is no code, the rewrite uses what it does not bind, or nothing
            matches.
    """
    unbound = _variables(rule.rewrite) - _variables(rule.pattern)
    if unbound:
        raise UserError(
            f"the rewrite uses {', '.join(sorted(unbound))}, unknown to the pattern", _HINT
        )
    files = [
        file
        for file in snapshot.files.values()
        if facts_of(file.language).ast_grep and matches(file.path, rule.within)
    ]
    readable = [each for each in sorted({f.language for f in files}) if _is_code(rule, each)]
    if files and not readable:
        raise UserError(f"`{rule.pattern}` is no code in any language of these files", _HINT)
    found = {
        file.path: edits
        for file in files
        if file.language in readable and (edits := tuple(_edits(rule, file)))
    }
    if not found:
        where = f" in {', '.join(rule.within)}" if rule.within else ""
        raise UserError(f"nothing{where} matches `{rule.pattern}`", _HINT)
    return found


def _is_code(rule: Replace, language: str) -> bool:
    """Whether the pattern parses. With an unusable one ast-grep raises, or matches nothing."""
    plain = _VARIABLE.sub("x", rule.pattern)
    return not parse(plain, facts_of(language).ast_grep).find_all(kind="ERROR")


def _edits(rule: Replace, file: SourceFile) -> Iterator[TextEdit]:
    root = parse(file.text, facts_of(file.language).ast_grep)
    matches = root.find_all(pattern=rule.pattern)
    yield from _rewritten(rule.rewrite, matches, file.text, (0, len(file.text)))


def _rewritten(
    rewrite: str, matches: Sequence["Node"], text: str, within: tuple[int, int]
) -> Iterator[TextEdit]:
    """Rewrite the outermost matches within a range, and those inside of what they capture."""
    at = within[0]
    for match in matches:
        start, end = span(match)
        if start < at or end > within[1]:
            continue
        inner = [each for each in matches if start <= span(each)[0] and span(each) != (start, end)]
        filled = _filled(rewrite, match, inner, text)
        if filled != text[start:end]:
            yield TextEdit(start=start, end=end, text=_indented(filled, text, start))
        at = end


def _filled(rewrite: str, match: "Node", inner: Sequence["Node"], text: str) -> str:
    def fill(found: re.Match[str]) -> str:
        if name := found["many"]:
            nodes = match.get_multiple_matches(name)
        else:
            node = match.get_match(found["one"])
            nodes = [node] if node else []
        if not nodes:
            return ""
        start, end = span(nodes[0])[0], span(nodes[-1])[1]
        edits = _rewritten(rewrite, inner, text, (start, end))
        moved = [TextEdit(start=e.start - start, end=e.end - start, text=e.text) for e in edits]
        return apply_edits(text[start:end], moved)

    return _VARIABLE.sub(fill, rewrite)


def _indented(rewrite: str, text: str, start: int) -> str:
    """Give the later lines of a rewrite the indentation of the line it stands in."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    indent = before[: len(before) - len(before.lstrip())]
    return rewrite.replace("\n", f"\n{indent}")


def _variables(text: str) -> set[str]:
    return {found.group() for found in _VARIABLE.finditer(text)} - {"$_", "$$$_"}
