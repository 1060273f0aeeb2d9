"""The plan against what became of it, round by round; how tasks ended, and what is not done."""

from collections import Counter
from collections.abc import Collection, Iterator

from codeorch.domain import Attempt, EditScript, Plan
from codeorch.report.document import Code, Line, Section, brief, line, many, name_list
from codeorch.report.record import Record, RoundRecord, TaskRecord

_SOURCES = {
    "model": "planned by the model",
    "codemod": "by rule, without a model",
    "fallback": "by ranking and references, because no plan of the model was valid",
    "manual": "a plan file",
}
_ENDINGS = {
    "Done": "done", "NothingToDo": "nothing to do", "NeedsMore": "needs more files",
    "DeadLetter": "failed", "Skipped": "skipped",
}  # fmt: skip


def assumptions(record: Record) -> Section:
    """Return what the request left open, and what was taken for granted or answered."""
    questions = dict.fromkeys(one for r in record.rounds for one in r.plan.questions)
    lines = [
        line(f"{brief(one.text)} Answered: {brief(one.answer)}")
        if one.answer
        else line(f"{brief(one.text)} Assumed: {brief(one.assumption)}", tone="warn")
        for one in questions
    ]
    return Section(title="Left open by the request", lines=tuple(lines))


def reality(record: Record) -> Section:
    """Return each round: where its plan is from, how its tasks ended, and what it changed."""
    earlier: set[str] = set()  # the paths that were planned for
    lines = []
    for number, one in enumerate(record.rounds, start=1):
        lines.append(_round(number, one, earlier))
        earlier |= {task.path for task in one.plan.tasks}
    return Section(title="Plan and what became of it", lines=(), lead=tuple(lines))


def notes(record: Record) -> Section:
    """Return what else the user should know."""
    paths = list(dict.fromkeys(path for one in record.rounds for path in one.conventions))
    lines = [line("conventions shown to the workers: ", *name_list(paths))] if paths else []
    lines += [line(brief(text)) for text in record.notices]
    return Section(title="Notes", lines=tuple(lines))


def _round(number: int, one: RoundRecord, earlier: Collection[str]) -> Line:
    counts = Counter(_ENDINGS[result.result] for result in one.own_results)
    ends = ", ".join(f"{count} {word}" for word, count in counts.items())
    tests = f"; tests {one.verdict.status}" if one.commit else ""
    return line(
        f"round {number} ({_SOURCES[one.plan.source]}): {many(len(one.plan.tasks), 'task')}"
        f"{': ' if ends else ''}{ends}{tests}",
        below=_details(number, one, earlier),
    )


def _details(number: int, one: RoundRecord, earlier: Collection[str]) -> Iterator[Line]:
    plan = one.plan
    if plan.rationale:
        yield line(brief(plan.rationale))
    yield from map(_script, plan.scripts)
    if number > 1:
        yield from _comparison(plan, earlier)
    for task in plan.cancelled_tasks:
        yield line("cancelled: ", Code(task.task), f": {brief(task.why)}")
    for result in one.own_results:
        if result.result == "NothingToDo":
            yield line(Code(result.path), f": {outcome_of(result)}")
    if plan.next_stage:
        yield line(f"announced a further stage: {brief(plan.next_stage)}")
    for note in plan.notes:
        yield line(f"mended in the plan: {brief(note)}", tone="warn")


def _script(script: EditScript) -> Line:
    code = [line(Code(text)) for text in script.code.strip().split("\n")]
    return line(f"script {script.id}: {brief(script.goal)}", below=code)


def _comparison(plan: Plan, earlier: Collection[str]) -> Iterator[Line]:
    """Return which files a further plan adds, and which it changes again."""
    for word, is_old in (("added: ", False), ("changed again: ", True)):
        paths = [task.path for task in plan.tasks if (task.path in earlier) is is_old]
        if paths:
            yield line(word, *name_list(paths, 10))


def outcome_of(result: TaskRecord) -> str:
    """Return in a line how a task ended."""
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


def task_name(result: TaskRecord) -> Iterator[str]:
    """Return a task's file, and its id, which `retry --task` takes."""
    yield Code(result.path)
    yield f" ({result.task})" if result.path else result.task


def first_line(text: str) -> str:
    """Return the first line of a text, of bounded length."""
    return brief(text.strip().split("\n", 1)[0])


def open_tasks(record: Record) -> Section:
    """Return what is not done: why, and what was tried."""
    goals = record.tasks
    lines = [
        line(
            *task_name(result), f": {outcome_of(result)}", tone="bad",
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


def _attempt(attempt: Attempt) -> Line:
    effort = f" at effort {attempt.effort}" if attempt.effort else ""
    fault = f"{attempt.kind}: {first_line(attempt.error)}" if attempt.error else "no fault"
    model = Code(attempt.model or "no model")
    return line(f"attempt {attempt.number}, ", model, f"{effort}: {fault}")
