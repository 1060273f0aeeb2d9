"""The whole tool on one page: read, plan, {work, merge, check, revise}, land."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from codeorch import merge, planning, references, workers
from codeorch.answers import Tally
from codeorch.domain import (
    ChangeSet,
    Completeness,
    DeadLetter,
    FilePatch,
    NeedsMore,
    Outcome,
    Plan,
    Round,
    Skipped,
    TaskResult,
    Usage,
    Verdict,
    VerdictStatus,
    Waiver,
)
from codeorch.errors import ServiceError
from codeorch.events import CommitReady, PlanReady, VerdictReady
from codeorch.git import dirty_paths, is_working_tree_commit
from codeorch.pipeline import plan_stage, planner_talk, stages
from codeorch.pipeline.autorun import autorun_notices, autorun_objection
from codeorch.pipeline.job import Job
from codeorch.pipeline.state import RunState

# Better ones first; a later round stands only if it is no worse than the one before.
_VERDICTS = tuple(VerdictStatus)


async def run(job: Job) -> Outcome:
    """Carry out one request.

    Raises:
        UserError: the user has to put something right; nothing was changed.
        PlanInvalid: no valid plan came about; nothing was changed.
        UserDeclined: the user rejected the plan; nothing was changed.
        ServiceError: a service failed for good before there was a plan; nothing was changed.
    """
    state = stages.open_run(job)
    try:
        plan = await _first_plan(state)
        while plan is not None:
            state.rounds.append(await _carry_out(state, plan))
            plan = await _next_plan(state)
    finally:
        await stages.cancel_base_runs(state)
        state.compiler.close()
    rounds = _standing_rounds(state.rounds)
    if job.settings.land == "green-subset" and rounds[-1].verdict.status == VerdictStatus.BROKEN:
        rounds = (*rounds[:-1], _green_part(state, rounds[-1]))
    return _land(state, rounds)


async def _first_plan(state: RunState) -> Plan | None:
    with state.clock.stage("plan"):
        plan, usage = await plan_stage.first_plan(state)
    state.add_usage("plan", usage)
    return plan


async def _carry_out(state: RunState, plan: Plan) -> Round:
    """Work, merge, check: one round."""
    job = state.job
    before = state.snapshot
    context = planner_talk.round_context(state, plan)
    asks = any(task.needs_model for task in plan.tasks)
    estimate = workers.estimate(context, job.settings) if asks else None
    job.listener(PlanReady(plan=plan, estimate=estimate))
    with state.clock.stage("work"):
        answers, state.snapshot = await stages.do_work(state, context)
    with state.clock.stage("merge"):
        results = await stages.resolve_conflicts(state, plan, answers)
        change = merge.combine(
            state.change, plan, results, job.settings.allow,
            lambda path: autorun_objection(state, path, plan),
        )  # fmt: skip
        if results != answers or change.rejected:
            state.snapshot = state.base.with_files(change.files)
    own = (_usage_of(result) for result in results if result.task in plan.tasks)
    state.add_usage("work", sum(own, Usage()))
    if change.patches:
        await stages.finish_base_runs(state, change)
    checks = _check(state, change, stages.waivers(state.rounds, plan, results), state.rounds)
    checked = Round(
        plan=plan,
        results=(*results, *_open_results(state.rounds, results)),
        change=change,
        commit=checks.commit,
        verdict=checks.verdict,
        completeness=checks.completeness.of_plan(plan, state.excluded),
        format_patches=checks.format_patches,
        conventions=workers.convention_paths(plan, before),
        untested_files=stages.untested_files(state, change),
        estimate=estimate,
    )
    return planning.needless_repairs(checked)


class _Checks(NamedTuple):
    """What became of a change: the commit that holds it, and what is proven of that."""

    commit: str
    completeness: Completeness
    format_patches: tuple[FilePatch, ...]
    verdict: Verdict


def _check(
    state: RunState,
    change: ChangeSet,
    waivers: Sequence[Waiver],
    rounds: Sequence[Round],
    detail: str = "",
) -> _Checks:
    """Write, complete, tidy, judge: the same for a round and for a part of one.

    Until a branch names them, objects may be pruned, e.g. by `git gc --prune=now` of the user.
    Where that has happened, they are written once more, and judged again.
    """
    job = state.job
    command = " ".join(state.tests.argv) if state.tests else ""
    with state.clock.stage("check", detail or command):
        commit = merge.write_change(job.repo, change, state.landing)
        job.listener(CommitReady(commit=commit, files=len(change.patches)))
        try:
            return _prove(state, change, commit, waivers, rounds)
        except ServiceError as error:
            is_lost = commit and not job.repo.is_whole(commit, job.request.base)
            if error.kind != "git" or not is_lost:
                raise
        commit = merge.write_change(job.repo, change, state.landing)
        return _prove(state, change, commit, waivers, rounds)


def _prove(
    state: RunState,
    change: ChangeSet,
    commit: str,
    waivers: Sequence[Waiver],
    rounds: Sequence[Round],
) -> _Checks:
    completeness = references.complete(state.whole, change, waivers, state.engines)
    commit, format_patches = stages.format_commit(state, commit)
    verdict = stages.judge(state, commit, rounds)
    state.job.listener(VerdictReady(verdict=verdict))
    return _Checks(commit, completeness, format_patches, verdict)


async def _next_plan(state: RunState) -> Plan | None:
    """Return the plan of the next stage, or of a repair if one may help; None ends the run."""
    job = state.job
    is_over = job.dry_run or job.model is None
    if is_over or planning.next_step(state.rounds, job.settings) == "none":
        return None
    number = state.number
    answer = job.log.plan(number)
    if answer is None:
        with state.clock.stage("revise"):
            answer = await plan_stage.revise(state)
        job.log.add_plan(number, *answer, planner_talk.save_talk(state))
    else:
        planner_talk.restore_talk(state, job.log.talk(number))
    plan, usage = answer
    state.add_usage("revise", usage)
    if plan is not None:
        state.rounds[-1] = planning.close_round(state.rounds[-1], plan)
    return plan if plan is not None and plan.tasks else None


def _standing_rounds(rounds: list[Round]) -> tuple[Round, ...]:
    """Drop the rounds after the one that stands: the last that is no worse than those before."""
    best = max(range(len(rounds)), key=lambda i: (_worth(rounds[i]), i))
    return tuple(rounds[: best + 1])


def _green_part(state: RunState, broken: Round) -> Round:
    """Reduce a change that breaks tests to what does not."""

    def check(change: ChangeSet) -> Round:
        waivers = stages.waivers((), broken.plan, broken.results)
        detail = f"{len(change.steps)} of {len(broken.change.steps)} tasks"
        checks = _check(state, change, waivers, [broken], detail)
        left = checks.completeness.of_plan(broken.plan, state.excluded)
        return replace(broken, change=change, **checks._asdict() | {"completeness": left})

    return merge.green_subset(broken, check)


def _land(state: RunState, rounds: tuple[Round, ...]) -> Outcome:
    """Make the branch."""
    job, tally = state.job, state.tally
    worse = f"round {len(state.rounds)} made it worse and was dropped"
    dropped = (worse,) if len(rounds) < len(state.rounds) else ()
    outcome = Outcome(
        run_id=job.run_id,
        request=job.request,
        rounds=rounds,
        usage=sum(state.usage_by_stage.values(), Usage()),
        usage_by_stage=state.usage_by_stage,
        reused_answers=tally.kept,
        new_answers=tally.asked,
        timings=tuple(state.clock.timings),
        notices=(
            *_notices(job),
            *_cleaning_notices(tally),
            *_checkers_notices(state, rounds[-1]),
            *dropped,
            *autorun_notices(rounds[-1].patches),
        ),
        require_green=job.settings.require_green,
    )
    if not outcome.last.commit or job.dry_run or (job.replayed and not job.branch):
        return outcome
    outcome = _restore_commit(state, outcome)
    branch = merge.land(job.repo, outcome.last.commit, state.landing)
    other = f"branch {state.landing.name} was taken meanwhile; this is {branch.name}"
    more = (other,) if branch.name != state.landing.name else ()
    return replace(outcome, branch=branch, notices=(*outcome.notices, *more))


def _restore_commit(state: RunState, outcome: Outcome) -> Outcome:
    """Write the commit again if objects of it were pruned while the tests ran."""
    last, repo = outcome.last, state.job.repo
    if repo.is_whole(last.commit, state.job.request.base):
        return outcome
    commit = merge.write_change(repo, last.change, state.landing)
    commit = merge.write_formatting(repo, commit, last.format_patches, state.landing)
    return replace(outcome, rounds=(*outcome.rounds[:-1], replace(last, commit=commit)))


def _open_results(rounds: list[Round], results: Iterable[TaskResult]) -> tuple[TaskResult, ...]:
    """Return what an earlier round left undone and this one did not touch."""
    if not rounds:
        return ()
    paths = {result.task.path for result in results}
    return tuple(
        result
        for result in rounds[-1].results
        if isinstance(result, DeadLetter | NeedsMore | Skipped) and result.task.path not in paths
    )


def _worth(checked: Round) -> tuple[int, int, int]:
    flaws = sum(isinstance(r, DeadLetter | NeedsMore | Skipped) for r in checked.results)
    flaws += len(checked.completeness.open)
    flaws += len(checked.verdict.findings)
    return -_VERDICTS.index(checked.verdict.status), checked.plan.stage, -flaws


def _usage_of(result: TaskResult) -> Usage:
    attempts = () if isinstance(result, Skipped) else result.attempts
    return sum((attempt.usage for attempt in attempts), Usage())


def _cleaning_notices(tally: Tally) -> Iterator[str]:
    if tally.cleaned:
        yield (
            "the repository's text holds invisible characters: they were kept from the model in "
            f"{tally.cleaned} of its questions, which say so"
        )


def _notices(job: Job) -> Iterator[str]:
    yield from job.notices
    dirty = dirty_paths(job.repo)
    if is_working_tree_commit(job.repo, job.request.base):
        yield "the branch begins with your uncommitted changes, as a commit of their own"
    elif dirty:
        yield (
            f"{len(dirty)} uncommitted change{'s' if len(dirty) != 1 else ''} in your working "
            "tree: not part of this run, and left as they are"
        )


def _checkers_notices(state: RunState, last: Round) -> Iterator[str]:
    """Yield what could not be compiled here, and which engine could not be heard."""
    yield from state.check.notices
    yield from state.engines.notices
    for family in last.completeness.unchecked:
        if lack := state.engines.failures.get(family) or state.engines.lacks.get(family):
            yield f"no type checker read what was changed in {family}: {lack}"
