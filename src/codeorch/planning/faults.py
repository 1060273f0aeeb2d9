"""What makes a plan unusable, one sentence for each fault, written for whoever mends it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from typing import Self

from codeorch import graph
from codeorch.config import Settings
from codeorch.domain import Contract, Plan, Request, Snapshot, Task
from codeorch.edits import Refusal, check_path
from codeorch.planning.dependencies import used
from codeorch.planning.findings import Reading
from codeorch.planning.uneditable import reason_against, reason_against_moving
from codeorch.retrieval.look_ups import is_glob, nearest_paths

_LONGEST_GOAL = 65_536  # characters, as many as a request may have


def _unproven(_codemods: Sequence[str]) -> object:
    return None


def _no_text(_path: str) -> str:
    return ""


def _is_written_by_people(_path: str) -> bool:
    return False


_LEAVE_OUT = "Leave it out, and name it in `rationale` if the request needs it."


def _unlinked(_user: str, _definer: str) -> int:
    return 0


def _unopposed(_path: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan may contain."""

    paths: Collection[str]  # all files as they are now
    left_out: Mapping[str, str] = field(default_factory=dict)  # files that are not read, and why
    against_editing: Callable[[str], str] = _unopposed  # why no model can edit a path, or make it
    against_moving: Callable[[str], str] = _unopposed  # why it can be neither moved nor deleted
    against_autorun: Callable[[str], str] = _unopposed  # of files that run by themselves
    max_tasks: int
    timeout_s: float = 30.0
    scope: tuple[str, ...] = ()  # globs that the user named; empty = all files
    allowed: tuple[str, ...] = ()  # protected paths that the user opened
    taken: frozenset[str] = frozenset()  # files of earlier rounds; they count, too, but once
    strategy: str = "auto"
    open_tasks: frozenset[str] = frozenset()  # tasks of earlier rounds that may be dropped
    links: Callable[[str, str], int] = _unlinked  # names of the second file that the first uses
    prove: Callable[[Sequence[str]], object] = _unproven  # raises PlanInvalid for bad codemods
    text_of: Callable[[str], str] = _no_text  # of a file as it is now; empty for none
    is_generated: Callable[[str], bool] = _is_written_by_people
    insisted: bool = False  # edits of one file need no order, generated files may be changed

    @classmethod
    def of(cls, request: Request, snapshot: Snapshot, settings: Settings, reading: Reading) -> Self:
        """Gather the limits of a run's first plan."""
        return cls(
            paths=snapshot.files.keys(),
            left_out=snapshot.skipped,
            against_editing=lambda path: reason_against(path, snapshot, reading.is_ignored),
            against_moving=lambda path: reason_against_moving(path, snapshot),
            against_autorun=reading.against_autorun,
            max_tasks=settings.max_tasks,
            timeout_s=settings.task_timeout_s,
            scope=request.paths,
            allowed=settings.allow,
            strategy=settings.strategy,
            links=lambda user, definer: _names_used(snapshot, user, definer),
            is_generated=lambda path: (
                path in snapshot.files and snapshot.bare(path).role == "generated"
            ),
            text_of=lambda path: snapshot.bare(path).text if path in snapshot.files else "",
        )


def _names_used(snapshot: Snapshot, user: str, definer: str) -> int:
    if not {user, definer} <= snapshot.files.keys():
        return 0
    return len(used(snapshot, user, definer))


def faults_of(plan: Plan, limits: Limits) -> tuple[str, ...]:
    """Say all that makes a plan unusable; cycles only beside other faults, as they can be cut."""
    found = (
        *_of_number(plan.tasks, limits),
        *_of_strategy(plan, limits),
        *_of_ids(plan.tasks),
        *_of_owners(plan.tasks, limits),
        *(fault for task in plan.tasks for fault in _of_task(task, plan.tasks, limits)),
        *_of_contracts(plan, limits),
        *(
            f"`dropped` names {one.task!r}, which is no open task of the earlier plan."
            for one in plan.cancelled_tasks if one.task not in limits.open_tasks
        ),
    )  # fmt: skip
    return (*found, *_of_cycle(plan.tasks)) if found else ()


def without_cycles(plan: Plan, limits: Limits) -> Plan:
    """Break each cycle where the least binds the two tasks; the plan's notes say why there."""
    path_of = {task.id: task.path for task in plan.tasks}

    def strength(node: str, need: str) -> tuple[int, int]:
        user, definer = path_of[node], path_of[need]
        agreed = sum(
            contract.defined_in == definer and user in contract.used_in
            for contract in plan.contracts
        )
        return agreed, limits.links(user, definer)

    needs, cuts = graph.break_cycles({task.id: task.needs for task in plan.tasks}, strength)
    notes = tuple(
        f"cycle {' -> '.join((*cut.cycle, cut.cycle[0]))} broken: {cut.node} does not wait for "
        f"{cut.need}, where least binds them ({_bonds(*strength(cut.node, cut.need))})"
        for cut in cuts
    )
    tasks = tuple(replace(task, needs=needs[task.id]) for task in plan.tasks)
    return replace(plan, tasks=tasks, notes=(*plan.notes, *notes))


def _bonds(contracts: int, names: int) -> str:
    return (
        f"{contracts} contract{'s' if contracts != 1 else ''}, "
        f"{names} name{'s' if names != 1 else ''} used"
    )


def _of_number(tasks: Sequence[Task], limits: Limits) -> Iterator[str]:
    count = len(tasks) + len(limits.taken - {task.path for task in tasks})
    if count > limits.max_tasks:
        before = f" and {len(limits.taken)} of earlier rounds" if limits.taken else ""
        yield (
            f"The plan has {len(tasks)} tasks{before}; at most {limits.max_tasks} are allowed. "
            "Use a codemod for mechanical edits, leave out what the request does not need, or "
            "plan the most important part and say in `next_stage` what is left."
        )


def _of_strategy(plan: Plan, limits: Limits) -> Iterator[str]:
    if plan.strategy is not None and limits.strategy not in ("auto", plan.strategy):
        yield f"The strategy must be {limits.strategy}; the user asked for it."


def _of_ids(tasks: Sequence[Task]) -> Iterator[str]:
    ids = [task.id for task in tasks]
    for name in sorted(set(ids)):
        if ids.count(name) > 1:
            yield f"The task id {name!r} is used twice."


def _of_owners(tasks: Sequence[Task], limits: Limits) -> Iterator[str]:
    for path, one, other in rivals(tasks):
        edits = one.action == other.action == "edit"
        if not (edits and limits.insisted):
            way = "Join them, or let one need the other." if edits else "Join them."
            yield f"Tasks {one.id!r} and {other.id!r} both change {path}. {way}"


def rivals(tasks: Sequence[Task]) -> Iterator[tuple[str, Task, Task]]:
    """Find each two tasks of one file, but for edits of which one builds on the other."""
    ids = {task.id for task in tasks}
    needs = {task.id: [need for need in task.needs if need in ids] for task in tasks}
    owners: dict[str, list[Task]] = {}
    for task in tasks:
        for path in filter(None, dict.fromkeys((task.path, task.old_path))):
            for other in owners.get(path, ()):
                if not (task.action == other.action == "edit" and _ordered(needs, task, other)):
                    yield path, other, task
            owners.setdefault(path, []).append(task)


def _ordered(needs: graph.Needs, one: Task, other: Task) -> bool:
    later = other.id in graph.upstream(needs, one.id)
    return later or one.id in graph.upstream(needs, other.id)


def _of_task(task: Task, tasks: Sequence[Task], limits: Limits) -> Iterator[str]:
    if not task.goal and task.needs_model:
        yield f"Task {task.id!r} has no goal."
    if len(task.goal) > _LONGEST_GOAL:
        yield (
            f"Task {task.id!r} has a goal of {len(task.goal):,} characters; at most "
            f"{_LONGEST_GOAL:,} are taken."
        )
    yield from _of_paths(task, limits)
    ids = {other.id for other in tasks}
    for need in task.needs:
        if need not in ids:
            yield f"Task {task.id!r} needs {need!r}, which is no task."


def _of_paths(task: Task, limits: Limits) -> Iterator[str]:
    source = task.old_path or task.path
    reasons = tuple(_of_content(task, source, limits))
    yield from reasons
    if task.action == "rename" and not task.old_path:
        yield f"Task {task.id!r} is a rename and needs `old_path`, the path before."
    elif task.action != "create" and not reasons:
        yield from _of_missing(task, source, limits)
    is_made = task.action == "rename" or (task.action == "create" and not reasons)
    if is_made and task.path in limits.paths:
        hint = " Use action edit." if task.action == "create" else ""
        yield f"Task {task.id!r} creates {task.path}, which exists.{hint}"
    for path in filter(None, (task.path, task.old_path)):
        yield from _of_path(
            path, (limits.paths,) if reasons else (limits.paths, limits.left_out), limits
        )


def _of_content(task: Task, source: str, limits: Limits) -> Iterator[str]:
    """Find out beforehand what no worker could change, and what cannot be moved or deleted."""
    if task.action in ("delete", "rename") and (reason := limits.against_moving(source)):
        verb = "deleted" if task.action == "delete" else "moved"
        yield f"{source} {reason}, so it cannot be {verb}."
    elif task.action == "edit" and limits.is_generated(source) and not limits.insisted:
        yield (
            f"{source} is generated. Change what it is made from, and say in `rationale` how it is "
            "made anew; if people do write it, plan it again."
        )
    elif (task.needs_model or task.diff) and (reason := _against_editing(source, limits)):
        yield f"{source} {reason}. No worker can edit it: leave it out."
    is_new = bool(task.old_path) and task.path not in limits.paths
    if is_new and (reason := _against_editing(task.path, limits)):
        yield f"{task.path} {reason}. Nothing can be moved there."


def _against_editing(path: str, limits: Limits) -> str:
    """Say why a file cannot be edited or made; what the user opened may be ignored by git."""
    is_open = path in limits.allowed and path not in limits.left_out
    return "" if is_open and path not in limits.paths else limits.against_editing(path)


def _of_path(path: str, trees: Sequence[Collection[str]], limits: Limits) -> Iterator[str]:
    """Find a path that must not be written."""
    if limits.scope and not any(fnmatch(path, glob) for glob in limits.scope):
        yield f"{path} may not change: the user allows only {', '.join(limits.scope)}."
    try:
        for tree in trees:
            check_path(path, tree=tree, allowed=limits.allowed)
    except Refusal as refusal:
        yield f"{refusal.brief}. {_LEAVE_OUT}"
    if objection := limits.against_autorun(path):
        yield f"{objection}. {_LEAVE_OUT}"


def _of_missing(task: Task, path: str, limits: Limits) -> Iterator[str]:
    if path not in limits.paths and path not in limits.left_out:
        near = _nearest(path, limits.paths)
        yield (
            f"Task {task.id!r} is to {task.action} {path!r}, which is not in the repository."
            + (f" Did you mean {near!r}?" if near else " Use action create for a new file.")
        )


def _of_contracts(plan: Plan, limits: Limits) -> Iterator[str]:
    """Find contracts that bind nothing: their files are neither there nor to be created."""
    gone = {task.path for task in plan.tasks if task.action == "delete"}
    gone |= {task.old_path for task in plan.tasks if task.action == "rename"}
    there = ({*limits.paths} - gone) | {t.path for t in plan.tasks if t.action != "delete"}
    for contract in plan.contracts:
        yield from _of_contract(contract, there)


def _of_contract(contract: Contract, there: Collection[str]) -> Iterator[str]:
    if not contract.signature.strip():
        yield f"The contract of {contract.symbol!r} has no signature."
    for path in dict.fromkeys((contract.defined_in, *contract.used_in)):
        if path not in there and is_glob(path):
            yield f"The contract of {contract.symbol!r} names {path!r}, which matches no file."
        elif path not in there:
            near = _nearest(path, there)
            yield (
                f"The contract of {contract.symbol!r} names {path!r}, which neither is in the "
                f"repository nor is made by a task.{f' Did you mean {near!r}?' if near else ''}"
            )


def _of_cycle(tasks: Sequence[Task]) -> Iterator[str]:
    ids = {task.id for task in tasks}
    needs: Mapping[str, Collection[str]] = {
        task.id: [need for need in task.needs if need in ids] for task in tasks
    }
    if found := graph.find_cycle(needs):
        yield (
            f"The needs go round: {' -> '.join((*found, found[0]))}. "
            "Take out the one that matters least."
        )


def _nearest(path: str, paths: Collection[str]) -> str:
    """Return the file that was probably meant; empty when none is near."""
    return next(iter(nearest_paths(path, paths)), "")
