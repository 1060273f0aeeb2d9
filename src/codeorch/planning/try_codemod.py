"""A codemod -> what it would change, for a planner that has not decided yet."""

from collections.abc import Iterator
from dataclasses import replace

from codeorch.domain import Plan, Snapshot
from codeorch.engines import Engines
from codeorch.errors import PlanInvalid
from codeorch.planning.expand_codemods import plan_codemod
from codeorch.refactoring import Masker
from codeorch.retrieval import fold_counts

_SHOWN = 3  # changed files whose lines are shown
_SHOWN_LEFT = 8  # places that are shown of those that a rule leaves
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
    return preview_codemods(plan, room)


def preview_codemods(plan: Plan, room: int) -> str:
    """Say what the codemods of a plan change, in about `room` characters; empty if it has none."""
    plan = replace(plan, tasks=tuple(task for task in plan.tasks if task.is_codemod))
    if not plan.tasks:
        return ""
    counts: dict[str, int] = {}
    for task in plan.tasks:
        counts[task.path] = counts.get(task.path, 0) + _count_changes(task.answer)
    total = sum(counts.values())
    head = f"{total} line{'s' if total != 1 else ''} in {len(counts)} file"
    head += f"{'s' if len(counts) != 1 else ''}: {fold_counts(counts, 'line', room // 3)}"
    return "\n".join([head, *_examples(plan), *_mention_lines(plan, room // 4)])[:room]


def _examples(plan: Plan) -> Iterator[str]:
    for task in plan.tasks[:_SHOWN]:
        lines = [line for line in task.answer.split("\n") if _is_change(line)]
        yield "\n".join([f"{task.path}:", *(line[:_WIDTH] for line in lines[:4])])


def _mention_lines(plan: Plan, room: int) -> Iterator[str]:
    """Say where the name stands in texts, which a rule leaves as they are."""
    counts: dict[str, int] = {}
    for mention in plan.mentions:
        counts[mention.path] = counts.get(mention.path, 0) + 1
    if counts:
        yield f"Left as they are, in strings and comments: {fold_counts(counts, 'mention', room)}"
    for use in plan.unproven_uses[:_SHOWN_LEFT]:
        yield f"{use.path}:{use.line}: {use.why}: {use.text[:_WIDTH]}"
    if (more := len(plan.unproven_uses) - _SHOWN_LEFT) > 0:
        yield f"and {more} more places are left"
    yield from plan.notes


def _is_change(line: str) -> bool:
    return line.startswith(("+", "-")) and not line.startswith(("+++", "---"))


def _count_changes(diff: str) -> int:
    return sum(line.startswith("+") and _is_change(line) for line in diff.split("\n"))
