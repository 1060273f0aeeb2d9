"""Rename -> edits in Python files: names of scopes, imports, and strings that lead to them.

Such a string is code when its path leads, step by step, to the very thing that is renamed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import TOP, Key, line, of_kind, span
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.renaming import (
    Place,
    Rename,
    RenameResult,
    clashes,
    conflict,
    place_list,
    place_of,
)
from codeorch.analysis.scopes import DefinedKind, Definer, Definition, Entity, Names, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.languages.python.imports import PythonNames, dotted_path
from codeorch.languages.python.members import member_bindings
from codeorch.languages.python.nodes import is_annotation, is_fixture, is_listed
from codeorch.languages.python.rename_members import PythonMemberRename, families
from codeorch.languages.python.string_paths import Step, entry_steps, string_steps
from codeorch.languages.python.types import ClassRef, Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class StringRename:
    """The strings that go with a rename."""

    rule: Rename
    types: Types
    configs: Mapping[str, str]
    is_ours: Callable[[Step], bool]  # whether a name that is looked up there is the renamed one

    def follow(self, renamed: RenameResult) -> RenameResult:
        """Add the strings to a rename, and say where they are."""
        edits = {path: set(changes) for path, changes in renamed.edits.items()}
        places: list[str] = []
        for path, at in (*self._strings(), *self._entries()):
            new = TextEdit(start=at, end=at + len(self.rule.name), text=self.rule.new)
            if new not in edits.setdefault(path, set()):
                edits[path].add(new)
                places.append(f"{path}:{self._text(path).count(chr(10), 0, at) + 1}")
        if not places:
            return renamed
        told = f"{len(places)} strings that Python looks up were renamed, too: {place_list(places)}"
        ordered = {path: tuple(sorted(changes)) for path, changes in edits.items()}
        return replace(renamed, edits=ordered, notes=(*renamed.notes, told))

    def _text(self, path: str) -> str:
        return self.configs[path] if path in self.configs else self.types.names.texts[path]

    def _strings(self) -> Iterator[tuple[str, int]]:
        for path, text in self.types.names.texts.items():
            if self.rule.name not in text:
                continue
            for content in of_kind(self.types.names.tree(path), "string_content"):
                if self.rule.name in content.text():
                    steps = string_steps(self.types, path, content, self.rule.name)
                    start = span(content)[0]
                    yield from ((path, start + each.start) for each in steps if self._fits(each))

    def _entries(self) -> Iterator[tuple[str, int]]:
        for path, text in self.configs.items():
            for steps in entry_steps(self.types, path, text, self.rule.name):
                yield from ((path, each.start) for each in steps if self._fits(each))

    def _fits(self, step: Step) -> bool:
        return step.name == self.rule.name and self.is_ours(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonScopeRename:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    types: Types
    targets: frozenset[Entity]

    @property
    def names(self) -> PythonNames:
        """The names of the repository."""
        return self.types.names

    def rename(self, paths: Iterable[str]) -> RenameResult:
        """Work out the edits in the files that hold the old name.

        Raises:
            UserError: the new name means something else where it would stand.
        """
        edits: dict[str, tuple[TextEdit, ...]] = {}
        unsure: list[Place] = []
        taken: list[Place] = []
        for path in paths:
            found = self.names.names(path, self.rule.name)
            ours = [each for each in found.occurrences if self.is_ours(each, found)]
            changes = [self._edit(each) for each in ours]
            changes += [self._string_edit(at) for at in self._strings(path, found)]
            if changes:
                edits[path] = tuple(sorted(changes))
                taken += clashes(found, self.names.names(path, self.rule.new), ours)
            unsure += [place_of(each) for each in found.occurrences if self._may_be(each)]
        if taken:
            raise conflict(self.rule, taken)
        return RenameResult(edits=edits, unsure=tuple(unsure), notes=tuple(self._notes()))

    def is_ours(self, each: Occurrence, found: Names) -> bool:
        """Whether an occurrence means what is renamed."""
        if each.role == "import" and self.targets & self.names.resolve_import(each):
            return True
        if each.role == "member":
            attribute = each.node.parent()
            return attribute is not None and bool(
                self.targets & self.names.resolve(each.path, attribute)
            )
        if each.role in ("binding", "use") or (each.role == "import" and each.owner):
            return self._means(each.path, found.owner(each))
        return False

    def is_looked_up(self, step: Step) -> bool:
        """Whether a path in a string leads to what is renamed."""
        return any(
            self.targets & self.names.resolve_export(home, step.name) for home in step.modules
        )

    def _means(self, path: str, owner: Key | None) -> bool:
        return bool(self.targets & self.names.resolve_binding(path, owner, self.rule.name))

    def _edit(self, each: Occurrence) -> TextEdit:
        start, end = each.place
        foreign = each.role == "import" and not self.targets & self.names.resolve_import(each)
        if foreign or _is_plain_import(each):
            # The other branch of `try: import`: there the name is the library's.
            return TextEdit(start=start, end=end, text=f"{self.rule.name} as {self.rule.new}")
        return TextEdit(start=start, end=end, text=self.rule.new)

    def _string_edit(self, at: int) -> TextEdit:
        return TextEdit(start=at, end=at + len(self.rule.name), text=self.rule.new)

    def _may_be(self, each: Occurrence) -> bool:
        """Whether `x.name` could be the module's name: nothing is known of `x`."""
        attribute = each.node.parent()
        value = attribute.field("object") if attribute and each.role == "member" else None
        if value is None or value.kind() != "identifier":
            return False
        if not any(_is_top(target) for target in self.targets):
            return False
        known = self.names.resolve(each.path, value) or self.types.of(each.path, value) is not None
        return not known

    def _notes(self) -> Iterator[str]:
        fixtures = [each for each in self._targets_nodes() if is_fixture(each)]
        if fixtures:
            yield (
                f"`{self.rule.old}` is a fixture of pytest: tests that ask for it by a parameter "
                "were left alone"
            )

    def _targets_nodes(self) -> Iterator["Node"]:
        for target in self.targets:
            if isinstance(target, Definition):
                for each in self.names.names(target.path, target.name).bindings():
                    node = each.node.parent()
                    if each.owner == target.owner and each.kind == "function" and node:
                        yield node

    # ------------------------------------------------------------------------ names in strings

    def _strings(self, path: str, found: Names) -> Iterator[int]:
        """Find the strings that Python reads as code: `__all__` and quoted annotations."""
        word = re.compile(rf"(?<![\w.]){re.escape(self.rule.name)}(?!\w)")
        for content in self.names.tree(path).find_all(kind="string_content"):
            text = content.text()
            if self.rule.name not in text:
                continue
            if is_listed(content) and text == self.rule.name:
                if self.targets & self.names.resolve_export(path, text):
                    yield span(content)[0]
            elif is_annotation(content) and self._means(path, found.lookup(content)):
                yield from (span(content)[0] + each.start() for each in word.finditer(text))


def _is_top(target: Entity) -> bool:
    return isinstance(target, Definition) and target.owner[2] == TOP


def _is_plain_import(each: Occurrence) -> bool:
    parent = each.node.parent()
    return (
        each.kind == "import"
        and each.role == "binding"
        and (parent is not None and parent.kind() == "dotted_name")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonRenamer:
    """Renames in the Python files of a repository."""

    types: Types
    configs: Mapping[str, str]  # the files that name entry points

    @classmethod
    def of(cls, files: FamilyFiles) -> "PythonRenamer":
        """Make it from the Python files, and the files that name entry points."""
        return cls(types=Types(names=PythonNames.of(files)), configs=files.configs)

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name; for a class's attribute, the first one."""
        return [each for path in self._holding(name) for each in self._in_file(path, name)]

    def names_of(self, name: str) -> Iterator[Names]:
        """Give the occurrences of a name, file by file."""
        return (self.types.names.names(path, name) for path in self.types.names.files_with(name))

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, twins that import each other, and overrides."""
        if _are_members(definers):
            by_class = [(_class(each), each) for each in definers]
            return [
                [each for ref, each in by_class if ref in family]
                for family in families(self.types, [ref for ref, _ in by_class])
            ]
        found: list[tuple[frozenset[Entity], list[Definer]]] = []
        for each in definers:
            meaning = self.types.names.resolve_binding(each.path, each.owner, _name(each))
            same = [group for group in found if group[0] & meaning]
            found = [group for group in found if not group[0] & meaning]
            joined = [one for group in same for one in group[1]]
            found.append((meaning.union(*(group[0] for group in same)), [*joined, each]))
        return [group for _, group in found]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename one group of definitions."""
        strategy = self._strategy(rule, group)
        lookups = StringRename(
            rule=rule, types=self.types, configs=self.configs, is_ours=strategy.is_looked_up
        )
        return lookups.follow(strategy.rename(self._holding(rule.name)))

    def _strategy(
        self, rule: Rename, group: Sequence[Definer]
    ) -> PythonScopeRename | PythonMemberRename:
        if not _are_members(group):
            targets = frozenset(
                Definition(path=each.path, owner=each.owner, name=rule.name) for each in group
            )
            return PythonScopeRename(rule=rule, types=self.types, targets=targets)
        others = [
            each
            for path in self._holding(rule.name)
            for each, _ in member_bindings(self.types, path, rule.name)
        ]
        family = next(each for each in families(self.types, others) if _class(group[0]) in each)
        alone = family >= set(others)
        return PythonMemberRename(rule=rule, types=self.types, family=family, alone=alone)

    def _holding(self, name: str) -> Iterator[str]:
        return iter(self.types.names.files_with(name))

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        seen: set[object] = set()
        for ref, each in member_bindings(self.types, path, name):
            if ref not in seen:
                seen.add(ref)
                yield _definer(each, ref)
        for each in self.types.names.names(path, name).bindings():
            if each.owner not in seen and each.kind != "import" and each.role == "binding":
                owner = each.owner
                assert owner is not None
                if owner[2] != "class_definition":
                    seen.add(owner)
                    yield _definer(each, ClassRef(path=path, scope=owner))


def _definer(each: Occurrence, ref: ClassRef) -> Definer:
    scopes = [node for node in each.node.ancestors() if node.kind() in _NAMED]
    own = scopes[:1] if scopes and scopes[0].field("name") == each.node else []
    around = [node for node in scopes if node not in own]
    if each.role == "member":  # `self.x = ...` belongs to the class, not to the method
        around = [node for node in around if node.kind() == "class_definition"]
    names = [node.field("name") for node in reversed(around)]
    dotted = [dotted_path(each.path), *(node.text() for node in names if node)]
    return Definer(
        path=each.path,
        line=line(each.node),
        kind=_kind(each),
        qualified=".".join([*dotted, each.node.text()]),
        owner=ref.scope,
        local=any(node.kind() == "function_definition" for node in around),
        node=each.node,
    )


def _kind(each: Occurrence) -> DefinedKind:
    return "variable" if each.kind == "import" else each.kind


def _are_members(definers: Sequence[Definer]) -> bool:
    return all(each.owner[2] == "class_definition" for each in definers)


def _class(definer: Definer) -> ClassRef:
    return ClassRef(path=definer.path, scope=definer.owner)


def _name(definer: Definer) -> str:
    return definer.node.text()


_NAMED = frozenset({"function_definition", "class_definition"})
