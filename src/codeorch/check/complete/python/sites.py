"""Calls in Python, and what they call."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codeorch.check.complete.python.callables import constructor, function, method
from codeorch.check.complete.python.lookup import Lookup
from codeorch.check.complete.uses import Site, Target
from codeorch.names.entities import Definition, Entity
from codeorch.names.python.members import member_bindings
from codeorch.names.python.types import ClassRef, Types
from codeorch.names.scopes import Occurrence
from codeorch.names.signatures import call_of
from codeorch.names.trees import is_child, line, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Finds calls."""

    lookup: Lookup
    _made: dict[ClassRef, tuple[Target, ...]] = field(default_factory=dict)

    @property
    def types(self) -> Types:
        """The classes of values."""
        return self.lookup.types

    def of(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[Site]:
        """Give the places that call a name or hand it on, or only calls of certain texts."""
        for each in self.types.names.names(path, name).occurrences:
            if each.role in ("use", "member"):
                callee = each.node.parent() if each.role == "member" else each.node
                assert callee is not None
                outer = callee.parent()
                called = outer is not None and outer.kind() == "call"
                call = outer if called and outer and is_child(outer, "function", callee) else None
                if among is None or (call is not None and call.text() in among):
                    yield self._site(each, callee, call)
            alias = _alias(each.node)
            if alias and alias != name:
                yield from self.of(path, alias, among)

    def _site(self, each: Occurrence, callee: "SgNode", call: "SgNode | None") -> Site:
        value = callee.field("object") if callee != each.node else None
        found = self._targets(each.path, callee, value)
        exact = found is not None
        if found is None:
            found = tuple(self._all_methods(each.node.text()))
        return Site(
            path=each.path, line=line(each.node), start=span(each.node)[0], name=each.node.text(),
            text=(call or callee).text(), call=call_of(call, "python") if call else None,
            targets=found, exact=exact, receiver=value.text() if value else "",
            is_type=bool(self.types.classes(each.path, callee)),
        )  # fmt: skip

    def _targets(
        self, path: str, callee: "SgNode", value: "SgNode | None"
    ) -> tuple[Target, ...] | None:
        """Find what is called; None when only the name is known."""
        entities = self.types.names.meaning(path, callee)
        if entities:
            return tuple(self._defined(entities))
        if value is None:
            return ()
        classes = self.types.of(path, value)
        if classes is None:
            return None
        through = bool(self.types.classes(path, value)) or self.types.is_class_itself(path, value)
        name = callee.field("attribute")
        assert name is not None
        return tuple(
            target
            for ref in classes
            for target in method(self.types, ref, name.text(), through=through)
        )

    def _defined(self, entities: frozenset[Entity]) -> Iterator[Target]:
        for entity in entities:
            if not isinstance(entity, Definition):
                continue
            for each in self.types.names.names(entity.path, entity.name).bindings():
                node = each.node.parent() if each.owner == entity.owner else None
                if node is not None and each.kind == "function":
                    yield from filter(None, [function(entity.path, node, drop=False)])
            for ref in self.types.refs(entity):
                if ref not in self._made:
                    self._made[ref] = tuple(constructor(self.types, ref))
                yield from self._made[ref]

    def _all_methods(self, name: str) -> Iterator[Target]:
        for path in self.lookup.holding(name):
            for ref, _ in member_bindings(self.types, path, name):
                yield from method(self.types, ref, name, through=False)


def _alias(node: "SgNode") -> str:
    """Give the name by which a file knows what it imports under another one."""
    for parent in node.ancestors()[:2]:
        if parent.kind() == "aliased_import":
            alias = parent.field("alias")
            return alias.text() if alias and alias != node else ""
    return ""
