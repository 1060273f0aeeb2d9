"""The plan as a form: what a model or a plan file may say, and how it becomes a Plan.

This is the door for untrusted plans: pydantic checks the shape, `checked` checks the sense, and
what comes out is valid.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from codeorch import graph
from codeorch.domain import Contract, Plan, PlanSource, Task, WorkerSpec
from codeorch.errors import PlanInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan may contain."""

    paths: Collection[str]  # all files of the commit
    max_tasks: int
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan with its codemods still written as sentences."""

    plan: Plan
    codemods: tuple[str, ...]


@cache
def form() -> type[Any]:
    """Build the pydantic model of a plan."""
    from typing import Literal  # noqa: PLC0415 - beside pydantic, which costs 0.1 s

    from pydantic import BaseModel, ConfigDict, Field  # noqa: PLC0415

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class WorkerForm(Strict):
        role: str = "implementer"
        instructions: str = ""
        model: str = ""
        effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None

    class TaskForm(Strict):
        id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")
        path: str = Field(min_length=1)
        action: Literal["create", "edit", "delete", "rename"] = "edit"
        old_path: str = Field("", description="for a rename: the path before")
        goal: str
        needs: list[str] = Field(default_factory=list)
        context: list[str] = Field(default_factory=list)
        weight: float = Field(1.0, gt=0, le=100)
        worker: WorkerForm = WorkerForm()

    class ContractForm(Strict):
        symbol: str
        signature: str
        defined_in: str
        used_in: list[str] = Field(default_factory=list)

    class PlanForm(Strict):
        rationale: str
        contracts: list[ContractForm] = Field(default_factory=list)
        codemods: list[str] = Field(default_factory=list)
        tasks: list[TaskForm]

    return PlanForm


def schema() -> Mapping[str, Any]:
    """Give the JSON schema of a plan."""
    found: Mapping[str, Any] = form().model_json_schema()
    return found


def read(data: Mapping[str, Any], limits: Limits, source: PlanSource) -> Draft:
    """Turn a filled-in form into a valid plan.

    Raises:
        PlanInvalid: with one sentence for each fault.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - costs 0.1 s

    try:
        filled = form().model_validate(data)
    except ValidationError as error:
        faults = tuple(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        raise PlanInvalid(faults) from error
    tasks = tuple(_task(task, limits) for task in filled.tasks)
    contracts = tuple(
        Contract(
            symbol=contract.symbol,
            signature=contract.signature,
            defined_in=contract.defined_in,
            used_in=tuple(contract.used_in),
        )
        for contract in filled.contracts
    )
    if faults := _faults(tasks, limits):
        raise PlanInvalid(faults)
    tasks, notes = _without_cycles(tasks, contracts)
    plan = Plan(
        tasks=tasks, contracts=contracts, source=source, rationale=filled.rationale, notes=notes
    )
    return Draft(plan=plan, codemods=tuple(filled.codemods))


def _task(task: Any, limits: Limits) -> Task:  # noqa: ANN401 - a pydantic model made at run time
    spec = WorkerSpec(
        role=task.worker.role.strip().lower() or "implementer",
        instructions=task.worker.instructions,
        model=task.worker.model,
        effort=task.worker.effort,
        timeout_s=limits.timeout_s,
    )
    return Task(
        id=task.id,
        path=task.path,
        goal=task.goal.strip(),
        action=task.action,
        needs=tuple(task.needs),
        context=tuple(path for path in task.context if path in limits.paths),
        old_path=task.old_path,
        weight=task.weight,
        worker=spec,
    )


def _faults(tasks: tuple[Task, ...], limits: Limits) -> tuple[str, ...]:
    """Say all that makes a set of tasks unusable, one sentence for each fault."""
    faults = []
    if len(tasks) > limits.max_tasks:
        faults.append(
            f"The plan has {len(tasks)} tasks; at most {limits.max_tasks} are allowed. "
            "Use a codemod for mechanical edits, or leave out what the request does not need."
        )
    ids = [task.id for task in tasks]
    faults += [f"The task id {i!r} is used twice." for i in sorted(set(ids)) if ids.count(i) > 1]
    owners: dict[str, str] = {}
    for task in tasks:
        faults += _faults_of(task, set(ids), limits)
        for path in filter(None, (task.path, task.old_path)):
            if path in owners:
                faults.append(
                    f"Tasks {owners[path]!r} and {task.id!r} both change {path}; "
                    "a file belongs to one task. Join them."
                )
            owners.setdefault(path, task.id)
    return tuple(faults)


def _faults_of(task: Task, ids: Collection[str], limits: Limits) -> list[str]:
    faults = []
    if not task.goal:
        faults.append(f"Task {task.id!r} has no goal.")
    before = task.old_path if task.action == "rename" else task.path
    if task.action == "create":
        if task.path in limits.paths:
            faults.append(f"Task {task.id!r} creates {task.path}, which exists. Use action edit.")
    elif before not in limits.paths:
        near = _near(before, limits.paths)
        faults.append(
            f"Task {task.id!r} is to {task.action} {before!r}, which is not in the repository."
            + (f" Did you mean {near!r}?" if near else " Use action create for a new file.")
        )
    faults += [
        f"Task {task.id!r} needs {need!r}, which is no task." for need in task.needs
        if need not in ids
    ]  # fmt: skip
    return faults


def _near(path: str, paths: Collection[str]) -> str:
    """Find the file that was probably meant: the same name elsewhere, else similar spelling."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for faulty plans

    name = path.rpartition("/")[2]
    same = sorted(p for p in paths if p.rpartition("/")[2] == name)
    close = [same[0]] if len(same) == 1 else get_close_matches(path, paths, n=1, cutoff=0.75)
    return close[0] if close else ""


def _without_cycles(
    tasks: tuple[Task, ...], contracts: tuple[Contract, ...]
) -> tuple[tuple[Task, ...], tuple[str, ...]]:
    """Break each cycle where the fewest contracts flow from the need to the task."""
    path_of = {task.id: task.path for task in tasks}

    def strength(node: str, need: str) -> float:
        return sum(
            contract.defined_in == path_of[need] and path_of[node] in contract.used_in
            for contract in contracts
        )

    needs, cuts = graph.break_cycles({task.id: task.needs for task in tasks}, strength)
    notes = tuple(
        f"cycle {' -> '.join((*cut.cycle, cut.cycle[0]))} broken: {cut.node} does not wait for "
        f"{cut.need} (fewest contracts between them)"
        for cut in cuts
    )
    return tuple(replace(task, needs=needs[task.id]) for task in tasks), notes
