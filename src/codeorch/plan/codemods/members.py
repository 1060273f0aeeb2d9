"""Renaming members of classes in the languages where a table tells what a class is.

The type of a receiver is read where the code says it: `this`, a declared type, `new`. Elsewhere a
member belongs to the one family of classes that defines its name, unless the values of the language
itself have such a member, too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from codeorch.plan.codemods.clashes import place
from codeorch.plan.codemods.classes import ClassTable, Heritage, class_around, member_kind
from codeorch.plan.codemods.edits import Edit
from codeorch.plan.codemods.renaming import Definer, Place, Renamed, conflict
from codeorch.plan.codemods.rules import Rename
from codeorch.plan.codemods.scopes import Names, Occurrence
from codeorch.plan.codemods.trees import is_child, key, line, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_DEPTH: Final = 4  # steps from a value to its class
_WRAPPERS: Final = words(
    """parenthesized_expression await_expression non_null_expression unary_expression
    type_annotation pointer_type reference_type nullable_type as_expression try_expression
    reference_expression optional_type user_type"""
)
_CONTAINERS: Final = words("slice_type array_type implicit_length_array_type map_type")
_NAMED: Final = words("identifier type_identifier simple_identifier name constant variable_name")


class Sources(Protocol):
    """Parsed files of one family of languages."""

    def holding(self, name: str) -> Iterable[str]:
        """Give the paths of the files that hold a name."""
        ...

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        ...

    def is_module(self, path: str, node: "SgNode") -> bool:
        """Whether a name stands for a module or package, so that what follows is no member."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The members of the classes of one family of languages."""

    sources: Sources
    table: ClassTable
    heritage: Heritage
    standard: frozenset[str]  # members that values of the language itself have
    # Two classes of one name in different units are different classes. Empty = there is one unit.
    unit: Callable[[str], str] = field(default=lambda _path: "")
    _types: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)

    def groups(self, definers: Sequence[Definer]) -> list[list[Definer]]:
        """Put members together whose classes derive from each other."""
        found: list[list[Definer]] = []
        for family in self.heritage.families(each.parent for each in definers):
            members = [each for each in definers if each.parent in family]
            found += self._by_unit(members) if self._is_split(members) else [members]
        return found

    def _is_split(self, members: Sequence[Definer]) -> bool:
        homes: dict[str, set[str]] = {}
        for each in members:
            homes.setdefault(each.parent, set()).add(self.unit(each.path))
        return any(len(units) > 1 for units in homes.values())

    def _by_unit(self, members: Sequence[Definer]) -> list[list[Definer]]:
        units: dict[str, list[Definer]] = {}
        for each in members:
            units.setdefault(self.unit(each.path), []).append(each)
        return list(units.values())

    def rename(self, rule: Rename, group: Sequence[Definer]) -> Renamed:
        """Work out the edits that rename a member in a family of classes.

        Raises:
            UserError: one of the classes has a member of the new name.
        """
        everywhere = list(member_definers(self.sources, self.table, rule.name))
        families = self.heritage.families(each.parent for each in everywhere)
        family = next(each for each in families if group[0].parent in each)
        taken = [
            each
            for each in member_definers(self.sources, self.table, rule.new)
            if each.parent in family
        ]
        if taken:
            raise conflict(rule, taken)
        # One of several classes of this name was chosen: what it is elsewhere cannot be told.
        members = [each for each in everywhere if each.parent in family]
        units = {self.unit(each.path) for each in group} if self._is_split(members) else None
        ours = {(e.path, e.owner) for e in members if not units or self.unit(e.path) in units}
        alone = len(families) == 1 and rule.name not in self.standard and not units
        edits: dict[str, tuple[Edit, ...]] = {}
        unsure: list[Place] = []
        for path in self.sources.holding(rule.name):
            found: list[Edit] = []
            for each in self.sources.names(path, rule.name).occurrences:
                certain: bool | None = (path, key(each.node)) in ours
                certain = certain or self._is_meant(each, family, alone=alone)
                if certain and units and self.unit(path) not in units:
                    certain = None
                if certain:
                    start, end = each.place
                    found.append(Edit(start=start, end=end, text=_spelled(each, rule)))
                elif certain is None:
                    unsure.append(place(each))
            if found:
                edits[path] = tuple(sorted(found))
        return Renamed(edits=edits, unsure=tuple(unsure))

    def _is_meant(self, each: Occurrence, family: frozenset[str], *, alone: bool) -> bool | None:
        parent = each.node.parent()
        parts = self.table.accesses.get(parent.kind()) if parent else None
        if parent is None or parts is None or not is_child(parent, parts[1], each.node):
            if each.role == "use" and self._in_class(each, family):
                return True
            if each.role == "key" and (known := self._of_literal(each)) is not None:
                return any(self.heritage.related(one, family) for one in known)
            # A key of a literal, or a property taken apart, may be such a member.
            loose = each.role == "key" and member_kind(each.node, self.table) is None
            return None if loose or each.node.kind().startswith("shorthand") else False
        value = parent.field(parts[0]) if parts[0] else None
        types = (
            self.types(each.path, value)
            if value
            else frozenset({class_around(each.node, self.table)})
        )
        if types is None:
            return True if alone else None
        return any(self.heritage.related(one, family) for one in types)

    def _of_literal(self, each: Occurrence) -> frozenset[str] | None:
        """Read the type in front of a literal: `Cart{total: 3}`, `[]Cart{{total: 3}}`."""
        for node in each.node.ancestors():
            if node.kind() in self.table.literals:
                declared = node.field(self.table.literals[node.kind()])
                while declared is not None and declared.kind() in _CONTAINERS:
                    declared = declared.field("element") or declared.field("value")
                return self._declared(declared) if declared else None
        return None

    def _in_class(self, each: Occurrence, family: frozenset[str]) -> bool:
        """Whether a bare name is one of the class around it, where a language allows that."""
        names = self.sources.names(each.path, each.node.text())
        if names.grammar.bare_members != "everywhere" or names.owner(each) is not None:
            return False
        around = class_around(each.node, self.table)
        return bool(around) and self.heritage.related(around, family)

    # --------------------------------------------------------------------------- types

    def types(self, path: str, value: "SgNode", depth: int = 0) -> frozenset[str] | None:
        """Name the classes that a value can have; empty = one of the language's own."""
        if depth > _DEPTH:
            return None
        while value.kind() in _WRAPPERS and value.named_children():
            value = value.named_children()[0]
        kind = value.kind()
        if value.text() in self.table.own:
            around = class_around(value, self.table)
            return frozenset({around}) if around else None
        if kind in self.table.created:
            made = value.field(self.table.created[kind]) or value.named_children()[0]
            return self._declared(made)
        if kind in _NAMED:
            return self._of_name(path, value, depth)
        if kind in self.table.accesses:
            return self._of_field(path, value, depth)
        own = any(word in kind for word in ("string", "number", "array", "regex", "_literal"))
        return frozenset() if own else None

    def _of_name(self, path: str, value: "SgNode", depth: int) -> frozenset[str] | None:
        if self.sources.is_module(path, value):
            return frozenset()
        names = self.sources.names(path, value.text())
        owner = names.lookup(value)
        bindings = [each for each in names.bindings() if each.owner == owner]
        if owner is None or all(each.kind in ("import", "class") for each in bindings):
            known = value.text() in self.heritage.bases
            return frozenset({value.text()}) if known else None
        found: set[str] = set()
        for each in bindings:
            one = self._of_binding(path, each, depth)
            if one is None:
                return None
            found |= one
        return frozenset(found)

    def _of_binding(self, path: str, each: Occurrence, depth: int) -> frozenset[str] | None:
        holder, child = each.node.parent(), each.node
        if holder is not None and holder.kind() == "expression_list":
            return self._of_listed(path, holder, child, depth)
        for _ in range(2):  # a declarator may stand inside of the declaration with the type
            if holder is None:
                return None
            declared = holder.field("type")
            if declared is not None:
                return self._declared(declared)
            value = holder.field("value") or holder.field("right")
            if value is not None and value != child:
                return self.types(path, value, depth + 1)
            child, holder = holder, holder.parent()
        return None

    def _of_listed(
        self, path: str, left: "SgNode", child: "SgNode", depth: int
    ) -> frozenset[str] | None:
        """Read `a, b := x, y`."""
        statement = left.parent()
        right = statement.field("right") if statement else None
        names = left.named_children()
        values = right.named_children() if right else []
        if right is None or len(names) != len(values):
            return None
        return self.types(path, values[names.index(child)], depth + 1)

    def _declared(self, node: "SgNode") -> frozenset[str] | None:
        """Read a type as it is written; what contains others says nothing."""
        while node.kind() in _WRAPPERS and node.named_children():
            node = node.named_children()[0]
        if node.kind() == "generic_type":
            node = node.field("name") or node.field("type") or node.named_children()[0]
        if node.kind() == "qualified_type":
            node = node.field("name") or node
        if node.kind() in ("predefined_type", "primitive_type", "integral_type"):
            return frozenset()
        return frozenset({node.text()}) if node.kind() in _NAMED else None

    def _of_field(self, path: str, value: "SgNode", depth: int) -> frozenset[str] | None:
        """Read the declared type of `x.field`, where the class of x is known."""
        parts = self.table.accesses[value.kind()]
        inner, name = value.field(parts[0]) if parts[0] else None, value.field(parts[1])
        owners = self.types(path, inner, depth + 1) if inner else None
        if name is None or not owners:
            return None
        found: set[str] = set()
        for definer in member_definers(self.sources, self.table, name.text()):
            if not self.heritage.related(definer.parent, owners):
                continue
            holder = definer.node.parent()
            declared = holder.field("type") if holder else None
            one = self._declared(declared) if declared and definer.kind == "variable" else None
            if one is None:
                return None
            found |= one
        return frozenset(found) or None


def member_definers(sources: Sources, table: ClassTable, name: str) -> Iterator[Definer]:
    """Find every place that defines a member of this name."""
    for path in sources.holding(name):
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


def _spelled(each: Occurrence, rule: Rename) -> str:
    prefix = each.node.text().removesuffix(rule.name)  # `#` of a private name
    return prefix + rule.new
