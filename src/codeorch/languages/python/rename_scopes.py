"""Rename of a function, a class or a variable of a scope -> edits in Python files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, Key, of_kind, span
from codeorch.analysis.proposals import (
    Evidence,
    Place,
    Proposal,
    RenameResult,
    place_of,
    propose,
    propose_text,
)
from codeorch.analysis.renaming import Rename, clashes, conflict
from codeorch.analysis.scopes import Definition, Entity, Names, Occurrence
from codeorch.languages.python.dotted import (
    may_be_module,
    parts_before,
    resolve_parts,
    text_uses,
)
from codeorch.languages.python.fixtures import fixture_strings
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.nodes import function_around, is_listed
from codeorch.languages.python.types import Types
from codeorch.languages.python.value_strings import Step

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_BY_TEXT: Final = re.compile(r"\b(?:locals|vars|eval|exec)\s*\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonScopeRename:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    types: Types
    targets: frozenset[Entity]
    fixtures: tuple["Node", ...] = ()  # those of the targets that pytest looks up by their names

    @property
    def names(self) -> PythonNames:
        """The names of the repository."""
        return self.types.names

    def rename(self, paths: Iterable[str]) -> RenameResult:
        """Work out the edits in the files that hold the old name.

        Raises:
            UserError: the new name means something else where it would stand.
        """
        proposals: list[Proposal] = []
        taken: list[Place] = []
        for path in paths:
            found = self.names.names(path, self.rule.name)
            new = self.names.names(path, self.rule.new)
            ours = [each for each in found.occurrences if self.is_ours(each, found)]
            proposals += (propose(each, self._text(each), self._evidence(each)) for each in ours)
            proposals += self._in_texts(path)
            proposals += (
                propose(each, self.rule.new, Evidence.UNKNOWN)
                for each in found.occurrences
                if each not in ours and self._may_be(each)
            )
            if ours:
                taken += clashes(found, new, ours)
                taken += self._hidden_by_star(found, new, ours)
        taken += self._met_by_star()
        if taken:
            raise conflict(self.rule, taken)
        strings = fixture_strings(self.types, self.rule, self.fixtures)
        return RenameResult(proposals=(*proposals, *self._by_text(), *strings))

    def is_ours(self, each: Occurrence, found: Names) -> bool:
        """Whether an occurrence means what is renamed."""
        if each.role == "import" and self.targets & self.names.resolve_import(each):
            return True
        if each.role == "member":
            attribute = each.node.parent()
            before = parts_before(each.node)
            if before is not None:
                parts = [*before, self.rule.name]
                return bool(self.targets & resolve_parts(self.names, each.path, each.node, parts))
            return attribute is not None and bool(
                self.targets & self.names.resolve(each.path, attribute)
            )
        if each.role in ("binding", "use") or (each.role == "import" and each.owner):
            return self._means(each.path, found.owner(each))
        return False

    def looked_up(self, step: Step) -> Evidence | None:
        """Judge a name that a string looks up."""
        if step.is_open:
            is_near = step.may_be_module and any(_is_top(target) for target in self.targets)
            return Evidence.UNKNOWN if is_near else None
        found = any(
            self.targets & self.names.resolve_export(home, step.name) for home in step.modules
        )
        return Evidence.TEXT if found else None

    def _means(self, path: str, owner: Key | None) -> bool:
        return bool(self.targets & self.names.resolve_binding(path, owner, self.rule.name))

    def _evidence(self, each: Occurrence) -> Evidence:
        here = any(isinstance(one, Definition) and one.path == each.path for one in self.targets)
        return Evidence.SCOPE if here and each.role != "import" else Evidence.IMPORT

    def _text(self, each: Occurrence) -> str:
        foreign = each.role == "import" and not self.targets & self.names.resolve_import(each)
        if foreign or _is_plain_import(each):
            # The other branch of `try: import`: there the name is the library's.
            return f"{self.rule.name} as {self.rule.new}"
        return self.rule.new

    def _may_be(self, each: Occurrence) -> bool:
        """Whether `x.name` could be the module's name: `x` may be a module."""
        attribute = each.node.parent()
        value = attribute.field("object") if attribute and each.role == "member" else None
        if value is None or not any(_is_top(target) for target in self.targets):
            return False
        return may_be_module(self.names, each.path, value)

    # ------------------------------------------------------------------------ names in texts

    def _in_texts(self, path: str) -> Iterator[Proposal]:
        """Find the texts that are read as code: `__all__`, quoted types, comments with types."""
        text, names = self.names.texts[path], (self.rule.name, self.rule.new)
        for content in of_kind(self.names.tree(path), "string_content"):
            listed = content.text() == self.rule.name and is_listed(content)
            if listed and self.targets & self.names.resolve_export(path, self.rule.name):
                yield propose_text(path, text, span(content)[0], names)
        for start, node, parts in text_uses(self.names, path, self.rule.name):
            if self.targets & resolve_parts(self.names, path, node, parts):
                yield propose_text(path, text, start, names)

    def _by_text(self) -> Iterator[Proposal]:
        """Find the name of a local variable in strings, where a function reads them as names."""
        names = (self.rule.name, self.rule.new)
        word = re.compile(rf"(?<![\w.]){re.escape(self.rule.name)}(?!\w)")
        for target in self.targets:
            if not isinstance(target, Definition) or _is_top(target):
                continue
            text = self.names.texts[target.path]
            for content in of_kind(self.names.tree(target.path), "string_content"):
                function = function_around(content)
                inside = target.owner[0] <= span(content)[0] < target.owner[1]
                if inside and function and _BY_TEXT.search(function.text()):
                    for each in word.finditer(content.text()):
                        start = span(content)[0] + each.start()
                        yield propose_text(target.path, text, start, names, Evidence.UNKNOWN)

    # ------------------------------------------------------------------------ what forbids it

    def _met_by_star(self) -> Iterator[Place]:
        """Find uses of the new name in files that get all of the module, and its old name."""
        for path in self.names.files_with(self.rule.new):
            new = self.names.names(path, self.rule.new)
            free = [e for e in new.occurrences if e.role == "use" and new.owner(e) is None]
            if free and self.targets & self.names.resolve_binding(path, None, self.rule.name):
                yield from map(place_of, free)

    def _hidden_by_star(
        self, old: Names, new: Names, ours: Iterable[Occurrence]
    ) -> Iterator[Place]:
        """Find uses of the new name that a star import would give another meaning from now on."""
        by_star = [each for each in ours if each.role == "use" and old.owner(each) is None]
        if not by_star:
            return
        yield from (
            place_of(each)
            for each in new.occurrences
            if each.role == "use" and new.owner(each) is None
        )
        yield from (place_of(each) for each in new.bindings() if _at_top(each.owner))


def _is_top(target: Entity) -> bool:
    return isinstance(target, Definition) and _at_top(target.owner)


def _at_top(owner: Key | None) -> bool:
    return owner is not None and owner[2] == TOP


def _is_plain_import(each: Occurrence) -> bool:
    parent = each.node.parent()
    return (
        each.kind == "import"
        and each.role == "binding"
        and (parent is not None and parent.kind() == "dotted_name")
    )
