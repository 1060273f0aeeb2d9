"""Rename of a method or an attribute -> edits in Python files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from codeorch.analysis.ast_grep import span
from codeorch.analysis.renaming import Place, Rename, RenameResult, conflict, place_of
from codeorch.analysis.scopes import Definition, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.errors import UserError
from codeorch.languages.python.facts import SILENT_BASES
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.members import member_bindings, standard_members
from codeorch.languages.python.string_paths import Step
from codeorch.languages.python.types import ClassRef, Types


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonMemberRename:
    """The rename of a name that classes of one family define."""

    rule: Rename
    types: Types
    family: frozenset[ClassRef]  # the classes that define it, and must agree on the name
    alone: bool  # whether no other class of the repository defines it

    @property
    def names(self) -> PythonNames:
        """The names of the repository."""
        return self.types.names

    def rename(self, paths: Iterable[str]) -> RenameResult:
        """Work out the edits in the files that hold the old name.

        Raises:
            UserError: the new name is taken in one of the classes, or Python itself calls the old.
        """
        edits: dict[str, tuple[TextEdit, ...]] = {}
        unsure: list[Place] = []
        self._refuse()
        for path in paths:
            found = self.names.names(path, self.rule.name)
            certain = [(each, self._is_ours(each)) for each in found.occurrences]
            unsure += [place_of(each) for each, sure in certain if sure is None]
            spots = [each.place[0] for each, sure in certain if sure] + list(self._slots(path))
            if spots:
                edits[path] = tuple(sorted(self._edit(at) for at in spots))
        return RenameResult(edits=edits, unsure=tuple(unsure), notes=tuple(self._notes()))

    def is_looked_up(self, step: Step) -> bool:
        """Whether a path in a string leads to the member."""
        return bool(step.classes) and self._has(frozenset(step.classes)) is True

    def _edit(self, at: int) -> TextEdit:
        return TextEdit(start=at, end=at + len(self.rule.name), text=self.rule.new)

    # --------------------------------------------------------------------------- what is meant

    def _is_ours(self, each: Occurrence) -> bool | None:
        """Whether an occurrence means the member; None when it may."""
        if each.role in ("binding", "use"):
            owner = self.names.names(each.path, self.rule.name).owner(each)
            return owner is not None and ClassRef(path=each.path, scope=owner) in self.family
        if each.role == "key":
            return self._is_keyword(each)
        attribute = each.node.parent()
        value = attribute.field("object") if attribute and each.role == "member" else None
        if value is None:
            return False
        if any(not isinstance(e, Definition) for e in self.names.resolve(each.path, value)):
            return False  # a module's name
        classes = self.types.of(each.path, value)
        if classes is None:
            return True if self.alone and self.rule.name not in standard_members() else None
        return self._has(classes)

    def _has(self, classes: frozenset[ClassRef]) -> bool | None:
        """Whether values of these classes have the member from this family."""
        if any(self._inherits(each) for each in classes):
            return True
        if any(each in self.types.ancestors(one) for each in classes for one in self.family):
            return True  # a base class, a mix-in: the subclass defines it
        known = [each for each in classes if self._defines_otherwise(each)]
        return False if len(known) == len(classes) else None

    def _inherits(self, ref: ClassRef) -> bool:
        return bool(self.family & {ref, *self.types.ancestors(ref)})

    def _defines_otherwise(self, ref: ClassRef) -> bool:
        around = {ref, *self.types.ancestors(ref)}
        defines = any(
            ClassRef(path=each.path, scope=each.owner) in around
            for path in {one.path for one in around}
            for each in self.names.names(path, self.rule.name).bindings()
            if each.owner is not None
        )
        foreign = any(not base for one in around for base in self.types.bases(one))
        return defines or foreign

    def _is_keyword(self, each: Occurrence) -> bool | None:
        """Whether a keyword argument sets the field: `Cart(total=3)`, `replace(cart, total=3)`."""
        if self.rule.kind != "variable":
            return False
        outer = next(
            (node for node in each.node.ancestors() if node.kind() in ("call", "class_pattern")),
            None,
        )
        function = outer.child(0) if outer else None
        if outer is None or function is None:
            return False
        if function.text() in ("replace", "dataclasses.replace", "copy.replace"):
            arguments = outer.field("arguments")
            first = arguments.named_children()[:1] if arguments else []
            classes = self.types.of(each.path, first[0]) if first else None
        else:
            node = function.child(0) if function.kind() == "dotted_name" else function
            classes = self.types.classes(each.path, node) if node else None
            if classes is None:
                return False
        if classes is None:
            return None
        return any(self._inherits(one) and not self._has_init(one) for one in classes)

    def _has_init(self, ref: ClassRef) -> bool:
        """Whether a class has its own `__init__`: its parameters are not the fields."""
        around = {ref, *self.types.ancestors(ref)}
        return any(
            found in around
            for path in {one.path for one in around}
            for name in ("__init__", "__new__")
            for found, _ in member_bindings(self.types, path, name)
        )

    def _slots(self, path: str) -> Iterator[int]:
        """Find the name in `__slots__` and `__match_args__` of the family's classes."""
        for special in ("__slots__", "__match_args__"):
            for each in self.names.names(path, special).bindings():
                statement = each.node.parent()
                if statement is None or each.owner is None:
                    continue
                if ClassRef(path=path, scope=each.owner) in self.family:
                    contents = statement.find_all(kind="string_content")
                    yield from (span(n)[0] for n in contents if n.text() == self.rule.name)

    # --------------------------------------------------------------------------- what forbids it

    def _refuse(self) -> None:
        old = self.rule.name
        if old.startswith("__") and old.endswith("__"):
            raise UserError(f"Python itself calls `{old}`; renamed, it would not", "")
        taken = [
            place_of(each)
            for path in sorted({ref.path for ref in self.family})
            for ref, each in member_bindings(self.types, path, self.rule.new)
            if ref in self.family
        ]
        if taken:
            raise conflict(self.rule, taken)
        if old in standard_members():
            foreign = sorted(self._foreign_bases())
            if foreign:
                raise UserError(
                    f"`{old}` may override a method of {', '.join(foreign)}, "
                    "which this repository does not define",
                    "a name that a library calls has to stay",
                )

    def _notes(self) -> Iterator[str]:
        foreign = sorted(self._foreign_bases())
        if foreign:
            yield (
                f"a class that defines `{self.rule.name}` derives from {', '.join(foreign)}, which "
                "this repository does not define: if that calls the method, its name has to stay"
            )

    def _foreign_bases(self) -> set[str]:
        return {
            name
            for ref in self.family
            for one in (ref, *self.types.ancestors(ref))
            for name in self.types.foreign_bases(one)
            if name.rpartition(".")[2] not in SILENT_BASES
        }


def families(types: Types, defining: Sequence[ClassRef]) -> list[frozenset[ClassRef]]:
    """Put classes together of which one derives from the other, or both from a third of them."""
    found: list[set[ClassRef]] = []
    for ref in dict.fromkeys(defining):
        related = {ref, *(types.ancestors(ref) & set(defining))}
        joined = [family for family in found if family & related]
        found = [family for family in found if not family & related]
        found.append(related.union(*joined))
    return [frozenset(family) for family in found]
