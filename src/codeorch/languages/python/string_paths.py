"""Strings that Python looks up as it runs -> the steps of the path that they spell out.

They spell out where a name is, as `shop.cart.total` or `shop.cart:total`, or name an attribute of
the object that stands in front of them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, words
from codeorch.analysis.proposals import Evidence
from codeorch.analysis.scopes import Definition, Module
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.dotted import may_be_module
from codeorch.languages.python.types import Types
from codeorch.languages.python.value_strings import Step, value_steps

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# A dotted path, or an entry point's: `shop.cli:main`.
_PATH: Final = r"[A-Za-z_]\w*(?:\.\w+)*(?:[.:][A-Za-z_]\w*)(?:\.\w+)*"
# A path alone, or after the name of an entry point: `shop = shop.cli:main [extra]`.
_WHOLE: Final = re.compile(rf"(?:[\w.-]+\s*=\s*(?=\S*:))?({_PATH})(?:\s*\[[^\]]*\])?")
_DOTTED: Final = re.compile(rf"(?<![\w./@-]){_PATH}")  # no part of a URL or of a file's path
_LOOKUPS: Final = words("getattr setattr hasattr delattr object spy")


def string_steps(types: Types, path: str, content: "Node", name: str) -> Iterator[Step]:
    """Give the steps that a string takes which holds a name; none when it is no path of ours."""
    text = content.text()
    function, first = _call(content)
    if text == name and first is not None and function in _LOOKUPS:
        yield from _attribute(types, path, first, name, may_lack=_may_lack(function, content))
    elif name in text and (steps := list(value_steps(types, path, content, name))):
        yield from steps
    elif (whole := _WHOLE.fullmatch(text)) and function != "getLogger" and not _is_key(content):
        yield from path_steps(types, path, whole[1], whole.start(1))


def entry_steps(types: Types, path: str, text: str, name: str) -> Iterator[tuple[Step, ...]]:
    """Give the steps of each path in a configuration file's text that holds a name."""
    for found in _DOTTED.finditer(text) if name in text else ():
        commented = "#" in text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if name in re.split(r"[.:]", found[0]) and not commented:
            yield tuple(path_steps(types, path, found[0], found.start()))


def path_steps(types: Types, path: str, dotted: str, start: int = 0) -> Iterator[Step]:
    """Follow a dotted path from the longest part of it that is a module of ours."""
    parts = list(re.finditer(r"\w+", dotted))
    homes, rest = _longest(types, path, parts)
    classes: tuple[ClassRef, ...] = ()
    for each in rest:
        if not homes and not classes:
            return
        yield Step(name=each[0], start=start + each.start(), modules=homes, classes=classes)
        given = [one for home in homes for one in types.names.resolve_export(home, each[0])]
        homes = tuple(one.path for one in given if isinstance(one, Module))
        defined = (one for one in given if isinstance(one, Definition))
        classes = tuple(ref for one in defined for ref in types.refs(one))


def _longest(
    types: Types, path: str, parts: Sequence[re.Match[str]]
) -> tuple[tuple[str, ...], Sequence[re.Match[str]]]:
    """Find the module that most parts of a path name, and the parts behind it."""
    for size in range(len(parts), 0, -1):
        home = types.names.modules.find(".".join(each[0] for each in parts[:size]), path)
        if home is not None:
            return (home,), parts[size:]
    return (), ()


def _attribute(
    types: Types, path: str, holder: "Node", name: str, *, may_lack: bool
) -> Iterator[Step]:
    entities = types.names.resolve(path, holder)
    modules = tuple(one.path for one in entities if isinstance(one, Module))
    classes = types.classes(path, holder) or types.of(path, holder)
    if classes is None and all(isinstance(one, Definition) for one in entities):
        yield Step(
            name=name, start=0, may_lack=may_lack, is_open=True,
            may_be_module=may_be_module(types.names, path, holder),
        )  # fmt: skip
    if modules or classes:
        found = tuple(classes or ())
        yield Step(name=name, start=0, modules=modules, classes=found, may_lack=may_lack)


def is_looked_up(content: "Node", text: str) -> Evidence | None:
    """Say how it is known that a string names a module; None when it is another kind of name.

    A path of several parts does, but as a logger's name or a key; a single word does where an
    import is asked for.
    """
    function, _ = _call(content)
    string = content.parent()
    call = next((each for each in content.ancestors()[:3] if each.kind() == "call"), None)
    whole = call.field("function") if call else None
    asked = whole is not None and whole.text().endswith(("import_module", "__import__"))
    subscript = string.parent() if string else None
    value = subscript.field("value") if subscript and subscript.kind() == "subscript" else None
    if asked or (value is not None and value.text() == "sys.modules"):
        return Evidence.TEXT
    logger = whole is not None and whole.text().endswith("getLogger")
    if function == "getLogger" or logger or _is_key(content) or not re.search(r"[.:]", text):
        return None
    return Evidence.TEXT


def _may_lack(function: str, content: "Node") -> bool:
    """Whether a look-up asks only, or has something to give instead: `getattr(m, "name", None)`."""
    string = content.parent()
    arguments = string.parent() if string else None
    given = len(arguments.named_children()) if arguments else 0
    return function == "hasattr" or (function == "getattr" and given > 2)


def _is_key(content: "Node") -> bool:
    """Whether a string is looked up in a mapping, or compared, and not as a path."""
    string = content.parent()
    parent = string.parent() if string else None
    if string is None or parent is None:
        return False
    key = parent.kind() == "pair" and is_child(parent, "key", string)
    return key or parent.kind() in ("subscript", "comparison_operator")


def _call(content: "Node") -> "tuple[str, Node | None]":
    """Name the function that a string is handed to, and the argument in front of it."""
    string = content.parent()
    arguments = string.parent() if string else None
    call = arguments.parent() if arguments and arguments.kind() == "argument_list" else None
    function = call.field("function") if call else None
    if arguments is None or function is None:
        return "", None
    first, *rest = arguments.named_children()
    return function.text().rpartition(".")[2], first if rest[:1] == [string] else None
