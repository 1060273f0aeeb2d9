"""Keyword arguments of Python that set a field: `Cart(total=3)`, `replace(cart, total=3)`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.proposals import Evidence
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Occurrence
from codeorch.languages.python.class_families import ClassFamily
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.members import member_bindings
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_COPIES: Final = words("replace evolve")  # of dataclasses and copy, of attrs: the value is first
_OWN_COPIES: Final = words("_replace __replace__")  # of NamedTuple; of dataclasses since 3.13
_PARTIAL: Final = words("partial partialmethod")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKeywords:
    """Says whether a keyword argument sets the field that is renamed."""

    rule: Rename
    types: Types
    family: ClassFamily

    def evidence(self, each: Occurrence) -> Evidence | None:
        """Judge a keyword; None when it is another's."""
        if self.rule.kind == "method":
            return None
        outer = next(
            (node for node in each.node.ancestors() if node.kind() in ("call", "class_pattern")),
            None,
        )
        function = outer.child(0) if outer else None
        if outer is None or function is None:
            return None
        if outer.kind() == "class_pattern":
            node = function.child(0) if function.kind() == "dotted_name" else function
            classes = self.types.classes(each.path, node) if node else None
            return self._by_classes(classes, made=False)
        return self._of_call(each.path, outer, function)

    def takes(self, path: str, call: "Node") -> Evidence | None:
        """Judge a call by what it makes; None when that has other fields."""
        function = call.field("function")
        return self._of_call(path, call, function) if function is not None else None

    def _of_call(self, path: str, call: "Node", function: "Node") -> Evidence | None:
        name = function.text().rpartition(".")[2]
        value = function.field("object")
        if name in _OWN_COPIES and value is not None:
            return self._by_classes(self.types.of(path, value), made=True, unknown=True)
        if name in _COPIES or name in _PARTIAL:
            given = call.field("arguments")
            first = given.named_children()[0] if given and given.named_children() else None
            if first is None or first.kind() == "keyword_argument":
                return None
            if name in _PARTIAL:
                return self._by_classes(self._named(path, first), made=True)
            if value is None or value.text() in ("dataclasses", "copy", "attrs", "attr"):
                return self._by_classes(self.types.of(path, first), made=True, unknown=True)
        return self._by_classes(self._named(path, function), made=True)

    def _named(self, path: str, function: "Node") -> frozenset[ClassRef] | None:
        """Find the classes that a call makes values of: `Cart`, `cls`, `type(self)`."""
        if function.kind() == "identifier" and self.types.is_class_itself(path, function):
            return self.types.of(path, function)
        if function.kind() == "attribute" and function.text().endswith(".__class__"):
            value = function.field("object")
            return self.types.of(path, value) if value else None
        inner, given = function.field("function"), function.field("arguments")
        if inner is not None and inner.text() == "type" and given and given.named_children():
            return self.types.of(path, given.named_children()[0])
        found = self.types.classes(path, function)
        if found is None and function.kind() == "identifier":
            for _, holder in self.types.assignments(path, function):
                right = holder.field("right")
                if right is not None and right.kind() == "identifier" and right != function:
                    return self.types.classes(path, right)
        return found

    def _by_classes(
        self, classes: frozenset[ClassRef] | None, *, made: bool, unknown: bool = False
    ) -> Evidence | None:
        if classes is None:
            return Evidence.UNKNOWN if unknown else None
        ours = any(
            self.family.refs & {one, *self.types.ancestors(one)}
            and not (made and self._has_init(one))
            for one in classes
        )
        return Evidence.TYPE if ours else None

    def _has_init(self, ref: ClassRef) -> bool:
        """Whether a class has its own `__init__`: its parameters are not the fields."""
        around = {ref, *self.types.ancestors(ref)}
        return any(
            found in around
            for path in {one.path for one in around}
            for name in ("__init__", "__new__")
            for found, _ in member_bindings(self.types, path, name)
        )
