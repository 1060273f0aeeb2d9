"""The class of a value in Python code, where the text says it; and how classes derive."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import Key, is_child, key, words
from codeorch.analysis.scopes import Definition, Entity, Foreign, Occurrence
from codeorch.languages.python.elements import element_classes, loop_classes, loop_of
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.narrowing import is_narrowed, narrowing_type
from codeorch.languages.python.nodes import (
    asks_for_fixture,
    function_around,
    is_class_method,
    is_fixture,
    is_static,
    parameter_name,
    parameter_of,
)

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_LITERALS: Final = words(
    """string concatenated_string integer float list tuple dictionary set true false none
    list_comprehension set_comprehension dictionary_comprehension generator_expression lambda"""
)
_BUILTIN: Final = words("bool bytes bytearray complex dict float frozenset int list set str tuple")
_QUOTED: Final = re.compile(r"""["'](\w+)(?:\s*\|\s*None)?["']""")
_WRAPPERS: Final = ("parenthesized_expression", "await")
_DEPTH: Final = 6  # steps from a value to its class


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRef:
    """A class of the repository, known by its node."""

    path: str
    scope: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """Answers which class a value has. None = the text does not say; empty = a foreign one."""

    names: PythonNames
    _nodes: dict[str, Mapping[Key, "Node"]] = field(default_factory=dict)

    def of(self, path: str, node: "Node", depth: int = 0) -> frozenset[ClassRef] | None:
        """Infer the classes that an expression's value can have."""
        if depth > _DEPTH:
            return None
        if node.kind() in _LITERALS:
            return frozenset()
        match node.kind():
            case "identifier":
                return self._of_name(path, node, depth)
            case "attribute":
                return self._of_attribute(path, node, depth)
            case "call":
                return self._of_call(path, node, depth)
            case "subscript":
                value = node.field("value")
                return element_classes(self, path, value, depth, keyed=True) if value else None
            case "named_expression":
                value = node.field("value")
                return self.of(path, value, depth + 1) if value else None
            case "conditional_expression":
                return self._of_branches(path, node, depth)
            case _:
                pass
        inner = node.named_children() if node.kind() in _WRAPPERS else []
        return self.of(path, inner[-1], depth + 1) if inner else None

    def _of_branches(self, path: str, node: "Node", depth: int) -> frozenset[ClassRef] | None:
        """Infer `a if test else b`."""
        first, _, last = node.named_children()
        known = [self.of(path, each, depth + 1) for each in (first, last)]
        return None if None in known else frozenset().union(*(each or () for each in known))

    def classes(self, path: str, node: "Node") -> frozenset[ClassRef] | None:
        """Find the classes that an expression names; empty = foreign, None = no class."""
        return self.among(self.names.resolve(path, node))

    def bases(self, ref: ClassRef) -> Iterator[frozenset[ClassRef] | None]:
        """Give what each base class of a class is."""
        node = self.node(ref)
        listed = node.field("superclasses")
        for base in listed.named_children() if listed else ():
            if base.kind() == "subscript":  # Base[int]
                value = base.field("value")
                yield self.classes(ref.path, value) if value else None
            elif base.kind() in ("identifier", "attribute"):
                yield self.classes(ref.path, base)

    def foreign_bases(self, ref: ClassRef) -> Iterator[str]:
        """Name the base classes that are not from this repository, as they are written."""
        return (node.text() for node in self.foreign_base_nodes(ref))

    def foreign_base_nodes(self, ref: ClassRef) -> Iterator["Node"]:
        """Give the expressions that name base classes which are not from this repository."""
        listed = self.node(ref).field("superclasses")
        for base in listed.named_children() if listed else ():
            name = base.field("value") if base.kind() == "subscript" else base
            plain = name is not None and name.kind() in ("identifier", "attribute")
            if plain and name is not None and not self.classes(ref.path, name):
                yield name

    def all_in(self, path: str) -> Iterator[ClassRef]:
        """Give all classes of a file."""
        return (ClassRef(path=path, scope=scope) for scope in self._classes(path))

    def ancestors(self, ref: ClassRef) -> frozenset[ClassRef]:
        """Give all classes of the repository that a class derives from."""
        found: set[ClassRef] = set()
        todo = [ref]
        while todo:
            for base in self.bases(todo.pop()):
                new = set(base or ()) - found
                found |= new
                todo += new
        return frozenset(found - {ref})

    def refs(self, definition: Definition) -> Iterator[ClassRef]:
        """Give the classes that a definition is; none where a value takes the class's place."""
        found = self.names.names(definition.path, definition.name).bindings()
        own = [each for each in found if each.owner == definition.owner]
        if any(each.kind == "variable" for each in own):  # `class UTC: ...`, then `UTC = UTC()`
            return
        for each in own:
            node = each.node.parent()
            if each.kind == "class" and node is not None:
                yield ClassRef(path=definition.path, scope=key(node))

    def enclosing_class(self, path: str, node: "Node") -> ClassRef | None:
        """Find the class in whose method `self` or `cls` of this name is the first parameter."""
        function = parameter_of(node, node.text())
        if function is None:
            return None
        parameters = function.field("parameters")
        first = parameters.named_children()[:1] if parameters else []
        if not first or parameter_name(first[0]) != node.text() or is_static(function):
            return None
        scope = next((each for each in function.ancestors() if each.kind() in _SCOPES), None)
        if scope is None or scope.kind() != "class_definition":
            return None
        return ClassRef(path=path, scope=key(scope))

    def is_class_itself(self, path: str, node: "Node") -> bool:
        """Whether a name is the class that a method of the class is given: `cls`."""
        function = parameter_of(node, node.text()) if node.kind() == "identifier" else None
        return (
            function is not None
            and is_class_method(function)
            and self.enclosing_class(path, node) is not None
        )

    def node(self, ref: ClassRef) -> "Node":
        """Give the definition of a class."""
        return self._classes(ref.path)[ref.scope]

    def classes_named(self, path: str, name: str) -> Iterator[ClassRef]:
        """Find the classes of a name in a file."""
        for scope in self._classes(path) if path in self.names.texts else ():
            ref = ClassRef(path=path, scope=scope)
            if self.name_of(ref) == name:
                yield ref

    def fixture(self, path: str, name: str) -> tuple[str, "Node"] | None:
        """Find the fixture of pytest that a test means by a name, here or in a `conftest`."""
        folders = path.split("/")[:-1]
        above = range(len(folders), -1, -1)
        homes = [path, *("/".join([*folders[:size], "conftest.py"]) for size in above)]
        for home in homes:
            for each in self.names.names(home, name).bindings() if home in self.names.texts else ():
                fixture = each.node.parent()
                if each.kind == "function" and fixture is not None and is_fixture(fixture):
                    return home, fixture
        return None

    def functions(self, path: str, node: "Node") -> Iterator[tuple[str, "Node"]]:
        """Find the functions of the repository that an expression names, each with its path."""
        for entity in self.names.resolve(path, node):
            if isinstance(entity, Definition):
                for each in self.names.names(entity.path, entity.name).bindings():
                    function = each.node.parent()
                    if each.owner == entity.owner and each.kind == "function" and function:
                        yield entity.path, function

    def results(self, function: "Node") -> Iterator["Node"]:
        """Give the values that a function returns."""
        for each in function.find_all(kind="return_statement"):
            if function_around(each) == function:
                yield from each.named_children()[:1]

    def assignments(self, path: str, node: "Node") -> Iterator[tuple[str, "Node"]]:
        """Find what sets a name or a field of `self`: assignments and parameters, with paths."""
        if node.kind() == "identifier":
            names = self.names.names(path, node.text())
            owner = names.lookup(node)
            for each in names.bindings():
                holder = each.node.parent()
                if owner and each.owner == owner and holder:
                    outer = holder.parent()
                    splat = "splat" in holder.kind() and outer is not None
                    yield path, outer if splat and outer else holder
            return
        value, name = node.field("object"), node.field("attribute")
        for ref in (self.of(path, value, _DEPTH - 1) or ()) if value and name else ():
            for owner_ref in (ref, *self.ancestors(ref)):
                start, end, _ = owner_ref.scope
                for each in self.names.names(owner_ref.path, name.text()).occurrences:
                    assigned = _assignment_of(each) if start <= each.place[0] < end else None
                    if assigned is not None:
                        yield owner_ref.path, assigned

    def name_of(self, ref: ClassRef) -> str:
        """Give the name of a class."""
        name = self.node(ref).field("name")
        return name.text() if name else ""

    # ------------------------------------------------------------------------------- how

    def _classes(self, path: str) -> "Mapping[Key, Node]":
        if path not in self._nodes:
            classes = self.names.tree(path).find_all(kind="class_definition")
            self._nodes[path] = {key(node): node for node in classes}
        return self._nodes[path]

    def among(self, entities: frozenset[Entity]) -> frozenset[ClassRef] | None:
        """Find the classes among what a name means; empty = foreign, None = no class."""
        found: set[ClassRef] = set()
        for entity in entities:
            if isinstance(entity, Definition):
                found |= set(self.refs(entity))
        if found:
            return frozenset(found)
        return frozenset() if entities and _all_foreign(entities) else None

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
            if each.owner == owner:
                one = self._of_binding(path, each, depth)
                if one is None:
                    return None
                found |= one
        return frozenset(found)

    def _of_binding(self, path: str, binding: Occurrence, depth: int) -> frozenset[ClassRef] | None:
        if binding.kind == "import":
            entities = self.names.resolve(path, binding.node)
            return frozenset() if entities and _all_foreign(entities) else None
        parent = binding.node.parent()
        assert parent is not None
        annotation = parent.field("type")
        if annotation is not None:
            rest = parent.child(0)
            gathers = rest is not None and "splat" in rest.kind()
            return frozenset() if gathers else self.of_annotation(path, annotation)
        if parent.kind() == "named_expression":
            value = parent.field("value")
            return self.of(path, value, depth + 1) if value else None
        loop = loop_of(binding.node)
        if loop is not None:
            return loop_classes(self, path, *loop, depth)
        if parent.kind() == "assignment" and is_child(parent, "left", binding.node):
            right = parent.field("right")
            return self.of(path, right, depth + 1) if right else None
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
        start, end, _ = owner.scope
        for each in self.names.names(owner.path, name).occurrences:
            place = each.place
            if not start <= place[0] < end:
                continue
            assigned = _assignment_of(each)
            if assigned is None:
                continue
            annotation, right = assigned.field("type"), assigned.field("right")
            if annotation is not None:
                one = self.of_annotation(owner.path, annotation)
            else:
                one = self.of(owner.path, right, depth + 1) if right else None
            if one is None:
                return None
            found |= one
        return frozenset(found) or None


_SCOPES: Final = frozenset({"class_definition", "function_definition", "lambda", "module"})


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


def _all_foreign(entities: frozenset[Entity]) -> bool:
    return all(isinstance(entity, Foreign) for entity in entities)
