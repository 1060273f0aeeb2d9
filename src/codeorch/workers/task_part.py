"""What every worker is told of its task, whether it is a fork or fresh."""

from collections.abc import Iterator

from codeorch.config import Settings
from codeorch.domain import Deviation, Done, Task, WorkerSpec
from codeorch.llm.prompts import kinds
from codeorch.workers.context import TaskContext


def heading(task: Task) -> str:
    """Write the heading that a worker's own block begins with; it names the path."""
    where = f" (from {task.old_path})" if task.action == "rename" else ""
    return f"## Task\n{task.action} {task.path}{where}"


def task_part(context: TaskContext, instructions: str) -> str:
    """Write the heading, the goal, and how this kind of worker works.

    Who repairs what another worker did is told what that was for, and what is wrong with it.
    """
    task, talk = context.task, context.talk
    done = f"An earlier worker's edit is in place. It was to: {talk.task.goal}" if talk else ""
    parts = [heading(task), task.goal, task.diagnosis, done, f"How you work: {instructions}"]
    return "\n\n".join(filter(None, parts))


def instructions_for(spec: WorkerSpec, settings: Settings) -> str:
    """Return how a worker works: as its kind does, and what the plan says besides."""
    kind = kinds(settings.workers).get(spec.role)
    general = kind.instructions if kind else f"you are a specialist, {spec.role}."
    return " ".join(part for part in (general, spec.instructions) if part)


def changed_contracts(context: TaskContext) -> str:
    """Tell which contracts the tasks before this one did not keep; empty if all were kept."""
    lines = [_deviation(each, done) for done in context.prerequisites for each in done.deviations]
    return "\n".join(["# Contracts that turned out differently", *lines]) if lines else ""


def notes_before(context: TaskContext) -> Iterator[str]:
    """Yield what finished workers report to those that waited for them."""
    for done in context.prerequisites:
        if done.interface_notes:
            yield f"- {done.task.path}: {done.interface_notes}"


def _deviation(deviation: Deviation, done: Done) -> str:
    return (
        f"- {deviation.symbol} is now `{deviation.signature}` in {done.task.path}, whatever its "
        f"contract says: {deviation.why}"
    )
