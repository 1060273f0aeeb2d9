"""Functions of Python whose parameters must agree on a name, and the calls that go to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import TOP, key
from codeorch.analysis.proposals import Evidence
from codeorch.analysis.scopes import Definer, Definition
from codeorch.languages.python.class_families import families, twin_paths, twins
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.members import member_bindings
from codeorch.languages.python.nodes import parameter_name
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_INITIALIZERS = ("__init__", "__new__")
_PARTIAL = ("partial", "partialmethod")


def function_of(node: "Node") -> "Node | None":
    """Return the function that a parameter belongs to."""
    kinds = ("function_definition", "lambda")
    return next((each for each in node.ancestors() if each.kind() in kinds), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFunctions:
    """The definitions of one function or method: overloads, overrides, branches, stubs."""

    types: Types
    parameter: str
    name: str  # of the function; empty for a lambda
    nodes: tuple[tuple[str, "Node"], ...]  # each with its path
    refs: frozenset[ClassRef]  # the classes that define it, for a method

    @classmethod
    def of(cls, types: Types, definer: Definer) -> "ParameterFunctions":
        """Find them all from one parameter."""
        function = function_of(definer.node)
        name = function.field("name") if function else None
        own = ((definer.path, function),) if function else ()
        if function is None or name is None:
            return cls(types=types, parameter="", name="", nodes=own, refs=frozenset())
        ref = _class_of(types, definer.path, name)
        refs = _family(types, ref, name.text()) if ref is not None else frozenset()
        found = _methods(types, refs, name.text()) if refs else _plain(types, definer.path, name)
        return cls(
            types=types,
            parameter=definer.node.text(),
            name=name.text(),
            nodes=tuple(found),
            refs=refs,
        )

    def targets(self) -> frozenset[Definition]:
        """Return the scopes in which the parameter is bound."""
        return frozenset(
            Definition(path=path, owner=key(node), name=self.parameter)
            for path, node in self.nodes
            if any(parameter_name(each) == self.parameter for each in _parameters(node))
        )

    def evidence(self, path: str, call: "Node") -> Evidence | None:
        """Say how it is known that a call runs one of them; None when it runs something else."""
        function = call.field("function")
        if function is None or not self.name:
            return None
        if function.text().rpartition(".")[2] in _PARTIAL:
            given = call.field("arguments")
            first = given.named_children()[:1] if given else []
            return self._of_value(path, first[0]) if first else None
        return self._of_value(path, function)

    def _of_value(self, path: str, function: "Node") -> Evidence | None:
        if self.name in _INITIALIZERS:
            return self._of_class(path, function)
        if any(one in self.nodes for one in self.types.functions(path, function)):
            return Evidence.IMPORT
        name = function.field("attribute")
        value = function.field("object")
        if name is None or value is None:
            return self._of_variable(path, function)
        if name.text() != self.name or not self.refs:
            return None
        classes = self.types.classes(path, value) or self.types.of(path, value)
        if classes is None:
            return Evidence.UNKNOWN
        return Evidence.TYPE if any(self._reaches(one) for one in classes) else None

    def _of_variable(self, path: str, function: "Node") -> Evidence | None:
        """Judge a call of a variable that a function was put into."""
        if function.kind() != "identifier":
            return None
        for _, holder in self.types.assignments(path, function):
            right = holder.field("right")
            if right is not None and self.name in right.text():
                return Evidence.UNKNOWN
        return None

    def _of_class(self, path: str, function: "Node") -> Evidence | None:
        """Judge a call that makes a value, or that hands on to the base class."""
        name, value = function.field("attribute"), function.field("object")
        if name is not None and name.text() in _INITIALIZERS and value is not None:
            classes = self.types.classes(path, value) or self.types.of(path, value)
            if classes is None:
                return Evidence.UNKNOWN
        elif function.kind() == "identifier" and self.types.is_class_itself(path, function):
            classes = self.types.of(path, function)
        else:
            classes = self.types.classes(path, function)
        known = classes or ()
        return Evidence.TYPE if any(self._initializes(one) for one in known) else None

    def _initializes(self, ref: ClassRef) -> bool:
        """Whether values of a class are made by this function: it is the nearest one."""
        todo = [ref]
        while todo:
            one = todo.pop(0)
            if one in self.refs:
                return True
            if any(_methods(self.types, frozenset({one}), self.name)):
                return False
            todo += [up for base in self.types.bases(one) for up in sorted(base or (), key=str)]
        return False

    def _reaches(self, ref: ClassRef) -> bool:
        above = {ref, *self.types.ancestors(ref)}
        return bool(self.refs & above) or any(ref in self.types.ancestors(one) for one in self.refs)


def _parameters(function: "Node") -> list["Node"]:
    given = function.field("parameters")
    return [
        (each.child(0) or each) if each.kind() == "typed_parameter" else each
        for each in (given.named_children() if given else [])
    ]


def _class_of(types: Types, path: str, name: "Node") -> ClassRef | None:
    for ref, each in member_bindings(types, path, name.text()):
        if each.node == name:
            return ref
    return None


def _family(types: Types, ref: ClassRef, name: str) -> frozenset[ClassRef]:
    """Return the classes whose methods of a name must agree: of an initializer, its own."""
    if name in _INITIALIZERS:
        return frozenset({ref, *twins(types, ref)})
    refs = [
        one
        for path in types.names.files_with(name)
        for one, each in member_bindings(types, path, name)
        if each.kind == "method"
    ]
    return next(one.refs for one in families(types, refs, name) if ref in one.refs)


def _methods(types: Types, refs: frozenset[ClassRef], name: str) -> Iterator[tuple[str, "Node"]]:
    for path in sorted({ref.path for ref in refs}):
        for ref, each in member_bindings(types, path, name):
            node = each.node.parent()
            if ref in refs and each.kind == "method" and node is not None:
                yield path, node


def _plain(types: Types, path: str, name: "Node") -> Iterator[tuple[str, "Node"]]:
    """Give all definitions of a function in its scope, and in the stub of its module."""
    names = types.names.names(path, name.text())
    owner = next(each.owner for each in names.bindings() if each.node == name)
    homes = [path, *(twin_paths(types, path) if owner and owner[2] == TOP else ())]
    for home in homes:
        for each in types.names.names(home, name.text()).bindings():
            node = each.node.parent()
            same = each.owner == owner if home == path else each.owner and each.owner[2] == TOP
            if same and each.kind == "function" and node is not None:
                yield home, node
