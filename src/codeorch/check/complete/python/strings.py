"""Strings that name something: for `__all__`, for annotations, or for Python to look up.

Mocks and entry points spell out where a name is, as `shop.cart.total` or `shop.cart:total`.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.check.complete.python.lookup import Lookup
from codeorch.check.complete.uses import Use
from codeorch.domain import Certainty
from codeorch.names.entities import Definition, Module
from codeorch.names.python.strings import is_annotation, is_listed
from codeorch.names.scopes import Names
from codeorch.names.trees import line, of_kind, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PATCHED: Final = ("getattr", "setattr", "hasattr", "delattr", "object", "attrgetter")


def lost_strings(lookup: Lookup, path: str, found: Names) -> Iterator[Use]:
    """Find the strings that name what is not there."""
    name, names = found.name, lookup.types.names
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    for content in of_kind(names.tree(path), "string_content"):
        text = content.text()
        if name not in text:
            continue
        if is_listed(content):
            if text == name and lookup.lacks(path, name) == "sure":
                yield _string(path, content, name, "sure", "`__all__` names what is not here")
        elif is_annotation(content):
            owner = found.lookup(content)
            bound = names.bound(path, owner, name)
            if not bound and word.search(text):
                yield _string(path, content, name, "sure", f"`{name}` is not defined here")
        elif _is_spelled_wrong(lookup, path, content, name):
            yield _string(path, content, name, "likely", f"`{text}` is looked up and not there")


def _is_spelled_wrong(lookup: Lookup, path: str, content: "SgNode", name: str) -> bool:
    """Whether a string names for Python to look up what is in no module or class of ours."""
    holder = _patched(content) if content.text() == name else None
    if holder is not None:
        entities = lookup.types.names.meaning(path, holder)
        homes = [one.path for one in entities if isinstance(one, Module)]
        classes = lookup.types.classes(path, holder) or ()
        lacking = [lookup.lacks(home, name) is not None for home in homes]
        lacking += [lookup.has(ref, name) is False for ref in classes]
        return bool(lacking) and all(lacking)
    dotted = _prefix(content.text(), name)
    modules = lookup.types.names.modules
    if not dotted or modules.find(dotted.partition(".")[0], path) is None:
        return False
    if home := modules.find(dotted, path):
        return lookup.lacks(home, name) is not None
    outer, _, last = dotted.rpartition(".")
    home = modules.find(outer, path) if outer else None
    if home is None:
        return not modules.is_there(dotted, path)
    if lookup.lacks(home, last) is not None:
        return True
    inside = lookup.types.names.exported(home, last)
    refs = [r for one in inside if isinstance(one, Definition) for r in lookup.types.refs(one)]
    return bool(refs) and all(lookup.has(ref, name) is False for ref in refs)


def _prefix(text: str, name: str) -> str:
    """Give what stands in front of a name in a dotted path: `shop.cart` of `shop.cart.total`.

    A colon may stand before the name, as in entry points. Empty when the text is no such path.
    """
    found = re.fullmatch(rf"([A-Za-z_]\w*(?:\.\w+)*)[.:]{re.escape(name)}(?:\.\w+)*", text)
    return found[1] if found else ""


def _patched(content: "SgNode") -> "SgNode | None":
    """Give the object whose attribute a string names: `m` of `getattr(m, "name")`."""
    string = content.parent()
    arguments = string.parent() if string else None
    call = arguments.parent() if arguments and arguments.kind() == "argument_list" else None
    function = call.field("function") if call else None
    if arguments is None or function is None:
        return None
    first, *rest = arguments.named_children()
    named = function.text().rpartition(".")[2] in _PATCHED and rest[:1] == [string]
    return first if named else None


def _string(path: str, content: "SgNode", name: str, certainty: Certainty, why: str) -> Use:
    start = span(content)[0] + content.text().index(name)
    return Use(
        path=path, name=name, line=line(content), start=start,
        role="string", certainty=certainty, why=why, receiver=content.text(),
    )  # fmt: skip
