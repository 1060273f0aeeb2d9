"""Rounds so far -> the next plan: the next stage, a repair, or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from codeorch import graph
from codeorch.analysis.outline import outline, tree
from codeorch.config import Settings
from codeorch.domain import (
    Completeness,
    Contract,
    DeadLetter,
    Deviation,
    Done,
    MissedUse,
    NeedsMore,
    NothingToDo,
    Plan,
    Request,
    Round,
    Skipped,
    Snapshot,
    SourceFile,
    TaskResult,
    Verdict,
    VerdictStatus,
    WaivedUse,
    Waiver,
)
from codeorch.errors import ServiceError
from codeorch.llm import Model, Prompt, usage_of
from codeorch.llm.prompts import fence, text
from codeorch.planning.dependencies import files_of
from codeorch.planning.expand_codemods import check_codemods
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Reading
from codeorch.planning.plan_schema import Draft
from codeorch.planning.prompt import HAND_IN, system_text
from codeorch.planning.request_plan import Decomposition, Unplanned, ask_for_plan, plan_tool
from codeorch.planning.window import ask_within_window

Step = Literal["stage", "repair", "none"]
_ROOM_FILE, _ROOM_FILES = 20_000, 120_000  # characters of one file, and of all that are shown
_ROOM_DIFF, _ROOM_DIFFS = 6_000, 60_000
_ROOM_BEGIN = 4_000  # of a file without definitions
_ROOM_LOG = 6_000
_ROOM_TREE = 8_000
_SHOWN_TESTS = 40
_SHOWN_GAPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a reviser sees: the rounds, the files as they are now, and the edits so far."""

    rounds: Sequence[Round]
    snapshot: Snapshot
    diffs: Mapping[str, str]  # by path
    reading: Reading

    @property
    def last(self) -> Round:
        """The round whose outcome is to be improved on."""
        return self.rounds[-1]

    @property
    def open_tasks(self) -> frozenset[str]:
        """The tasks that did not finish."""
        return frozenset(result.task.id for result in self.last.results if _is_open(result))


def next_step(rounds: Sequence[Round], settings: Settings) -> Step:
    """Say what a further plan would be for, if there may be one and it could help.

    A stage that the plan announced is no repair; both are limited by `max_rounds`.
    """
    last = rounds[-1]
    if last.plan.next_stage and last.plan.stage < settings.max_rounds:
        return "stage"
    repairs = len(rounds) - last.plan.stage
    if repairs + 1 < settings.max_rounds and _worth_it(last):
        return "repair"
    return "none"


async def revise(
    request: Request, evidence: Evidence, model: Model, settings: Settings
) -> Decomposition | Unplanned:
    """Ask the planner what is still needed; a draft without tasks means nothing."""
    number = len(evidence.rounds) + 1
    stage = next_step(evidence.rounds, settings) == "stage"

    def write(share: float) -> Prompt:
        return Prompt(
            key=f"plan/{number}" if share >= 1 else f"plan/{number}/{share:.2f}",
            model=settings.model("planner"),
            system=system_text(settings),
            shared="\n\n".join(_question(request, evidence, stage=stage, share=share)),
            user=HAND_IN,
            tool=plan_tool(revised=True),
            force_tool=True,
            timeout_s=settings.plan_timeout_s,
        )

    limits = replace(
        Limits.of(request, evidence.snapshot, settings, evidence.reading),
        taken=_taken(evidence.rounds),
        open_tasks=evidence.open_tasks,
        strategy="auto",
        prove=lambda rules: check_codemods(rules, evidence.snapshot, evidence.reading),
    )
    try:
        found, lost = await ask_within_window(
            write, lambda prompt: ask_for_plan(prompt, model, limits)
        )
    except ServiceError as error:  # what is done stands as it is
        return Unplanned(faults=(str(error),), usage=usage_of(error))
    found = replace(found, usage=lost + found.usage)
    if isinstance(found, Unplanned):
        return found
    draft = _continued(found.draft, evidence.last, number, stage=stage)
    return replace(found, draft=draft)


def settled(last: Round, following: Plan) -> Round:
    """Close what the next plan gives reasons for: tasks that it drops, uses that it waives."""
    why = {one.task: one.why for one in following.cancelled_tasks}
    results = tuple(
        NothingToDo(
            task=result.task,
            reason=f"not needed any more: {why[result.task.id]}",
            attempts=() if isinstance(result, Skipped) else result.attempts,
        )
        if result.task.id in why and _is_open(result)
        else result
        for result in last.results
    )
    found = last.completeness
    reasons = {gap: _reason(gap, following.waivers) for gap in found.gaps}
    completeness = replace(
        found,
        gaps=tuple(gap for gap in found.gaps if not reasons[gap]),
        waived_uses=(
            *found.waived_uses,
            *(WaivedUse(gap=gap, why=said) for gap, said in reasons.items() if said),
        ),
    )
    return replace(last, results=results, completeness=completeness)


def _reason(gap: MissedUse, waivers: Sequence[Waiver]) -> str:
    return next((one.why for one in waivers if one.covers(gap.symbol, gap.path)), "")


def _is_open(result: TaskResult) -> bool:
    return isinstance(result, NeedsMore | DeadLetter | Skipped)


def _worth_it(last: Round) -> bool:
    """Whether a repair could help: something is missing, or tests or linters find fault."""
    verdict = last.verdict
    if verdict.status == VerdictStatus.BROKEN or verdict.findings:
        return True
    if last.completeness.open or last.change.rejected:
        return True
    if _unheard(last):
        return True
    return any(isinstance(result, NeedsMore | DeadLetter) for result in last.results)


def _unheard(last: Round) -> bool:
    """Whether a file relies on a contract that was not kept, and its worker was not told so."""
    needs = {task.id: task.needs for task in last.plan.tasks}
    at = {task.path: task.id for task in last.plan.tasks}
    strayed = [r.task for r in last.results if isinstance(r, Done) and r.deviations]
    return any(
        task.id in needs and task.id not in graph.upstream(needs, at[path])
        for task in strayed
        for contract in last.plan.contracts if contract.defined_in == task.path
        for path in contract.used_in if path in at and path != task.path
    )  # fmt: skip


def _taken(rounds: Sequence[Round]) -> frozenset[str]:
    return frozenset(task.path for one in rounds for task in one.plan.tasks if not task.answer)


def _continued(draft: Draft, last: Round, number: int, *, stage: bool) -> Draft:
    """Mark each task with its round, and keep the contracts that are not made anew."""
    mark = f"r{number}-"
    tasks = tuple(
        replace(task, id=mark + task.id, needs=tuple(mark + need for need in task.needs))
        for task in draft.plan.tasks
    )
    new = {contract.symbol for contract in draft.plan.contracts}
    kept = tuple(contract for contract in _as_written(last) if contract.symbol not in new)
    plan = replace(
        draft.plan,
        tasks=tasks,
        contracts=(*kept, *draft.plan.contracts),
        stage=last.plan.stage + stage,
    )
    return replace(draft, plan=plan)


def _as_written(last: Round) -> Iterator[Contract]:
    """Give the contracts so far; where a worker could not keep one, as it is in the file now."""
    now = {
        (result.task.path, deviation.symbol): deviation.signature
        for result in last.results if isinstance(result, Done)
        for deviation in result.deviations
    }  # fmt: skip
    for one in last.plan.contracts:
        yield replace(one, signature=now.get((one.defined_in, one.symbol), one.signature))


# ------------------------------------------------------------------------------- the question


def _question(request: Request, evidence: Evidence, *, stage: bool, share: float) -> Iterator[str]:
    last, snapshot = evidence.last, evidence.snapshot
    yield text("revise").strip()
    yield "# Change request\n" + fence(request.text)
    if stage:
        yield "# The stage that is due now, as you announced it\n" + last.plan.next_stage
    if request.paths:
        yield "Only these paths may change: " + ", ".join(request.paths)
    if planned := len(_taken(evidence.rounds)):
        yield f"Earlier plans had tasks for {planned} files; each counts once towards the limit."
    for number, one in enumerate(evidence.rounds, start=1):
        lines = [f"# Outcome of plan {number}", one.plan.rationale]
        yield "\n".join([*lines, *(_told(result) for result in one.results)])
    if contracts := [_contract(contract) for contract in _as_written(last)]:
        yield "# Contracts so far\n" + "\n".join(contracts)
    if refused := [f"- {one.path}: {one.why}" for one in last.change.rejected]:
        yield "# Finished edits that were not taken\n" + "\n".join(refused)
    yield "# Tests\n" + _tests(last.verdict)
    if last.completeness.gaps:
        yield "# Uses that the change left behind\n" + _gaps(last.completeness)
    yield "# All files\n" + fence(
        tree(snapshot.files, int(_ROOM_TREE * share), near=_wanted(evidence))
    )
    yield "# Edits so far"
    yield from _diffs(evidence.diffs, share)
    yield "# Files that matter now"
    yield from _files(evidence, share)


def _told(result: TaskResult) -> str:
    head = f"- {result.task.id} ({result.task.action} {result.task.path}): "
    goal = f"\n  Its goal was: {result.task.goal}"
    match result:
        case Done():
            return head + f"done. {result.summary}" + "".join(map(_deviation, result.deviations))
        case NothingToDo():
            return head + f"nothing to do: {result.reason}"
        case NeedsMore():
            return head + f"open; it asked for {', '.join(result.paths)}: {result.why}{goal}"
        case DeadLetter():
            return head + f"open; failed for good: {result.error}{goal}"
        case Skipped():
            return head + f"open; not tried: {result.because}{goal}"


def _deviation(deviation: Deviation) -> str:
    return (
        f"\n  - did not keep the contract of {deviation.symbol}: it is now "
        f"`{deviation.signature}`, because {deviation.why}"
    )


def _contract(contract: Contract) -> str:
    used = f", used in {', '.join(contract.used_in)}" if contract.used_in else ""
    return f"- {contract.symbol}: `{contract.signature}`, defined in {contract.defined_in}{used}"


def _tests(verdict: Verdict) -> str:
    lines = [f"{verdict.status}: {verdict.reason}"]
    if verdict.broken:
        lines.append("Broken by the change: " + ", ".join(verdict.broken[:_SHOWN_TESTS]))
    if verdict.missing:
        lines.append("Ran before, not any more: " + ", ".join(verdict.missing[:_SHOWN_TESTS]))
    if verdict.precommit:
        lines.append("pre-commit says:\n" + fence(verdict.precommit[-_ROOM_LOG:]))
    if verdict.evidence:
        lines.append("From the log:\n" + fence(verdict.evidence))
    elif verdict.status == VerdictStatus.BROKEN and verdict.after is not None:
        lines.append("End of the log:\n" + fence(verdict.after.log[-_ROOM_LOG:]))
    if verdict.findings:
        lines.append("New lint findings:\n" + fence("\n".join(verdict.findings[:_SHOWN_TESTS])))
    return "\n".join(lines)


def _gaps(completeness: Completeness) -> str:
    gaps = [f"- {gap}" for gap in (*completeness.open, *completeness.gaps)]
    return "\n".join(list(dict.fromkeys(gaps))[:_SHOWN_GAPS])


def _diffs(diffs: Mapping[str, str], share: float) -> Iterator[str]:
    room = int(_ROOM_DIFFS * share)
    for path, diff in diffs.items():
        cut = diff[:_ROOM_DIFF]
        room -= len(cut)
        if room < 0:
            yield f"{path}: changed; not shown for lack of room"
        else:
            yield fence(cut if cut == diff else cut + "\n[the rest is left out]", "diff")


def _files(evidence: Evidence, share: float) -> Iterator[str]:
    room = int(_ROOM_FILES * share)
    for path in _wanted(evidence):
        file = evidence.snapshot.files[path]
        if len(file.text) <= min(room, _ROOM_FILE):
            room -= len(file.text)
            yield f"## {path}\n{fence(file.text, file.language)}"
        else:
            shown = "\n".join(filter(None, (_imports(file), outline(file))))
            begin = file.text[: int(_ROOM_BEGIN * share)]
            what, shown = ("outline", shown) if shown else ("the beginning", begin)
            yield f"## {path} ({what})\n{fence(shown, file.language)}"


def _imports(file: SourceFile) -> str:
    """Give the lines that bring names in: what a test builds on often stands in other files."""
    lines = file.text.split("\n")
    return "\n".join(dict.fromkeys(lines[one.line - 1] for one in file.imports))


def _wanted(evidence: Evidence) -> tuple[str, ...]:
    """Name the files to show: those asked for, of open tasks, of gaps and of broken tests."""
    verdict, snapshot = evidence.last.verdict, evidence.snapshot
    paths: list[str] = []
    for result in evidence.last.results:
        if isinstance(result, NeedsMore):
            paths += [result.task.path, *result.paths]
        elif _is_open(result):
            paths.append(result.task.path)
    paths += [one.path for one in evidence.last.change.rejected]
    paths += [gap.path for gap in evidence.last.completeness.open]
    for name in verdict.broken:
        paths += files_of(name.partition("::")[0], snapshot.files.keys())
    if verdict.status == VerdictStatus.BROKEN:
        log = verdict.after.log[-_ROOM_LOG:] if verdict.after is not None else ""
        paths += [path for path in snapshot.files if path in (verdict.evidence or log)]
    paths += [finding.partition(":")[0] for finding in verdict.findings]
    paths += evidence.diffs.keys()
    return tuple(path for path in dict.fromkeys(paths) if path in snapshot.files)[:20]
