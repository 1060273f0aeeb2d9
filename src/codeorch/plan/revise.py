"""Plan + results + verdict -> the next plan, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import (
    DeadLetter,
    Done,
    NeedsMore,
    NothingToDo,
    Request,
    Round,
    Skipped,
    Snapshot,
    TaskResult,
    TestRun,
    Verdict,
)
from codeorch.llm import Model, Prompt
from codeorch.llm.prompts import fence, text
from codeorch.outline import tree
from codeorch.plan.decompose import Decomposition, ask_for_plan, read_plan_tool
from codeorch.plan.form import Draft, Limits

_ROOM_FILE = 20_000  # characters of a file shown to the one who mends a plan
_ROOM_LOG = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a reviser sees: the last round, the files as they are now, and the edits so far."""

    round: Round
    snapshot: Snapshot
    diffs: Mapping[str, str]  # by path


def worth_it(last: Round) -> bool:
    """Whether a further round could help: something is missing, or the change broke tests."""
    if last.verdict.status == "broken":
        return True
    return any(isinstance(result, NeedsMore | DeadLetter) for result in last.results)


async def revise(
    request: Request, evidence: Evidence, number: int, model: Model, settings: Settings
) -> Decomposition:
    """Ask the planner what is still needed; a draft without tasks means nothing.

    `number` is the round to be planned, from 2. Raises as `decompose.ask_for_plan` does.
    """
    prompt = Prompt(
        key=f"plan/{number}",
        model=settings.model("planner"),
        system=text("plan").replace("{max_tasks}", str(settings.max_tasks)),
        user=_question(request, evidence),
        tool=read_plan_tool(),
        force_tool=True,
        timeout_s=settings.plan_timeout_s,
    )
    limits = Limits(
        paths=evidence.snapshot.files.keys(),
        max_tasks=settings.max_tasks,
        timeout_s=settings.task_timeout_s,
    )
    found = await ask_for_plan(prompt, model, limits)
    return replace(found, draft=_renumbered(found.draft, number))


def _renumbered(draft: Draft, number: int) -> Draft:
    """Mark each task with its round, so that no id is used twice in a run."""
    mark = f"r{number}-"
    tasks = tuple(
        replace(task, id=mark + task.id, needs=tuple(mark + need for need in task.needs))
        for task in draft.plan.tasks
    )
    return replace(draft, plan=replace(draft.plan, tasks=tasks))


def _question(request: Request, evidence: Evidence) -> str:
    last = evidence.round
    parts = [
        text("revise").strip(),
        "# Change request\n" + fence(request.text),
        "# Outcome of the first plan\n" + "\n".join(_told(result) for result in last.results),
        "# Tests\n" + _tests(last.verdict),
        "# All files\n" + fence(tree(evidence.snapshot.files)),
        "# Edits so far",
        *(fence(diff, "diff") for diff in evidence.diffs.values()),
        "# Files that matter now",
    ]
    for path in _wanted(last.results, last.verdict, evidence.snapshot):
        file = evidence.snapshot.files[path]
        body = file.text[:_ROOM_FILE]
        cut = "" if body == file.text else f" (first {_ROOM_FILE} characters)"
        parts.append(f"## {path}{cut}\n{fence(body, file.language)}")
    return "\n\n".join(parts)


def _told(result: TaskResult) -> str:
    head = f"- {result.task.id} ({result.task.action} {result.task.path}): "
    match result:
        case Done():
            return head + f"done. {result.summary}"
        case NothingToDo():
            return head + f"nothing to do: {result.reason}"
        case NeedsMore():
            return head + f"asked for {', '.join(result.paths)}: {result.why}"
        case DeadLetter():
            return head + f"failed for good: {result.error}"
        case Skipped():
            return head + f"not tried: {result.because}"


def _tests(verdict: Verdict) -> str:
    lines = [f"{verdict.status}: {verdict.reason}"]
    if verdict.broken:
        lines.append("Broken by the change: " + ", ".join(verdict.broken[:40]))
    if verdict.missing:
        lines.append("Ran before, not any more: " + ", ".join(verdict.missing[:40]))
    if verdict.status == "broken" and isinstance(verdict.after, TestRun):
        lines.append("End of the log:\n" + fence(verdict.after.log[-_ROOM_LOG:]))
    return "\n".join(lines)


def _wanted(results: Sequence[TaskResult], verdict: Verdict, snapshot: Snapshot) -> tuple[str, ...]:
    """Name the files to show: those asked for, those of unfinished tasks and of broken tests."""
    paths: list[str] = []
    for result in results:
        if isinstance(result, NeedsMore):
            paths += [result.task.path, *result.paths]
        elif isinstance(result, DeadLetter | Skipped):
            paths.append(result.task.path)
    paths += [name.partition("::")[0] for name in verdict.broken]
    if verdict.status == "broken":
        paths += [result.task.path for result in results if isinstance(result, Done)]
    return tuple(path for path in dict.fromkeys(paths) if path in snapshot.files)[:20]
