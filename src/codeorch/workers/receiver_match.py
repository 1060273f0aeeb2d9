"""Whether a place that holds a name can mean a definition of it, judged by what stands before it.

Without types this is an estimate: it decides what a worker is shown, and nothing else.
"""

import re

from codeorch.analysis.symbol_index import SymbolIndex, is_rare
from codeorch.domain import Reference, SourceFile, Symbol
from codeorch.languages import facts_of, module_name

_RECEIVER = re.compile(
    r"(?:([\w$]+)(?:\([^()]*\)|\[[^][]*\])?|([)\]}\"'`]))\s*[?!]?(?:\.|->|::)\s*$"
)
_SIGHT = 200  # characters before a name in which its receiver is looked for
_SHORT = 3  # letters; a shorter receiver is like everything
_COMPOUND = re.compile(r"[^\W_]_+[^\W_]|[a-z0-9][A-Z]")
_LONG_WORD, _FEW = 5, 3  # letters of a telling plain word, and the files that may hold it


def may_refer_to(
    file: SourceFile, place: Reference, symbol: Symbol, owner: str, names: SymbolIndex
) -> bool:
    """Return whether a place in a file can refer to a symbol that the file at `owner` defines.

    A name of several words, or one that hardly any file holds, means what is called so. Another
    one is judged by its receiver: this has to look like the symbol's class or module.
    """
    if is_telling(symbol.name, names):
        return True
    receiver = _RECEIVER.search(_text_before(file, place))
    if receiver is None:
        return not symbol.parent or not facts_of(file.language).needs_receiver
    holder = symbol.parent.rpartition(".")[2] or module_name(owner)
    return _is_like(receiver[1] or "", holder, file)


def fit_score(file: SourceFile, place: Reference, symbol: Symbol, owner: str) -> int:
    """Return how well what stands before a place fits a symbol that `owner` defines.

    2 for its class, its module, or nothing before a function; 1 for a method of something; or 0.
    """
    receiver = _RECEIVER.search(_text_before(file, place))
    if receiver is None:
        return 2 * (not symbol.parent or not facts_of(file.language).needs_receiver)
    holder = symbol.parent.rpartition(".")[2] or module_name(owner)
    return 2 if _is_like(receiver[1] or "", holder, file) else int(bool(symbol.parent))


def is_telling(name: str, names: SymbolIndex) -> bool:
    """Return whether a name alone tells what it refers to."""
    if _COMPOUND.search(name):
        return True
    return len(name) >= _LONG_WORD and is_rare(name, names, _FEW)


def _text_before(file: SourceFile, place: Reference) -> str:
    data = file.text.encode("utf-8", "surrogatepass")
    return data[max(0, place.start - _SIGHT) : place.start].decode("utf-8", "replace")


def _is_like(receiver: str, holder: str, file: SourceFile) -> bool:
    """Whether a receiver is called like a holder, or a line names both: `c = Cart()`, `c: Cart`."""
    facts = facts_of(file.language)
    if receiver in facts.receivers | facts.base_receivers:
        return bool(re.search(rf"\b{re.escape(holder)}\b", file.text))
    plain, other = (name.replace("_", "").lower() for name in (receiver, holder))
    if len(plain) >= _SHORT and (plain in other or other in plain):
        return True
    first, second = (rf"(?<!\w){re.escape(name)}(?!\w)" for name in (receiver, holder))
    both = re.compile(rf"{first}.*{second}|{second}.*{first}")
    return bool(receiver) and bool(both.search(file.text))
