"""The classes of what a container of Python holds: those of a loop's variable, and of `x[0]`."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from codeorch.analysis.ast_grep import is_child, span, words
from codeorch.languages.python.class_nodes import ClassRef

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

Classes = frozenset[ClassRef] | None  # None = the text does not say; empty = a foreign one
_DEPTH: Final = 6
_HOLDERS: Final = words(
    """list List set Set frozenset FrozenSet deque Deque Sequence MutableSequence Iterable Iterator
    Collection AsyncIterable AsyncIterator Generator AsyncGenerator AbstractSet tuple Tuple type
    Reversible"""
)
_MAPPINGS: Final = words(
    "dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict ChainMap"
)
_SAME: Final = words("sorted list reversed set frozenset tuple iter deque copy")
_LITERALS: Final = words("list tuple set")
_COMPREHENSIONS: Final = words("list_comprehension set_comprehension generator_expression")
_LOOPS: Final = words("for_statement for_in_clause")
_TARGETS: Final = words("pattern_list tuple_pattern")


class ValueTypes(Protocol):
    """What is asked of those who know the classes of values."""

    def of(self, path: str, node: "Node", depth: int = 0) -> Classes:
        """Infer the classes that an expression's value can have."""
        ...

    def of_annotation(self, path: str, annotation: "Node") -> Classes:
        """Read the classes of an annotation."""
        ...

    def functions(self, path: str, node: "Node") -> Iterator[tuple[str, "Node"]]:
        """Find the functions that an expression names, each with its path."""
        ...

    def results(self, function: "Node") -> Iterator["Node"]:
        """Give the values that a function returns."""
        ...

    def assignments(self, path: str, node: "Node") -> Iterator[tuple[str, "Node"]]:
        """Find what sets a name or a field: assignments and parameters, with paths."""
        ...


def loop_of(name: "Node") -> "tuple[Node, int | None] | None":
    """Return what a loop's variable runs over, and its place in a target of several names."""
    parent = name.parent()
    at: int | None = None
    child = name
    if parent is not None and parent.kind() in _TARGETS:
        at = [span(each) for each in parent.named_children()].index(span(name))
        child, parent = parent, parent.parent()
    if parent is None or parent.kind() not in _LOOPS or not is_child(parent, "left", child):
        return None
    right = parent.field("right")
    return (right, at) if right is not None else None


def loop_classes(
    types: ValueTypes, path: str, right: "Node", at: int | None, depth: int
) -> Classes:
    """Infer the classes of a loop's variable."""
    if at is None:
        return element_classes(types, path, right, depth)
    function, given = right.field("function"), right.field("arguments")
    if function is None or given is None:
        return None
    arguments = given.named_children()
    if function.text() == "enumerate" and arguments:
        return element_classes(types, path, arguments[0], depth) if at == 1 else frozenset()
    if function.text() == "zip" and at < len(arguments):
        return element_classes(types, path, arguments[at], depth)
    value, name = function.field("object"), function.field("attribute")
    if value is not None and name is not None and name.text() == "items" and at == 1:
        return element_classes(types, path, value, depth, keyed=True)
    return None


def element_classes(
    types: ValueTypes, path: str, node: "Node", depth: int, *, keyed: bool = False
) -> Classes:
    """Infer the classes of what an expression's value holds; `keyed`: of a mapping, its values."""
    if depth > _DEPTH:
        return None
    kind = node.kind()
    if kind in _LITERALS:
        return _all(types.of(path, each, depth + 1) for each in node.named_children())
    if kind in _COMPREHENSIONS:
        body = node.field("body")
        return types.of(path, body, depth + 1) if body else None
    if kind == "call":
        return _of_call(types, path, node, depth, keyed=keyed)
    if kind in ("identifier", "attribute"):
        return _of_name(types, path, node, depth, keyed=keyed)
    return None


def _of_call(types: ValueTypes, path: str, node: "Node", depth: int, *, keyed: bool) -> Classes:
    function, given = node.field("function"), node.field("arguments")
    if function is None or given is None:
        return None
    value, name = function.field("object"), function.field("attribute")
    if value is not None and name is not None and name.text() in ("values", "copy"):
        return element_classes(types, path, value, depth + 1, keyed=name.text() == "values")
    if function.text() in _SAME and given.named_children():
        return element_classes(types, path, given.named_children()[0], depth + 1)
    for home, definition in types.functions(path, function):
        annotation = definition.field("return_type")
        if annotation is not None:
            return _of_annotation(types, home, annotation, keyed=keyed)
        results = types.results(definition)
        return _all(element_classes(types, home, each, depth + 1, keyed=keyed) for each in results)
    return None


def _of_name(types: ValueTypes, path: str, node: "Node", depth: int, *, keyed: bool) -> Classes:
    found: list[Classes] = []
    for home, holder in types.assignments(path, node):
        annotation, right = holder.field("type"), holder.field("right")
        first = holder.child(0)
        if annotation is not None and first is not None and "splat" in first.kind():
            found.append(types.of_annotation(home, annotation))
        elif annotation is not None:
            found.append(_of_annotation(types, home, annotation, keyed=keyed))
        elif right is not None and right.kind() in _LITERALS and not right.named_children():
            continue  # `x = []` says nothing yet
        else:
            found.append(
                element_classes(types, home, right, depth + 1, keyed=keyed) if right else None
            )
    return _all(found)


def _of_annotation(types: ValueTypes, path: str, annotation: "Node", *, keyed: bool) -> Classes:
    """Read `list[Cart]`, `dict[str, Cart]`, and either of them `| None`."""
    node = annotation.child(0) if annotation.kind() == "type" else annotation
    if node is not None and node.kind() == "binary_operator":
        sides = [node.field("left"), node.field("right")]
        known = [side for side in sides if side is not None and side.kind() != "none"]
        return _of_annotation(types, path, known[0], keyed=keyed) if len(known) == 1 else None
    name, inner = _generic(node) if node is not None else ("", [])
    if name == "Optional" and inner:
        return _of_annotation(types, path, inner[0], keyed=keyed)
    if name in _MAPPINGS and inner:
        return types.of_annotation(path, inner[-1]) if keyed and len(inner) == 2 else frozenset()
    parts = [each for each in inner if each.text() != "..."] if name in _HOLDERS else []
    parts = parts if name in ("tuple", "Tuple") else parts[:1]
    return _all(types.of_annotation(path, each) for each in parts)


def _generic(node: "Node") -> tuple[str, list["Node"]]:
    """Read `typing.List[Cart]`: the last word of its name, and what it is given."""
    if node.kind() == "subscript":
        head = node.field("value")
        inner = [each for each in node.named_children() if each != head]
    else:
        is_one = node.kind() == "generic_type"
        head = node.child(0) if is_one else None
        inner = node.named_children()[-1].named_children() if is_one else []
    return (head.text().rpartition(".")[2] if head else ""), inner


def _all(found: Iterable[Classes]) -> Classes:
    """Join the classes of several values; None when those of one, or of all, are not known."""
    known = list(found)
    if not known or None in known:
        return None
    return frozenset().union(*(each or () for each in known))
