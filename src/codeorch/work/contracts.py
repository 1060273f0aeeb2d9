"""Whether a file keeps the contracts that bind it."""

import re
from collections.abc import Iterator

from codeorch import graph
from codeorch.domain import Contract, Deviation, SourceFile, Symbol
from codeorch.work.form import Unusable
from codeorch.work.scene import View

# Languages that write a parameter's name before its type.
_NAME_FIRST = frozenset({"python", "javascript", "typescript", "tsx", "rust"})
_RECEIVERS = frozenset({"self", "cls", "this"})
_NOISE = re.compile(r"[-=]>|\b(?:mut|ref)\s+")  # would be taken for brackets, or for names
_NAME = re.compile(r"[^\W\d]\w*")
_OPENING, _CLOSING = "([{<", ")]}>"


def check_contracts(
    view: View, parsed: SourceFile | str, deviations: tuple[Deviation, ...]
) -> None:
    """Send an answer back when a contract of its file is broken without a word.

    Raises:
        Unusable: with the contract and what the file has instead.
    """
    if isinstance(parsed, str) or not parsed.symbols or _goes_on(view):
        return
    reported = {short_name(deviation.symbol) for deviation in deviations}
    for contract in view.scene.plan.contracts:
        if contract.defined_in == view.task.path and short_name(contract.symbol) not in reported:
            _check(contract, parsed)


def real(deviations: tuple[Deviation, ...], contracts: tuple[Contract, ...]) -> Iterator[Deviation]:
    """Leave out what is reported as a deviation and says the same as its contract."""
    agreed = {(short_name(each.symbol), _plain(each.signature)) for each in contracts}
    for each in deviations:
        if (short_name(each.symbol), _plain(each.signature)) not in agreed:
            yield each


def _plain(signature: str) -> str:
    return "".join(signature.split()).rstrip(":{;").replace(",)", ")")


def _goes_on(view: View) -> bool:
    """Whether another task may still bring in what the contracts of this file want."""
    task, tasks = view.task, view.scene.plan.tasks
    same = {other.id for other in tasks if other.path == task.path and other.id != task.id}
    return bool(same) and not same <= graph.upstream({one.id: one.needs for one in tasks}, task.id)


def short_name(symbol: str) -> str:
    """Give the last part of a symbol's name: `total` of `Cart.total()`."""
    return re.split(r"\.|::|#", symbol.strip("`").partition("(")[0])[-1].strip()


def _check(contract: Contract, parsed: SourceFile) -> None:
    name = short_name(contract.symbol)
    # Options, routes and style sheets write the same name with other marks between its words.
    loose = "[-_]?".join(map(re.escape, filter(None, re.split(r"[-_]+", name))))
    if not re.search(rf"(?<!\w)_*{loose}_*(?!\w)", parsed.text, re.IGNORECASE):
        raise Unusable("contract", f"{_wanted(contract)}, but the name does not occur in it. {_OR}")
    wanted = parameters(contract.signature, name)
    written = [symbol for symbol in parsed.symbols if symbol.name == name]
    if wanted is None or parsed.language not in _NAME_FIRST or not written:
        return
    found = [parameters(symbol.signature, name) for symbol in written if _is_callable(symbol)]
    if found and None not in found and wanted not in found:
        raise Unusable(
            "contract", f"{_wanted(contract)}, but you wrote `{written[0].signature}`. {_OR}"
        )


_OR = "Other workers rely on it: keep it, or report it in `deviations` and say why."


def _wanted(contract: Contract) -> str:
    return f"the contract says that {contract.defined_in} defines `{contract.signature}`"


def _is_callable(symbol: Symbol) -> bool:
    return symbol.kind in ("function", "method")


def parameters(signature: str, name: str) -> tuple[str, ...] | None:
    """Name the parameters that a signature of `name` lists; None when it lists none to compare."""
    found = re.search(rf"(?<!\w){re.escape(name)}\s*(?:<[^()]*>)?\s*\(", signature)
    if found is None:
        return None
    depth, part = 0, ""
    parts: list[str] = []
    for char in _NOISE.sub("", signature[found.end() :]):
        if depth == 0 and char == ")":
            names = [match[0] for part in (*parts, part) if (match := _NAME.search(part))]
            return tuple(each for each in names if each not in _RECEIVERS)
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth == 0 and char == ",":
            parts.append(part)
            part = ""
        else:
            part += char
    return None  # cut off, or written over several lines
