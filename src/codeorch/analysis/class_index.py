"""Name of a class -> its definitions, members and bases, read as they are asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import of_kind, words
from codeorch.analysis.class_hierarchy import ClassHierarchy, ClassTable, base_names, class_name
from codeorch.analysis.parse_cache import Sources
from codeorch.analysis.receivers import Receivers, member_definers
from codeorch.analysis.scopes import Definer, Occurrence
from codeorch.analysis.signatures import ANYTHING, CallSyntax, signature_of
from codeorch.analysis.use_sites import CallTarget, Reader, SourceSymbol, Use

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_FIELDS = ("required_parameter", "optional_parameter", "class_parameter")
_DECLARED = words("abstract_method_signature method_signature property_signature method_elem")
_MAY_HAVE_BODY = words("method_declaration function_signature_item")  # of Java, of Rust
_OPEN = ("index_signature", "mapped_type_clause", "embedded_elem")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassIndex:
    """What classes define. Only files that hold a class's name are read."""

    sources: Sources
    table: ClassTable
    calls: CallSyntax
    # What a class node derives from; by default what its head names.
    derived: Callable[["Node"], Iterable[str]] | None = None
    # Whether a class of this name can be the one that a file means by it.
    visible: Callable[[str, str], bool] = field(default=lambda _path, _name: True)
    _classes: dict[str, tuple[tuple[str, "Node"], ...]] = field(default_factory=dict)
    _members: dict[str, tuple[Definer, ...]] = field(default_factory=dict)
    _bases: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def heritage(self) -> ClassHierarchy:
        """Which class derives from which."""
        return ClassHierarchy(bases=_Bases(self))

    @property
    def receivers(self) -> Receivers:
        """What the code says about the class of a value."""
        return Receivers(
            sources=self.sources,
            table=self.table,
            heritage=self.heritage,
            members=self.members,
            visible=self.visible,
        )

    def classes(self, name: str) -> tuple[tuple[str, "Node"], ...]:
        """Find the classes of a name, each with its path."""
        if name not in self._classes:
            self._classes[name] = tuple(
                (path, node)
                for path in self.sources.files_with(name)
                for node in self._classes_in(path)
                if class_name(node, self.table) == name
            )
        return self._classes[name]

    def _classes_in(self, path: str) -> Sequence["Node"]:
        """Give every class that a file defines."""
        return self.sources.parse(path).nodes(frozenset(self.table.classes))

    @property
    def read(self) -> tuple[str, ...]:
        """The names that were asked for so far."""
        return tuple(self._classes)

    def members(self, name: str) -> tuple[Definer, ...]:
        """Find every place that defines a member of a name."""
        if name not in self._members:
            self._members[name] = tuple(member_definers(self.sources, self.table, name))
        return self._members[name]

    def has(self, owner: str, name: str) -> bool | None:
        """Whether a class has a member; None when its text does not tell."""
        above = {owner, *self.heritage.ancestors(owner)}
        if any(each.parent in above for each in self.members(name)):
            return True
        if self.derived and any(name in (self.bases_of(one) or ()) for one in above):
            return True  # what is embedded goes by the name of its type
        if any(self._is_parameter(one, name) for one in above):
            return True
        known = all(len(self.classes(one)) == 1 for one in above)
        if not known or any(self._is_open(one) for one in above):
            return None
        return False

    def member(self, each: Occurrence, value: "Node") -> Iterator[Use]:
        """Judge `value.name`: a use when the class of the value lacks it, or is not known."""
        name = each.node.text()
        classes = self.receivers.of(each.path, value)
        told = None if classes is None else [self.has(one, name) for one in classes]
        if told is None or (None in told and True not in told):
            yield Use.of(each, "member", receiver=value.text())
        elif told and not any(told):
            yield Use.of(
                each, "member", "likely", f"`{value.text()}` has no `{name}`", value.text()
            )

    def _is_open(self, name: str) -> bool:
        return any(
            _is_alias(node) or any(of_kind(node, kind) for kind in _OPEN)
            for _, node in self.classes(name)
        )

    def _is_parameter(self, owner: str, name: str) -> bool:
        """Whether a constructor's parameter is a member: `constructor(private name: string)`."""
        parameters = (
            n for _, node in self.classes(owner) for k in _FIELDS for n in of_kind(node, k)
        )
        return any(
            each.child(0) is not None
            and "modifier" in each.children()[0].kind()
            and any(part.text() == name for part in each.children())
            for each in parameters
        )

    def bases_of(self, name: str) -> frozenset[str] | None:
        """Name what the classes of a name derive from; None when there is no such class."""
        if name not in self._bases and self.classes(name):
            bases = (base for _, node in self.classes(name) for base in self.bases(node))
            self._bases[name] = frozenset(bases)
        return self._bases.get(name)

    def bases(self, node: "Node") -> frozenset[str]:
        """Name what a class derives from."""
        return frozenset(self.derived(node) if self.derived else base_names(node, self.table))

    def heirs(self, name: str) -> Iterator[str]:
        """Name the classes that derive from one, at any distance."""
        seen, todo = {name}, [name]
        while todo:
            base = todo.pop()
            for path in self.sources.files_with(base):
                for node in self._classes_in(path):
                    heir = class_name(node, self.table)
                    if heir and heir not in seen and base in self.bases(node):
                        seen.add(heir)
                        todo.append(heir)
                        yield heir

    def overrides(self, owner: str, name: str) -> Iterator[CallTarget]:
        """Find what the heirs of a class define under the name of one of its members."""
        heirs = frozenset(self.heirs(owner)) if self.members(name) else frozenset()
        found = (each for each in self.members(name) if each.parent in heirs)
        yield from (
            replace(self.target(each), plain=self._are_unique(owner, each)) for each in found
        )

    def base_definitions(self, owner: str, name: str) -> Iterator[CallTarget]:
        """Find what the bases of a class define under the name of one of its members."""
        above = self.heritage.ancestors(owner) if self.members(name) else frozenset()
        found = [each for each in self.members(name) if each.parent in above]
        needed = all(map(_is_declared, found)) and any(
            _can_be_made(node) for _, node in self.classes(owner)
        )
        for each in found:
            yield replace(self.target(each), plain=self._are_unique(owner, each), needed=needed)

    def _are_unique(self, owner: str, definer: Definer) -> bool:
        """Whether a class, and the one around a member, are the only ones of their names."""
        return all(len(self.classes(one)) == 1 for one in (owner, definer.parent))

    def outer_bases(self, owner: str) -> frozenset[str]:
        """Name what a class derives from that is not from this repository."""
        above = self.heritage.ancestors(owner) if owner else ()
        return frozenset(one for one in above if not self.classes(one))

    def methods(self, owner: str, name: str) -> Iterator[CallTarget]:
        """Find what a call of a member runs: the class's own, else what it derives."""
        found = [each for each in self.members(name) if each.parent == owner]
        if not found:
            above = self.heritage.ancestors(owner)
            found = [each for each in self.members(name) if each.parent in above]
        yield from (self.target(each) for each in found)

    def lineage(self, owner: str, name: str) -> Iterator[CallTarget]:
        """Find all that a call of a member may run, where one name has several: overloads."""
        above = {owner, *self.heritage.ancestors(owner)}
        found = (each for each in self.members(name) if each.parent in above)
        yield from (replace(self.target(each), plain=False) for each in found)

    def target(self, definer: Definer) -> CallTarget:
        """Read what a member takes."""
        node = definer.node.parent()
        signature = signature_of(node, self.calls) if node else None
        return CallTarget(
            path=definer.path,
            line=definer.line,
            owner=definer.parent,
            signature=ANYTHING if signature is None else signature,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReader(Reader):
    """What the readers have in common whose classes a table tells."""

    objects: ClassIndex

    def overrides(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what derived classes define under the name of a member."""
        return self.objects.overrides(place.owner, name) if place.owner else iter(())

    def base_definitions(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what base classes define under the name of a member."""
        return self.objects.base_definitions(place.owner, name) if place.owner else iter(())

    def outer_bases(self, place: SourceSymbol) -> frozenset[str]:
        """Name what the class around a member derives from that is not from this repository."""
        return self.objects.outer_bases(place.owner)


def _is_declared(definer: Definer) -> bool:
    """Whether a member has no body and must get one: `abstract f(): void`, `name: string`."""
    node = definer.node.parent()
    if node is None or any(child.kind() == "?" for child in node.children()):
        return False
    return node.kind() in _DECLARED or (
        node.kind() in _MAY_HAVE_BODY and node.field("body") is None
    )


def _can_be_made(node: "Node") -> bool:
    """Whether a class is neither abstract nor an interface."""
    head = node.text().partition("{")[0]
    return "class" in node.kind() and "abstract" not in (*node.kind().split("_"), *head.split())


def _is_alias(node: "Node") -> bool:
    """Whether a type is another's name, or put together of others: `type A = B[]`."""
    value = node.field("value") if node.kind() == "type_alias_declaration" else None
    return value is not None and value.kind() != "object_type"


class _Bases(Mapping[str, frozenset[str]]):
    """What each class derives from, looked up by its name."""

    def __init__(self, objects: ClassIndex) -> None:
        self._objects = objects

    def __getitem__(self, name: str) -> frozenset[str]:
        found = self._objects.bases_of(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects.read)

    def __len__(self) -> int:
        return len(self._objects.read)
