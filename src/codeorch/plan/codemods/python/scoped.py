"""Uses of a name that a module or a function defines: followed through scopes and imports."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeorch.names.entities import Definition, Entity
from codeorch.names.python.functions import is_fixture
from codeorch.names.python.names import PythonNames
from codeorch.names.python.spelled import Step
from codeorch.names.python.strings import is_annotation, is_listed
from codeorch.names.python.types import Types
from codeorch.names.scopes import Names, Occurrence
from codeorch.names.trees import TOP, Key, span
from codeorch.plan.codemods.clashes import clashes, place
from codeorch.plan.codemods.edits import Edit
from codeorch.plan.codemods.renaming import Place, Rename, Renamed, conflict

if TYPE_CHECKING:
    from ast_grep_py import SgNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    types: Types
    targets: frozenset[Entity]

    @property
    def names(self) -> PythonNames:
        """The names of the repository."""
        return self.types.names

    def rename(self, paths: Iterable[str]) -> Renamed:
        """Work out the edits in the files that hold the old name.

        Raises:
            UserError: the new name means something else where it would stand.
        """
        edits: dict[str, tuple[Edit, ...]] = {}
        unsure: list[Place] = []
        taken: list[Place] = []
        for path in paths:
            found = self.names.names(path, self.rule.name)
            ours = [each for each in found.occurrences if self.is_ours(each, found)]
            changes = [self._edit(each) for each in ours]
            changes += [self._spelled(at) for at in self._strings(path, found)]
            if changes:
                edits[path] = tuple(sorted(changes))
                taken += clashes(found, self.names.names(path, self.rule.new), ours)
            unsure += [place(each) for each in found.occurrences if self._may_be(each)]
        if taken:
            raise conflict(self.rule, taken)
        return Renamed(edits=edits, unsure=tuple(unsure), notes=tuple(self._notes()))

    def is_ours(self, each: Occurrence, found: Names) -> bool:
        """Whether an occurrence means what is renamed."""
        if each.role == "import" and self.targets & self.names.imported(each):
            return True
        if each.role == "member":
            attribute = each.node.parent()
            return attribute is not None and bool(
                self.targets & self.names.meaning(each.path, attribute)
            )
        if each.role in ("binding", "use") or (each.role == "import" and each.owner):
            return self._means(each.path, found.owner(each))
        return False

    def is_looked_up(self, step: Step) -> bool:
        """Whether a path in a string leads to what is renamed."""
        return any(self.targets & self.names.exported(home, step.name) for home in step.modules)

    def _means(self, path: str, owner: Key | None) -> bool:
        return bool(self.targets & self.names.bound(path, owner, self.rule.name))

    def _edit(self, each: Occurrence) -> Edit:
        start, end = each.place
        foreign = each.role == "import" and not self.targets & self.names.imported(each)
        if foreign or _is_plain_import(each):
            # The other branch of `try: import`: there the name is the library's.
            return Edit(start=start, end=end, text=f"{self.rule.name} as {self.rule.new}")
        return Edit(start=start, end=end, text=self.rule.new)

    def _spelled(self, at: int) -> Edit:
        return Edit(start=at, end=at + len(self.rule.name), text=self.rule.new)

    def _may_be(self, each: Occurrence) -> bool:
        """Whether `x.name` could be the module's name: nothing is known of `x`."""
        attribute = each.node.parent()
        value = attribute.field("object") if attribute and each.role == "member" else None
        if value is None or value.kind() != "identifier":
            return False
        if not any(_is_top(target) for target in self.targets):
            return False
        known = self.names.meaning(each.path, value) or self.types.of(each.path, value) is not None
        return not known

    def _notes(self) -> Iterator[str]:
        fixtures = [each for each in self._targets_nodes() if is_fixture(each)]
        if fixtures:
            yield (
                f"`{self.rule.old}` is a fixture of pytest: tests that ask for it by a parameter "
                "were left alone"
            )

    def _targets_nodes(self) -> Iterator["SgNode"]:
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
                if self.targets & self.names.exported(path, text):
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
