"""A plan without a planner: the files that the request names, ordered by who uses whom."""

from collections.abc import Sequence

from codeorch.domain import Plan, RankedFile, Request, Snapshot, Task, WorkerSpec
from codeorch.errors import PlanInvalid
from codeorch.plan.faults import Limits, faults_of, without_cycles
from codeorch.plan.form import Draft
from codeorch.plan.links import links, named

_MOST = 12  # files; what is not among the first few is rarely changed
_GOAL = """\
Do the part of this change request that belongs into {path}. The other files of the plan have the \
same goal. If nothing of it belongs here, answer nothing_to_do.

{request}"""


def fall_back(
    request: Request, ranked: Sequence[RankedFile], snapshot: Snapshot, limits: Limits
) -> Draft:
    """Plan a task for each file that the request names, defines a named symbol, or uses it.

    Raises:
        PlanInvalid: the request names none, or a rule is in the way, e.g. the user's own limits.
    """
    paths = _chosen(request, ranked, snapshot)[: min(_MOST, limits.max_tasks)]
    if not paths:
        raise PlanInvalid(("The request names no file and no definition of the repository.",))
    ids = {path: f"f{number}" for number, path in enumerate(paths, start=1)}
    uses = links(snapshot, paths, paths)
    tasks = tuple(
        Task(
            id=ids[path],
            path=path,
            goal=_GOAL.format(path=path, request=request.text),
            needs=tuple(ids[definer] for definer in paths if path in uses[definer]),
            worker=WorkerSpec(timeout_s=limits.timeout_s),
        )
        for path in paths
    )
    plan = Plan(
        tasks=tasks,
        source="fallback",
        rationale="No valid plan came from the model, so this one was made without it: the files "
        "that the request names and those that use what it names, in the order of their uses.",
    )
    if faults := faults_of(plan, limits):
        raise PlanInvalid(faults)
    return Draft(plan=without_cycles(plan, limits))


def _chosen(request: Request, ranked: Sequence[RankedFile], snapshot: Snapshot) -> tuple[str, ...]:
    """Name the files that matter: those named, then by rank those that use named symbols."""
    found = named(request.text, snapshot)
    first = dict.fromkeys((*found.files, *(p for paths in found.symbols.values() for p in paths)))
    order = dict.fromkeys(entry.path for entry in ranked)
    users = [
        path
        for path in order
        if path in snapshot.files
        and any(one.name in found.symbols for one in snapshot.files[path].references)
    ]
    return tuple(dict.fromkeys((*first, *users)))
