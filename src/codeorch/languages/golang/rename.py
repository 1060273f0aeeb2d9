"""Rename -> edits in Go files."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from posixpath import dirname

from codeorch.analysis.ast_grep import TOP, line
from codeorch.analysis.class_hierarchy import ClassHierarchy
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.proposals import (
    Evidence,
    Place,
    Proposal,
    RenameResult,
    place_of,
    propose,
)
from codeorch.analysis.receivers import member_definers
from codeorch.analysis.rename_members import MemberRename
from codeorch.analysis.renaming import Rename, clashes, conflict, is_parameter, place_list
from codeorch.analysis.scopes import DefinedKind, Definer, Names, Occurrence
from codeorch.errors import UserError
from codeorch.languages.generic.text_uses import looked_up_members
from codeorch.languages.golang.facts import COMMON, INTERFACES, LOOKUPS, SIGNATURES, TYPES
from codeorch.languages.golang.imports import GoNames
from codeorch.languages.golang.method_sets import (
    EmbeddedFields,
    examples,
    go_bases,
    method_signature,
)


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
        if rule.kind == "method" and _may_be_standard(rule.name, group):
            raise UserError(
                f"`{rule.name}` belongs to an interface of Go's standard library",
                "renamed, the type would not implement it any more: the name has to stay",
            )
        if group[0].parent:
            renamed = self._members().rename(rule, group)
            renamed = renamed.with_proposals(
                each
                for definer in group
                if (package := self.names.packages.of_file.get(definer.path))
                for each in examples(self.names, rule, package, definer.parent)
            )
        else:
            renamed = self._rename_name(rule, group[0])
        self._refuse_private(rule, renamed, group)
        return renamed

    def _refuse_private(
        self, rule: Rename, renamed: RenameResult, group: Sequence[Definer]
    ) -> None:
        """Refuse a name that the packages which use it could not see any more."""
        if rule.new[:1].isupper() or not rule.name[:1].isupper():
            return
        homes = {self.names.packages.of_file.get(each.path) for each in group}
        used = {each.place.path for each in renamed.proposals}
        others = [path for path in used if self.names.packages.of_file.get(path) not in homes]
        if others and (not group[0].local or group[0].parent):
            raise UserError(
                f"`{rule.new}` would be private to its package, but others use `{rule.old}`: "
                + place_list(sorted(others)),
                "start the new name with a capital letter",
            )

    def _rename_name(self, rule: Rename, definer: Definer) -> RenameResult:
        proposals: list[Proposal] = []
        taken: list[Place] = []
        definition = next(
            each
            for each in self.names.names(definer.path, rule.name).bindings()
            if each.node == definer.node
        )
        target = self.names.resolve(definition)
        embedded = EmbeddedFields.of(self.names, rule.name)
        for path in self.names.files_with(rule.name):
            found = self.names.names(path, rule.name)
            ours = [each for each in found.occurrences if self.names.resolve(each) == target]
            proposals += (propose(each, rule.new, _evidence(each)) for each in ours)
            if rule.kind == "class" and definer.owner[2] == TOP:
                others = (each for each in found.occurrences if each not in ours)
                proposals += (
                    propose(each, rule.new, evidence)
                    for each in others
                    if (evidence := embedded.evidence(each))
                )
            if ours:
                taken += clashes(found, self.names.names(path, rule.new), ours)
                taken += self._hiding_imports(path, rule, ours)
        package = self.names.packages.of_file.get(definer.path)
        if package is not None and definer.owner[2] == TOP:
            taken += [place_of(each) for each in self.names.definitions(package, rule.new)]
            proposals += examples(self.names, rule, package, "")
        if taken:
            raise conflict(rule, taken)
        return RenameResult(proposals=tuple(proposals))

    def _hiding_imports(
        self, path: str, rule: Rename, ours: Sequence[Occurrence]
    ) -> Iterator[Place]:
        if rule.new in self.names.imports(path):
            yield from (place_of(each) for each in ours if each.role != "member")

    def _members(self) -> MemberRename:
        return MemberRename(
            sources=self.names,
            table=TYPES,
            heritage=ClassHierarchy(bases=go_bases(self.names)),
            standard=INTERFACES | COMMON,
            unit=dirname,
            more=partial(looked_up_members, self.names, LOOKUPS),
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
                kind=_kind(each),
                qualified=".".join([*places, name]),
                owner=each.owner,
                local=each.owner[2] != TOP,
                node=each.node,
            )


def _may_be_standard(name: str, group: Sequence[Definer]) -> bool:
    """Whether one of some methods may be what an interface of the standard library asks for."""
    wanted = SIGNATURES.get(name)
    holders = [each.node.parent() for each in group]
    return name in INTERFACES and (
        wanted is None
        or any(holder is None or method_signature(holder) in wanted for holder in holders)
    )


def _kind(each: Occurrence) -> DefinedKind:
    if each.kind == "variable" and is_parameter(each.node):
        return "parameter"
    return "variable" if each.kind == "import" else each.kind


def _evidence(each: Occurrence) -> Evidence:
    return Evidence.IMPORT if each.role == "member" else Evidence.SCOPE
