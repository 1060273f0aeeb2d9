"""Rename of a member of classes -> edits, where a table tells what a class is.

The type of a receiver is read where the code says it: `this`, a declared type, `new`. Elsewhere a
member belongs to the one family of classes that defines its name, unless the values of the language
itself have such a member, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import Key, is_child, key, words
from codeorch.analysis.class_hierarchy import ClassHierarchy, ClassTable, class_around, member_kind
from codeorch.analysis.parse_cache import Sources
from codeorch.analysis.receivers import Receivers, member_definers
from codeorch.analysis.renaming import Place, Rename, RenameResult, conflict, place_of
from codeorch.analysis.scopes import Definer, Occurrence
from codeorch.analysis.text_edits import TextEdit

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_CONTAINERS: Final = words("slice_type array_type implicit_length_array_type map_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRename:
    """The members of the classes of one family of languages."""

    sources: Sources
    table: ClassTable
    heritage: ClassHierarchy
    standard: frozenset[str]  # members that values of the language itself have
    # Two classes of one name in different units are different classes. Empty = there is one unit.
    unit: Callable[[str], str] = field(default=lambda _path: "")

    def groups(self, definers: Sequence[Definer]) -> list[list[Definer]]:
        """Put members together whose classes derive from each other."""
        found: list[list[Definer]] = []
        for family in self.heritage.families(each.parent for each in definers):
            members = [each for each in definers if each.parent in family]
            found += self._by_unit(members) if self._is_split(members) else [members]
        return found

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename a member in a family of classes.

        Raises:
            UserError: one of the classes has a member of the new name.
        """
        match = self._match(rule, group)
        taken = [
            each
            for each in member_definers(self.sources, self.table, rule.new)
            if each.parent in match.family
        ]
        if taken:
            raise conflict(rule, taken)
        edits: dict[str, tuple[TextEdit, ...]] = {}
        unsure: list[Place] = []
        for path in self.sources.files_with(rule.name):
            found = self.sources.names(path, rule.name).occurrences
            told = [(each, match.certain(each)) for each in found]
            unsure += [place_of(each) for each, sure in told if sure is None]
            if ours := sorted(_edit(each, rule) for each, sure in told if sure):
                edits[path] = tuple(ours)
        return RenameResult(edits=edits, unsure=tuple(unsure))

    def _match(self, rule: Rename, group: Sequence[Definer]) -> "MemberMatch":
        everywhere = list(member_definers(self.sources, self.table, rule.name))
        families = self.heritage.families(each.parent for each in everywhere)
        family = next(each for each in families if group[0].parent in each)
        members = [each for each in everywhere if each.parent in family]
        if self.table.separate:
            members = [each for each in members if each.kind == rule.kind]
        # One of several classes of this name was chosen: what it is elsewhere cannot be told.
        units = {self.unit(each.path) for each in group} if self._is_split(members) else set()
        chosen = [each for each in members if not units or self.unit(each.path) in units]
        return MemberMatch(
            members=self,
            rule=rule,
            family=family,
            definers=frozenset((each.path, each.owner) for each in chosen),
            units=frozenset(units),
            alone=len(families) == 1 and rule.name not in self.standard and not units,
        )

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMatch:
    """Answers whether an occurrence means the member that is renamed; None = it may."""

    members: MemberRename
    rule: Rename
    family: frozenset[str]  # the names of the classes that share the member
    definers: frozenset[tuple[str, Key]]  # where they define it
    units: frozenset[str]  # the only ones that can be meant; empty = all
    alone: bool  # whether a receiver of unknown type can only be of the family

    @property
    def _table(self) -> ClassTable:
        return self.members.table

    def certain(self, each: Occurrence) -> bool | None:
        """Judge one occurrence."""
        if (each.path, key(each.node)) in self.definers:
            return True
        if self._table.separate and not self._is_kind(each):
            return False
        sure = self._is_use(each)
        if sure and self.units and self.members.unit(each.path) not in self.units:
            return None
        return sure

    def _is_use(self, each: Occurrence) -> bool | None:
        parent = each.node.parent()
        parts = self._table.accesses.get(parent.kind()) if parent else None
        if parent is not None and parts is not None and is_child(parent, parts[1], each.node):
            return self._is_access(each, parent, parts[0])
        match each.role:
            case "member":  # with a receiver that cannot be read
                return self.alone or None
            case "use" | "binding" if each.node.kind().startswith("shorthand"):
                return None  # a property put together or taken apart
            case "use":
                return self._in_class(each)
            case "key" if member_kind(each.node, self._table) is None:
                return self._is_of_literal(each)
            case _:
                return False

    def _is_access(self, each: Occurrence, access: "Node", part: str) -> bool | None:
        value = access.field(part) if part else access.prev()
        if value is None:  # a call without a receiver
            return self._is_family(class_around(each.node, self._table))
        types = self._receivers.of(each.path, value)
        if types is None:
            return self.alone or None
        return any(self._is_family(one) for one in types)

    def _in_class(self, each: Occurrence) -> bool:
        """Whether a bare name is one of the class around it, where a language allows that."""
        names = self.members.sources.names(each.path, each.node.text())
        if names.grammar.bare_members != "everywhere" or names.owner(each) is not None:
            return False
        return self._is_family(class_around(each.node, self._table))

    def _is_of_literal(self, each: Occurrence) -> bool | None:
        """Read the type in front of a literal: `Cart{total: 3}`, `[]Cart{{total: 3}}`."""
        for node in each.node.ancestors():
            if node.kind() in self._table.literals:
                declared = node.field(self._table.literals[node.kind()])
                while declared is not None and declared.kind() in _CONTAINERS:
                    declared = declared.field("element") or declared.field("value")
                types = self._receivers.classes_of_type(each.path, declared) if declared else None
                return None if types is None else any(self._is_family(one) for one in types)
        return None

    def _is_kind(self, each: Occurrence) -> bool:
        """Whether a use is a call when a method is match, and none when a field is."""
        method = self.rule.kind == "method"
        if each.role == "key":
            return not method
        access = each.node.parent()
        outer = access.parent() if access else None
        if access is None or access.kind().startswith("scoped") or each.role == "use":
            return True
        called = any(word in access.kind() for word in ("call", "invocation", "reference"))
        if outer is not None and outer.kind() == "call_expression":
            called = called or is_child(outer, "function", access)
        return called == method

    def _is_family(self, name: str) -> bool:
        return bool(name) and self.members.heritage.related(name, self.family)

    @property
    def _receivers(self) -> Receivers:
        each = self.members
        definers = partial(member_definers, each.sources, each.table)
        return Receivers(
            sources=each.sources, table=each.table, heritage=each.heritage, members=definers
        )


def _edit(each: Occurrence, rule: Rename) -> TextEdit:
    start, end = each.place
    return TextEdit(start=start, end=end, text=rule.new)
