"""A codemod -> what it would change, for a planner that has not decided yet."""

from collections.abc import Iterator

from codeorch.domain import Plan, Snapshot
from codeorch.engines import Engines
from codeorch.errors import PlanInvalid
from codeorch.planning.expand_codemods import plan_codemod
from codeorch.refactoring import Masker
from codeorch.retrieval import folded

_SHOWN = 3  # changed files whose lines are shown
_WIDTH = 160


def try_codemod(
    rule: str, room: int, snapshot: Snapshot, mask: Masker, engines: Engines | None = None
) -> str:
    """Say what a codemod would change: counts by folder, the first lines, and what it leaves.

    In about `room` characters. A rule that cannot be carried out says why.
    """
    try:
        plan = plan_codemod(rule, snapshot, mask, engines or Engines())
    except PlanInvalid as fault:
        return str(fault)
    counts = {task.path: _changed(task.answer) for task in plan.tasks}
    total = sum(counts.values())
    head = f"{total} line{'s' if total != 1 else ''} in {len(counts)} file"
    head += f"{'s' if len(counts) != 1 else ''}: {folded(counts, 'line', room // 3)}"
    return "\n".join([head, *_examples(plan), *_left(plan, room // 4)])[:room]


def _examples(plan: Plan) -> Iterator[str]:
    for task in plan.tasks[:_SHOWN]:
        lines = [line for line in task.answer.split("\n") if _is_change(line)]
        yield "\n".join([f"{task.path}:", *(line[:_WIDTH] for line in lines[:4])])


def _left(plan: Plan, room: int) -> Iterator[str]:
    """Say where the name stands in texts, which a rule leaves as they are."""
    counts: dict[str, int] = {}
    for mention in plan.mentions:
        counts[mention.path] = counts.get(mention.path, 0) + 1
    if counts:
        yield f"Left as they are, in strings and comments: {folded(counts, 'mention', room)}"
    yield from plan.notes


def _is_change(line: str) -> bool:
    return line.startswith(("+", "-")) and not line.startswith(("+++", "---"))


def _changed(diff: str) -> int:
    return sum(line.startswith("+") and _is_change(line) for line in diff.split("\n"))
