"""Rename -> edits in Go files."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import TOP, line
from codeorch.analysis.class_hierarchy import ClassHierarchy, class_around
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.receivers import member_definers
from codeorch.analysis.rename_members import MemberRename
from codeorch.analysis.renaming import (
    Place,
    Rename,
    RenameResult,
    clashes,
    conflict,
    place_list,
    place_of,
)
from codeorch.analysis.scopes import Definer, Names, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.errors import UserError
from codeorch.languages.golang.facts import COMMON, INTERFACES, TYPES, embedded_types, receiver_of
from codeorch.languages.golang.imports import GoNames

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GoRenamer:
    """Renames in the Go files of a repository."""

    names: GoNames

    @classmethod
    def of(cls, files: FamilyFiles) -> "GoRenamer":
        """Make it from the Go files, and the go.mod files."""
        return cls(names=GoNames.of(files))

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name."""
        found = [each for path in self.names.files_with(name) for each in self._in_file(path, name)]
        return [*found, *member_definers(self.names, TYPES, name)]

    def names_of(self, name: str) -> Iterator[Names]:
        """Give the occurrences of a name, file by file."""
        return (self.names.names(path, name) for path in self.names.files_with(name))

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one package defines (files for other systems), and members."""
        members = [each for each in definers if each.parent]
        scoped: dict[object, list[Definer]] = defaultdict(list)
        for each in definers:
            if not each.parent:
                package = self.names.packages.of_file.get(each.path)
                top = each.owner[2] == TOP
                scoped[package if top else (each.path, each.owner)].append(each)
        return [*scoped.values(), *(self._members().groups(members) if members else ())]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename one group of definitions.

        Raises:
            UserError: the new name is taken, other packages could not see it, or the standard
                library calls the old one.
        """
        if rule.kind == "method" and rule.name in INTERFACES:
            raise UserError(
                f"`{rule.name}` belongs to an interface of Go's standard library",
                "renamed, the type would not implement it any more: the name has to stay",
            )
        if group[0].parent:
            renamed = self._members().rename(rule, group)
        else:
            renamed = self._rename_name(rule, group[0])
        folders = {dirname(path) for path in renamed.edits}
        if len(folders) > 1 and rule.name[:1].isupper() and not rule.new[:1].isupper():
            raise UserError(
                f"`{rule.new}` would be private to its package, but others use `{rule.old}`: "
                + place_list(sorted(renamed.edits)),
                "start the new name with a capital letter",
            )
        return renamed

    def _rename_name(self, rule: Rename, definer: Definer) -> RenameResult:
        edits: dict[str, tuple[TextEdit, ...]] = {}
        taken: list[Place] = []
        definition = next(
            each
            for each in self.names.names(definer.path, rule.name).bindings()
            if each.node == definer.node
        )
        target = self.names.resolve(definition)
        fields = self._is_embedded(rule.name) if rule.kind == "class" else False
        for path in self.names.files_with(rule.name):
            found = self.names.names(path, rule.name)
            ours = [each for each in found.occurrences if self.names.resolve(each) == target]
            # The field of an embedded type goes by the type's name.
            loose = [e for e in found.occurrences if fields and e.role in ("member", "key")]
            loose = [e for e in loose if e not in ours and self.names.qualifier(e) is None]
            if ours or loose:
                spots = [each.place for each in (*ours, *loose)]
                edits[path] = tuple(
                    TextEdit(start=a, end=b, text=rule.new) for a, b in sorted(spots)
                )
                taken += clashes(found, self.names.names(path, rule.new), ours)
                taken += self._hiding_imports(path, rule, ours)
        package = self.names.packages.of_file.get(definer.path)
        if package is not None and definer.owner[2] == TOP:
            taken += [place_of(each) for each in self.names.definitions(package, rule.new)]
        if taken:
            raise conflict(rule, taken)
        return RenameResult(edits=edits)

    def _hiding_imports(
        self, path: str, rule: Rename, ours: Sequence[Occurrence]
    ) -> Iterator[Place]:
        if rule.new in self.names.imports(path):
            yield from (place_of(each) for each in ours if each.role != "member")

    def _is_embedded(self, name: str) -> bool:
        """Whether a struct embeds the type, and no other field or method is called so."""
        if any(True for _ in member_definers(self.names, TYPES, name)):
            return False
        return any(
            field.field("name") is None and name in field.text()
            for path in self.names.files_with(name)
            for field in self.names.tree(path).find_all(kind="field_declaration")
        )

    def _members(self) -> MemberRename:
        return MemberRename(
            sources=self.names,
            table=TYPES,
            heritage=ClassHierarchy(bases=_bases(self.names)),
            standard=INTERFACES | COMMON,
            unit=dirname,
        )

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        package = self.names.packages.of_file.get(path)
        for each in self.names.names(path, name).bindings():
            kinds = ("function_declaration", "method_declaration")
            around = [node for node in each.node.ancestors() if node.kind() in kinds]
            own = each.kind == "function" and around[:1]
            around = around[1:] if own else around
            names = [part.text() for node in reversed(around) if (part := node.field("name"))]
            places = [dirname(path).replace("/", "."), package.name if package else "", *names]
            assert each.owner is not None
            yield Definer(
                path=path,
                line=line(each.node),
                kind="variable" if each.kind == "import" else each.kind,
                qualified=".".join([*places, name]),
                owner=each.owner,
                local=each.owner[2] != TOP,
                node=each.node,
            )


def _bases(names: GoNames) -> Mapping[str, frozenset[str]]:
    """Say which types embed which, and which have all methods of an interface."""
    bases: dict[str, set[str]] = defaultdict(set)
    methods: dict[str, set[str]] = defaultdict(set)
    interfaces: dict[str, set[str]] = defaultdict(set)
    for path in names.texts:
        root = names.tree(path)
        for method in root.find_all(kind="method_declaration"):
            name = method.field("name")
            methods[receiver_of(method)].add(name.text() if name else "")
        for spec in root.find_all(kind="type_spec"):
            owner = spec.field("name")
            assert owner is not None
            bases[owner.text()] |= set(embedded_types(spec))
        for element in root.find_all(kind="method_elem"):
            name = element.field("name")
            interfaces[class_around(element, TYPES)].add(name.text() if name else "")
    for interface, wanted in interfaces.items():
        for owner_name, own in methods.items():
            if wanted <= own:
                bases[owner_name].add(interface)
    return {name: frozenset(found) for name, found in bases.items()}
