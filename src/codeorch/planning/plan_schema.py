"""The plan as a form: what a model or a plan file may say, and how it becomes a Plan.

This is the door for untrusted plans: pydantic checks the shape, `faults` checks the sense, and
what comes out is valid.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args

from codeorch.domain import (
    CancelledTask,
    Contract,
    EditScript,
    ModelClass,
    Plan,
    PlanSource,
    Question,
    Task,
    Waiver,
    WorkerSpec,
)
from codeorch.edits import plain_path, resolve_path
from codeorch.errors import PlanInvalid
from codeorch.llm import Tool
from codeorch.llm.prompts import fence
from codeorch.planning.faults import Limits, faults_of, rivals, without_cycles
from codeorch.planning.form_faults import read_form
from codeorch.planning.pure_moves import is_pure_move
from codeorch.planning.task_groups import Groups, expand_groups
from codeorch.retrieval.look_ups import is_glob

if TYPE_CHECKING:
    from codeorch.planning.plan_form import ContractForm, PlanForm, TaskForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan with its codemods still written as sentences."""

    plan: Plan
    codemods: tuple[str, ...] = ()
    scripts: tuple[EditScript, ...] = ()  # not run yet


@cache
def plan_tool(*, scripts: bool = False) -> Tool:
    """Build the tool that a planner hands its plan in with, and its scripts if it may."""
    from codeorch.planning.plan_form import PlanForm  # noqa: PLC0415 - pydantic costs 0.1 s

    schema = {**_compact(PlanForm.model_json_schema()), "required": ["rationale"]}
    if not scripts:
        schema["properties"] = {k: v for k, v in schema["properties"].items() if k != "scripts"}
    return Tool(
        name="plan",
        description="Planner: hand in the plan, or what changes in it.",
        schema=schema,
        is_form=True,
    )


def _compact(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a schema without references, titles and defaults: a model reads it in every call."""
    definitions = schema.get("$defs", {})

    def inline(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [inline(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return inline(definitions[value["$ref"].rpartition("/")[2]])
        return {
            key: {name: inline(one) for name, one in item.items()}
            if key == "properties"
            else inline(item)
            for key, item in value.items()
            if key not in ("title", "default", "$defs")
        }

    compact: Mapping[str, Any] = inline(schema)
    return compact


def read(data: Mapping[str, Any], limits: Limits, source: PlanSource) -> Draft:
    """Turn a filled-in form into a valid plan.

    Raises:
        PlanInvalid: with one sentence for each fault, of form and of sense alike.
    """
    if source == "manual":  # who writes two tasks of a file means them
        limits = replace(limits, insisted=True)
    try:
        form = read_form(_with_paths_resolved(data, limits))
    except RecursionError as error:
        raise PlanInvalid(("The plan is nested too deeply.",)) from error
    filled = form.filled
    single = {task.path: task.id for task in filled.tasks}
    groups = expand_groups(filled.groups, limits.paths, single)
    plan = _plan(filled, groups, limits, source)
    of_sense = (
        *_planner_only_parts(filled, source),
        *groups.faults,
        *faults_of(plan, limits),
        *_of_codemods(filled.codemods, limits),
    )
    of_form = ["rationale: Field required"] if source == "model" and "rationale" not in data else []
    faults = (*of_form, *form.faults, *filter(form.may_hold, of_sense))
    if faults:
        raise PlanInvalid(tuple(dict.fromkeys(faults)))
    if plan.strategy == "dependency":
        plan = _waiting_for_contracts(plan)
    plan = _with_rivals_named(without_cycles(plan, limits))
    scripts = tuple(
        EditScript(id=one.id, goal=one.purpose, code=one.code, paths=groups.paths_in(one.paths))
        for one in filled.scripts
    )
    return Draft(plan=plan, codemods=tuple(filled.codemods), scripts=scripts)


def _plan(filled: "PlanForm", groups: Groups, limits: Limits, source: PlanSource) -> Plan:
    rows: tuple[TaskForm | SimpleNamespace, ...] = (*filled.tasks, *groups.tasks)
    return Plan(
        tasks=tuple(
            replace(task, needs=groups.ids_in(task.needs, of=task.id))
            for task in (_task(row, limits, source) for row in rows)
        ),
        contracts=tuple(_contract(contract, groups) for contract in filled.contracts),
        source=source,
        rationale=filled.rationale,
        strategy=None if source == "manual" else filled.strategy,
        questions=tuple(
            Question(text=one.text, assumption=one.assumption, blocks=one.blocks)
            for one in filled.questions
        ),
        notes=tuple(_notes(filled, limits)),
        next_stage=filled.next_stage.strip(),
        cancelled_tasks=tuple(CancelledTask(task=one.task, why=one.why) for one in filled.dropped),
        waivers=tuple(Waiver(name=o.name, path=o.path, why=o.why) for o in filled.excuses),
    )


def _of_codemods(rules: Sequence[str], limits: Limits) -> tuple[str, ...]:
    try:
        limits.prove(rules)
    except PlanInvalid as error:
        return error.faults
    return ()


def _planner_only_parts(filled: "PlanForm", source: PlanSource) -> Iterator[str]:
    """Find what only a planner may hand in: nothing would run it, and nobody would notice."""
    if source == "manual" and filled.scripts:
        yield "A plan file holds no scripts: give the tasks their edits as `diff`."


def _with_paths_resolved(data: Mapping[str, Any], limits: Limits) -> Mapping[str, Any]:
    """Undo slips in each path that a plan names; what has another shape than a plan stays.

    A deletion and a move may leave their goal out.
    """
    new = set(map(plain_path, _new_paths(data)))
    tree = {*limits.paths, *limits.left_out, *new}

    def resolved(value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            is_path = key in _PATHS or (key in _PATHS_OR_GLOBS and not is_glob(value))
            return resolve_path(value, tree) if is_path and value.strip() else value
        if isinstance(value, list):
            return [resolved(inner, key) for inner in value]
        if not isinstance(value, Mapping):
            return value
        fields = {name: resolved(inner, name) for name, inner in value.items()}
        if value.get("action") in _MAKING and isinstance(value.get("path"), str):
            fields["path"] = plain_path(value["path"])
        return {"goal": "", **fields} if fields.get("action") in ("delete", "rename") else fields

    found: Mapping[str, Any] = resolved(data)
    return found


_PATHS = frozenset({"path", "old_path", "context", "defined_in"})
_PATHS_OR_GLOBS = frozenset({"paths", "used_in"})
_MAKING = ("create", "rename")


def _new_paths(data: Mapping[str, Any]) -> Iterator[str]:
    """Name the paths that a plan makes, whatever shape it has."""
    tasks = data.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        if isinstance(task, Mapping) and task.get("action") in _MAKING:
            yield from filter(lambda path: isinstance(path, str), [task.get("path")])


def _notes(filled: "PlanForm", limits: Limits) -> Iterator[str]:
    """Say what is left out of a plan because it would tell a worker nothing."""
    for task in filled.tasks:
        for path in task.context:
            if path not in limits.paths:
                yield f"context {path} of task {task.id} is not in the repository and is left out"


def _task(task: "TaskForm | SimpleNamespace", limits: Limits, source: PlanSource) -> Task:
    known = source == "manual" or task.worker.model in get_args(ModelClass)
    spec = WorkerSpec(
        role=task.worker.role.strip().lower() or "implementer",
        instructions=task.worker.instructions,
        model=task.worker.model if known else "",  # a planner does not know what models there are
        effort=task.worker.effort,
        tools=tuple(task.worker.tools),
        timeout_s=limits.timeout_s,
    )
    old_path = task.old_path if task.action == "rename" else ""
    goal = task.goal.strip()
    if not goal and task.action == "delete":
        goal = f"Delete {task.path}."
    if not goal and task.diff.strip():
        goal = f"{'Create' if task.action == 'create' else 'Edit'} {task.path}."
    return Task(
        id=task.id,
        path=task.path,
        goal=goal or (f"Move {old_path} to {task.path}." if old_path else ""),
        action=task.action,
        needs=tuple(dict.fromkeys(task.needs)),
        context=tuple(path for path in task.context if path in limits.paths),
        old_path=old_path,
        weight=task.weight,
        worker=spec,
        answer=fence(task.diff, "diff") if task.diff.strip() else "",
        diff=task.diff if task.diff.strip() else "",
        moves_only=bool(old_path) and is_pure_move(goal, old_path, task.path),
    )


def _contract(contract: "ContractForm", groups: Groups) -> Contract:
    return Contract(
        symbol=contract.symbol,
        signature=contract.signature,
        defined_in=contract.defined_in,
        used_in=groups.paths_in(contract.used_in),
        import_line=contract.import_line,
    )


def _with_rivals_named(plan: Plan) -> Plan:
    notes = tuple(
        f"tasks {one.id} and {other.id} both edit {path} in no order: their edits are merged"
        for path, one, other in rivals(plan.tasks)
    )
    return replace(plan, notes=(*plan.notes, *notes)) if notes else plan


def _waiting_for_contracts(plan: Plan) -> Plan:
    """Let each task wait for those that define what it uses: that is what the strategy means."""

    def needs(task: Task) -> tuple[str, ...]:
        paths = {
            contract.defined_in for contract in plan.contracts if task.path in contract.used_in
        }
        definers = (one.id for one in plan.tasks if one.path in paths - {task.path})
        return tuple(dict.fromkeys((*task.needs, *definers)))

    return replace(plan, tasks=tuple(replace(task, needs=needs(task)) for task in plan.tasks))
