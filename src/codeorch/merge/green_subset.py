"""A change that breaks tests -> the largest part of it that does not, in a few test runs.

What is tried is always closed: with a task goes all that it needs. Tasks bound by needs, by a
file or by a contract break together, so they are looked at as groups first. Groups that the
broken tests point to are tried without first; then the culprit among the others is found by
bisection, left out, and the search goes on behind it, as in Zeller's delta debugging ("Yesterday,
my program worked. Today, it does not. Why?", 1999). That finds a largest part where each group
breaks tests for itself; where tests break only by two groups together, it leaves out the later.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from codeorch.domain import ChangeSet, Contract, Done, Rejected, Round, VerdictStatus
from codeorch.merge.combine import joined, source

RUNS = 12  # of the tests, at the most
_Ids = frozenset[str]
Attempt = Callable[[ChangeSet], Round]  # writes a change, checks it, and says how it went


def green_subset(red: Round, attempt: Attempt, runs: int = RUNS) -> Round:
    """Reduce a round to the largest part of its change that breaks no test, maybe to nothing.

    What is left out is rejected by name.
    """
    search = _Search(red, attempt, runs)
    units = _units(search.steps)
    groups = _groups(units, _bonds(search, red.plan.contracts))
    suspects = _suspects(red)
    innocent = sum(not group & suspects for group in groups)
    kept = search.longest(_innocent_first(groups, suspects), innocent)
    for group in (group for group in groups if not group <= kept):
        parts = [unit for unit in units if unit <= group]
        kept = search.shorter(kept, _innocent_first(parts, suspects))
    nothing = replace(red, change=joined(red.change.base, ()), commit="")
    best = search.tried.get(kept, nothing)
    rejected = tuple(
        Rejected(task=step.task.id, path=step.patch.path, why=_why(needs - kept))
        for step in search.steps
        for needs in (search.needs[step.task.id],)
        if step.task.id not in kept
    )
    change = replace(best.change, rejected=(*red.change.rejected, *rejected))
    return replace(best, change=change)


class _Search:
    """Which parts were tried, and how they went."""

    def __init__(self, red: Round, attempt: Attempt, runs: int) -> None:
        self.steps = red.change.steps
        self.needs = _needs(self.steps)
        self.tried: dict[_Ids, Round] = {}
        self._base = red.change.base
        self._attempt = attempt
        self._left = runs

    def longest(self, units: Sequence[_Ids], guess: int) -> _Ids:
        """Keep as many units as stay green together; all at once are known not to.

        `guess` says how many of the first ones are probably green.
        """
        kept: _Ids = frozenset()
        rest = list(units)
        while rest:
            low, high = 0, len(rest)  # so many more are green, so many are not
            while high - low > 1:
                middle = guess if low < guess < high else (low + high) // 2
                guess = 0
                if self._green(kept.union(*rest[:middle])):
                    low = middle
                else:
                    high = middle
            kept, rest = self._closed(kept.union(*rest[:low])), rest[high:]
            if rest and self._green(kept.union(*rest)):
                return self._closed(kept.union(*rest))
        return kept

    def shorter(self, kept: _Ids, units: Sequence[_Ids]) -> _Ids:
        """Add the longest part of a group that stays green, from the end: it hangs together."""
        for length in range(len(units) - 1, 0, -1):
            part = self._closed(kept.union(*units[:length]))
            if kept < part and self._green(part):
                return part
        return kept

    def _green(self, ids: _Ids) -> bool:
        part = self._closed(ids)
        if not part:
            return True  # nothing is changed, so nothing is worse
        if part not in self.tried and self._left:
            self._left -= 1
            steps = [step for step in self.steps if step.task.id in part]
            self.tried[part] = self._attempt(joined(self._base, steps))
        return part in self.tried and self.tried[part].verdict.status != VerdictStatus.BROKEN

    def _closed(self, ids: Iterable[str]) -> _Ids:
        """Leave out what needs something that is not there; the steps stand in that order."""
        wanted, kept = frozenset(ids), set[str]()
        for step in self.steps:
            if step.task.id in wanted and self.needs[step.task.id] <= kept:
                kept.add(step.task.id)
        return frozenset(kept)


def _needs(steps: Sequence[Done]) -> dict[str, _Ids]:
    """Say what each step needs: as planned, and the steps whose text it was made on."""
    needs: dict[str, _Ids] = {}
    last: dict[str, str] = {}  # the newest step of each path
    for step in steps:
        under = last.get(source(step.patch))
        planned = (name for name in step.task.needs if name in needs)
        needs[step.task.id] = frozenset([*planned, *([under] if under else [])])
        last[step.patch.path] = step.task.id
    return needs


def _units(steps: Sequence[Done]) -> list[_Ids]:
    """Take the files of one codemod together: a part of a rename is of no use."""
    units: dict[str, list[str]] = {}
    for step in steps:
        key = f"codemod {step.task.goal}" if step.task.answer else f"task {step.task.id}"
        units.setdefault(key, []).append(step.task.id)
    return [frozenset(ids) for ids in units.values()]


def _bonds(search: _Search, contracts: Collection[Contract]) -> Iterator[_Ids]:
    """Give the sets of steps that break together: by a need or by a contract."""
    for name, needs in search.needs.items():
        yield needs | {name}
    for contract in contracts:
        paths = {contract.defined_in, *contract.used_in}
        yield frozenset(step.task.id for step in search.steps if step.patch.path in paths)


def _groups(units: Sequence[_Ids], bonds: Iterable[_Ids]) -> list[_Ids]:
    """Join units that hang together."""
    groups = list(units)
    for bond in bonds:
        bound = [group for group in groups if group & bond]
        if len(bound) > 1:
            groups = [group for group in groups if not group & bond]
            groups.append(frozenset().union(*bound))
    return groups


def _suspects(red: Round) -> _Ids:
    """Name the tasks whose files the broken tests and their log mention."""
    verdict = red.verdict
    said = "\n".join([*verdict.broken, verdict.after.log if verdict.after else ""])
    return frozenset(step.task.id for step in red.change.steps if step.patch.path in said)


def _innocent_first(parts: Sequence[_Ids], suspects: _Ids) -> list[_Ids]:
    return sorted(parts, key=lambda part: bool(part & suspects))


def _why(missing: Collection[str]) -> str:
    if missing:
        return f"{min(missing)}, which it needs, does not land"
    return "the tests do not stay green with it"
