"""What binds the files together, who did not keep it, and what workers say of shared symbols.

Read are the summaries and notes of the edits that landed, their deviations, and the contracts.
Only parameters' names are compared: that is what callers and definers have to share, and types and
defaults are rarely written out in notes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from codeorch.languages import all_receivers
from codeorch.report.document import Code, Line, Section, brief, line, name_list
from codeorch.report.record import Record, RoundRecord, TaskRecord

_INNER = r"[^()`\n]*(?:\([^()`\n]*\)[^()`\n]*)*"
_KEYWORDS = r"(?:async\s+)?(?:def|func|fn|function|class|fun)"
_DEFINITION = re.compile(
    rf"\b{_KEYWORDS}\s+(?:\([^()]*\)\s*)?(?P<name>[\w.$]+)\((?P<inner>{_INNER})\)"
)
_CODE_SPAN = re.compile(rf"`(?P<name>[A-Za-z_$][\w.$]*)\((?P<inner>{_INNER})\)[^`\n]*`")
_PARAMETER = re.compile(
    r"\s*(?P<stars>\*{0,2}|\.{3}|&)(?P<name>[A-Za-z_$][\w$]*)\s*(?:[?:=!\s].*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody says of a symbol."""

    symbol: str
    parameters: tuple[str, ...]
    text: str  # as it was written
    by: str  # whose word it is: a path, or the plan
    in_note: bool  # in a summary or a note; otherwise a contract or a deviation

    @property
    def name(self) -> str:
        """The symbol without what it belongs to."""
        return self.symbol.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """What the symbol belongs to, as far as it is said."""
        return self.symbol.rpartition(".")[0]


def disputes(record: Record) -> Mapping[str, tuple[Claim, ...]]:
    """Return the symbols of which different things are said, with who says what."""
    claims = sorted(_claims(record), key=lambda one: (one.name, one.by))
    groups = {name: _distinct(group) for name, group in groupby(claims, lambda one: one.name)}
    return {name: group for name, group in groups.items() if _contradict(group)}


def claims_in(text: str, by: str) -> Iterator[Claim]:
    """Return the signatures in a note; calls with values in them are none."""
    places: set[tuple[int, int]] = set()
    for pattern in (_DEFINITION, _CODE_SPAN):
        for match in pattern.finditer(text):
            parameters = _parameters(match["inner"])
            place = match.span("inner")
            # `name()` in prose only names a function.
            if parameters is None or place in places or (pattern is _CODE_SPAN and not parameters):
                continue
            places.add(place)
            yield Claim(
                symbol=match["name"], parameters=parameters, text=match[0].strip("`"), by=by,
                in_note=True,
            )  # fmt: skip


def _claims(record: Record) -> Iterator[Claim]:
    latest: dict[str, TaskRecord] = {result.path: result for result in record.landed}
    for path, result in latest.items():
        yield from claims_in(f"{result.summary}\n{result.interface_notes}", path)
        for deviation in result.deviations:
            yield from _claims_of(deviation.symbol, deviation.signature, path)
    for contract in record.last.plan.contracts:
        yield from _claims_of(contract.symbol, contract.signature, "the contract")


def _claims_of(symbol: str, signature: str, by: str) -> Iterator[Claim]:
    name = symbol.rpartition(".")[2]
    match = re.search(rf"\b{re.escape(name)}\((?P<inner>{_INNER})\)", signature)
    parameters = _parameters(match["inner"]) if match else None
    if parameters is not None:
        yield Claim(symbol=symbol, parameters=parameters, text=signature, by=by, in_note=False)


def _parameters(inner: str) -> tuple[str, ...] | None:
    """Name the parameters in a pair of brackets; None when values stand there."""
    names: list[str] = []
    for part in _split(inner):
        if part.strip() in ("", "*", "/"):
            continue
        match = _PARAMETER.fullmatch(part)
        if match is None:
            return None
        names.append(match["stars"].strip("&") + match["name"])
    return tuple(name for name in names if name not in all_receivers())


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
    """Return each thing that somebody says once."""
    by_content = {(one.parameters, one.by): one for one in claims}
    return tuple(by_content.values())


def _contradict(claims: tuple[Claim, ...]) -> bool:
    """Whether the claims differ; another section has a contract and its one deviation."""
    if len({one.owner for one in claims} - {""}) > 1:
        return False  # methods of one name in several classes
    if len({one.parameters for one in claims}) < 2:
        return False
    signatures = {one.parameters for one in claims if not one.in_note and one.by != "the contract"}
    return len(signatures) > 1 or any(one.in_note for one in claims)


def standing_contracts(record: Record) -> Section:
    """Return the contracts of the plan that stands."""
    lines = [
        line(Code(brief(one.signature)), " in ", Code(one.defined_in), *_users(one.used_in))
        for one in record.last.plan.contracts
    ]
    return Section(title="Contracts", lines=tuple(lines))


def broken_contracts(record: Record) -> Section:
    """Return each contract that a worker could not keep, and who counts on it."""
    lines = [
        statement
        for one in record.rounds
        for result in one.own_results
        for statement in _deviations(one, result)
    ]
    return Section(title="Contracts not kept", lines=tuple(lines))


def contradictions(record: Record) -> Section:
    """Return where workers, contracts and deviations give one symbol different parameters."""
    lines = [
        line(Code(symbol), " has different signatures:", tone="warn", below=map(_claim, claims))
        for symbol, claims in disputes(record).items()
    ]
    return Section(title="Workers contradict each other", lines=tuple(lines))


def _users(paths: tuple[str, ...]) -> Iterator[str]:
    if paths:
        yield ", used in "
        yield from name_list(paths)


def _deviations(one: RoundRecord, result: TaskRecord) -> Iterator[Line]:
    for deviation in result.deviations:
        contracts = [c for c in one.plan.contracts if c.symbol == deviation.symbol]
        others = {path for c in contracts for path in (c.defined_in, *c.used_in)} - {result.path}
        believers = sorted(
            other.path for other in one.own_results
            if other.path in others and other.landed
            and deviation.symbol not in {own.symbol for own in other.deviations}
        )  # fmt: skip
        below = [line("agreed was ", Code(brief(c.signature))) for c in contracts]
        if believers:
            below.append(line("written against the contract: ", *name_list(believers), tone="warn"))
        yield line(
            Code(deviation.symbol), " in ", Code(result.path),
            " is ", Code(brief(deviation.signature)),
            f": {brief(deviation.why)}", tone="warn", below=below,
        )  # fmt: skip


def _claim(claim: Claim) -> Line:
    return line(f"{claim.by}: ", Code(brief(claim.text)))
