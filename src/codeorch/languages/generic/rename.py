"""Rename -> edits in table languages: by a file's scopes, elsewhere only if one can be meant."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, line, of_kind, span, words
from codeorch.analysis.class_hierarchy import (
    ClassHierarchy,
    ClassTable,
    class_around,
    member_kind,
)
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.literal_types import is_shorthand
from codeorch.analysis.proposals import (
    Evidence,
    Place,
    Proposal,
    RenameResult,
    propose,
    propose_text,
)
from codeorch.analysis.receivers import member_definers
from codeorch.analysis.rename_members import MemberMatch, MemberRename
from codeorch.analysis.renaming import Rename, clashes, conflict, is_parameter
from codeorch.analysis.scopes import DefinedKind, Definer, Names, Occurrence
from codeorch.analysis.syntax_tables import SyntaxTables
from codeorch.languages.generic.homes import Homes
from codeorch.languages.generic.import_paths import written_path
from codeorch.languages.generic.member_imports import imported_members
from codeorch.languages.generic.sources import GENERIC_MEMBERS, TableSources, is_path
from codeorch.languages.generic.text_uses import format_fields, looked_up_members

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class TableScopeRename:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    sources: TableSources
    group: Sequence[Definer]
    alone: bool  # whether a use in any file can only mean this definition
    classes: frozenset[str]  # those with a member of the same name
    homes: Homes  # where paths lead that name it

    def rename(self) -> RenameResult:
        """Work out the edits.

        Raises:
            UserError: the new name means something else where it would stand.
        """
        proposals: list[Proposal] = []
        taken: list[Place] = []
        for path in self.sources.files_with(self.rule.name):
            found = self.sources.names(path, self.rule.name)
            judged = [(each, self._evidence(each, found)) for each in found.occurrences]
            proposals += (
                propose(each, self._text(each), evidence) for each, evidence in judged if evidence
            )
            proposals += self._in_macros(path)
            proposals += self._in_formats(path)
            if ours := [each for each, evidence in judged if evidence and evidence.is_proof]:
                taken += clashes(found, self.sources.names(path, self.rule.new), ours)
        if taken:
            raise conflict(self.rule, taken)
        return RenameResult(proposals=tuple(proposals))

    def _text(self, each: Occurrence) -> str:
        """Give what stands in an occurrence's place: the field of a shorthand keeps its name."""
        both = f"{self.rule.name}: {self.rule.new}"
        return both if is_shorthand(each.node) else self.rule.new

    def _evidence(self, each: Occurrence, found: Names) -> Evidence | None:
        if each.role in ("key", "other"):
            return None
        if _is_variable(each.node) != _is_variable(self.group[0].node):
            return None
        if each.role == "member" and self._is_component:
            return Evidence.UNKNOWN
        is_path_part = each.role == "member" or written_path(each.node)
        owner = None if is_path_part else found.owner(each)
        if owner is not None:
            mine = any(one.path == each.path and one.owner == owner for one in self.group)
            return Evidence.SCOPE if mine or (self.alone and owner[2] == TOP) else None
        if all(one.local for one in self.group):
            return Evidence.UNKNOWN if self._is_label(each) else None
        return self._elsewhere(each)

    @property
    def _is_component(self) -> bool:
        """Whether a parameter is one of a class, and a member of it: `record Point(int x)`."""
        one = self.group[0]
        return one.owner[2] in self._table.classes and is_parameter(one.node)

    def _is_label(self, each: Occurrence) -> bool:
        """Whether a name may be that of a parameter in a call: `f(a = 1)`, `f(a: 1)`."""
        parent, mark = each.node.parent(), each.node.next()
        named = self.sources.tables.calls.named and self.group[0].kind == "parameter"
        is_argument = parent is not None and (
            "argument" in parent.kind() or "pair" in parent.kind()
        )
        return named and is_argument and mark is not None and mark.text() in ("=", ":")

    def _elsewhere(self, each: Occurrence) -> Evidence | None:
        """Judge a use that its own file does not define."""
        if each.role == "use" and class_around(each.node, self._table) in self.classes:
            return None
        before = self.sources.imports(each.path).path_before(each.node) or ()
        is_written = written_path(each.node) and before in self.homes.homes
        if each.role == "member" and not is_path(each.node) and not is_written:
            return None
        if before and before[-1] in self.classes:
            return None
        match self.homes.origin(each.path, each.node):
            case "ours":
                return Evidence.IMPORT
            case "unknown":
                return Evidence.UNKNOWN
            case _:
                return None

    @property
    def _table(self) -> ClassTable:
        return self.sources.tables.classes

    def _in_formats(self, path: str) -> Iterator[Proposal]:
        """Find a variable in the format strings of macros: `"{name}"`."""
        scopes = frozenset(each.owner for each in self.group if each.path == path)
        is_variable = self.group[0].kind in ("variable", "parameter")
        if self.sources.tables.has_format_fields and is_variable and scopes:
            names = (self.rule.name, self.rule.new)
            yield from format_fields(self.sources, path, names, scopes)

    def _in_macros(self, path: str) -> Iterator[Proposal]:
        """Find the name in the bodies of C macros, which no grammar reads."""
        word = re.compile(rf"\b{re.escape(self.rule.name)}\b")
        names = (self.rule.name, self.rule.new)
        text = self.sources.texts[path][1]
        for body in of_kind(self.sources.tree(path), "preproc_arg"):
            for each in word.finditer(body.text()):
                start = span(body)[0] + each.start()
                yield propose_text(path, text, start, names, Evidence.UNKNOWN)


def _is_variable(node: "Node") -> bool:
    """Whether a name is one of Bash's variables, which never clash with its functions."""
    return node.kind() == "variable_name"


_FUNCTIONS: Final = words(
    """function_item function_definition method_declaration constructor_declaration
    closure_expression function_declaration method singleton_method lambda_expression
    lambda_literal block do_block compound_statement"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRenamer:
    """Renames in the files of one family of languages."""

    sources: TableSources

    @classmethod
    def of(cls, tables: SyntaxTables, files: FamilyFiles) -> "TableRenamer":
        """Make it from a family's tables and files."""
        return cls(sources=TableSources.of(tables, files))

    @property
    def tables(self) -> SyntaxTables:
        """How the family writes scopes and classes."""
        return self.sources.tables

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name."""
        found = [
            each for path in self.sources.files_with(name) for each in self._in_file(path, name)
        ]
        return [*found, *member_definers(self.sources, self.tables.classes, name)]

    def names_of(self, name: str) -> Iterator[Names]:
        """Give the occurrences of a name, file by file."""
        return (self.sources.names(path, name) for path in self.sources.files_with(name))

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, declarations with definitions, and members."""
        members = [each for each in definers if each.parent]
        scoped: dict[object, list[Definer]] = defaultdict(list)
        for each in definers:
            if not each.parent:
                apart = self.tables.declared_apart and not each.local
                static = each.path if _is_static(each.node) else ""
                scoped[static if apart else (each.path, each.owner)].append(each)
        return [*scoped.values(), *(self._members().groups(members) if members else ())]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename one group of definitions."""
        if group[0].parent:
            return self._members().rename(rule, group)
        members = member_definers(self.sources, self.tables.classes, rule.name)
        renamed = TableScopeRename(
            rule=rule,
            sources=self.sources,
            group=group,
            alone=self._is_alone(rule.name, group),
            classes=frozenset(each.parent for each in members),
            homes=Homes.of(
                self.sources,
                group,
                alone=self._is_alone(rule.name, group),
                others=self.definers(rule.name),
            ),
        ).rename()
        moves = self._moves(rule, group)
        notes = tuple(_file_notes(rule, group, moves))
        return replace(renamed, notes=notes, moves=moves)

    def _moves(self, rule: Rename, group: Sequence[Definer]) -> dict[str, str]:
        """Say which files have to be called after their class, and what they are called then.

        Raises:
            UserError: there is such a file already.
        """
        if not self.tables.file_of_class:
            return {}
        moves: dict[str, str] = {}
        for each in group:
            folder, slash, name = each.path.rpartition("/")
            stem, _, suffix = name.rpartition(".")
            holder = each.node.parent()
            top = holder is not None and _is_top(holder)
            if each.kind == "class" and stem == rule.name and top and _is_public(each.node):
                moves[each.path] = f"{folder}{slash}{rule.new}.{suffix}"
        if taken := [path for path in moves.values() if path in self.sources.texts]:
            raise conflict(rule, taken)
        return moves

    def _is_alone(self, name: str, group: Sequence[Definer]) -> bool:
        """Whether a use in any file can only mean this definition."""
        if any(each.local for each in group):
            return False
        ours = {(each.path, each.owner) for each in group}
        others = [each for each in self.definers(name) if not each.local and not each.parent]
        return all((each.path, each.owner) in ours for each in others)

    def _members(self) -> MemberRename:
        roots = [self.sources.tree(path) for path in sorted(self.sources.texts)]
        table = self.tables.classes
        return MemberRename(
            sources=self.sources,
            table=table,
            heritage=ClassHierarchy.of(roots, table),
            standard=GENERIC_MEMBERS,
            more=self._more,
            unit=(lambda _path: "") if self.tables.declared_apart else str,
        )

    def _more(self, match: MemberMatch) -> Iterator[Proposal]:
        """Propose the uses of a member that are no accesses."""
        yield from imported_members(self.sources, match)
        yield from looked_up_members(self.sources, self.tables.lookups, match)

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        for each in self.sources.names(path, name).bindings():
            if each.role != "binding" or member_kind(each.node, self.tables.classes):
                continue
            parent = each.node.parent()
            around = [node for node in each.node.ancestors() if node != parent]
            named = [part for node in reversed(around) if (part := node.field("name"))]
            names = [part.text() for part in named if part != each.node]
            assert each.owner is not None
            yield Definer(
                path=path,
                line=line(each.node),
                kind=_kind(each),
                qualified=".".join([path.rpartition(".")[0].replace("/", "."), *names, name]),
                owner=each.owner,
                local=each.owner[2] in _FUNCTIONS,
                node=each.node,
            )


def _kind(each: Occurrence) -> DefinedKind:
    if each.kind == "function":  # in C a declaration may be of a function or of a variable
        for node in each.node.ancestors()[:4]:
            if node.kind() == "function_declarator":
                return "function"
            if node.kind() in ("declaration", "preproc_def"):
                return "variable"
    if each.kind == "variable" and is_parameter(each.node):
        return "parameter"
    return "variable" if each.kind == "import" else each.kind


def _is_static(node: "Node") -> bool:
    """Whether a C function or variable is private to its file."""
    holder = next((n for n in node.ancestors() if n.kind() in _C_HOLDERS), None)
    return holder is not None and any(child.text() == "static" for child in holder.children())


def _is_top(holder: "Node") -> bool:
    outer = holder.parent()
    return outer is not None and outer.parent() is None


def _is_public(node: "Node") -> bool:
    """Whether a class of Java is public, so that its file has to be called after it."""
    holder = node.parent()
    return holder is not None and "public" in holder.text().partition("{")[0].split()


def _file_notes(rule: Rename, group: Sequence[Definer], moves: Mapping[str, str]) -> Iterator[str]:
    for each in group:
        stem = each.path.rpartition("/")[2].rpartition(".")[0]
        if each.kind == "class" and stem == rule.name and each.path not in moves:
            yield f"{each.path} is still called after the class; rename the file where that matters"


_C_HOLDERS: Final = ("function_definition", "declaration")
