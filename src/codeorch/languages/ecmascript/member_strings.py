"""Uses of a member in scripts that are no accesses: `Props["size"]`, `"size" in box`, `A = B`."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, line, of_kind, span, words
from codeorch.analysis.class_hierarchy import class_around
from codeorch.analysis.proposals import Evidence, Place, Proposal, propose
from codeorch.analysis.receivers import Receivers
from codeorch.analysis.rename_members import MemberMatch
from codeorch.analysis.scopes import Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.languages.ecmascript.facts import CLASSES

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_BY_KEYS: Final = words("Pick Omit")  # utility types: the type, then the names of its members
# Functions that take an object, and then the name of one of its members.
_VALUES: Final = words(
    """variable_declarator arguments array pair return_statement assignment_expression
    ternary_expression arrow_function"""
)
BY_NAME: Final = words(
    """Object.defineProperty Object.getOwnPropertyDescriptor Object.hasOwn Reflect.defineProperty
    Reflect.deleteProperty Reflect.get Reflect.getOwnPropertyDescriptor Reflect.has Reflect.set
    jest.replaceProperty jest.spyOn mock.method sinon.replace sinon.spy sinon.stub spyOn
    t.mock.method vi.spyOn"""
)


def member_uses(match: MemberMatch) -> Iterator[Proposal]:
    """Propose the uses of a member that are no accesses: in strings, and bare ones in an enum."""
    yield from member_strings(match)
    for path in match.members.sources.files_with(match.rule.name):
        names = match.members.sources.names(path, match.rule.name)
        uses = (each for each in names.occurrences if each.role == "use")
        yield from (propose(e, match.rule.new, Evidence.CLASS) for e in uses if _is_bare(match, e))


def _is_bare(match: MemberMatch, each: Occurrence) -> bool:
    """Whether the value of a member of an enum names another one: `Also = Red`."""
    around = class_around(each.node, CLASSES)
    in_enum = any(node.kind() == "enum_assignment" for node in each.node.ancestors())
    members = {one.parent for one in match.chosen if one.path == each.path}
    return in_enum and around in members


def member_strings(match: MemberMatch) -> Iterator[Proposal]:
    """Propose an edit for each string that names the member which is renamed."""
    rule, sources = match.rule, match.members.sources
    for path in sources.files_with(rule.name):
        for content in of_kind(sources.parse(path).root, "string_fragment"):
            if content.text() != rule.name:
                continue
            evidence = _evidence(match, path, content) or _as_key(match, path, content)
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
    if parent.kind() == "binary_expression" and is_child(parent, "left", string):
        value, operator = parent.field("right"), parent.field("operator")
        asked = operator is not None and operator.text() == "in"
        return _judge(match, receivers.of(path, value)) if asked and value else None
    if parent.kind() == "arguments":
        return _of_call(match, receivers, path, parent)
    if parent.kind() == "literal_type":
        return _of_type(match, receivers, path, parent)
    holder = parent.field("type")
    asks = holder is not None and "keyof" in holder.text()
    return Evidence.UNKNOWN if asks else None


def _as_key(match: MemberMatch, path: str, content: "Node") -> Evidence | None:
    """Tell a plain string in a file that speaks of the names of the type's members.

    The file does so by `keyof Props`, or by a type that is declared to be that.
    """
    string = content.parent()
    holder = string.parent() if string else None
    if holder is None or holder.kind() not in _VALUES or _is_text(holder):
        return None
    if holder.kind() == "arguments" and (call := holder.parent()) is not None:
        function = call.field("function")
        if function is not None and function.text() in BY_NAME:
            return None  # judged by the object in front of it
    text = match.members.sources.parse(path).text
    names = "|".join(map(re.escape, sorted(match.family)))
    if re.search(rf"\bkeyof\s+(?:{names})\b", text):
        return Evidence.UNKNOWN
    aliases = [
        found[1]
        for other in match.members.sources.files_with("keyof")
        for found in re.finditer(
            rf"\btype\s+(\w+)\s*=\s*keyof\s+(?:{names})\b", match.members.sources.parse(other).text
        )
    ]
    return Evidence.UNKNOWN if any(re.search(rf"\b{each}\b", text) for each in aliases) else None


def _is_text(holder: "Node") -> bool:
    """Whether a variable is not declared to be anything else than a text."""
    declared = holder.field("type")
    told = declared.text().lstrip(": ") if declared else "string"
    return holder.kind() == "variable_declarator" and told == "string"


def _of_call(
    match: MemberMatch, receivers: Receivers, path: str, arguments: "Node"
) -> Evidence | None:
    """Judge a string that is handed to what looks up a member of its first argument."""
    call = arguments.parent()
    function = call.field("function") if call else None
    if function is None or function.text() not in BY_NAME:
        return None
    value = arguments.named_children()[0]
    name = value.field("property")
    if name is not None and name.text() == "prototype":
        value = value.field("object") or value
    return _judge(match, receivers.of(path, value))


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
