"""The types that code declares for names, and those of the parts of what they declare.

What holds others (a slice, a list, a map) says the type of its elements: those of an index, and
those that a loop runs over.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from codeorch.analysis.ast_grep import is_child, words
from codeorch.analysis.class_hierarchy import ClassHierarchy, ClassTable
from codeorch.analysis.parse_cache import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codeorch.analysis.ast_grep import Node
    from codeorch.analysis.scopes import Definer

    TypePlace = tuple[str, Node]  # a type, and the path of the file that it is written in

INDEXED: Final = words("index_expression subscript_expression array_access")
LOOPS: Final = words("range_clause for_in_statement enhanced_for_statement for_expression")
_DEPTH: Final = 4
_HOLDERS: Final = words(
    "slice_type array_type implicit_length_array_type map_type generic_type channel_type"
)
_REFERENCES: Final = words(
    """pointer_type reference_type type_annotation parenthesized_expression reference_expression
    unary_expression readonly_type"""
)
_NAMES: Final = words("identifier simple_identifier")
_LITERALS: Final = words("composite_literal")


class ReceiverTypes(Protocol):
    """What is asked of those who know the classes of values."""

    @property
    def sources(self) -> Sources:
        """The parsed files."""
        ...

    @property
    def table(self) -> ClassTable:
        """How the language writes classes."""
        ...

    @property
    def heritage(self) -> ClassHierarchy:
        """Which class derives from which."""
        ...

    @property
    def members(self) -> "Callable[[str], Iterable[Definer]]":
        """Every place that defines a member of a name."""
        ...

    def of(self, path: str, value: "Node", depth: int = 0) -> frozenset[str] | None:
        """Name the classes that a value can have."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTypes:
    """Answers which type is declared for a value."""

    receivers: ReceiverTypes

    def of(self, path: str, value: "Node", depth: int = 0) -> "TypePlace | None":
        """Return the declared type of a value; None when the code declares none."""
        if depth > _DEPTH:
            return None
        while value.kind() in _REFERENCES and value.named_children():
            value = value.named_children()[0]
        kind = value.kind()
        if kind in _NAMES:
            return self._of_name(path, value, depth)
        if kind in INDEXED:
            return self.element_of(path, value, depth)
        if kind == "call_expression":
            return self._of_call(path, value)
        if kind in self.receivers.table.accesses:
            return self._of_field(path, value)
        declared = value.field("type") if kind in _LITERALS else None
        return (path, declared) if declared else None

    def element_of(self, path: str, value: "Node", depth: int = 0) -> "TypePlace | None":
        """Return the type of `x[0]`."""
        inner = value.field("operand") or value.field("object") or value.field("array")
        return self._element(path, inner, depth) if inner else None

    def of_loop(self, path: str, name: "Node") -> "TypePlace | None":
        """Return the type of a variable that runs over the elements of something."""
        child, keyed = name, False
        for parent in name.ancestors()[:4]:
            if parent.kind() == "expression_list":
                keyed = parent.named_children()[0] == child and len(parent.named_children()) > 1
            if parent.kind() in LOOPS:
                declared = parent.field("type")
                inner = parent.field("right") or parent.field("value")
                if (
                    inner is None
                    or is_child(parent, "body", child)
                    or keyed
                    or (declared is not None and declared.text() != "var")
                ):
                    return None
                return self._element(path, inner, 0)
            child = parent
        return None

    def arguments(self, node: "Node") -> list["Node"]:
        """Return the types that a generic one is given: `int` and `Item` of `Map<int, Item>`."""
        inner = next((n for n in node.named_children() if n.kind().endswith("arguments")), None)
        return inner.named_children() if inner else []

    def result_of(self, holder: "Node") -> "Node | None":
        """Return the declared result of a function; the first of several."""
        result = holder.field("result") or holder.field("return_type")
        if result is None and holder.kind() == "method_declaration":
            result = holder.field("type")
        if result is not None and result.kind() == "parameter_list":
            result = next((part.field("type") for part in result.named_children()), None)
        return result

    def _element(self, path: str, value: "Node", depth: int) -> "TypePlace | None":
        if value.kind() in _NAMES and (rest := self._rest_type(path, value)):
            return path, rest
        found = self.of(path, value, depth + 1)
        if found is None:
            return None
        where, node = found
        while node.kind() in _REFERENCES and node.named_children():
            node = node.named_children()[0]
        if node.kind() not in _HOLDERS:
            return None
        inner = node.field("element") or (
            node.field("value") if node.kind() != "generic_type" else None
        )
        if inner is None:
            given = self.arguments(node) or node.named_children()
            inner = given[-1] if given else None
        return (where, inner) if inner else None

    def _rest_type(self, path: str, value: "Node") -> "Node | None":
        """Return the type of each of the arguments that a parameter gathers: `more ...Item`."""
        for holder in self._holders(path, value):
            if holder.kind() in ("variadic_parameter_declaration", "spread_parameter"):
                return holder.field("type") or holder.named_children()[0]
        return None

    def _of_name(self, path: str, value: "Node", depth: int) -> "TypePlace | None":
        for holder in self._holders(path, value):
            declared = holder.field("type")
            if declared is not None and declared.text() != "var":
                return path, declared
            right = holder.field("value") or holder.field("right")
            if right is None or holder.kind() in LOOPS:
                continue
            if right.kind() == "expression_list":
                right = right.named_children()[0] if len(right.named_children()) == 1 else None
            return self.of(path, right, depth + 1) if right else None
        return None

    def _holders(self, path: str, value: "Node") -> list["Node"]:
        """Return the statements that bind a name, where only one place does."""
        names = self.receivers.sources.names(path, value.text())
        owner = names.lookup(value)
        bindings = [each.node for each in names.bindings() if each.owner == owner and owner]
        if len(bindings) != 1:
            return []
        above = bindings[0].ancestors()[:3]
        bodies = next((i for i, each in enumerate(above) if each.field("body")), len(above))
        return above[:bodies]

    def _of_call(self, path: str, call: "Node") -> "TypePlace | None":
        function = call.field("function")
        if function is None:
            return None
        if function.text() == "make":
            given = call.field("arguments")
            return (path, given.named_children()[0]) if given and given.named_children() else None
        return self.receivers.sources.return_type(path, function)

    def _of_field(self, path: str, value: "Node") -> "TypePlace | None":
        parts = self.receivers.table.accesses[value.kind()]
        inner, name = value.field(parts[0]) if parts[0] else None, value.field(parts[1])
        owners = self.receivers.of(path, inner, 1) if inner else None
        for definer in self.receivers.members(name.text()) if owners and name else ():
            if self.receivers.heritage.related(definer.parent, owners or ()):
                holders = definer.node.ancestors()[:2]
                declared = next((t for each in holders if (t := each.field("type"))), None)
                return (definer.path, declared) if declared else None
        return None
