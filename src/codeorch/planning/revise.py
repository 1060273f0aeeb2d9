"""Rounds so far -> the next plan: the next stage, a repair, or none."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from codeorch.analysis.outline import tree
from codeorch.config import Settings
from codeorch.domain import (
    DeadLetter,
    MissedUse,
    NeedsMore,
    NothingToDo,
    Plan,
    Request,
    Round,
    Skipped,
    Usage,
    VerdictStatus,
    WaivedUse,
    Waiver,
)
from codeorch.errors import ServiceError
from codeorch.llm import SERVICE_FAILURES, Conversation, Model, usage_of
from codeorch.llm.prompts import fence
from codeorch.planning.author_repairs import author_repairs, strayed_contracts
from codeorch.planning.decompose import Opening, PlannerCall
from codeorch.planning.edits_at_hand import prove_edits
from codeorch.planning.expand_codemods import apply_codemods
from codeorch.planning.faults import Limits
from codeorch.planning.outcome import (
    Evidence,
    contracts_as_written,
    is_open,
    outcome,
    plan_so_far,
)
from codeorch.planning.plan_schema import Draft
from codeorch.planning.planner import Decomposition, Unplanned
from codeorch.planning.window import Room
from codeorch.retrieval import respond

Step = Literal["stage", "repair", "none"]


def next_step(rounds: Sequence[Round], settings: Settings) -> Step:
    """Say what a further plan would be for, if there may be one and it could help.

    A stage that the plan announced is no repair; both are limited by `max_rounds`.
    """
    last = rounds[-1]
    if last.plan.next_stage and last.plan.stage < settings.max_rounds:
        return "stage"
    repairs = len(rounds) - last.plan.stage
    if repairs + 1 < settings.max_rounds and _is_worth_asking(last):
        return "repair"
    return "none"


async def revise(
    request: Request,
    evidence: Evidence,
    opening: Opening,
    model: Model,
    settings: Settings,
) -> Decomposition | Unplanned:
    """Return what is still needed; a draft without tasks means nothing.

    What workers of earlier rounds can mend themselves goes back to them. For the rest, if there is
    any, the planner is asked: its conversation goes on where there is one; a plan that came from
    elsewhere gets a new one. `opening` looks things up in the files as they are now.
    """
    stage = next_step(evidence.rounds, settings) == "stage"
    last, repairs = evidence.last, author_repairs(evidence)
    told = [task.path for task in repairs.tasks]
    if repairs.tasks and not stage and not _is_worth_asking(repairs.rest, told):
        return Decomposition(
            draft=Draft(plan=repairs.plan(last)), usage=Usage(), talk=evidence.talk
        )
    rest = replace(evidence, rounds=(*evidence.rounds[:-1], repairs.rest), returned=repairs.lines)
    answer = await _ask_planner(request, rest, opening, model, settings, stage=stage)
    if not repairs.tasks:
        return answer
    if isinstance(answer, Unplanned):
        plan = replace(repairs.plan(last), notes=(f"no further plan: {answer.faults[0]}",))
        return Decomposition(draft=Draft(plan=plan), usage=answer.usage, talk=evidence.talk)
    plan = repairs.added_to(answer.draft.plan)
    return replace(answer, draft=replace(answer.draft, plan=plan))


async def _ask_planner(
    request: Request,
    evidence: Evidence,
    opening: Opening,
    model: Model,
    settings: Settings,
    *,
    stage: bool,
) -> Decomposition | Unplanned:
    number = len(evidence.rounds) + 1
    snapshot, reading = evidence.snapshot, evidence.reading
    call = PlannerCall(
        key=f"plan/{number}", opening=opening, model=model, settings=settings,
        limits=_limits(request, evidence, settings),
        prove=partial(prove_edits, snapshot=snapshot, reading=reading),
    )  # fmt: skip

    def begin(room: Room) -> Conversation:
        goes_on = evidence if room == Room() else replace(evidence, talk=None)
        return _conversation(request, goes_on, opening, room, stage=stage)

    try:
        found, lost = await call.plan(begin)
    except ServiceError as error:  # what is done stands as it is
        return Unplanned(faults=(str(error),), usage=usage_of(error))
    found = replace(found, usage=lost + found.usage)
    if isinstance(found, Unplanned):
        return found
    draft = _carry_on(found.draft, evidence.last, number, stage=stage)
    return replace(found, draft=draft)


def _limits(request: Request, evidence: Evidence, settings: Settings) -> Limits:
    snapshot, reading = evidence.snapshot, evidence.reading
    return replace(
        Limits.of(request, snapshot, settings, reading),
        taken=_planned_paths(evidence.rounds),
        open_tasks=evidence.open_tasks,
        strategy="auto",
        prove=lambda rules: apply_codemods(rules, snapshot, reading),
    )


def _conversation(
    request: Request, evidence: Evidence, opening: Opening, room: Room, *, stage: bool
) -> Conversation:
    """Go on with the planner's conversation, else begin one with the request."""
    counted = len(_planned_paths(evidence.rounds))
    report = "\n\n".join(outcome(evidence, stage=stage, counted=counted))
    if evidence.talk is not None:
        return respond(evidence.talk.conversation, report, "plan")
    limit = room.screen * 3
    files = tree(evidence.snapshot.files, limit // 2, near=list(evidence.diffs))
    screen = f"# Change request\n{fence(request.text)}\n\n# All files\n{fence(files)}"
    screen += f"\n\n{plan_so_far(evidence.last)[:limit]}"
    return opening.conversation.say(f"{screen}\n\n{report[: 2 * limit]}", cache_mark=True)


def close_round(last: Round, following: Plan) -> Round:
    """Close what the next plan gives reasons for: tasks that it drops, uses that it waives."""
    why = {one.task: one.why for one in following.cancelled_tasks}
    results = tuple(
        NothingToDo(
            task=result.task,
            reason=f"not needed any more: {why[result.task.id]}",
            attempts=() if isinstance(result, Skipped) else result.attempts,
        )
        if result.task.id in why and is_open(result)
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


def _is_worth_asking(last: Round, told: Collection[str] = ()) -> bool:
    """Whether a repair could help: something is missing, or tests or linters find fault.

    `told` are files whose workers hear themselves of contracts that were not kept.
    """
    verdict = last.verdict
    if verdict.status == VerdictStatus.BROKEN or verdict.findings:
        return True
    if last.completeness.open or last.change.rejected:
        return True
    if any(path not in told for path, _ in strayed_contracts(last)):
        return True
    failed = any(isinstance(result, NeedsMore | DeadLetter) for result in last.results)
    return failed and not _is_service_down(last)


def _is_service_down(last: Round) -> bool:
    """Whether no worker was answered: a planner asks the same service, and `retry` asks again."""
    failed = [r for r in last.results if not isinstance(r, Skipped) and r.attempts]
    return bool(failed) and all(
        isinstance(result, DeadLetter)
        and all(attempt.kind in SERVICE_FAILURES for attempt in result.attempts)
        for result in failed
    )


def _planned_paths(rounds: Sequence[Round]) -> frozenset[str]:
    return frozenset(task.path for one in rounds for task in one.plan.tasks if not task.is_codemod)


def _carry_on(draft: Draft, last: Round, number: int, *, stage: bool) -> Draft:
    """Mark each task with its round, and keep the contracts that are not made anew."""
    mark = f"r{number}-"
    tasks = tuple(
        replace(task, id=mark + task.id, needs=tuple(mark + need for need in task.needs))
        for task in draft.plan.tasks
    )
    new = {contract.symbol for contract in draft.plan.contracts}
    kept = tuple(contract for contract in contracts_as_written(last) if contract.symbol not in new)
    plan = replace(
        draft.plan,
        tasks=tasks,
        contracts=(*kept, *draft.plan.contracts),
        stage=last.plan.stage + stage,
    )
    return replace(draft, plan=plan)
