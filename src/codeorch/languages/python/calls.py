"""Calls in Python -> what they may call, and what that takes."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, key, line, span, words
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.scopes import Definition, Entity, Occurrence
from codeorch.analysis.signatures import How, Parameter, Signature, call_of, signature_of
from codeorch.analysis.use_sites import CallTarget, UseSite
from codeorch.domain import Symbol
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.facts import CALLS
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.members import MemberLookup, member_bindings
from codeorch.languages.python.nodes import CLASS_DECORATORS, decorators
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


# Decorators that leave alone what a function takes.
_PLAIN: Final = words(
    """staticmethod classmethod abstractmethod overload override final contextmanager
    asynccontextmanager cache lru_cache wraps deprecated no_type_check"""
)
_NOT_CALLED: Final = words("property cached_property setter getter deleter fixture")


def function(path: str, node: "Node", *, drop: bool) -> CallTarget | None:
    """Read a function; `drop` leaves out the parameter that the receiver fills."""
    signature = signature_of(node, CALLS)
    marks = decorators(node)
    if signature is None or marks & _NOT_CALLED:
        return None
    bound = drop and "staticmethod" not in marks and bool(signature)
    if bound and signature[0].how != "rest":
        signature = signature[1:]
    return CallTarget(
        path=path, line=line(node), bound=bound, signature=signature, plain=marks <= _PLAIN
    )


def override_target(types: Types, ref: ClassRef, each: Occurrence) -> Iterator[CallTarget]:
    """Read a member that overrides another, or is overridden, also one that is not called."""
    node, owner = each.node.parent(), types.name_of(ref)
    if node is None or each.role != "binding":  # set on `self`, it may be set more than once
        return
    found = function(ref.path, node, drop=True) if each.kind == "method" else None
    if found is not None:
        yield replace(found, owner=owner)
    else:
        plain = each.kind == "method"  # two values are alike by chance
        yield CallTarget(path=ref.path, line=line(node), owner=owner, signature=(), plain=plain)


def method(types: Types, ref: ClassRef, name: str, *, through: bool) -> Iterator[CallTarget]:
    """Find what a method of a class takes; `through` the class itself, it is not bound."""
    for owner in lineage(types, ref):
        if owner is None:
            return
        found = list(_functions(types, owner, name))
        for node in found:
            bound = not through or "classmethod" in decorators(node)
            target = function(owner.path, node, drop=bound)
            if target is not None:
                yield target
        if found:
            return


def constructor(types: Types, ref: ClassRef) -> Iterator[CallTarget]:
    """Find what a class takes when it is called; nothing when its text does not tell."""
    node = types.node(ref)
    superclasses = node.field("superclasses")
    if superclasses is not None and "metaclass" in superclasses.text():
        return
    for owner in lineage(types, ref):
        if owner is None or any(_functions(types, owner, "__new__")):
            return
        if not decorators(types.node(owner)) <= CLASS_DECORATORS:
            return
        made = list(_functions(types, owner, "__init__"))
        if made:
            yield from method(types, owner, "__init__", through=False)
            return
        if any("dataclass" in mark for mark in decorators(types.node(owner))):
            fields = tuple(_fields(types, owner))
            yield CallTarget(path=owner.path, line=line(types.node(owner)), signature=fields)
            return
    yield CallTarget(path=ref.path, line=line(node), signature=())


def lineage(types: Types, ref: ClassRef) -> Iterator[ClassRef | None]:
    """Give a class and its bases, nearest first; None where a foreign base stands between."""
    seen: set[ClassRef] = set()
    todo: list[ClassRef | None] = [ref]
    while todo:
        one = todo.pop(0)
        if one in seen:
            continue
        yield one
        if one is not None:
            seen.add(one)
            bases = [sorted(base, key=str) if base else [None] for base in types.bases(one)]
            todo = [each for base in bases for each in base] + todo


def _functions(types: Types, ref: ClassRef, name: str) -> Iterator["Node"]:
    for owner, each in member_bindings(types, ref.path, name):
        node = each.node.parent()
        if owner == ref and each.kind == "method" and node is not None:
            yield node


def _fields(types: Types, ref: ClassRef) -> Iterator[Parameter]:
    """Read the fields of a dataclass, its bases' first."""
    for base in types.bases(ref):
        for one in sorted(base or (), key=str):
            if any("dataclass" in mark for mark in decorators(types.node(one))):
                yield from _fields(types, one)
    marks = types.node(ref).parent()
    keyword = marks is not None and "kw_only=True" in marks.text().partition("class ")[0]
    body = types.node(ref).field("body")
    for statement in body.named_children() if body else ():
        each = statement.child(0) if statement.kind() == "expression_statement" else None
        annotation = each.field("type") if each and each.kind() == "assignment" else None
        name = each.field("left") if each else None
        if annotation is None or name is None or "ClassVar" in annotation.text():
            continue
        if annotation.text().endswith("KW_ONLY"):
            keyword = True
            continue
        value = each.field("right") if each else None
        text = value.text() if value else ""
        if "init=False" not in text:
            given = value is not None and (not text.startswith("field(") or "default" in text)
            how: How = "keyword" if keyword else "either"
            yield Parameter(name=name.text(), required=not given, how=how)


def signature_at(files: FamilyFiles, path: str, symbol: Symbol, start: int) -> Signature | None:
    """Read what a definition whose name starts at a place takes; None when its file does not tell.

    What the receiver of a method fills is left out.
    """
    types = Types(names=PythonNames.of(files))
    for each in types.names.names(path, symbol.name).bindings():
        node = each.node.parent()
        if each.place[0] != start or node is None:
            continue
        if each.kind == "class":
            found = list(constructor(types, ClassRef(path=path, scope=key(node))))
            return found[0].signature if len(found) == 1 else None
        target = function(path, node, drop=each.kind == "method")
        return target.signature if target else None
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSites:
    """Finds calls."""

    lookup: MemberLookup
    _made: dict[ClassRef, tuple[CallTarget, ...]] = field(default_factory=dict)
    _methods: dict[str, tuple[CallTarget, ...]] = field(default_factory=dict)  # by name

    @property
    def types(self) -> Types:
        """The classes of values."""
        return self.lookup.types

    def of(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[UseSite]:
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

    def _site(self, each: Occurrence, callee: "Node", call: "Node | None") -> UseSite:
        value = callee.field("object") if callee != each.node else None
        found = self._targets(each.path, callee, value)
        exact = found is not None
        if found is None:
            found = self._all_methods(each.node.text())
        return UseSite(
            path=each.path, line=line(each.node), start=span(each.node)[0], name=each.node.text(),
            text=(call or callee).text(), call=call_of(call, CALLS) if call else None,
            targets=found, exact=exact, receiver=value.text() if value else "",
            is_type=bool(self.types.classes(each.path, callee)),
        )  # fmt: skip

    def _targets(
        self, path: str, callee: "Node", value: "Node | None"
    ) -> tuple[CallTarget, ...] | None:
        """Find what is called; None when only the name is known."""
        entities = self.types.names.resolve(path, callee)
        if entities:
            return tuple(self._definition_targets(entities))
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

    def _definition_targets(self, entities: frozenset[Entity]) -> Iterator[CallTarget]:
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

    def _all_methods(self, name: str) -> tuple[CallTarget, ...]:
        if name not in self._methods:
            self._methods[name] = tuple(
                target
                for path in self.lookup.files_with(name)
                for ref, _ in member_bindings(self.types, path, name)
                for target in method(self.types, ref, name, through=False)
            )
        return self._methods[name]


def _alias(node: "Node") -> str:
    """Give the name by which a file knows what it imports under another one."""
    for parent in node.ancestors()[:2]:
        if parent.kind() == "aliased_import":
            alias = parent.field("alias")
            return alias.text() if alias and alias != node else ""
    return ""
