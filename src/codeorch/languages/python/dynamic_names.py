"""Accesses of Python whose name is put together as the program runs -> those that may mean a name.

`getattr(self, "on_" + word)`, `globals()[f"make_{kind}"]`, and a module's own `__getattr__`. Such
an access is looked at only where it goes to the module or the class that holds the name.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import line, of_kind, span, words
from codeorch.analysis.proposals import Evidence, Place
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Module
from codeorch.languages.python.imports import dotted_path
from codeorch.languages.python.types import Types
from codeorch.languages.python.value_strings import Step

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_LOOKUPS: Final = words("getattr setattr hasattr delattr")
_HINT: Final = re.compile(r"\b(?:getattr|setattr|hasattr|delattr|globals|vars)\s*\(|__dict__\s*\[")
_ANYTHING: Final = r"\w*"
_FIELD: Final = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d.]*\w|\{[^{}]*\}")
_SPELLED: Final = re.compile(r"attr\([^\n]*[\"'{]")
_OPEN_GETATTR: Final = re.compile(r"(?m)^def __getattr__\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicAccess:
    """An access whose name is not written where it is."""

    node: "Node"  # of the whole access
    step: Step  # what it is looked up in
    is_blind: bool  # whether no part of the name is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Where a name is defined: paths, and the words by which other files speak of it."""

    paths: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    are_modules: bool = False  # whether modules define it, and no classes


def dynamic_cautions(
    rule: Rename, types: Types, homes: Homes, evidence: Callable[[Step], Evidence | None]
) -> Iterator[tuple[Place, str]]:
    """Give the places where the renamed name may be put together, and why.

    `evidence` judges what the access goes to, as it does for strings that are looked up. Where no
    part of the name is written, one place of a file is enough, and only if it surely goes there.
    """
    spoken = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(homes.words)))})\b")
    for path, text in sorted(types.names.texts.items()):
        is_near = path in homes.paths or bool(homes.words and spoken.search(text))
        if not is_near and not _SPELLED.search(text):
            continue
        why = f"a name is put together here, which may be `{rule.name}`"
        found = [
            each
            for each in dynamic_accesses(types, path, rule.name)
            if (known := evidence(each.step)) and (known.is_proof or not each.is_blind)
        ]
        yield from ((_place(path, each.node), why) for each in found if not each.is_blind)
        yield from [(_place(path, each.node), why) for each in found if each.is_blind][:1]
        for home in sorted(homes.paths) if homes.are_modules else ():
            for content in table_strings(types, path, rule.name, home):
                yield _place(path, content), f"`__getattr__` may look `{rule.name}` up by this"


def _place(path: str, node: "Node") -> Place:
    return Place(path=path, start=span(node)[0], line=line(node))


def dynamic_accesses(types: Types, path: str, name: str) -> Iterator[DynamicAccess]:
    """Give the accesses of a file whose name is put together, and may come out as a name."""
    if not _HINT.search(types.names.texts[path]):
        return
    root = types.names.tree(path)
    for call in of_kind(root, "call"):
        function, given = call.field("function"), call.field("arguments")
        values = given.named_children() if given else []
        if function is not None and function.text() in _LOOKUPS and len(values) > 1:
            yield from _access(types, path, call, (values[0], values[1]), name)
    for subscript in of_kind(root, "subscript"):
        value, keys = subscript.field("value"), subscript.field_children("subscript")
        holder = _holder(value) if value is not None else None
        if holder is not None and len(keys) == 1:
            yield from _access(types, path, subscript, (holder, keys[0]), name)


def table_strings(types: Types, path: str, name: str, home: str) -> Iterator["Node"]:
    """Give the strings with a name in a package whose own `__getattr__` may find it in a module.

    See https://peps.python.org/pep-0562/
    """
    text = types.names.texts[path]
    if name not in text or not _OPEN_GETATTR.search(text):
        return
    package = dotted_path(path)
    if path == home or dotted_path(home).startswith(f"{package}."):
        for content in of_kind(types.names.tree(path), "string_content"):
            if content.text() == name:
                yield content


def _holder(value: "Node") -> "Node | None":
    """Give whose attributes a mapping holds: `vars(x)`, `x.__dict__`; `globals()` is its own."""
    function, given = value.field("function"), value.field("arguments")
    if value.text() == "globals()":
        return value
    if function is not None and function.text() == "vars" and given is not None:
        return next(iter(given.named_children()), None)
    return value.field("object") if value.text().endswith(".__dict__") else None


def _access(
    types: Types, path: str, node: "Node", parts: tuple["Node", "Node"], name: str
) -> Iterator[DynamicAccess]:
    holder, spelling = parts
    if spelling.kind() == "string" and not of_kind(spelling, "interpolation"):
        return  # a whole name, which is read elsewhere
    if spelling.kind() in ("integer", "slice") or not re.fullmatch(_spelling(spelling), name):
        return
    modules = _modules(types, path, holder)
    classes = types.classes(path, holder) or types.of(path, holder)
    step = Step(
        name=name,
        start=span(node)[0],
        modules=modules,
        classes=() if modules else tuple(classes or ()),
        is_open=classes is None and not modules,
    )
    yield DynamicAccess(
        node=node, step=step, is_blind=not _spelling(spelling).replace(_ANYTHING, "")
    )


def _modules(types: Types, path: str, holder: "Node") -> tuple[str, ...]:
    if holder.text() in ("globals()", "sys.modules[__name__]"):
        return (path,)
    return tuple(one.path for one in types.names.resolve(path, holder) if isinstance(one, Module))


def _spelling(node: "Node") -> str:
    """Return a pattern for what an expression may spell: what is not written may be anything."""
    kind = node.kind()
    if kind == "string":
        parts = (
            _ANYTHING if each.kind() == "interpolation" else re.escape(each.text())
            for each in node.named_children()
            if each.kind() in ("interpolation", "string_content")
        )
        return "".join(parts)
    left, right, sign = node.field("left"), node.field("right"), node.field("operator")
    if kind == "binary_operator" and left is not None and right is not None and sign is not None:
        if sign.text() == "+":
            return _spelling(left) + _spelling(right)
        return _fields(left) if sign.text() == "%" else _ANYTHING
    function = node.field("function")
    value = function.field("object") if function else None
    is_format = function is not None and function.text().endswith(".format")
    return _fields(value) if is_format and value is not None else _ANYTHING


def _fields(text: "Node") -> str:
    """Return a pattern for a text with fields to be filled: `"on_%s"`, `"on_{}"`."""
    contents = of_kind(text, "string_content")
    if text.kind() != "string" or len(contents) != 1:
        return _ANYTHING
    return _ANYTHING.join(map(re.escape, _FIELD.split(contents[0].text())))
