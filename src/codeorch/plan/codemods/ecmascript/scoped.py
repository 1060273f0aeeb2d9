"""Uses of a name that a module or a function defines: followed through scopes and imports."""

from collections.abc import Iterable
from dataclasses import dataclass

from codeorch.names.ecmascript.names import ScriptNames
from codeorch.names.entities import Entity
from codeorch.names.scopes import Names, Occurrence
from codeorch.plan.codemods.clashes import clashes, place
from codeorch.plan.codemods.edits import Edit
from codeorch.plan.codemods.renaming import Place, Rename, Renamed, conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """The rename of a name that belongs to a scope."""

    rule: Rename
    names: ScriptNames
    targets: frozenset[Entity]

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
            ours = [each for each in found.occurrences if self._is_ours(each, found)]
            if ours:
                edits[path] = tuple(sorted(self._edit(each) for each in ours))
                taken += clashes(found, self.names.names(path, self.rule.new), ours)
            unsure += [place(each) for each in found.occurrences if self._may_be(each)]
        if taken:
            raise conflict(self.rule, taken)
        return Renamed(edits=edits, unsure=tuple(unsure))

    def _is_ours(self, each: Occurrence, found: Names) -> bool:
        if each.role == "import":
            taken = bool(self.targets & self.names.imported(each))
            return taken or (each.owner is not None and self._means(each.path, each.owner))
        if each.role == "member":
            member = each.node.parent()
            assert member is not None
            return self._gives(each) or bool(self.targets & self.names.meaning(each.path, member))
        if each.role == "key":
            return self._gives(each)
        return each.role in ("binding", "use") and self._means(each.path, found.owner(each))

    def _means(self, path: str, owner: tuple[int, int, str] | None) -> bool:
        return bool(self.targets & self.names.bound(path, owner, self.rule.name))

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
        return exports and bool(self.targets & self.names.exported(each.path, self.rule.name))

    def _edit(self, each: Occurrence) -> Edit:
        start, end = each.place
        old, new = self.rule.name, self.rule.new
        foreign = each.role == "import" and not self.targets & self.names.imported(each)
        kind = each.node.kind()
        if kind == "shorthand_property_identifier" and not self._is_exported(each):
            text = f"{old}: {new}"
        elif kind.endswith("identifier_pattern") and (foreign or each.role == "binding"):
            text = f"{old}: {new}"  # the property that is taken keeps its name
        else:
            text = f"{old} as {new}" if foreign else new
        return Edit(start=start, end=end, text=text)

    def _is_exported(self, each: Occurrence) -> bool:
        outer = each.node.parent()
        assignment = outer.parent() if outer else None
        left = assignment.field("left") if assignment else None
        return left is not None and left.text() == "module.exports"

    def _may_be(self, each: Occurrence) -> bool:
        """Whether an import takes the name from a file of this repository that is not found."""
        return each.role == "import" and not self.names.imported(each)
