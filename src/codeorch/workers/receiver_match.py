"""Whether a place that holds a name can mean a definition of it, judged by what stands before it.

Without types this is an estimate: it decides what a worker is shown, and nothing else.
"""

import re
from posixpath import basename, dirname

from codeorch.analysis.symbol_index import SymbolIndex, is_rare
from codeorch.domain import Reference, SourceFile, Symbol

_INDEXES = frozenset({"__init__", "index", "mod", "lib", "main"})  # modules named by their folder
_RECEIVER = re.compile(
    r"(?:([\w$]+)(?:\([^()]*\)|\[[^][]*\])?|([)\]}\"'`]))\s*[?!]?(?:\.|->|::)\s*$"
)
_SIGHT = 200  # characters before a name in which its receiver is looked for
_OWN = frozenset({"self", "this", "cls", "super", "Self"})
_SHORT = 3  # letters; a shorter receiver is like everything
_COMPOUND = re.compile(r"[^\W_]_+[^\W_]|[a-z0-9][A-Z]")
_LONG_WORD, _FEW = 5, 3  # letters of a telling plain word, and the files that may hold it
_UNBOUND = frozenset({"python", "javascript", "typescript", "tsx", "rust", "go"})  # `self.x` only


def is_meant(
    file: SourceFile, place: Reference, symbol: Symbol, owner: str, names: SymbolIndex
) -> bool:
    """Whether a place can mean a symbol that the file `owner` defines.

    A name of several words, or one that hardly any file holds, means what is called so. Another
    one is judged by what it is said of: this has to look like the symbol's class or module.
    """
    if is_telling(symbol.name, names):
        return True
    found = _RECEIVER.search(_before(file, place))
    if found is None:
        return not symbol.parent or file.language not in _UNBOUND
    holder = symbol.parent.rpartition(".")[2] or held_as(owner)
    return _is_like(found[1] or "", holder, file.text)


def fit(file: SourceFile, place: Reference, symbol: Symbol, owner: str) -> int:
    """Say how well what stands before a place fits a symbol.

    2 for its class, its module, or nothing before a function; 1 for a method of something; or 0.
    """
    found = _RECEIVER.search(_before(file, place))
    if found is None:
        return 2 * (not symbol.parent or file.language not in _UNBOUND)
    holder = symbol.parent.rpartition(".")[2] or held_as(owner)
    return 2 if _is_like(found[1] or "", holder, file.text) else int(bool(symbol.parent))


def is_telling(name: str, names: SymbolIndex) -> bool:
    """Whether a name alone tells what is meant."""
    if _COMPOUND.search(name):
        return True
    return len(name) >= _LONG_WORD and is_rare(name, names, _FEW)


def held_as(path: str) -> str:
    """Give the name by which a module is imported; its folder's, where it stands for that."""
    stem = basename(path).partition(".")[0]
    return basename(dirname(path)) if stem in _INDEXES or path.endswith(".go") else stem


def _before(file: SourceFile, place: Reference) -> str:
    data = file.text.encode("utf-8", "surrogatepass")
    return data[max(0, place.start - _SIGHT) : place.start].decode("utf-8", "replace")


def _is_like(receiver: str, holder: str, text: str) -> bool:
    """Whether a receiver is called like a holder, or a line names both: `c = Cart()`, `c: Cart`."""
    if receiver in _OWN:
        return bool(re.search(rf"\b{re.escape(holder)}\b", text))
    plain, other = (name.replace("_", "").lower() for name in (receiver, holder))
    if len(plain) >= _SHORT and (plain in other or other in plain):
        return True
    one, two = (rf"(?<!\w){re.escape(name)}(?!\w)" for name in (receiver, holder))
    both = re.compile(rf"{one}.*{two}|{two}.*{one}")
    return bool(receiver) and bool(both.search(text))
