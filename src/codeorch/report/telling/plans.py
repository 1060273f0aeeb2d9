"""The plan against what became of it, round by round, and what it took for granted."""

from collections import Counter
from collections.abc import Collection, Iterator

from codeorch.domain import Plan
from codeorch.report.page import Code, Line, Section, brief, line, listed, many
from codeorch.report.record import Record, Turn
from codeorch.report.telling.tasks import outcome_of

_SOURCES = {
    "model": "planned by the model",
    "direct": "no plan: one call made the edits",
    "codemod": "by rule, without a model",
    "fallback": "by ranking and references, because no plan of the model was valid",
    "manual": "a plan file",
}
_ENDINGS = {
    "Done": "done", "NothingToDo": "nothing to do", "NeedsMore": "needs more files",
    "DeadLetter": "failed", "Skipped": "skipped",
}  # fmt: skip


def assumptions(record: Record) -> Section:
    """Tell what the request left open, and what was taken for granted or answered."""
    asked = dict.fromkeys(one for turn in record.rounds for one in turn.plan.questions)
    lines = [
        line(f"{brief(one.text)} Answered: {brief(one.answer)}")
        if one.answer
        else line(f"{brief(one.text)} Assumed: {brief(one.assumption)}", tone="warn")
        for one in asked
    ]
    return Section(title="Left open by the request", lines=tuple(lines))


def reality(record: Record) -> Section:
    """Tell each round: where its plan is from, how its tasks ended, and what it changed."""
    earlier: set[str] = set()  # the paths that were planned for
    lines = []
    for number, one in enumerate(record.rounds, start=1):
        lines.append(_round(number, one, earlier))
        earlier |= {task.path for task in one.plan.tasks}
    return Section(title="Plan and what became of it", lines=(), lead=tuple(lines))


def notes(record: Record) -> Section:
    """Tell what else the user should know."""
    shown = list(dict.fromkeys(path for one in record.rounds for path in one.conventions))
    lines = [line("conventions shown to the workers: ", *listed(shown))] if shown else []
    lines += [line(brief(text)) for text in record.notices]
    return Section(title="Notes", lines=tuple(lines))


def _round(number: int, one: Turn, earlier: Collection[str]) -> Line:
    counts = Counter(_ENDINGS[result.result] for result in one.own_results)
    ends = ", ".join(f"{count} {word}" for word, count in counts.items())
    tests = f"; tests {one.verdict.status}" if one.commit else ""
    return line(
        f"round {number} ({_SOURCES[one.plan.source]}): {many(len(one.plan.tasks), 'task')}"
        f"{': ' if ends else ''}{ends}{tests}",
        below=_details(number, one, earlier),
    )


def _details(number: int, one: Turn, earlier: Collection[str]) -> Iterator[Line]:
    plan = one.plan
    if plan.rationale:
        yield line(brief(plan.rationale))
    if number > 1:
        yield from _compared(plan, earlier)
    for dropped in plan.dropped:
        yield line("dropped: ", Code(dropped.task), f": {brief(dropped.why)}")
    for result in one.own_results:
        if result.result == "NothingToDo":
            yield line(Code(result.path), f": {outcome_of(result)}")
    if plan.next_stage:
        yield line(f"announced a further stage: {brief(plan.next_stage)}")
    for note in plan.notes:
        yield line(f"mended in the plan: {brief(note)}", tone="warn")


def _compared(plan: Plan, earlier: Collection[str]) -> Iterator[Line]:
    """Tell which files a further plan adds, and which it changes again."""
    for word, wanted in (("added: ", False), ("changed again: ", True)):
        paths = [task.path for task in plan.tasks if (task.path in earlier) is wanted]
        if paths:
            yield line(word, *listed(paths, 10))
