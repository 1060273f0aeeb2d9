"""How tasks ended, and what is not done."""

from collections.abc import Iterator

from codeorch.domain import Attempt
from codeorch.report.page import Code, Line, Section, brief, line, many
from codeorch.report.record import Ended, Record


def outcome_of(result: Ended) -> str:
    """Say in a line how a task ended."""
    match result.result:
        case "Done":
            return brief(result.summary) or "done"
        case "NothingToDo":
            return f"nothing to do: {brief(result.reason)}"
        case "NeedsMore":
            return f"needs {', '.join(result.paths)}, too: {brief(result.why)}"
        case "DeadLetter":
            tries = many(len(result.attempts), "attempt")
            return f"gave up after {tries}: {first_line(result.error)}"
        case "Skipped":
            return f"skipped: {brief(result.because)}"


def named(result: Ended) -> Iterator[str]:
    """Name a task by its file, and by its id, which `retry --task` takes."""
    yield Code(result.path)
    yield f" ({result.task})" if result.path else result.task


def first_line(text: str) -> str:
    """Give the first line of what was said, of bounded length."""
    return brief(text.strip().split("\n", 1)[0])


def unfinished(record: Record) -> Section:
    """Tell what is not done: why, and what was tried."""
    goals = record.tasks
    lines = [
        line(
            *named(result), f": {outcome_of(result)}", tone="bad",
            below=(*_goal(goals[result.task].goal if result.task in goals else ""),
                   *map(_attempt, result.attempts)),
        )
        for result in record.last.results if result.is_open
    ]  # fmt: skip
    lines += [
        line(Code(one.path), f": the finished edit was refused: {brief(one.why)}", tone="bad")
        for one in record.rejected
    ]
    if record.last.plan.next_stage:
        lines.append(
            line(f"not planned any more: {brief(record.last.plan.next_stage)}", tone="bad")
        )
    return Section(title="Not done", lines=tuple(lines))


def _goal(goal: str) -> Iterator[Line]:
    if goal:
        yield line(f"it was to: {brief(goal)}")


def _attempt(one: Attempt) -> Line:
    how = f" at effort {one.effort}" if one.effort else ""
    said = f" {one.kind}: {first_line(one.error)}" if one.error else " no fault"
    return line(f"attempt {one.number}, ", Code(one.model or "no model"), f"{how}:{said}")
