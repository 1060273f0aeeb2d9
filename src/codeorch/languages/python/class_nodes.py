"""The classes of Python files: where they stand, what they derive from, whose methods are whose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import Key, key
from codeorch.analysis.scopes import Definition, Entity, Foreign
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.nodes import (
    function_around,
    is_class_method,
    is_fixture,
    is_static,
    parameter_name,
    parameter_of,
)

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_SCOPES: Final = frozenset({"class_definition", "function_definition", "lambda", "module"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRef:
    """A class of the repository, known by its node."""

    path: str
    scope: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The classes of a repository's Python files."""

    names: PythonNames
    _nodes: dict[str, Mapping[Key, "Node"]] = field(default_factory=dict)

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

    def name_of(self, ref: ClassRef) -> str:
        """Give the name of a class."""
        name = self.node(ref).field("name")
        return name.text() if name else ""

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
        return frozenset() if entities and all_foreign(entities) else None


def all_foreign(entities: frozenset[Entity]) -> bool:
    """Whether all that a name means is from outside of the repository."""
    return all(isinstance(entity, Foreign) for entity in entities)
