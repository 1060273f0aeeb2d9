"""Rename -> edits in script files: scopes, modules and declared types."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, line, words
from codeorch.analysis.class_hierarchy import ClassHierarchy
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.proposals import Evidence, Place, Proposal, RenameResult, propose
from codeorch.analysis.receivers import member_definers
from codeorch.analysis.rename_members import MemberRename
from codeorch.analysis.renaming import Rename, clashes, conflict, is_parameter, place_list
from codeorch.analysis.scopes import DefinedKind, Definer, Definition, Entity, Names, Occurrence
from codeorch.errors import UserError
from codeorch.languages.ecmascript.dynamic_names import member_cautions
from codeorch.languages.ecmascript.facts import CLASSES, STANDARD, parameter_property
from codeorch.languages.ecmascript.imports import ScriptNames
from codeorch.languages.ecmascript.jsx import key_classes
from codeorch.languages.ecmascript.member_strings import member_uses
from codeorch.languages.ecmascript.module_members import ModuleMembers
from codeorch.languages.ecmascript.nodes import FUNCTIONS

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptScopeRename:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    names: ScriptNames
    targets: frozenset[Entity]

    def rename(self, paths: Iterable[str]) -> RenameResult:
        """Work out the edits in the files that hold the old name.

        Raises:
            UserError: the new name means something else where it would stand.
        """
        proposals: list[Proposal] = []
        taken: list[Place] = []
        members = ModuleMembers(rule=self.rule, names=self.names, targets=self.targets)
        for path in paths:
            found = self.names.names(path, self.rule.name)
            ours = [each for each in found.occurrences if self._is_ours(each, found)]
            proposals += (propose(each, self._text(each), self._evidence(each)) for each in ours)
            if ours:
                taken += clashes(found, self.names.names(path, self.rule.new), ours)
            proposals += (
                propose(each, self.rule.new, Evidence.UNKNOWN)
                for each in found.occurrences
                if self._may_be(each)
            )
            known = {each.place[0] for each in ours}
            whole = members.proposals(path)
            proposals += (each for each in whole if each.place.start not in known)
        if taken:
            raise conflict(self.rule, taken)
        return RenameResult(proposals=tuple(proposals), cautions=tuple(members.cautions()))

    def _evidence(self, each: Occurrence) -> Evidence:
        here = any(
            isinstance(target, Definition) and target.path == each.path for target in self.targets
        )
        return Evidence.SCOPE if here else Evidence.IMPORT

    def _is_ours(self, each: Occurrence, found: Names) -> bool:
        if each.role == "import":
            taken = bool(self.targets & self.names.resolve_import(each))
            return taken or (each.owner is not None and self._means(each.path, each.owner))
        if each.role == "member":
            member = each.node.parent()
            assert member is not None
            return self._gives(each) or bool(self.targets & self.names.resolve(each.path, member))
        if each.role == "key":
            return self._gives(each)
        return each.role in ("binding", "use") and self._means(each.path, found.owner(each))

    def _means(self, path: str, owner: tuple[int, int, str] | None) -> bool:
        return bool(self.targets & self.names.resolve_binding(path, owner, self.rule.name))

    def _gives(self, each: Occurrence) -> bool:
        """Whether it names an export: `exports.name = name`, `module.exports = {name: name}`."""
        parent = each.node.parent()
        outer = parent.parent() if parent else None
        if parent is None or outer is None:
            return False
        value = parent.field("object")
        if parent.kind() == "pair":
            assignment = outer.parent()
            value = assignment.field("left") if assignment else None
        exports = value is not None and value.text() in ("exports", "module.exports")
        return exports and bool(self.targets & self.names.resolve_export(each.path, self.rule.name))

    def _text(self, each: Occurrence) -> str:
        """Give what stands in an occurrence's place: some names have to be said twice."""
        old, new = self.rule.name, self.rule.new
        foreign = each.role == "import" and not self.targets & self.names.resolve_import(each)
        kind = each.node.kind()
        if kind == "shorthand_property_identifier" and not self._is_exported(each):
            return f"{old}: {new}"
        if kind.endswith("identifier_pattern") and (foreign or each.role == "binding"):
            return f"{old}: {new}"  # the property that is taken keeps its name
        return f"{old} as {new}" if foreign else new

    def _is_exported(self, each: Occurrence) -> bool:
        outer = each.node.parent()
        assignment = outer.parent() if outer else None
        left = assignment.field("left") if assignment else None
        return left is not None and left.text() == "module.exports"

    def _may_be(self, each: Occurrence) -> bool:
        """Whether an import takes the name from a file of this repository that is not found."""
        return each.role == "import" and not self.names.resolve_import(each)


_DECLARES: Final = re.compile(r"\.d\.([cm]?)ts$")
_NAMED: Final = words(
    """function_declaration class_declaration abstract_class_declaration interface_declaration
    internal_module method_definition generator_function_declaration"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRenamer:
    """Renames in the script files of a repository."""

    names: ScriptNames

    @classmethod
    def of(cls, files: FamilyFiles) -> "ScriptRenamer":
        """Make it from the script files, and the files that name packages and aliases."""
        return cls(names=ScriptNames.of(files))

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name."""
        found = [each for path in self.names.files_with(name) for each in self._in_file(path, name)]
        return [*found, *member_definers(self.names, CLASSES, name)]

    def names_of(self, name: str) -> Iterator[Names]:
        """Give the occurrences of a name, file by file."""
        return (self.names.names(path, name) for path in self.names.files_with(name))

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, and members of classes that derive."""
        members = [each for each in definers if each.parent]
        scoped: dict[tuple[str, object], list[Definer]] = {}
        for each in definers:
            if not each.parent:
                scoped.setdefault(_scope(each), []).append(each)
        found = self._members().groups(members) if members else []
        return [*scoped.values(), *found]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename one group of definitions."""
        fields = [each for each in self._fields(rule.name) if any(_same(each, o) for o in group)]
        if not group[0].parent and not fields:
            return self._scoped(rule, group)
        members = self._members()
        found = next(
            each
            for each in members.groups(list(member_definers(self.names, CLASSES, rule.name)))
            if any(_same(one, other) for one in each for other in (*group, *fields))
        )
        _check_one_side(rule, found)
        renamed = members.rename(replace(rule, kind=found[0].kind), found)
        # A parameter that is a field, too, is used by its bare name in the constructor.
        parameters = [
            each
            for each in self.definers(rule.name)
            if not each.parent and any(_same(each, one) for one in found)
        ]
        more = self._scoped(rule, parameters).proposals if parameters else ()
        return renamed.with_proposals(more)

    def _scoped(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        scopes = {_scope(each) for each in group}
        targets: frozenset[Entity] = frozenset(
            Definition(path=each.path, owner=each.owner, name=rule.name)
            for each in (*group, *self.definers(rule.name))
            if not each.parent and _scope(each) in scopes
        )
        scoped = ScriptScopeRename(rule=rule, names=self.names, targets=targets)
        return scoped.rename(self.names.files_with(rule.name))

    def _fields(self, name: str) -> Iterator[Definer]:
        """Give the parameters of constructors that are fields, too."""
        for each in member_definers(self.names, CLASSES, name):
            holder = each.node.parent()
            if holder is not None and parameter_property(holder):
                yield each

    def _members(self) -> MemberRename:
        word = re.compile(r"\b(?:class|interface|type|enum)\b")
        texts = self.names.texts
        roots = [self.names.tree(path) for path in sorted(texts) if word.search(texts[path][1])]
        heritage = ClassHierarchy.of(roots, CLASSES)
        return MemberRename(
            sources=self.names,
            table=CLASSES,
            heritage=heritage,
            standard=STANDARD,
            unit=str,
            more=member_uses,
            cautions=partial(member_cautions, self.names),
            keys=partial(key_classes, self.names),
        )

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        for each in self.names.names(path, name).bindings():
            if each.role != "binding" or each.kind == "import":
                continue
            around = [node for node in each.node.ancestors() if node.kind() in _NAMED]
            if around and around[0].field("name") == each.node:
                around = around[1:]
            names = [part.text() for node in reversed(around) if (part := node.field("name"))]
            assert each.owner is not None
            yield Definer(
                path=path,
                line=line(each.node),
                kind=_kind(each),
                qualified=".".join([path.rpartition(".")[0].replace("/", "."), *names, name]),
                owner=each.owner,
                local=any(
                    node.kind() in _LOCAL
                    for node in each.node.ancestors()
                    if node != each.node.parent()
                ),
                node=each.node,
            )


def _scope(definer: Definer) -> tuple[str, object]:
    """Name what a definition belongs to; a module and what declares it beside it are one."""
    if definer.owner[2] != TOP:
        return definer.path, definer.owner
    return _DECLARES.sub(r".\1js", definer.path), TOP


def _check_one_side(rule: Rename, members: Sequence[Definer]) -> None:
    """Refuse a name that a class gives to a member of its own and to one of its objects.

    Raises:
        UserError: there are both; which of them a receiver has is not read.
    """
    sides = {_is_static(each.node) for each in members}
    if len(sides) > 1:
        raise UserError(
            f"`{rule.old}` is ambiguous, it is a static member and one of objects: "
            + place_list(members),
            "a plan by a model can rename one of them",
        )


def _is_static(name: "Node") -> bool:
    holder = name.parent()
    return holder is not None and any(each.kind() == "static" for each in holder.children())


def _same(one: Definer, other: Definer) -> bool:
    return one.path == other.path and one.node == other.node


def _kind(each: Occurrence) -> DefinedKind:
    holder = each.node.parent()
    value = holder.field("value") if holder and holder.kind() == "variable_declarator" else None
    if value is not None and value.kind() in FUNCTIONS:
        return "function"
    if value is not None and value.kind() == "class":
        return "class"
    if each.kind == "variable" and is_parameter(each.node):
        return "parameter"
    return "variable" if each.kind == "import" else each.kind


_LOCAL: Final = words(
    """function_declaration function_expression arrow_function method_definition function_type
    generator_function generator_function_declaration method_signature function_signature
    abstract_method_signature class_static_block call_signature construct_signature"""
)
