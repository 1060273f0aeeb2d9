"""A plan without a planner: the files that the request names, ordered by who uses whom."""

from codeorch.domain import Plan, Request, Task, WorkerSpec
from codeorch.errors import PlanInvalid
from codeorch.planning.dependencies import named, used, users
from codeorch.planning.faults import Limits, faults_of, without_cycles
from codeorch.planning.findings import Findings
from codeorch.planning.plan_schema import Draft

_MOST = 12  # files; what is not among the first few is rarely changed
_GOAL = """\
Do the part of this change request that belongs into {path}. The other files of the plan have the \
same goal. If nothing of it belongs here, answer nothing_to_do.

{request}"""


def fall_back(request: Request, findings: Findings, limits: Limits) -> Draft:
    """Plan a task for each file that the request names, defines a named symbol, or uses it.

    Raises:
        PlanInvalid: the request names none, or a rule is in the way, e.g. the user's own limits.
    """
    snapshot = findings.snapshot
    chosen = _chosen(request, findings)
    reasons = {path: limits.against_editing(path) for path in chosen}
    left_out = tuple(
        f"{path} {reason}: it is left out" for path, reason in reasons.items() if reason
    )
    paths = [path for path in chosen if not reasons[path]][: min(_MOST, limits.max_tasks)]
    if not paths:
        nothing = "The request names no file and no definition of the repository."
        raise PlanInvalid(left_out or (nothing,))
    ids = {path: f"f{number}" for number, path in enumerate(paths, start=1)}
    tasks = tuple(
        Task(
            id=ids[path],
            path=path,
            goal=_GOAL.format(path=path, request=request.text),
            needs=tuple(
                ids[other] for other in paths if other != path and used(snapshot, path, other)
            ),
            worker=WorkerSpec(timeout_s=limits.timeout_s),
        )
        for path in paths
    )
    plan = Plan(
        tasks=tasks,
        source="fallback",
        rationale="No valid plan came from the model, so this one was made without it: the files "
        "that the request names and those that use what it names, in the order of their uses.",
        notes=left_out,
    )
    if faults := faults_of(plan, limits):
        raise PlanInvalid(faults)
    return Draft(plan=without_cycles(plan, limits))


def by_hand(request: Request, findings: Findings, limits: Limits, why: str) -> Draft:
    """Begin a plan that somebody finishes by hand, by references where the request names any."""
    try:
        tasks = fall_back(request, findings, limits).plan.tasks
    except PlanInvalid:
        tasks = ()
    return Draft(plan=Plan(tasks=tasks, source="manual", notes=(why,)))


def _chosen(request: Request, findings: Findings) -> tuple[str, ...]:
    """Name the files that matter: those named, then by rank those that use named symbols."""
    found = named(request.text, findings.snapshot, findings.names)
    first = dict.fromkeys((*found.files, *(p for paths in found.symbols.values() for p in paths)))
    using = {
        user
        for path in dict.fromkeys(p for paths in found.symbols.values() for p in paths)
        for user, names in users(findings.snapshot, path, findings.names).items()
        if found.symbols.keys() & set(names)
    }
    ranked = [entry.path for entry in findings.ranked if entry.path in using]
    return tuple(dict.fromkeys((*first, *ranked)))
