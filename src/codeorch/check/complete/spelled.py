"""Names that a string spells out for Python to look up, as mocks and entry points do."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PATCHED: Final = ("getattr", "setattr", "hasattr", "delattr", "object", "attrgetter")


def prefix(text: str, name: str) -> str:
    """Give what stands in front of a name in a dotted path: `shop.cart` of `shop.cart.total`.

    A colon may stand before the name, as in entry points. Empty when the text is no such path.
    """
    found = re.fullmatch(rf"([A-Za-z_]\w*(?:\.\w+)*)[.:]{re.escape(name)}(?:\.\w+)*", text)
    return found[1] if found else ""


def patched(content: "SgNode") -> "SgNode | None":
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
