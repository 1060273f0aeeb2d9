"""The engine for every language that has a table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from codeorch.names.classes import Heritage, member_kind
from codeorch.names.entities import DefinedKind, Definer
from codeorch.names.receivers import member_definers
from codeorch.names.scopes import Occurrence
from codeorch.names.tables.families import STANDARD
from codeorch.names.tables.language import Language
from codeorch.names.tables.sources import TableSources
from codeorch.names.trees import line, words
from codeorch.plan.codemods.members import Members
from codeorch.plan.codemods.renaming import Rename, Renamed
from codeorch.plan.codemods.tables.scoped import Scoped

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_FUNCTIONS: Final = words(
    """function_item function_definition method_declaration constructor_declaration
    closure_expression function_declaration method singleton_method lambda_expression
    lambda_literal block do_block compound_statement"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEngine:
    """Renames in the files of one family of languages."""

    sources: TableSources

    @classmethod
    def of(cls, language: Language, texts: Mapping[str, tuple[str, str]]) -> "TableEngine":
        """Make it from a language's table, and the language and text of each file."""
        return cls(sources=TableSources(language=language, texts=texts))

    @property
    def language(self) -> Language:
        """The table."""
        return self.sources.language

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name."""
        found = [each for path in self.sources.holding(name) for each in self._in_file(path, name)]
        return [*found, *member_definers(self.sources, self.language.table, name)]

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, declarations with definitions, and members."""
        members = [each for each in definers if each.parent]
        scoped: dict[object, list[Definer]] = defaultdict(list)
        for each in definers:
            if not each.parent:
                apart = self.language.declared_apart and not each.local
                static = each.path if _is_static(each.node) else ""
                scoped[static if apart else (each.path, each.owner)].append(each)
        return [*scoped.values(), *(self._members().groups(members) if members else ())]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> Renamed:
        """Work out the edits that rename one group of definitions."""
        if group[0].parent:
            return self._members().rename(rule, group)
        members = member_definers(self.sources, self.language.table, rule.name)
        renamed = Scoped(
            rule=rule,
            sources=self.sources,
            group=group,
            alone=self._is_alone(rule.name, group),
            classes=frozenset(each.parent for each in members),
        ).rename()
        return replace(renamed, notes=tuple(_file_notes(rule, group)))

    def _is_alone(self, name: str, group: Sequence[Definer]) -> bool:
        """Whether a use in any file can only mean this definition."""
        if any(each.local for each in group):
            return False
        ours = {(each.path, each.owner) for each in group}
        others = [each for each in self.definers(name) if not each.local and not each.parent]
        return all((each.path, each.owner) in ours for each in others)

    def _members(self) -> Members:
        roots = [self.sources.tree(path) for path in sorted(self.sources.texts)]
        table = self.language.table
        return Members(
            sources=self.sources,
            table=table,
            heritage=Heritage.of(roots, table),
            standard=STANDARD,
            unit=(lambda _path: "") if self.language.declared_apart else str,
        )

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        for each in self.sources.names(path, name).bindings():
            if each.role != "binding" or member_kind(each.node, self.language.table):
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
    return "variable" if each.kind == "import" else each.kind


def _is_static(node: "SgNode") -> bool:
    """Whether a C function or variable is private to its file."""
    holder = next((n for n in node.ancestors() if n.kind() in _C_HOLDERS), None)
    return holder is not None and any(child.text() == "static" for child in holder.children())


def _file_notes(rule: Rename, group: Sequence[Definer]) -> Iterator[str]:
    for each in group:
        stem = each.path.rpartition("/")[2].rpartition(".")[0]
        if each.kind == "class" and stem == rule.name:
            yield f"{each.path} is still called after the class; rename the file where that matters"


_C_HOLDERS: Final = ("function_definition", "declaration")
