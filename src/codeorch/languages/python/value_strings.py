"""Strings of Python that name an attribute of values which stand elsewhere -> what they look up.

`attrgetter("total")` and `methodcaller("total")` of what a function runs over, `"{cart.total}"` of
what `format` is given, `vars(cart)["total"]`, `Colour["RED"]`, `globals()["total"]`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, words
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.elements import element_classes
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_GETTERS: Final = words("attrgetter methodcaller")
_KEYED: Final = words("sorted min max groupby sort nlargest nsmallest")
_MAPPED: Final = words("map filter filterfalse takewhile dropwhile")
_FIELD: Final = re.compile(r"\{(?P<value>\w*)\.(?P<path>\w+(?:\.\w+)*)")
_PERCENT: Final = re.compile(r"%\((?P<path>\w+)\)")
_DICTS: Final = words("vars asdict astuple _asdict __dict__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One name of a path, and what it is looked up in: modules by path, or classes."""

    name: str
    start: int  # in the text, in characters
    modules: tuple[str, ...] = ()
    classes: tuple[ClassRef, ...] = ()
    may_lack: bool = False  # whether it is well if nothing is there
    is_open: bool = False  # whether nothing is known of what it is looked up in
    may_be_module: bool = False  # of what is open: whether a module may be meant


def value_steps(types: Types, path: str, content: "Node", name: str) -> Iterator[Step]:
    """Give the steps of a string that names attributes of values."""
    string = content.parent()
    outer = string.parent() if string else None
    if string is None or outer is None:
        return
    if outer.kind() == "argument_list":
        yield from _of_getter(types, path, content, outer, name)
    elif outer.kind() == "subscript" and content.text() == name:
        yield from _of_subscript(types, path, outer, name)
    elif outer.kind() == "attribute":
        yield from _of_format(types, path, content, outer, name)
    elif outer.kind() == "binary_operator" and is_child(outer, "left", string):
        right = outer.field("right")
        for found in _PERCENT.finditer(content.text()):
            if found["path"] == name and right is not None:
                yield from _of_dict(types, path, right, name, found.start("path"))


def _of_getter(
    types: Types, path: str, content: "Node", given: "Node", name: str
) -> Iterator[Step]:
    """Read `attrgetter("total", "customer.name")`, `methodcaller("total", 1)`."""
    call = given.parent()
    function = call.field("function") if call else None
    last = function.text().rpartition(".")[2] if function else ""
    is_first = given.named_children()[0] == content.parent()
    if call is not None and last in _GETTERS and (last == "attrgetter" or is_first):
        yield from _dotted(content.text(), 0, name, _getter_classes(types, path, call))


def _dotted(
    text: str, start: int, name: str, classes: frozenset[ClassRef] | None
) -> Iterator[Step]:
    """Give the steps of a path whose first name is looked up in some classes."""
    for at, piece in enumerate(re.finditer(r"\w+", text)):
        if piece[0] == name:
            known = classes if at == 0 else None
            yield Step(
                name=name,
                start=start + piece.start(),
                classes=tuple(known or ()),
                is_open=known is None,
            )


def _getter_classes(types: Types, path: str, getter: "Node") -> frozenset[ClassRef] | None:
    """Infer the classes of the values that a getter is used on."""
    outer = getter.parent()
    if outer is None:
        return None
    if outer.kind() == "call" and is_child(outer, "function", getter):  # attrgetter("x")(cart)
        given = outer.field("arguments")
        first = given.named_children()[:1] if given else []
        return types.of(path, first[0]) if first else None
    arguments = outer.parent() if outer.kind() == "keyword_argument" else outer
    call = arguments.parent() if arguments and arguments.kind() == "argument_list" else None
    values = _sorted_values(call, outer, getter) if call else None
    return element_classes(types, path, values, 0) if values else None


def _sorted_values(call: "Node", outer: "Node", getter: "Node") -> "Node | None":
    """Return what a function runs over that is given a getter: `sorted(carts, key=getter)`."""
    function, given = call.field("function"), call.field("arguments")
    if function is None or given is None:
        return None
    last, values = function.text().rpartition(".")[2], given.named_children()
    if last == "sort":
        return function.field("object")
    if last in _MAPPED:
        return values[1] if len(values) > 1 and values[0] == getter else None
    return values[0] if last in _KEYED and values[0] != outer else None


def _of_subscript(types: Types, path: str, subscript: "Node", name: str) -> Iterator[Step]:
    """Read `globals()["name"]`, `Colour["RED"]`, `vars(cart)["name"]`."""
    value = subscript.field("value")
    if value is None:
        return
    if value.text() == "globals()":
        yield Step(name=name, start=0, modules=(path,))
    elif value.kind() == "identifier" and (classes := types.classes(path, value)):
        yield Step(name=name, start=0, classes=tuple(classes))
    else:
        yield from _of_dict(types, path, value, name, 0)


def _of_dict(types: Types, path: str, value: "Node", name: str, start: int) -> Iterator[Step]:
    """Read what gives the attributes of a value as a mapping."""
    function, given = value.field("function"), value.field("arguments")
    holder: Node | None = None
    if function is not None and function.text().rpartition(".")[2] in _DICTS:
        holder = function.field("object") if function.text().endswith("_asdict") else None
        arguments = given.named_children() if given else []
        holder = holder or (arguments[0] if arguments else None)
    elif value.text().endswith(".__dict__"):
        holder = value.field("object")
    if holder is not None:
        classes = types.of(path, holder)
        found = tuple(classes or ())
        yield Step(name=name, start=start, classes=found, is_open=classes is None)


def _of_format(
    types: Types, path: str, content: "Node", attribute: "Node", name: str
) -> Iterator[Step]:
    """Read the attributes in the fields of `"{cart.total}".format(cart=cart)`."""
    call = attribute.parent()
    method, given = attribute.field("attribute"), call.field("arguments") if call else None
    if method is None or method.text() != "format" or given is None:
        return
    positional = [n for n in given.named_children() if n.kind() != "keyword_argument"]
    named = {
        key.text(): n.field("value")
        for n in given.named_children()
        if n.kind() == "keyword_argument" and (key := n.field("name"))
    }
    for number, found in enumerate(_FIELD.finditer(content.text())):
        word = found["value"]
        at = int(word) if word.isdigit() else number
        by_place = positional[at] if at < len(positional) else None
        value = named.get(word) if word and not word.isdigit() else by_place
        classes = types.of(path, value) if value is not None else None
        yield from _dotted(found["path"], found.start("path"), name, classes)
