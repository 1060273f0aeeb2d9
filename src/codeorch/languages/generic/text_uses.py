"""Names in strings of table languages: looked up as a program runs, or taken into a format string.

`Gate.class.getMethod("open")`; `println!("{factor}")`.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import Key, of_kinds, span, words
from codeorch.analysis.class_hierarchy import class_around
from codeorch.analysis.parse_cache import Sources
from codeorch.analysis.proposals import Evidence, Proposal, propose_text
from codeorch.analysis.rename_members import MemberMatch

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_STRINGS: Final = words("string_literal string interpreted_string_literal")
_CLASS: Final = re.compile(r"(?:^|[.(])(\w+)(?:\.class|::class)\b|\btypeof\((\w+)\)")


def looked_up_members(
    sources: Sources, lookups: frozenset[str], match: MemberMatch
) -> Iterator[Proposal]:
    """Propose the strings by which a program looks the renamed member up.

    `lookups` are the methods and the annotations that take such a name.
    """
    names = (match.rule.name, match.rule.new)
    for path in sources.files_with(match.rule.name) if lookups else ():
        parsed = sources.parse(path)
        for string in of_kinds(parsed.root, _STRINGS, parsed.language):
            if string.text()[1:-1] != match.rule.name:
                continue
            evidence = _evidence(match, string, lookups)
            if evidence is not None:
                yield propose_text(path, parsed.text, span(string)[0] + 1, names, evidence)


def _evidence(match: MemberMatch, string: "Node", lookups: frozenset[str]) -> Evidence | None:
    """Judge a string by what takes it; None when that looks nothing up, or elsewhere."""
    for each in string.ancestors()[:4]:
        kind = each.kind()
        if "annotation" in kind and (name := each.field("name")) is not None:
            if name.text() not in lookups:
                return None
            around = class_around(string, match.members.table)
            return Evidence.TEXT if match.is_family(around) else None
        if "call" in kind or "invocation" in kind:
            head = each.text()[: span(string)[0] - span(each)[0]].rstrip(" (\n\t")
            value, _, name_text = head.rpartition(".")
            if name_text not in lookups:
                return None
            found = _CLASS.search(value)
            if found is None:
                return Evidence.UNKNOWN
            return Evidence.TEXT if match.is_family(found[1] or found[2]) else None
    return None


def format_fields(
    sources: Sources, path: str, names: tuple[str, str], scopes: frozenset[Key]
) -> Iterator[Proposal]:
    """Propose the fields of Rust's format strings that take a variable of some scopes.

    See https://doc.rust-lang.org/std/fmt/#named-parameters
    """
    parsed = sources.parse(path)
    field = re.compile(rf"(?<!\{{)\{{(?:\{{\{{)*(?P<name>{re.escape(names[0])})\s*(?=[:}}])")
    width = re.compile(rf"\{{[^{{}}]*:[^{{}}]*?(?<!\w)(?P<name>{re.escape(names[0])})\$")
    found = sources.names(path, names[0])
    for macro in of_kinds(parsed.root, words("macro_invocation"), parsed.language):
        text = macro.text()
        if "{" not in text or re.search(rf"\b{re.escape(names[0])}\s*=[^=>]", text):
            continue  # an argument of the macro is called so
        for string in of_kinds(macro, _STRINGS, parsed.language):
            if found.lookup(string) not in scopes:
                continue
            for each in (*field.finditer(string.text()), *width.finditer(string.text())):
                yield propose_text(path, parsed.text, span(string)[0] + each.start("name"), names)
