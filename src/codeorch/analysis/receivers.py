"""Which class the receiver of a member has, where the code says it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import key, line, words
from codeorch.analysis.class_hierarchy import (
    ClassHierarchy,
    ClassTable,
    class_around,
    class_names_around,
    is_rebound,
    member_kind,
)
from codeorch.analysis.declared_types import INDEXED, LOOPS, DeclaredTypes
from codeorch.analysis.parse_cache import Sources
from codeorch.analysis.scopes import Definer, Occurrence

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_DEPTH: Final = 4  # steps from a value to its class
_WRAPPERS: Final = words(
    """parenthesized_expression await_expression non_null_expression unary_expression
    type_annotation pointer_type reference_type nullable_type try_expression
    reference_expression optional_type user_type dynamic_type abstract_type readonly_type
    parenthesized_type"""
)
_UNIONS: Final = words("union_type intersection_type")
_NOTHING: Final = words("null undefined void never")
# Generic types through which a value's own members are reached.
_TRANSPARENT: Final = words(
    "Box Rc Arc Ref RefMut Partial Required Readonly NonNullable Awaited Promise"
)
_SAID: Final = words("as_expression satisfies_expression")
_BUILT_IN: Final = words(
    """predefined_type primitive_type integral_type array_type slice_type map_type tuple_type
    literal_type function_type channel_type implicit_length_array_type"""
)
_INFERRED: Final = words("var auto val")  # said in a type's place where it is to be inferred
_TAKING_APART: Final = words(
    """object_pattern array_pattern tuple_pattern struct_pattern tuple_struct_pattern
    slice_pattern"""
)
_ANY: Final = words("any unknown object Any Object dynamic interface{}")
_CALLS: Final = words("call_expression method_invocation")
_NAMED: Final = words(
    """identifier type_identifier simple_identifier name constant variable_name
    namespace_identifier"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Answers which classes a value can have: None = the code does not say, empty = foreign."""

    sources: Sources
    table: ClassTable
    heritage: ClassHierarchy
    members: Callable[[str], Iterable[Definer]]  # every place that defines a member of a name
    # Whether a class of this name can be the one that a file means by it.
    visible: Callable[[str, str], bool] = field(default=lambda _path, _name: True)

    @property
    def types(self) -> DeclaredTypes:
        """The types that the code declares."""
        return DeclaredTypes(receivers=self)

    def of(self, path: str, value: "Node", depth: int = 0) -> frozenset[str] | None:
        """Name the classes that a value can have; empty = one of the language's own."""
        if depth > _DEPTH:
            return None
        while value.kind() in _WRAPPERS and value.named_children():
            if value.text().startswith("<-"):  # what a channel of Go gives is none
                return self._of_element(path, value)
            value = value.named_children()[0]
        kind = value.kind()
        if value.text() in self.table.own:
            return self._around(value)
        if kind in self.table.created or kind in _SAID:
            part = self.table.created.get(kind)
            made = value.field(part) if part else None
            inner = value.named_children()
            return self.classes_of_type(path, made or inner[-1 if kind in _SAID else 0])
        if kind in self.table.accesses and kind not in _CALLS:
            return self._of_field(path, value, depth)
        indexed = kind in INDEXED and self.types.element_of(path, value)
        return self._of_element(path, value) if indexed else self._of_plain(path, value, depth)

    def _of_element(self, path: str, value: "Node") -> frozenset[str] | None:
        element = self.types.element_of(path, value)
        return self.classes_of_type(*element) if element else None

    def _of_plain(self, path: str, value: "Node", depth: int) -> frozenset[str] | None:
        kind = value.kind()
        if kind in _NAMED:
            return self._of_name(path, value, depth)
        if kind in _CALLS:
            return self._of_call(path, value)
        own = any(word in kind for word in ("string", "number", "array", "regex", "_literal"))
        return frozenset() if own else None

    def _of_name(self, path: str, value: "Node", depth: int) -> frozenset[str] | None:
        if self.sources.is_module(path, value) or self.sources.is_foreign(path, value):
            return frozenset()
        names = self.sources.names(path, value.text())
        owner = names.lookup(value)
        bindings = [each for each in names.bindings() if each.owner == owner]
        if owner is None or all(each.kind in ("import", "class") for each in bindings):
            known = value.text() in self.heritage.bases and self.visible(path, value.text())
            if not known and owner is None and names.grammar.bare_members == "everywhere":
                return self._of_bare_field(value)
            return frozenset({value.text()}) if known else None
        found: set[str] = set()
        for each in bindings:
            one = self._of_binding(path, each, depth)
            if one is None:
                return None
            found |= one
        return frozenset(found)

    def _of_bare_field(self, value: "Node") -> frozenset[str] | None:
        """Read the type of a field of the class around; of one further out, if that is plain."""
        for name in class_names_around(value, self.table):
            known = self.field_classes(frozenset({name}), value.text()) if name else None
            if known is not None or not name or self.heritage.bases.get(name, True):
                return known
        return None

    def _of_call(self, path: str, call: "Node") -> frozenset[str] | None:
        function = call.field("function")
        if function is None:
            return self._of_method(path, call)
        owner = function.field("operand") or function.field("object")
        if self.sources.is_foreign(path, owner or function):
            return frozenset()
        told = self.sources.return_type(path, function)
        return self.classes_of_type(*told) if told else self._of_method(path, function)

    def _of_method(self, path: str, access: "Node") -> frozenset[str] | None:
        """Read the declared result of a method, where the class of its object is known."""
        parts = self.table.accesses.get(access.kind())
        name = access.field(parts[1]) if parts else None
        value = access.field(parts[0]) if parts and parts[0] else None
        if name is None:
            return None
        around = class_around(access, self.table)
        owners = self.of(path, value, 1) if value else frozenset({around})
        if owners is None:
            return None
        known = {up for one in owners for up in (one, *self.heritage.ancestors(one))}
        found: set[str] = set()
        for each in self.members(name.text()):
            holder = each.node.parent() if each.parent in known else None
            declared = self.types.result_of(holder) if holder else None
            one = self.classes_of_type(each.path, declared) if declared else None
            if each.parent in known and one is None:
                return None
            found |= one or frozenset()
        foreign = not any(one in self.heritage.bases for one in owners)
        if foreign and not found and value is not None and self._holds_others(path, value):
            return None  # an element, as of `List<A>.get`
        return frozenset(found) if found or foreign else None

    def _holds_others(self, path: str, value: "Node") -> bool:
        """Whether a value is declared or made with a type in brackets: `List<A>`."""
        parts = self.table.accesses.get(value.kind())
        name = value.field(parts[1]) if parts else value
        if name is None:
            return False
        names = self.sources.names(path, name.text())
        owner = names.lookup(name) if not parts else None
        places = [each.node for each in names.bindings() if each.owner == owner]
        places += [each.node for each in self.members(name.text())] if owner is None else []
        said = (
            part
            for place in places
            for holder in place.ancestors()[:2]
            for part in (holder.field("type"), holder.field("value"))
        )
        return any(part is not None and "<" in part.text() for part in said)

    def _of_binding(self, path: str, each: Occurrence, depth: int) -> frozenset[str] | None:
        holder, child = each.node.parent(), each.node
        element = self.types.of_loop(path, each.node)
        if element is not None:
            return self.classes_of_type(*element)
        if holder is not None and holder.kind() == "expression_list":
            return self._of_list(path, holder, child, depth)
        if holder is not None and holder.kind() in _TAKING_APART:
            return self._of_part(path, holder, each.node, depth)
        return self._of_declaration(path, each.node, depth)

    def _of_declaration(self, path: str, name: "Node", depth: int) -> frozenset[str] | None:
        """Read the type of a declaration, or the value that it gives."""
        child = name
        for holder in name.ancestors()[:2]:  # a declarator may stand inside of what has the type
            declared = holder.field("type")
            if declared is not None and declared.text() not in _INFERRED:
                return self.classes_of_type(path, declared)
            value = holder.field("value") or holder.field("right")
            if holder.kind() in LOOPS:
                return None
            if value is not None and value != child:
                return self.of(path, value, depth + 1)
            child = holder
        return None

    def _of_list(self, path: str, left: "Node", child: "Node", depth: int) -> frozenset[str] | None:
        """Read `a, b := x, y`."""
        statement = left.parent()
        right = statement.field("right") if statement else None
        names = left.named_children()
        values = right.named_children() if right else []
        at = names.index(child)
        if at < len(values) and (len(names) == len(values) or at == 0):
            return self.of(path, values[at], depth + 1)  # of several results the first is known
        return None

    def _of_part(
        self, path: str, pattern: "Node", name: "Node", depth: int
    ) -> frozenset[str] | None:
        """Read `const { config } = environment`: the field of that name."""
        declarator = pattern.parent()
        value = declarator.field("value") if declarator else None
        if value is None or not name.kind().startswith("shorthand"):
            return None
        return self.field_classes(self.of(path, value, depth + 1), name.text())

    def classes_of_type(self, path: str, node: "Node") -> frozenset[str] | None:
        """Name the classes that a type says; what contains others says nothing."""
        while node.kind() in _WRAPPERS and node.named_children():
            node = node.named_children()[0]
        if node.text() in self.table.own:  # Rust's `Self`
            return self._around(node)
        if node.kind() in _UNIONS:
            parts = [part for part in node.named_children() if part.text() not in _NOTHING]
            known = [self._of_alternative(path, part) for part in parts]
            return None if None in known else frozenset().union(*(each or () for each in known))
        if node.kind() == "generic_type":
            inner = self.types.arguments(node)
            node = node.field("name") or node.field("type") or node.named_children()[0]
            if node.text() in _TRANSPARENT:
                return self.classes_of_type(path, inner[0]) if inner else None
        return self._of_type_name(path, node)

    def _of_alternative(self, path: str, part: "Node") -> frozenset[str] | None:
        """Name the classes of one type of several: a library's may have whatever members."""
        found = self.classes_of_type(path, part)
        return found or (frozenset() if part.kind() in _BUILT_IN else None)

    def _around(self, node: "Node") -> frozenset[str] | None:
        """Name the class that a node stands in; None where `this` is not that of the class."""
        around = class_around(node, self.table)
        return frozenset({around}) if around and not is_rebound(node, self.table) else None

    def _of_type_name(self, path: str, node: "Node") -> frozenset[str] | None:
        """Name the class that a plain or a qualified name says."""
        if node.kind() == "qualified_type":
            package, name = node.field("package"), node.field("name")
            foreign = package is not None and self.sources.is_foreign(path, package)
            return frozenset() if foreign or name is None else frozenset({name.text()})
        if node.text() in _ANY:
            return None
        if node.kind() in _BUILT_IN or self.sources.is_foreign(path, node):
            return frozenset()
        is_name = node.kind() in _NAMED
        if not is_name or not self.visible(path, node.text()) or self._is_parameter(path, node):
            return None
        return frozenset({node.text()})

    def _is_parameter(self, path: str, node: "Node") -> bool:
        """Whether a type is a parameter of what stands around: `T`."""
        names = self.sources.names(path, node.text())
        owner = names.lookup(node)
        holders = (each.node.ancestors()[:2] for each in names.bindings() if each.owner == owner)
        return any("type_parameter" in one.kind() for holder in holders for one in holder)

    def _of_field(self, path: str, value: "Node", depth: int) -> frozenset[str] | None:
        """Read the declared type of `x.field`, where the class of x is known."""
        parts = self.table.accesses[value.kind()]
        inner, name = value.field(parts[0]) if parts[0] else None, value.field(parts[1])
        owners = self.of(path, inner, depth + 1) if inner else None
        return self.field_classes(owners, name.text()) if name is not None else None

    def field_classes(self, owners: frozenset[str] | None, name: str) -> frozenset[str] | None:
        """Name the classes of a field of such owners, by its declared type."""
        found: set[str] = set()
        fields = [
            each
            for each in (self.members(name) if owners else ())
            if self.heritage.related(each.parent, owners or ())
        ]
        for definer in fields:
            holders = definer.node.ancestors()[
                :2
            ]  # a declarator stands inside of what has the type
            declared = next((part for each in holders if (part := each.field("type"))), None)
            told = declared is not None and definer.kind == "variable"
            one = self.classes_of_type(definer.path, declared) if told and declared else None
            if one is None:
                return None
            found |= one
        return frozenset(found) if fields else None


def member_definers(sources: Sources, table: ClassTable, name: str) -> Iterator[Definer]:
    """Find every place that defines a member of this name."""
    for path in sources.files_with(name):
        for each in sources.names(path, name).occurrences:
            kind = member_kind(each.node, table)
            parent = class_around(each.node, table) if kind else ""
            if kind and kind != "import" and parent:
                yield Definer(
                    path=path,
                    line=line(each.node),
                    kind=kind,
                    qualified=f"{path.rpartition('.')[0].replace('/', '.')}.{parent}.{name}",
                    owner=key(each.node),
                    local=False,
                    node=each.node,
                    parent=parent,
                )
