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
from codeorch.merge.combine import change_of, source_path

RUNS = 12  # of the tests, at the most
_Ids = frozenset[str]
CheckChange = Callable[[ChangeSet], Round]  # writes a change, checks it, and says how it went


def green_subset(broken_round: Round, check: CheckChange, runs: int = RUNS) -> Round:
    """Reduce a round to the largest part of its change that breaks no test, maybe to nothing.

    What is left out is rejected by name.
    """
    search = _Search(broken_round, check, runs)
    units = _units(search.steps)
    groups = _groups(units, _joint_sets(search, broken_round.plan.contracts))
    suspects = _suspects(broken_round)
    innocent = sum(not group & suspects for group in groups)
    subset = search.grow(_innocent_first(groups, suspects), innocent)
    for group in (group for group in groups if not group <= subset):
        parts = [unit for unit in units if unit <= group]
        subset = search.extend(subset, _innocent_first(parts, suspects))
    empty_round = replace(broken_round, change=change_of(broken_round.change.base, ()), commit="")
    best_round = search.tried.get(subset, empty_round)
    rejected = tuple(
        Rejected(task=step.task.id, path=step.patch.path, why=_reason(needs - subset))
        for step in search.steps
        for needs in (search.needs[step.task.id],)
        if step.task.id not in subset
    )
    change = replace(best_round.change, rejected=(*broken_round.change.rejected, *rejected))
    return replace(best_round, change=change)


class _Search:
    """Which parts were tried, and how they went."""

    def __init__(self, broken_round: Round, check: CheckChange, runs: int) -> None:
        self.steps = broken_round.change.steps
        self.needs = _needs(self.steps)
        self.tried: dict[_Ids, Round] = {}
        self._base = broken_round.change.base
        self._check = check
        self._runs_left = runs

    def grow(self, units: Sequence[_Ids], guess: int) -> _Ids:
        """Keep as many units as stay green together; all at once are known not to.

        `guess` says how many of the first ones are probably green.
        """
        subset: _Ids = frozenset()
        rest = list(units)
        while rest:
            low, high = 0, len(rest)  # so many more are green, so many are not
            while high - low > 1:
                middle = guess if low < guess < high else (low + high) // 2
                guess = 0
                if self._green(subset.union(*rest[:middle])):
                    low = middle
                else:
                    high = middle
            subset, rest = self._closed(subset.union(*rest[:low])), rest[high:]
            if rest and self._green(subset.union(*rest)):
                return self._closed(subset.union(*rest))
        return subset

    def extend(self, subset: _Ids, units: Sequence[_Ids]) -> _Ids:
        """Add the longest part of a group that stays green, from the end: it hangs together."""
        for length in range(len(units) - 1, 0, -1):
            part = self._closed(subset.union(*units[:length]))
            if subset < part and self._green(part):
                return part
        return subset

    def _green(self, ids: _Ids) -> bool:
        part = self._closed(ids)
        if not part:
            return True  # nothing is changed, so nothing is worse
        if part not in self.tried and self._runs_left:
            self._runs_left -= 1
            steps = [step for step in self.steps if step.task.id in part]
            self.tried[part] = self._check(change_of(self._base, steps))
        return part in self.tried and self.tried[part].verdict.status != VerdictStatus.BROKEN

    def _closed(self, ids: Iterable[str]) -> _Ids:
        """Leave out what needs something that is not there; the steps stand in that order."""
        requested, subset = frozenset(ids), set[str]()
        for step in self.steps:
            if step.task.id in requested and self.needs[step.task.id] <= subset:
                subset.add(step.task.id)
        return frozenset(subset)


def _needs(steps: Sequence[Done]) -> dict[str, _Ids]:
    """Return what each step needs: as planned, and the steps whose text it was made on."""
    needs: dict[str, _Ids] = {}
    last: dict[str, str] = {}  # the newest step of each path
    for step in steps:
        base_step = last.get(source_path(step.patch))
        planned_needs = (name for name in step.task.needs if name in needs)
        needs[step.task.id] = frozenset([*planned_needs, *([base_step] if base_step else [])])
        last[step.patch.path] = step.task.id
    return needs


def _units(steps: Sequence[Done]) -> list[_Ids]:
    """Take the files of one codemod together: a part of a rename is of no use."""
    units: dict[str, list[str]] = {}
    for step in steps:
        key = f"codemod {step.task.goal}" if step.task.is_codemod else f"task {step.task.id}"
        units.setdefault(key, []).append(step.task.id)
    return [frozenset(ids) for ids in units.values()]


def _joint_sets(search: _Search, contracts: Collection[Contract]) -> Iterator[_Ids]:
    """Return the sets of steps that break together: by a need or by a contract."""
    for name, needs in search.needs.items():
        yield needs | {name}
    for contract in contracts:
        paths = {contract.defined_in, *contract.used_in}
        yield frozenset(step.task.id for step in search.steps if step.patch.path in paths)


def _groups(units: Sequence[_Ids], joint_sets: Iterable[_Ids]) -> list[_Ids]:
    """Join units that hang together."""
    groups = list(units)
    for joint_set in joint_sets:
        joint_groups = [group for group in groups if group & joint_set]
        if len(joint_groups) > 1:
            groups = [group for group in groups if not group & joint_set]
            groups.append(frozenset().union(*joint_groups))
    return groups


def _suspects(broken_round: Round) -> _Ids:
    """Return the tasks whose files the broken tests and their log mention."""
    verdict = broken_round.verdict
    log = "\n".join([*verdict.broken, verdict.after.log if verdict.after else ""])
    return frozenset(step.task.id for step in broken_round.change.steps if step.patch.path in log)


def _innocent_first(parts: Sequence[_Ids], suspects: _Ids) -> list[_Ids]:
    return sorted(parts, key=lambda part: bool(part & suspects))


def _reason(missing: Collection[str]) -> str:
    if missing:
        return f"{min(missing)}, which it needs, does not land"
    return "the tests do not stay green with it"
