"""Uses of a name that a file or a function defines, in the languages that have a table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeorch.names.classes import class_around
from codeorch.names.entities import Definer
from codeorch.names.scopes import Names, Occurrence
from codeorch.names.tables.sources import TableSources, is_path
from codeorch.names.trees import TOP, line, of_kind, span
from codeorch.plan.codemods.clashes import clashes, place
from codeorch.plan.codemods.edits import Edit
from codeorch.plan.codemods.renaming import Place, Rename, Renamed, conflict

if TYPE_CHECKING:
    from ast_grep_py import SgNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    sources: TableSources
    group: Sequence[Definer]
    alone: bool  # whether a use in any file can only mean this definition
    classes: frozenset[str]  # those with a member of the same name

    def rename(self) -> Renamed:
        """Work out the edits.

        Raises:
            UserError: the new name means something else where it would stand.
        """
        edits: dict[str, tuple[Edit, ...]] = {}
        unsure: list[Place] = []
        taken: list[Place] = []
        for path in self.sources.holding(self.rule.name):
            found = self.sources.names(path, self.rule.name)
            told = [(each, self._is_ours(each, found)) for each in found.occurrences]
            ours = [each for each, sure in told if sure]
            unsure += [place(each) for each, sure in told if sure is None]
            unsure += self._in_macros(path)
            if ours:
                spots = sorted(each.place for each in ours)
                edits[path] = tuple(Edit(start=a, end=b, text=self.rule.new) for a, b in spots)
                taken += clashes(found, self.sources.names(path, self.rule.new), ours)
        if taken:
            raise conflict(self.rule, taken)
        return Renamed(edits=edits, unsure=tuple(unsure))

    def _is_ours(self, each: Occurrence, found: Names) -> bool | None:
        if each.role in ("key", "other"):
            return False
        if _is_variable(each.node) != _is_variable(self.group[0].node):
            return False
        owner = found.owner(each) if each.role != "member" else None
        if owner is not None:
            mine = any(one.path == each.path and one.owner == owner for one in self.group)
            return mine or (self.alone and owner[2] == TOP)
        if all(one.local for one in self.group):
            return False
        return self._is_elsewhere(each)

    def _is_elsewhere(self, each: Occurrence) -> bool | None:
        """Judge a use that its own file does not define."""
        if each.role == "use":
            around = class_around(each.node, self.sources.language.table)
            return (self.alone or None) if around not in self.classes else False
        return each.role == "member" and is_path(each.node) and self.alone and not self.classes

    def _in_macros(self, path: str) -> Iterator[Place]:
        """Find the name in the bodies of C macros, which no grammar reads."""
        word = re.compile(rf"\b{re.escape(self.rule.name)}\b")
        for body in of_kind(self.sources.tree(path), "preproc_arg"):
            for each in word.finditer(body.text()):
                yield Place(path=path, start=span(body)[0] + each.start(), line=line(body))


def _is_variable(node: "SgNode") -> bool:
    """Whether a name is one of Bash's variables, which never clash with its functions."""
    return node.kind() == "variable_name"
