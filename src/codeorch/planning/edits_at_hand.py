"""Edits that the planner hands in with its plan: tried before anybody relies on them."""

from collections.abc import Callable
from dataclasses import replace

from codeorch.domain import Snapshot, SourceFile, Task
from codeorch.errors import PlanInvalid, ReplyError
from codeorch.planning.expand_codemods import apply_codemods
from codeorch.planning.faults import Limits, faults_of
from codeorch.planning.findings import Reading
from codeorch.planning.plan_schema import Draft
from codeorch.planning.scripts import run_scripts

# Gives a draft with the edits that hold, and says what is wrong with the others; raises PlanInvalid
# where the tasks of its scripts pass the limits.
ProveEdits = Callable[[Draft, Limits], tuple[Draft, tuple[str, ...]]]


def prove_edits(
    draft: Draft, limits: Limits, snapshot: Snapshot, reading: Reading
) -> tuple[Draft, tuple[str, ...]]:
    """Run a draft's scripts, and try each task's edit on its file, with the codemods in place.

    Returns the draft, its tasks without the edits that cannot be used, and a sentence for each of
    these.

    Raises:
        PlanInvalid: with the tasks of its scripts, the plan passes the limits.
    """
    if not draft.scripts and not any(task.answer for task in draft.plan.tasks):
        return draft, ()
    try:
        snapshot = apply_codemods(draft.codemods, snapshot, reading)
    except PlanInvalid:
        return draft, ()  # found before, by the limits
    draft, script_faults = run_scripts(draft, snapshot, reading.run_script)
    # A script is one line of a plan and many tasks: only now are they all known.
    if draft.plan.scripts and (faults := faults_of(draft.plan, limits)):
        raise PlanInvalid(faults)
    tasks: list[Task] = []
    refusals = list(script_faults)
    for task in draft.plan.tasks:
        fault = _fault(task, snapshot, reading) if task.answer else ""
        if fault:
            refusals.append(f"Task {task.id!r}, {task.path}: {fault}")
        tasks.append(replace(task, answer="", diff="") if fault else task)
    return replace(draft, plan=replace(draft.plan, tasks=tuple(tasks))), tuple(refusals)


def _fault(task: Task, snapshot: Snapshot, reading: Reading) -> str:
    """Say what is wrong with a task's edit; empty if it fits and is as sound as before."""
    file = snapshot.files.get(task.old_path or task.path)
    before = file or SourceFile(path=task.path, text="")
    try:
        reading.check(file, reading.preview(before, task))
    except ReplyError as error:
        return str(error)
    return ""
