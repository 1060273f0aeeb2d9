"""What binds the files together, who did not keep it, and what workers say of shared symbols.

Read are the summaries and notes of the edits that landed, their deviations, and the contracts.
Only parameters' names are compared: that is what callers and definers have to share, and types and
defaults are rarely written out in notes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from codeorch.report.document import Code, Line, Section, brief, line, listed
from codeorch.report.record import Ended, Record, Turn

_INNER = r"[^()`\n]*(?:\([^()`\n]*\)[^()`\n]*)*"
_KEYWORDS = r"(?:async\s+)?(?:def|func|fn|function|class|fun)"
_DEFINED = re.compile(
    rf"\b{_KEYWORDS}\s+(?:\([^()]*\)\s*)?(?P<name>[\w.$]+)\((?P<inner>{_INNER})\)"
)
_QUOTED = re.compile(rf"`(?P<name>[A-Za-z_$][\w.$]*)\((?P<inner>{_INNER})\)[^`\n]*`")
_PARAMETER = re.compile(
    r"\s*(?P<stars>\*{0,2}|\.{3}|&)(?P<name>[A-Za-z_$][\w$]*)\s*(?:[?:=!\s].*)?"
)
_RECEIVERS = ("self", "cls", "this")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody says of a symbol."""

    symbol: str
    parameters: tuple[str, ...]
    said: str  # as it was written
    by: str  # whose word it is: a path, or the plan
    noted: bool  # in a summary or a note; otherwise a contract or a deviation

    @property
    def name(self) -> str:
        """The symbol without what it belongs to."""
        return self.symbol.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """What the symbol belongs to, as far as it is said."""
        return self.symbol.rpartition(".")[0]


def disputed(record: Record) -> Mapping[str, tuple[Claim, ...]]:
    """Give the symbols of which different things are said, with who says what."""
    claims = sorted(_claims(record), key=lambda one: (one.name, one.by))
    groups = {name: _distinct(group) for name, group in groupby(claims, lambda one: one.name)}
    return {name: group for name, group in groups.items() if _contradict(group)}


def claims_in(text: str, by: str) -> Iterator[Claim]:
    """Read the signatures out of a note; calls with values in them are none."""
    seen: set[tuple[int, int]] = set()
    for pattern in (_DEFINED, _QUOTED):
        for found in pattern.finditer(text):
            parameters = _parameters(found["inner"])
            place = found.span("inner")
            # `name()` in prose only names a function.
            if parameters is None or place in seen or (pattern is _QUOTED and not parameters):
                continue
            seen.add(place)
            yield Claim(
                symbol=found["name"], parameters=parameters, said=found[0].strip("`"), by=by,
                noted=True,
            )  # fmt: skip


def _claims(record: Record) -> Iterator[Claim]:
    latest: dict[str, Ended] = {result.path: result for result in record.landed}
    for path, result in latest.items():
        yield from claims_in(f"{result.summary}\n{result.interface_notes}", path)
        for each in result.deviations:
            yield from _stated(each.symbol, each.signature, path)
    for contract in record.last.plan.contracts:
        yield from _stated(contract.symbol, contract.signature, "the contract")


def _stated(symbol: str, signature: str, by: str) -> Iterator[Claim]:
    name = symbol.rpartition(".")[2]
    found = re.search(rf"\b{re.escape(name)}\((?P<inner>{_INNER})\)", signature)
    parameters = _parameters(found["inner"]) if found else None
    if parameters is not None:
        yield Claim(symbol=symbol, parameters=parameters, said=signature, by=by, noted=False)


def _parameters(inner: str) -> tuple[str, ...] | None:
    """Name the parameters in a pair of brackets; None when values stand there."""
    names: list[str] = []
    for part in _split(inner):
        if part.strip() in ("", "*", "/"):
            continue
        found = _PARAMETER.fullmatch(part)
        if found is None:
            return None
        names.append(found["stars"].strip("&") + found["name"])
    return tuple(name for name in names if name not in _RECEIVERS)


def _split(inner: str) -> Iterator[str]:
    """Split at the commas that stand in no brackets."""
    depth, part = 0, ""
    for char in inner:
        depth += (char in "([{<") - (char in ")]}>")
        if char == "," and depth <= 0:
            yield part
            part = ""
        else:
            part += char
    yield part


def _distinct(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Give each thing that somebody says once."""
    found = {(one.parameters, one.by): one for one in claims}
    return tuple(found.values())


def _contradict(claims: tuple[Claim, ...]) -> bool:
    """Whether the claims differ; of a contract and its one deviation is told elsewhere."""
    if len({one.owner for one in claims} - {""}) > 1:
        return False  # methods of one name in several classes
    if len({one.parameters for one in claims}) < 2:
        return False
    stated = {one.parameters for one in claims if not one.noted and one.by != "the contract"}
    return len(stated) > 1 or any(one.noted for one in claims)


def agreed(record: Record) -> Section:
    """Tell the contracts of the plan that stands."""
    lines = [
        line(Code(brief(one.signature)), " in ", Code(one.defined_in), *_users(one.used_in))
        for one in record.last.plan.contracts
    ]
    return Section(title="Contracts", lines=tuple(lines))


def not_kept(record: Record) -> Section:
    """Tell each contract that a worker could not keep, and who counts on it."""
    lines = [
        each
        for one in record.rounds
        for result in one.own_results
        for each in _deviations(one, result)
    ]
    return Section(title="Contracts not kept", lines=tuple(lines))


def contradictions(record: Record) -> Section:
    """Tell where workers, contracts and deviations give one symbol different parameters."""
    lines = [
        line(Code(symbol), " is told in different ways:", tone="warn", below=map(_claim, claims))
        for symbol, claims in disputed(record).items()
    ]
    return Section(title="Workers contradict each other", lines=tuple(lines))


def _users(paths: tuple[str, ...]) -> Iterator[str]:
    if paths:
        yield ", used in "
        yield from listed(paths)


def _deviations(one: Turn, result: Ended) -> Iterator[Line]:
    for each in result.deviations:
        promised = [c for c in one.plan.contracts if c.symbol == each.symbol]
        others = {path for c in promised for path in (c.defined_in, *c.used_in)} - {result.path}
        kept = sorted(
            other.path for other in one.own_results
            if other.path in others and other.landed
            and each.symbol not in {deviation.symbol for deviation in other.deviations}
        )  # fmt: skip
        below = [line("agreed was ", Code(brief(c.signature))) for c in promised]
        if kept:
            below.append(line("written against the contract: ", *listed(kept), tone="warn"))
        yield line(
            Code(each.symbol), " in ", Code(result.path), " is ", Code(brief(each.signature)),
            f": {brief(each.why)}", tone="warn", below=below,
        )  # fmt: skip


def _claim(one: Claim) -> Line:
    return line(f"{one.by}: ", Code(brief(one.said)))
