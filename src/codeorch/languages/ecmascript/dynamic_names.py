"""Accesses of scripts whose name is put together as the program runs: ``this[`on${word}`]``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, line, of_kind, span
from codeorch.analysis.parse_cache import ParsedFiles
from codeorch.analysis.proposals import Place
from codeorch.analysis.rename_members import MemberMatch

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_ANYTHING: Final = r"[\w$]*"
_HINT: Final = re.compile(r"[\w$)\]]\[[^\]\d]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscript:
    """An access whose name is not written where it is."""

    node: "Node"  # the whole access
    value: "Node"  # whose member it is
    is_blind: bool  # whether no part of the name is written


def subscripts(sources: ParsedFiles, path: str, name: str) -> Iterator[Subscript]:
    """Give the accesses of a file whose name is put together, and may come out as a name."""
    if not _HINT.search(sources.parse(path).text):
        return
    for node in of_kind(sources.parse(path).root, "subscript_expression"):
        value, index = node.field("object"), node.field("index")
        if value is None or index is None or index.kind() in ("string", "number"):
            continue
        spelling = _spelling(index)
        if re.fullmatch(spelling, name):
            is_blind = not spelling.replace(_ANYTHING, "")
            yield Subscript(node=node, value=value, is_blind=is_blind)


def member_cautions(sources: ParsedFiles, match: MemberMatch) -> Iterator[tuple[Place, str]]:
    """Give the places where the name of a renamed member may be put together, and why.

    Where no part of the name is written, only a call of `this[word]()` is meant.
    """
    name = match.rule.name
    why = f"a name is put together here, which may be `{name}`"
    for path in sorted(sources.texts):
        blind: list[Place] = []
        for each in subscripts(sources, path, name):
            classes = match.receivers.of(path, each.value)
            place = Place(path=path, start=span(each.node)[0], line=line(each.node))
            is_ours = classes is not None and any(map(match.is_family, classes))
            if not each.is_blind and (is_ours or classes is None):
                yield place, why
            elif is_ours and each.value.text() == "this" and _is_called(each.node):
                blind.append(place)
        yield from ((place, why) for place in blind[:1])


def _is_called(node: "Node") -> bool:
    call = node.parent()
    is_call = call is not None and call.kind() == "call_expression"
    return call is not None and is_call and is_child(call, "function", node)


def _spelling(node: "Node") -> str:
    """Return a pattern for what an expression may spell: what is not written may be anything."""
    if node.kind() == "string":
        return re.escape(node.text()[1:-1])
    if node.kind() == "template_string":
        return "".join(
            re.escape(each.text()) if each.kind() == "string_fragment" else _ANYTHING
            for each in node.named_children()
        )
    left, right, sign = node.field("left"), node.field("right"), node.field("operator")
    if left is not None and right is not None and sign is not None and sign.text() == "+":
        return _spelling(left) + _spelling(right)
    return _ANYTHING
