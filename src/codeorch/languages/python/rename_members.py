"""Rename of a method or an attribute -> edits in Python files."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from codeorch.analysis.ast_grep import span
from codeorch.analysis.proposals import (
    Evidence,
    Proposal,
    RenameResult,
    propose,
    propose_text,
)
from codeorch.analysis.renaming import Rename, clashes, conflict
from codeorch.analysis.scopes import Definition, Occurrence
from codeorch.languages.python.class_families import ClassFamily, descendants, is_private
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.dotted import parts_before, resolve_parts, text_uses
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.keywords import FieldKeywords
from codeorch.languages.python.member_limits import cautions, refuse
from codeorch.languages.python.members import member_bindings, standard_members
from codeorch.languages.python.spread_arguments import SpreadArguments
from codeorch.languages.python.typed_dicts import key_uses
from codeorch.languages.python.types import Types
from codeorch.languages.python.value_strings import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonMemberRename:
    """The rename of a name that classes of one family define."""

    rule: Rename
    types: Types
    family: ClassFamily  # the classes that define it, and must agree on the name
    alone: bool  # whether no other class of the repository defines it

    @property
    def names(self) -> PythonNames:
        """The names of the repository."""
        return self.types.names

    def rename(self, paths: Iterable[str]) -> RenameResult:
        """Work out the edits in the files that hold the old name.

        Raises:
            UserError: the new name is taken in one of the classes, or Python or a library calls
                the old one.
        """
        refuse(self.rule, self.types, self.family)
        proposals: list[Proposal] = []
        for path in paths:
            found = self.names.names(path, self.rule.name)
            judged = [(each, self._evidence(each)) for each in found.occurrences]
            proposals += (
                propose(each, self.rule.new, evidence) for each, evidence in judged if evidence
            )
            proposals += self._slots(path)
            proposals += self._in_types(path)
            proposals += key_uses(self.family, path, self.rule.name, self.rule.new)
            bare = [
                each
                for each, evidence in judged
                if evidence and evidence.is_proof and each.role in ("binding", "use")
            ]
            taken = list(clashes(found, self.names.names(path, self.rule.new), bare))
            if taken:
                raise conflict(self.rule, taken)
        proposals += self._spread({(each.place.path, each.edit.start) for each in proposals})
        return RenameResult(
            proposals=tuple(proposals),
            cautions=tuple(cautions(self.rule, self.types, self.family)),
        )

    def looked_up(self, step: Step) -> Evidence | None:
        """Judge a name that a string looks up."""
        if step.is_open:
            return Evidence.UNKNOWN
        found = self._by_classes(frozenset(step.classes)) if step.classes else None
        return Evidence.TEXT if found and found.is_proof else found

    # --------------------------------------------------------------------------- what is meant

    def _evidence(self, each: Occurrence) -> Evidence | None:
        """Say how it is known that an occurrence means the member; None when it does not."""
        if each.role in ("binding", "use"):
            owner = self.names.names(each.path, self.rule.name).owner(each)
            own = owner is not None and ClassRef(path=each.path, scope=owner) in self.family.refs
            return Evidence.CLASS if own else None
        if each.role == "key":
            keywords = FieldKeywords(rule=self.rule, types=self.types, family=self.family)
            return keywords.evidence(each)
        if each.role != "member":
            return None
        return self._of_access(each)

    def _of_access(self, each: Occurrence) -> Evidence | None:
        before = parts_before(each.node)
        if before is not None:  # `case Color.RED`
            owners = resolve_parts(self.names, each.path, each.node, before)
            classes = self.types.among(owners)
            return self._by_classes(classes) if classes else None
        attribute = each.node.parent()
        value = attribute.field("object") if attribute else None
        if value is None:
            return None
        if any(not isinstance(e, Definition) for e in self.names.resolve(each.path, value)):
            return None  # a module's name
        classes = self.types.of(each.path, value)
        if is_private(self.rule.name):
            return self._of_private(each)
        if classes is None:
            guess = self.alone and self.rule.name not in standard_members()
            return Evidence.GUESS if guess else Evidence.UNKNOWN
        own = self.types.enclosing_class(each.path, value) is not None
        found = self._by_classes(classes)
        return Evidence.CLASS if found == Evidence.TYPE and own else found

    def _of_private(self, each: Occurrence) -> Evidence | None:
        """Judge `x.__name`: Python gives it the name of the class around, whatever `x` is."""
        around = next(
            (node for node in each.node.ancestors() if node.kind() == "class_definition"), None
        )
        return Evidence.CLASS if around and self.family.holds(each.path, around) else None

    def _by_classes(self, classes: frozenset[ClassRef]) -> Evidence | None:
        """Say whether values of these classes have the member from this family."""
        refs = self.family.refs
        if any(refs & {each, *self.types.ancestors(each)} for each in classes):
            mixed = any(self._defines_otherwise(each) for each in classes)
            return Evidence.UNKNOWN if mixed else Evidence.TYPE
        if any(each in self.types.ancestors(one) for each in classes for one in refs):
            return Evidence.TYPE  # a base class, a mix-in: the subclass defines it
        known = [each for each in classes if self._lacks(each)]
        return None if len(known) == len(classes) else Evidence.UNKNOWN

    def _defines_otherwise(self, ref: ClassRef) -> bool:
        """Whether a class has another member of this name."""
        around = {ref, *self.types.ancestors(ref)}
        return not around & self.family.refs and self._defines(around)

    def _lacks(self, ref: ClassRef) -> bool:
        """Whether what a class gives for the name is surely none of the family's."""
        around = {ref, *self.types.ancestors(ref)}
        foreign = any(not base for one in around for base in self.types.bases(one))
        return self._defines(around) or foreign

    def _defines(self, around: set[ClassRef]) -> bool:
        return any(
            found in around
            for path in {one.path for one in around}
            for found, _ in member_bindings(self.types, path, self.rule.name)
        )

    def _spread(self, known: Collection[tuple[str, int]]) -> Iterator[Proposal]:
        """Find the keys of what is spread where a value is made: `Bill(**data)`."""
        if self.rule.kind == "method":
            return
        keywords = FieldKeywords(rule=self.rule, types=self.types, family=self.family)
        refs = {one for ref in self.family.refs for one in (ref, *descendants(self.types, ref))}
        spread = SpreadArguments(
            rule=self.rule,
            types=self.types,
            words=frozenset(self.types.name_of(ref) for ref in refs) - {""},
            takes=keywords.takes,
        )
        for each in spread.proposals():
            if (each.place.path, each.edit.start) not in known:
                yield each

    def _in_types(self, path: str) -> Iterator[Proposal]:
        """Find the name in types that are written in strings and comments: `"Outer.Node"`."""
        text, names = self.names.texts[path], (self.rule.name, self.rule.new)
        for start, node, parts in text_uses(self.names, path, self.rule.name):
            *before, _ = parts
            if not before:
                owner = self.names.names(path, self.rule.name).lookup(node)
                own = ClassRef(path=path, scope=owner) if owner else None
                classes = frozenset({own} & self.family.refs) if own else None
            else:
                classes = self.types.among(resolve_parts(self.names, path, node, before))
            evidence = self._by_classes(classes) if classes else None
            if evidence is not None:
                kind = Evidence.TEXT if evidence.is_proof else evidence
                yield propose_text(path, text, start, names, kind)

    def _slots(self, path: str) -> Iterator[Proposal]:
        """Find the name in `__slots__` and `__match_args__` of the family's classes."""
        names = (self.rule.name, self.rule.new)
        for special in ("__slots__", "__match_args__"):
            for each in self.names.names(path, special).bindings():
                statement = each.node.parent()
                if statement is None or each.owner is None:
                    continue
                if ClassRef(path=path, scope=each.owner) in self.family.refs:
                    for content in statement.find_all(kind="string_content"):
                        if content.text() == self.rule.name:
                            text = self.names.texts[path]
                            yield propose_text(path, text, span(content)[0], names)
