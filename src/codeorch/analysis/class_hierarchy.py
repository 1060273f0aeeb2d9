"""Syntax trees, and a table of classes -> classes by name, their members, and how they derive."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import is_child, of_kind, words
from codeorch.analysis.scopes import Kind

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# What a type is made of, and does not derive from: `B` of `A<B>`, of `B["size"]`, of `B[]`.
_ARGUMENTS = words(
    """type_arguments template_argument_list type_argument_list lookup_type function_type tuple_type
    array_type conditional_type index_type_query type_query"""
)
# What is asked of the types that a class takes, and is no base of it.
_BOUNDS = words("type_parameters where_clause type_parameter_constraints_clause")
_CONSTANTS = ("enum_constant", "enum_entry")  # with a body, they derive from their enum
_NAMES = words("type_identifier identifier constant name simple_identifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTable:
    """How a language writes classes and their members."""

    classes: Mapping[str, str]  # node kind -> the part that holds its name
    bodies: frozenset[str]  # where members stand; what a class derives from stands outside
    members: Mapping[str, tuple[str, Kind]]  # node kind -> the part with the name, and what it is
    accesses: Mapping[str, tuple[str, str]]  # `x.name`: node kind -> the parts of x and of name
    own: frozenset[str]  # `this`, `self`, `super`
    # Functions with a `this` of their own; what is a member of a class has that of the class.
    rebinding: frozenset[str] = frozenset()
    created: Mapping[str, str] = field(default_factory=dict)  # `new X()`: node kind -> part of X
    references: frozenset[str] = frozenset()  # `x::name`: node kinds whose first child is x
    labels: frozenset[str] = frozenset()  # `case X:`, where X is looked up in what is switched on
    overloads: bool = False  # members that differ only in what they take have one name
    modules: frozenset[str] = frozenset()  # what has such a body, too, and is no class
    separate: bool = False  # a field and a method may have one name: `x.total`, `x.total()`
    small: frozenset[str] = frozenset()  # the library's types with a few well-known members
    literals: Mapping[str, str] = field(default_factory=dict)  # `X{key: 1}`: kind -> part of X
    # The class of a node that stands outside of it, such as a method with its receiver.
    outside: Callable[["Node"], str] = field(default=lambda _node: "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassHierarchy:
    """Which class names derive from which."""

    bases: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, roots: Iterable["Node"], table: ClassTable) -> "ClassHierarchy":
        """Read the classes of parsed files."""
        bases: dict[str, set[str]] = defaultdict(set)
        for root in roots:
            for kind in table.classes:
                for node in of_kind(root, kind):
                    bases[class_name(node, table)] |= set(base_names(node, table))
        return cls(bases={name: frozenset(found) for name, found in bases.items()})

    def ancestors(self, name: str) -> frozenset[str]:
        """Give the names of all classes that a class derives from."""
        found: set[str] = set()
        todo = [name]
        while todo:
            new = self.bases.get(todo.pop(), frozenset()) - found
            found |= new
            todo += new
        return frozenset(found - {name})

    def related(self, one: str, others: Iterable[str]) -> bool:
        """Whether one class is among others, or derives from one of them, or is a base of one."""
        above = {one, *self.ancestors(one)}
        return any(other in above or one in self.ancestors(other) for other in others)

    def families(self, names: Iterable[str]) -> list[frozenset[str]]:
        """Put classes together that derive from each other, or that a third derives from."""
        found: list[set[str]] = [{name} for name in dict.fromkeys(names)]
        for name in dict.fromkeys([*names, *self.bases]):
            line = {name, *self.ancestors(name)}
            joined = [family for family in found if family & line]
            if len(joined) > 1:
                found = [family for family in found if not family & line]
                found.append(set().union(*joined))
        return [frozenset(family) for family in found]


def class_name(node: "Node", table: ClassTable) -> str:
    """Give the name of a class node; empty when it has none."""
    name = node.field(table.classes[node.kind()])
    if name is None and node.kind() == "class":  # `const Cart = class {}`
        parent = node.parent()
        name = parent.field("name") if parent else None
    return _bare(name.text()) if name else ""


def class_around(node: "Node", table: ClassTable) -> str:
    """Give the name of the class that a node belongs to; empty when it is in none.

    A class without a name goes by what it is made of: `new Shape() { ... }`. What stands in a type
    without a name, as the type of a field, belongs to no class.
    """
    in_body = False
    for each in node.ancestors():
        kind = each.kind()
        if kind in table.classes:
            return class_name(each, table)
        if named := table.outside(each):
            return _bare(named)
        if in_body and kind in table.created:
            made = each.field(table.created[kind])
            return _bare(made.text()) if made else ""
        if in_body and kind in table.members and kind not in (*table.bodies, *_CONSTANTS):
            return ""
        outer = each.parent()
        own = outer is not None and outer.kind() in table.members  # the body of a method
        in_body = in_body or (kind in table.bodies and not own)
    return ""


def class_names_around(node: "Node", table: ClassTable) -> Iterator[str]:
    """Name the classes around a node, inner ones first; one without a name is empty."""
    for each in node.ancestors():
        if each.kind() in table.classes:
            yield class_name(each, table)
        elif each.kind() in table.created and _has_body(each, table):
            yield ""


def _has_body(node: "Node", table: ClassTable) -> bool:
    return any(child.kind() in table.bodies for child in node.children())


def is_in_anonymous(node: "Node", table: ClassTable) -> bool:
    """Whether the class around a node has no name, and goes by what it is made of."""
    return next(class_names_around(node, table), None) == ""


def is_rebound(node: "Node", table: ClassTable) -> bool:
    """Whether `this` at a node is that of a function inside of the class, which may be anything."""
    for each in node.ancestors():
        parent = each.parent()
        if each.kind() in table.classes:
            return False
        if each.kind() in table.rebinding and parent and parent.kind() not in table.bodies:
            return True
    return False


def member_kind(node: "Node", table: ClassTable) -> Kind | None:
    """Say what member of a class a name defines, if it does."""
    child = node
    for parent in node.ancestors()[:4]:
        if parent.kind() in table.members:
            part, kind = table.members[parent.kind()]
            if not is_child(parent, part, child) or not _is_inside(parent, table):
                return None
            return "method" if kind == "variable" and _is_function(parent) else kind
        child = parent
    return None


def _is_inside(member: "Node", table: ClassTable) -> bool:
    if table.outside(member):
        return True
    for each in (member, *member.ancestors()[:2]):
        if each.kind() in table.bodies:
            outer = each.parent()
            return outer is None or outer.kind() not in table.modules
    return False


def _is_function(member: "Node") -> bool:
    """Whether a field holds a function: `go = () => {}`, `go: () => void`."""
    value = member.field("value")
    if value is not None and value.kind() in ("arrow_function", "function_expression"):
        return True
    annotation = member.field("type")
    return annotation is not None and any(
        each.kind() == "function_type" for each in annotation.named_children()
    )


def base_names(node: "Node", table: ClassTable) -> Iterator[str]:
    """Name what a class derives from, as written."""
    name = class_name(node, table)
    for child in node.named_children():
        if child.kind() in table.bodies or child.kind() in _BOUNDS:
            continue
        for leaf in (child, *child.find_all(regex=r"^\w+$")):
            if leaf.kind() in _NAMES and leaf.text() != name and not _is_argument(leaf, node):
                yield leaf.text()


def _is_argument(leaf: "Node", node: "Node") -> bool:
    """Whether a type is given to what a class derives from: `B` in `class A extends Map<B>`."""
    between = takewhile(lambda each: each != node, leaf.ancestors())
    return any(each.kind() in _ARGUMENTS for each in between)


def _bare(name: str) -> str:
    return name.rpartition("::")[2].rpartition(".")[2].partition("<")[0].partition("[")[0]
