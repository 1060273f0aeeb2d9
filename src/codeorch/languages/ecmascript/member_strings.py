"""Strings of scripts that name a member: `Props["size"]`, `Pick<Props, "size">`, `box["size"]`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, line, of_kind, span, words
from codeorch.analysis.proposals import Evidence, Place, Proposal
from codeorch.analysis.receivers import Receivers
from codeorch.analysis.rename_members import MemberMatch
from codeorch.analysis.text_edits import TextEdit

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_BY_KEYS: Final = words("Pick Omit")  # utility types: the type, then the names of its members


def member_strings(match: MemberMatch) -> Iterator[Proposal]:
    """Propose an edit for each string that names the member which is renamed."""
    rule, sources = match.rule, match.members.sources
    for path in sources.files_with(rule.name):
        for content in of_kind(sources.parse(path).root, "string_fragment"):
            if content.text() != rule.name:
                continue
            evidence = _evidence(match, path, content)
            if evidence is not None:
                start, end = span(content)
                yield Proposal(
                    place=Place(path=path, start=start, line=line(content)),
                    edit=TextEdit(start=start, end=end, text=rule.new),
                    evidence=evidence,
                )


def _evidence(match: MemberMatch, path: str, content: "Node") -> Evidence | None:
    """Say how it is known that a string names the member; None when it is plain text."""
    receivers = match.receivers
    string = content.parent()
    parent = string.parent() if string else None
    if string is None or parent is None:
        return None
    if parent.kind() == "subscript_expression" and is_child(parent, "index", string):
        value = parent.field("object")
        return _judge(match, receivers.of(path, value) if value else None)
    if parent.kind() == "literal_type":
        return _of_type(match, receivers, path, parent)
    holder = parent.field("type")
    asks = holder is not None and "keyof" in holder.text()
    return Evidence.UNKNOWN if asks else None


def _of_type(
    match: MemberMatch, receivers: Receivers, path: str, literal: "Node"
) -> Evidence | None:
    """Judge a literal in a type: what is looked up there, or one of the members that are named."""
    for outer in literal.ancestors()[:4]:
        if outer.kind() == "lookup_type":
            first = outer.named_children()[0]
            return _judge(match, receivers.classes_of_type(path, first))
        if outer.kind() == "generic_type":
            name = outer.field("name")
            given = receivers.types.arguments(outer)
            if name is not None and name.text() in _BY_KEYS and given:
                return _judge(match, receivers.classes_of_type(path, given[0]))
            return None
    return None


def _judge(match: MemberMatch, classes: frozenset[str] | None) -> Evidence | None:
    if classes is None:
        return Evidence.UNKNOWN
    return Evidence.TYPE if any(match.is_family(one) for one in classes) else None
