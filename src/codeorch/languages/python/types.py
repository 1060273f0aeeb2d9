"""The class of a value in Python code, where the text says it; and how classes derive."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, key, words
from codeorch.analysis.scopes import Definition, Occurrence
from codeorch.languages.python.class_nodes import Classes, ClassRef, all_foreign
from codeorch.languages.python.elements import element_classes, loop_classes, loop_of
from codeorch.languages.python.narrowing import is_narrowed, is_own_copy, narrowing_type
from codeorch.languages.python.nodes import asks_for_fixture, function_around

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_LITERALS: Final = words(
    """string concatenated_string integer float list tuple dictionary set true false none
    list_comprehension set_comprehension dictionary_comprehension generator_expression lambda"""
)
_BUILTIN: Final = words("bool bytes bytearray complex dict float frozenset int list set str tuple")
_QUOTED: Final = re.compile(r"""["'](\w+)(?:\s*\|\s*None)?["']""")
_WRAPPERS: Final = ("parenthesized_expression", "await", "named_expression")
_DEPTH: Final = 6  # steps from a value to its class


@dataclass(frozen=True, slots=True, kw_only=True)
class Types(Classes):
    """Answers which class a value has. None = the text does not say; empty = a foreign one."""

    def of(self, path: str, node: "Node", depth: int = 0) -> frozenset[ClassRef] | None:
        """Infer the classes that an expression's value can have."""
        if depth > _DEPTH:
            return None
        kind = node.kind()
        if kind in _LITERALS:
            return frozenset()
        if kind == "subscript":
            value = node.field("value")
            return element_classes(self, path, value, depth, keyed=True) if value else None
        readers = {
            "identifier": self._of_name,
            "attribute": self._of_attribute,
            "call": self._of_call,
            "conditional_expression": self._of_branches,
        }
        if kind in readers:
            return readers[kind](path, node, depth)
        inner = node.named_children() if kind in _WRAPPERS else []
        return self.of(path, inner[-1], depth + 1) if inner else None

    def _of_branches(self, path: str, node: "Node", depth: int) -> frozenset[ClassRef] | None:
        """Infer `a if test else b`."""
        first, _, last = node.named_children()
        known = [self.of(path, each, depth + 1) for each in (first, last)]
        return None if None in known else frozenset().union(*(each or () for each in known))

    def assignments(self, path: str, node: "Node") -> Iterator[tuple[str, "Node"]]:
        """Find what sets a name or a field: assignments and parameters, with paths."""
        if node.kind() == "identifier":
            names = self.names.names(path, node.text())
            owner = names.lookup(node)
            for each in names.bindings():
                if owner and each.owner == owner:
                    above = each.node.ancestors()[:2]
                    yield path, above["splat" in above[0].kind() and len(above) > 1]
            return
        value, name = node.field("object"), node.field("attribute")
        if value is not None and name is not None:
            for ref in self.of(path, value, _DEPTH - 1) or ():
                for one in (ref, *self.ancestors(ref)):
                    yield from ((one.path, each) for each in self._field_values(one, name.text()))

    def _field_values(self, ref: ClassRef, name: str) -> Iterator["Node"]:
        """Give the assignments to a field in its class."""
        start, end, _ = ref.scope
        for each in self.names.names(ref.path, name).occurrences:
            assigned = _assignment_of(each) if start <= each.place[0] < end else None
            if assigned is not None:
                yield assigned

    def _of_name(self, path: str, node: "Node", depth: int) -> frozenset[ClassRef] | None:
        own = self.enclosing_class(path, node)
        if own is not None:
            return frozenset({own})
        named = self.classes(path, node)
        if named:  # `Cart.total`: reached through the class itself
            return named
        names = self.names.names(path, node.text())
        owner = names.lookup(node)
        narrowed = narrowing_type(node)
        if narrowed is not None:
            return self.classes(path, narrowed)
        if owner is None or is_narrowed(node):
            return None
        found: set[ClassRef] = set()
        for each in names.bindings():
            if each.owner == owner and not is_own_copy(each.node):
                one = self._of_binding(path, each, depth)
                if one is None:
                    return None
                found |= one
        return frozenset(found)

    def _of_binding(self, path: str, binding: Occurrence, depth: int) -> frozenset[ClassRef] | None:
        if binding.kind == "import":
            entities = self.names.resolve(path, binding.node)
            return frozenset() if entities and all_foreign(entities) else None
        parent = binding.node.parent()
        assert parent is not None
        annotation = parent.field("type")
        if annotation is not None:
            rest = parent.child(0)
            gathers = rest is not None and "splat" in rest.kind()
            return frozenset() if gathers else self.of_annotation(path, annotation)
        loop = loop_of(binding.node)
        if loop is not None:
            return loop_classes(self, path, *loop, depth)
        is_set = parent.kind() == "assignment" and is_child(parent, "left", binding.node)
        if is_set or parent.kind() == "named_expression":
            value = parent.field("right") or parent.field("value")
            return self.of(path, value, depth + 1) if value else None
        if parent.kind() == "as_pattern_target":
            return self._of_context(path, parent, depth)
        return (
            self._of_fixture(path, binding.node, depth) if parent.kind() == "parameters" else None
        )

    def _of_fixture(self, path: str, node: "Node", depth: int) -> frozenset[ClassRef] | None:
        """Infer a test's parameter from pytest's fixture of its name."""
        found = self.fixture(path, node.text()) if asks_for_fixture(node) else None
        return self._result(*found, depth + 1) if found else None

    def _of_context(self, path: str, target: "Node", depth: int) -> frozenset[ClassRef] | None:
        pattern = target.parent()
        value = pattern.child(0) if pattern else None
        if value is None or pattern is None:
            return None
        outer = pattern.parent()
        if outer is not None and outer.kind() == "except_clause":
            return self.classes(path, value)
        made = self.of(path, value, depth + 1)
        return None if made is None else self._entered(made, depth)

    def _entered(self, made: frozenset[ClassRef], depth: int) -> frozenset[ClassRef] | None:
        """Give what `with` hands out for values of some classes: what `__enter__` returns."""
        found: set[ClassRef] = set()
        for ref in made:
            for owner in (ref, *self.ancestors(ref)):
                entered = self._return_classes(
                    Definition(path=owner.path, owner=owner.scope, name="__enter__"), depth,
                    ("method",),
                )  # fmt: skip
                if entered is not None:
                    found |= {ref} if owner in entered or ref in entered else entered
                    break
            else:
                found.add(ref)  # of a function that is a context manager, or of a library's class
        return frozenset(found)

    def of_annotation(self, path: str, annotation: "Node") -> frozenset[ClassRef] | None:
        """Read `Cart`, `m.Cart`, `Cart | None`, `Optional[Cart]`; containers say nothing."""
        node = annotation.child(0) if annotation.kind() == "type" else annotation
        if node is None:
            return None
        if node.kind() in ("identifier", "attribute"):
            return frozenset() if self._is_builtin(path, node) else self.classes(path, node)
        if node.kind() == "string" and (quoted := _QUOTED.fullmatch(node.text())):
            owner = self.names.names(path, quoted[1]).lookup(node)
            return self.among(self.names.resolve_binding(path, owner, quoted[1]))
        if node.kind() == "binary_operator":
            sides = [node.field("left"), node.field("right")]
            known = [side for side in sides if side is not None and side.kind() != "none"]
            found = [self.of_annotation(path, side) for side in known]
            return None if None in found else frozenset().union(*(each or () for each in found))
        if node.kind() == "generic_type" and node.text().startswith(("Optional[", "typing.Opt")):
            inner = [each for each in node.find_all(kind="type") if each.parent() != node]
            return self.of_annotation(path, inner[0]) if inner else None
        inside = node.child(0) if node.kind() == "generic_type" else None
        return frozenset() if inside and self._is_builtin(path, inside) else None

    def _is_builtin(self, path: str, node: "Node") -> bool:
        """Whether a type is one of the language's own: `str`, `dict` of `dict[str, int]`."""
        name = node.text()
        return name in _BUILTIN and self.names.names(path, name).lookup(node) is None

    def _of_call(self, path: str, node: "Node", depth: int) -> frozenset[ClassRef] | None:
        function = node.field("function")
        if function is None:
            return None
        if function.text() == "super":
            return self._of_super(path, node)
        made = self.classes(path, function)
        if made or (made is not None and _is_capitalised(function)):
            return made  # of a foreign class, too, by the way that classes are spelled
        found: set[ClassRef] = set()
        for entity in self.names.resolve(path, function):
            given = self._return_classes(entity, depth) if isinstance(entity, Definition) else None
            if given is None:
                return None
            found |= given
        return frozenset(found) or self._of_method(path, function, depth)

    def _of_method(self, path: str, function: "Node", depth: int) -> frozenset[ClassRef] | None:
        """Read what a method gives, by its annotation."""
        value, name = function.field("object"), function.field("attribute")
        owners = self.of(path, value, depth + 1) if value and name else None
        if not owners or name is None:
            return None
        found: set[ClassRef] = set()
        for ref in owners:
            homes = [ref, *self.ancestors(ref)]
            given = [
                one
                for home in homes
                for one in (self._annotated_result(home, name.text()),)
                if one is not None
            ]
            if not given:
                return None
            found |= given[0]
        return frozenset(found)

    def _annotated_result(self, ref: ClassRef, name: str) -> frozenset[ClassRef] | None:
        for each in self.names.names(ref.path, name).bindings():
            function = each.node.parent()
            annotation = function.field("return_type") if function else None
            if each.owner == ref.scope and each.kind == "method" and annotation:
                if annotation.text().rpartition(".")[2] == "Self":
                    return frozenset({ref})
                return self.of_annotation(ref.path, annotation)
        return None

    def _return_classes(
        self, definition: Definition, depth: int, kinds: tuple[str, ...] = ("function",)
    ) -> frozenset[ClassRef] | None:
        for each in self.names.names(definition.path, definition.name).bindings():
            function = each.node.parent()
            if each.owner == definition.owner and each.kind in kinds and function:
                return self._result(definition.path, function, depth + 1)
        return None

    def _result(self, path: str, function: "Node", depth: int) -> frozenset[ClassRef] | None:
        """Infer what a function gives: by its annotation, else by its `return` and `yield`."""
        annotation = function.field("return_type")
        told = self.of_annotation(path, annotation) if annotation else None
        if told is not None or depth > _DEPTH:
            return told
        found: set[ClassRef] = set()
        for kind in ("return_statement", "yield"):
            for each in function.find_all(kind=kind):
                value = each.named_children()[:1]
                one = self.of(path, value[0], depth) if value else frozenset()
                if one is None or function_around(each) != function:
                    return None
                found |= one
        return frozenset(found) or None

    def _of_super(self, path: str, node: "Node") -> frozenset[ClassRef] | None:
        scope = next((each for each in node.ancestors() if each.kind() == "class_definition"), None)
        if scope is None:
            return None
        found: set[ClassRef] = set()
        for base in self.bases(ClassRef(path=path, scope=key(scope))):
            if base is None:
                return None
            found |= base
        return frozenset(found)

    def _of_attribute(self, path: str, node: "Node", depth: int) -> frozenset[ClassRef] | None:
        named = self.classes(path, node)
        if named is not None:
            return named
        value, name = node.field("object"), node.field("attribute")
        if value is None or name is None or depth > _DEPTH:
            return None
        own = self.enclosing_class(path, value) if value.kind() == "identifier" else None
        if own is not None:
            return self._of_fields((own, *self.ancestors(own)), name.text(), depth)
        owners = self.of(path, value, depth + 1)
        found: set[ClassRef] = set()
        for ref in owners or ():
            one = self._of_fields((ref, *self.ancestors(ref)), name.text(), depth)
            if one is None:
                return None
            found |= one
        return frozenset(found) or None

    def _of_fields(
        self, owners: Iterable[ClassRef], name: str, depth: int
    ) -> frozenset[ClassRef] | None:
        """Infer the type of a field from the first class that sets it."""
        for ref in owners:
            if (found := self._of_field(ref, name, depth)) is not None:
                return found
        return None

    def _of_field(self, owner: ClassRef, name: str, depth: int) -> frozenset[ClassRef] | None:
        """Infer the type of `self.name` from the assignments to it in the class."""
        found: set[ClassRef] = set()
        is_told = False
        for assigned in self._field_values(owner, name):
            annotation, right = assigned.field("type"), assigned.field("right")
            if annotation is not None:
                one = self.of_annotation(owner.path, annotation)
            else:
                one = self.of(owner.path, right, depth + 1) if right else None
            if one is None:
                return None
            found |= one
            is_none = annotation is None and right is not None and right.kind() == "none"
            is_told = is_told or not is_none  # what is None at first is set to more elsewhere
        return frozenset(found) if is_told else None


def _assignment_of(occurrence: Occurrence) -> "Node | None":
    """Give the assignment whose left side is this name, or `self.` and this name."""
    target = occurrence.node
    parent = target.parent()
    if occurrence.role == "member" and parent is not None:
        target, parent = parent, parent.parent()
    if parent is None or parent.kind() != "assignment" or not is_child(parent, "left", target):
        return None
    return parent


def _is_capitalised(function: "Node") -> bool:
    return function.text().rpartition(".")[2][:1].isupper()
