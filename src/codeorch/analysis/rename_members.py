"""Rename of a member of classes -> edits, where a table tells what a class is.

The type of a receiver is read where the code says it: `this`, a declared type, `new`. Elsewhere a
member belongs to the one family of classes that defines its name, unless the values of the language
itself have such a member, too.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import TOP, is_child, key
from codeorch.analysis.class_hierarchy import (
    ClassHierarchy,
    ClassTable,
    class_around,
    class_names_around,
    is_in_anonymous,
    member_kind,
)
from codeorch.analysis.literal_types import is_shorthand, literal_classes
from codeorch.analysis.overloads import argument_count, parameter_types, takes
from codeorch.analysis.parse_cache import Sources
from codeorch.analysis.proposals import (
    Evidence,
    Place,
    Proposal,
    RenameResult,
    place_of,
    propose,
)
from codeorch.analysis.receivers import Receivers, member_definers
from codeorch.analysis.renaming import Rename, conflict, is_meant
from codeorch.analysis.scopes import Definer, Occurrence

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRename:
    """The members of the classes of one family of languages."""

    sources: Sources
    table: ClassTable
    heritage: ClassHierarchy
    standard: frozenset[str]  # members that values of the language itself have
    # Two classes of one name in different units are different classes. Empty = there is one unit.
    unit: Callable[[str], str] = field(default=lambda _path: "")
    # Names the classes that a key of a literal, or of a pattern, is a member of; None = not said.
    keys: Callable[[Receivers, str, "Node"], Collection[str] | None] = field(
        default=literal_classes
    )
    # Finds places where a program may put the name together, each with why.
    cautions: Callable[["MemberMatch"], Iterable[tuple[Place, str]]] = field(
        default=lambda _match: ()
    )
    # Finds further uses of a member: in strings, by its bare name where that is imported.
    more: Callable[["MemberMatch"], Iterable[Proposal]] = field(default=lambda _match: ())

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
            if self.heritage.related(each.parent, match.family)
            and (not match.units or self.unit(each.path) in match.units)
        ]
        if taken:
            raise conflict(rule, taken)
        found = [
            (each, match.evidence(each))
            for path in self.sources.files_with(rule.name)
            for each in self.sources.names(path, rule.name).occurrences
        ]
        bare = [each for each, evidence in found if evidence and each.role == "use"]
        if captures := [place_of(each) for each in bare if self._is_captured(each, rule.new)]:
            raise conflict(rule, captures)
        proposals = (
            propose(each, _text(each, rule), evidence) for each, evidence in found if evidence
        )
        return RenameResult(
            proposals=(*proposals, *self.more(match)), cautions=tuple(self.cautions(match))
        )

    def _is_captured(self, each: Occurrence, new: str) -> bool:
        """Whether a bare name would mean a parameter, or what else is nearer than the member."""
        owner = self.sources.names(each.path, new).lookup(each.node)
        return owner is not None and owner[2] != TOP and not is_shorthand(each.node)

    def _match(self, rule: Rename, group: Sequence[Definer]) -> "MemberMatch":
        everywhere = list(member_definers(self.sources, self.table, rule.name))
        families = self.heritage.families(each.parent for each in everywhere)
        family = next(each for each in families if group[0].parent in each)
        members = [each for each in everywhere if each.parent in family]
        if self.table.separate:
            members = [each for each in members if each.kind == rule.kind]
        members, others = self._by_signature(rule, members)
        # One of several classes of this name was chosen: what it is elsewhere cannot be told.
        units = {self.unit(each.path) for each in group} if self._is_split(members) else set()
        chosen = [each for each in members if not units or self.unit(each.path) in units]
        return MemberMatch(
            members=self,
            rule=rule,
            family=family,
            chosen=tuple(chosen),
            others=tuple(others),
            units=frozenset(units),
            alone=len(families) == 1 and rule.name not in self.standard and not units,
        )

    def _by_signature(
        self, rule: Rename, members: list[Definer]
    ) -> tuple[list[Definer], list[Definer]]:
        """Part the members that the rule means from overloads, which are other members."""
        if not self.table.overloads or rule.kind != "method":
            return members, []
        meant = {parameter_types(each) for each in members if is_meant(rule, each)}
        ours = [each for each in members if parameter_types(each) in meant]
        return ours, [each for each in members if each not in ours]

    def _is_split(self, members: Sequence[Definer]) -> bool:
        homes: dict[str, set[str]] = {}
        for each in members:
            if not is_in_anonymous(each.node, self.table):  # its class is named elsewhere
                homes.setdefault(each.parent, set()).add(self.unit(each.path))
        return any(len(units) > 1 for units in homes.values())

    def _by_unit(self, members: Sequence[Definer]) -> list[list[Definer]]:
        units: dict[str, list[Definer]] = {}
        for each in members:
            units.setdefault(self.unit(each.path), []).append(each)
        return list(units.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMatch:
    """Says how it is known that an occurrence means the member that is renamed."""

    members: MemberRename
    rule: Rename
    family: frozenset[str]  # the names of the classes that share the member
    chosen: tuple[Definer, ...]  # where they define it
    others: tuple[Definer, ...]  # overloads: other members of the same name
    units: frozenset[str]  # the only ones that can be meant; empty = all
    alone: bool  # whether a receiver of unknown type can only be of the family

    @property
    def _table(self) -> ClassTable:
        return self.members.table

    def evidence(self, each: Occurrence) -> Evidence | None:
        """Judge one occurrence; None when it is something else."""
        at = (each.path, key(each.node))
        if any((one.path, one.owner) == at for one in self.chosen):
            return Evidence.CLASS
        overload = any((one.path, one.owner) == at for one in self.others)
        if overload or (self._table.separate and not self._is_kind(each)):
            return None
        found = self._of_use(each)
        if found and self.units and self.members.unit(each.path) not in self.units:
            return Evidence.UNKNOWN
        return found

    def _of_use(self, each: Occurrence) -> Evidence | None:
        parent = each.node.parent()
        parts = self._table.accesses.get(parent.kind()) if parent else None
        if parent is not None and parts is not None and is_child(parent, parts[1], each.node):
            return self._of_access(each, parent, parts[0])
        if parent is not None and parent.kind() in self._table.references:
            return self._of_access(each, parent, "") if each.role == "member" else None
        if each.role == "member":  # with a receiver that cannot be read
            return self._guess
        is_key = each.role == "key" and member_kind(each.node, self._table) is None
        if is_key or (each.role in ("use", "binding") and is_shorthand(each.node)):
            return self._of_literal(each)
        return self._in_class(each) if each.role == "use" else None

    def _of_access(self, each: Occurrence, access: "Node", part: str) -> Evidence | None:
        value = access.field(part) if part else access.prev()
        if access.kind() in self._table.references:
            value = access.child(0)
        if value is None:  # a call without a receiver
            found = self._of_bare(each)
            return self._by_arguments(access, None, found) if found else None
        types: Collection[str] | None = self.receivers.of(each.path, value)
        own = value.text() in self._table.own
        found = self._by_classes(types, Evidence.CLASS if own else Evidence.TYPE)
        return self._by_arguments(access, types, found) if found else None

    def _by_classes(self, types: Collection[str] | None, evidence: Evidence) -> Evidence | None:
        if types is None:
            return self._guess
        others = [one for one in types if one and not self.is_family(one)]
        if not any(self.is_family(one) for one in types):
            return None
        # One name for the members of two classes, as of `Tank | Cup`, cannot follow one of them.
        return Evidence.UNKNOWN if any(map(self._may_have, others)) else evidence

    def _may_have(self, name: str) -> bool:
        return self._has_own(name) or not self._is_known(name)

    def _by_arguments(
        self, access: "Node", types: Collection[str] | None, found: Evidence
    ) -> Evidence | None:
        """Judge a call by how much it hands over, where the member has overloads."""
        lines = {up for one in types or () for up in (one, *self.members.heritage.ancestors(one))}
        others = [one for one in self.others if types is None or one.parent in lines]
        if not others:
            return found
        count = argument_count(access)
        if not any(takes(one, count) for one in others):
            return found
        ours = any(takes(each, count) for each in self.chosen)
        return Evidence.UNKNOWN if ours else None

    @property
    def _guess(self) -> Evidence:
        return Evidence.GUESS if self.alone else Evidence.UNKNOWN

    def _in_class(self, each: Occurrence) -> Evidence | None:
        """Whether a bare name is one of the class around it, where a language allows that."""
        parent = each.node.parent()
        if parent is not None and parent.kind() in self._table.labels:
            return self._of_label(each)
        names = self.members.sources.names(each.path, each.node.text())
        if names.grammar.bare_members != "everywhere" or names.owner(each) is not None:
            return None
        return self._of_bare(each)

    def _of_bare(self, each: Occurrence) -> Evidence | None:
        """Judge a bare name by the class around it, and by those around that."""
        inner = class_around(each.node, self._table)
        found = self._by_classes({inner}, Evidence.CLASS)
        _, *outer = (*class_names_around(each.node, self._table), "")
        doubtful = False
        for name in outer if found is None else ():
            if self._has_own(inner):
                return None
            doubtful = doubtful or not self._is_known(inner)
            if self.is_family(name):
                return Evidence.UNKNOWN if doubtful else Evidence.CLASS
            inner = name
        return found

    def _is_known(self, name: str) -> bool:
        """Whether all members of a class are known: it derives from nothing of a library."""
        bases = self.members.heritage.bases
        above = {name, *self.members.heritage.ancestors(name)}
        return all(one in bases for one in above - self._table.small)

    def _has_own(self, name: str) -> bool:
        """Whether a class that is none of the family has a member of this name."""
        above = {name, *self.members.heritage.ancestors(name)} - {""}
        return any(one.parent in above for one in self.receivers.members(self.rule.name))

    def _of_label(self, each: Occurrence) -> Evidence | None:
        """Judge `case X:` by the class of what is switched on; X may be a constant as well."""
        values = (one.field("condition") for one in each.node.ancestors())
        value = next((one for one in values if one is not None), None)
        types = self.receivers.of(each.path, value) if value is not None else None
        return Evidence.UNKNOWN if types is None else self._by_classes(types, Evidence.TYPE)

    def _of_literal(self, each: Occurrence) -> Evidence | None:
        """Judge a key of a literal or a pattern, by the type that is said of it."""
        types = self.members.keys(self.receivers, each.path, each.node)
        return Evidence.UNKNOWN if types is None else self._by_classes(types, Evidence.TYPE)

    def _is_kind(self, each: Occurrence) -> bool:
        """Whether a use is a call when a method is match, and none when a field is."""
        method = self.rule.kind == "method"
        if each.role == "key":
            return not method
        access = each.node.parent()
        outer = access.parent() if access else None
        if each.role == "use":  # where calls are accesses, a bare name is none
            return not (method and "method_invocation" in self._table.accesses)
        if access is None or access.kind().startswith("scoped"):
            return True
        called = any(word in access.kind() for word in ("call", "invocation", "reference"))
        if outer is not None and outer.kind() == "call_expression":
            called = called or is_child(outer, "function", access)
        return called == method

    def is_family(self, name: str) -> bool:
        """Whether a class is of the family, or derives from it, or is a base of it."""
        return bool(name) and self.members.heritage.related(name, self.family)

    @property
    def receivers(self) -> Receivers:
        """What the code says about the class of a value."""
        each = self.members
        definers = partial(member_definers, each.sources, each.table)
        return Receivers(
            sources=each.sources, table=each.table, heritage=each.heritage, members=definers
        )


def _text(each: Occurrence, rule: Rename) -> str:
    """Give what stands in an occurrence's place: of a shorthand, the value keeps its name."""
    return f"{rule.new}: {rule.name}" if is_shorthand(each.node) else rule.new
