"""Contracts against the file that defines them, after a worker's edit."""

import re
from collections.abc import Iterator

from codeorch import graph
from codeorch.domain import Contract, Deviation, SourceFile, Symbol
from codeorch.languages import all_receivers, facts_of
from codeorch.workers.context import TaskContext
from codeorch.workers.result_schema import Unusable

_NOISE = re.compile(r"[-=]>|\b(?:mut|ref)\s+")  # would be taken for brackets, or for names
_NAME = re.compile(r"[^\W\d]\w*")
_OPENING, _CLOSING = "([{<", ")]}>"


def check_contracts(
    context: TaskContext, file: SourceFile, deviations: tuple[Deviation, ...]
) -> None:
    """Compare the contracts that a file defines with the file, unless it reports a deviation.

    `file` is the file after the edit; one without symbols is not compared, nor one that another
    task of the plan goes on with.

    Raises:
        Unusable: with the contract and what the file has instead.
    """
    if not file.symbols or _has_later_task(context):
        return
    reported = {short_name(deviation.symbol) for deviation in deviations}
    for contract in context.round.plan.contracts:
        if contract.defined_in == context.task.path and short_name(contract.symbol) not in reported:
            _check_contract(contract, file)


def actual_deviations(
    deviations: tuple[Deviation, ...], contracts: tuple[Contract, ...]
) -> Iterator[Deviation]:
    """Yield the deviations that say something else than their contract."""
    contract_keys = {(short_name(row.symbol), _compact(row.signature)) for row in contracts}
    for deviation in deviations:
        if (short_name(deviation.symbol), _compact(deviation.signature)) not in contract_keys:
            yield deviation


def _compact(signature: str) -> str:
    return "".join(signature.split()).rstrip(":{;").replace(",)", ")")


def _has_later_task(context: TaskContext) -> bool:
    """Whether another task may still bring in what the contracts of this file want."""
    task, tasks = context.task, context.round.plan.tasks
    others = {other.id for other in tasks if other.path == task.path and other.id != task.id}
    needs = {other.id: other.needs for other in tasks}
    return bool(others) and not others <= graph.upstream(needs, task.id)


def short_name(symbol: str) -> str:
    """Return the last part of a symbol's name: `total` of `Cart.total()`."""
    return re.split(r"\.|::|#", symbol.strip("`").partition("(")[0])[-1].strip()


def _check_contract(contract: Contract, file: SourceFile) -> None:
    name = short_name(contract.symbol)
    # Options, routes and style sheets write the same name with other marks between its words.
    loose = "[-_]?".join(map(re.escape, filter(None, re.split(r"[-_]+", name))))
    if not re.search(rf"(?<!\w)_*{loose}_*(?!\w)", file.text, re.IGNORECASE):
        raise Unusable(
            "contract", f"{_expectation(contract)}, but the name does not occur in it. {_OR}"
        )
    expected = parameters(contract.signature, name)
    symbols = [symbol for symbol in file.symbols if symbol.name == name]
    if expected is None or not facts_of(file.language).names_parameters_first or not symbols:
        return
    lists = [parameters(symbol.signature, name) for symbol in symbols if _is_callable(symbol)]
    if lists and None not in lists and expected not in lists:
        raise Unusable(
            "contract", f"{_expectation(contract)}, but you wrote `{symbols[0].signature}`. {_OR}"
        )


_OR = "Other workers rely on it: keep it, or report it in `deviations` and say why."


def _expectation(contract: Contract) -> str:
    return f"the contract says that {contract.defined_in} defines `{contract.signature}`"


def _is_callable(symbol: Symbol) -> bool:
    return symbol.kind in ("function", "method")


def parameters(signature: str, name: str) -> tuple[str, ...] | None:
    """Return the names of the parameters in a signature of `name`, without the receiver.

    None when there is nothing to compare: no parameter list, or one that is cut off.

    >>> parameters("def total(self, rate: float = 0.2) -> int", "total")
    ('rate',)
    """
    match = re.search(rf"(?<!\w){re.escape(name)}\s*(?:<[^()]*>)?\s*\(", signature)
    if match is None:
        return None
    depth, part = 0, ""
    parts: list[str] = []
    for char in _NOISE.sub("", signature[match.end() :]):
        if depth == 0 and char == ")":
            words = (_NAME.search(part) for part in (*parts, part))
            return tuple(word[0] for word in words if word and word[0] not in all_receivers())
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth == 0 and char == ",":
            parts.append(part)
            part = ""
        else:
            part += char
    return None  # cut off, or written over several lines
