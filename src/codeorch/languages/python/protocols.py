"""Classes that fit a protocol by what they have, and do not derive from it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codeorch.analysis.proposals import Place, place_of
from codeorch.languages.python.class_families import ClassFamily
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.members import MemberLookup, member_bindings

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def structural_uses(family: ClassFamily, name: str) -> Iterator[tuple[Place, str]]:
    """Find members of other classes that go with the family's through a protocol.

    A class may be given for a protocol when it has all of its members; renamed in one of them
    only, it may be no more.
    """
    types = family.types
    own = {ref for ref in family.refs if _is_protocol(family, ref)}
    for path in types.names.files_with(name):
        for ref, each in member_bindings(types, path, name):
            if ref in family.refs:
                continue
            pairs = [(one, ref) for one in own]
            if _is_protocol(family, ref):
                pairs += [(ref, one) for one in family.refs - own]
            if any(_fits(family, *pair, name) for pair in pairs):
                other = types.name_of(pairs[0][0])
                yield place_of(each), f"this may be what `{other}` asks for by its members"


def _is_protocol(family: ClassFamily, ref: ClassRef) -> bool:
    bases = (base.partition("[")[0] for base in family.types.foreign_bases(ref))
    return any(base.rpartition(".")[2] == "Protocol" for base in bases)


def _fits(family: ClassFamily, protocol: ClassRef, ref: ClassRef, name: str) -> bool:
    """Whether a class may have all that a protocol asks for, and takes as many arguments."""
    types = family.types
    lookup = MemberLookup(types=types)
    if any(lookup.has(ref, each) is False for each in _members(types.node(protocol))):
        return False
    counts = [_parameters(family, one, name) for one in (protocol, ref)]
    return None in counts or counts[0] == counts[1]


def _members(protocol: "Node") -> Iterator[str]:
    body = protocol.field("body")
    for each in body.named_children() if body else ():
        inner = each.field("definition") or each  # of a decorator
        if each.kind() == "expression_statement" and each.named_children():
            inner = each.named_children()[0]
        found = inner.field("name") or inner.field("left")
        if found is not None:
            yield found.text()


def _parameters(family: ClassFamily, ref: ClassRef, name: str) -> int | None:
    """Count what a method takes; None when it is no method, or takes more or less."""
    for found, each in member_bindings(family.types, ref.path, name):
        function = each.node.parent()
        given = function.field("parameters") if function else None
        if found == ref and given is not None:
            plain = all(
                one.kind() in ("identifier", "typed_parameter") and "*" not in one.text()
                for one in given.named_children()
            )
            return len(given.named_children()) if plain else None
    return None
