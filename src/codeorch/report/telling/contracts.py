"""What binds the files together: the contracts, who did not keep them, and who says otherwise."""

from collections.abc import Iterator

from codeorch.report.page import Code, Line, Section, brief, line, listed
from codeorch.report.record import Ended, Record, Turn
from codeorch.report.telling.claims import Claim, disputed


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
