"""The whole tool on one page: read, plan, {work, merge, check, revise}, land."""

from collections.abc import Iterator
from dataclasses import replace

from codeorch import merge, planning, references, workers
from codeorch.domain import (
    ChangeSet,
    DeadLetter,
    NeedsMore,
    Outcome,
    Plan,
    Round,
    Skipped,
    Snapshot,
    TaskResult,
    Usage,
    VerdictStatus,
)
from codeorch.events import CommitReady, PlanReady, VerdictReady
from codeorch.git import dirty_paths, is_working_tree_commit
from codeorch.pipeline import stages
from codeorch.pipeline.job import Clock, Job, tally
from codeorch.pipeline.model import open_model, open_store
from codeorch.pipeline.stages import Means, draft

__all__ = ["Job", "draft", "open_model", "open_store", "run"]

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
    clock = Clock(job.listener)
    landing = merge.prepare_landing(
        job.repo, job.request, job.run_id, name=job.branch, squash=job.settings.squash
    )
    with clock.stage("read"):
        snapshot = stages.read(job)
        means = stages.means(job, snapshot, landing)
    with clock.stage("plan"):
        current, usage = await stages.first_plan(job, snapshot)
    rounds: list[Round] = []
    while current is not None:
        estimate = stages.estimate(job, current, snapshot)
        job.listener(PlanReady(plan=current, estimate=estimate))
        one, snapshot = await _round(job, clock, current, snapshot, rounds, means)
        rounds.append(replace(one, estimate=estimate))
        usage = sum((_usage(r) for r in one.results if r.task in current.tasks), usage)
        current, cost = await _next_plan(job, clock, rounds, snapshot)
        usage = usage + cost
    stands = _standing(rounds)
    if job.settings.land == "green-subset" and stands[-1].verdict.status == VerdictStatus.BROKEN:
        stands = (*stands[:-1], _green_part(job, clock, stands[-1], means))
    worse = f"round {len(rounds)} made it worse and was dropped"
    dropped = (worse,) if len(stands) < len(rounds) else ()
    answers = tally(job)
    return _land(job, landing, Outcome(
        run_id=job.run_id, request=job.request, rounds=stands, usage=usage,
        reused_answers=answers.kept, new_answers=answers.asked, timings=tuple(clock.timings),
        notices=(*_notices(job), *dropped), require_green=job.settings.require_green,
    ))  # fmt: skip


async def _round(
    job: Job,
    clock: Clock,
    current: Plan,
    snapshot: Snapshot,
    rounds: list[Round],
    means: Means,
) -> tuple[Round, Snapshot]:
    """Work, merge, check."""
    change = stages.change(job, rounds)
    with clock.stage("work"):
        worked, after = await stages.do_work(job, current, snapshot, rounds)
    with clock.stage("merge"):
        results = await stages.settle(job, current, worked, rounds)
        change = merge.combine(change, current, results, job.settings.allow)
        commit = merge.write_change(job.repo, change, means.landing)
        job.listener(CommitReady(commit=commit, files=len(change.patches)))
        if results != worked or change.rejected:
            after = means.base.with_files(change.files)
    trial = means.trial
    with clock.stage("check", " ".join(trial.argv) if trial else ""):
        waivers = stages.waivers(rounds, current, results)
        completeness = references.complete(means.base, change, waivers)
        commit, formatted = stages.tidied(job, commit, means)
        verdict = stages.judge(job, commit, means, rounds)
        job.listener(VerdictReady(verdict=verdict))
    results = (*results, *_still_open(rounds, results))
    return Round(
        plan=current,
        results=results,
        change=change,
        commit=commit,
        verdict=verdict,
        completeness=completeness,
        conventions=workers.convention_paths(current, snapshot),
        untested_files=stages.unreached(job, after, change),
        format_patches=formatted,
    ), after


async def _next_plan(
    job: Job, clock: Clock, rounds: list[Round], snapshot: Snapshot
) -> tuple[Plan | None, Usage]:
    """Plan the next stage, or a repair if it may help."""
    over = job.dry_run or job.model is None
    if over or planning.next_step(rounds, job.settings) == "none":
        return None, Usage()
    number = len(rounds) + 1
    kept = job.log.plan(number)
    if kept is None:
        with clock.stage("revise"):
            kept = await stages.revise(job, rounds, snapshot)
        job.log.add_plan(number, *kept)
    following, cost = kept
    if following is not None:
        rounds[-1] = planning.settled(rounds[-1], following)
    return (following if following is not None and following.tasks else None), cost


def _standing(rounds: list[Round]) -> tuple[Round, ...]:
    """Drop the rounds after the one that stands: the last that is no worse than those before."""
    best = max(range(len(rounds)), key=lambda i: (_worth(rounds[i]), i))
    return tuple(rounds[: best + 1])


def _green_part(job: Job, clock: Clock, red: Round, means: Means) -> Round:
    """Reduce a change that breaks tests to what does not."""

    def attempt(change: ChangeSet) -> Round:
        with clock.stage("check", f"{len(change.steps)} of {len(red.change.steps)} tasks"):
            commit = merge.write_change(job.repo, change, means.landing)
            waivers = stages.waivers((), red.plan, red.results)
            completeness = references.complete(means.base, change, waivers)
            commit, formatted = stages.tidied(job, commit, means)
            verdict = stages.judge(job, commit, means, [red])
            job.listener(VerdictReady(verdict=verdict))
        return replace(
            red,
            change=change,
            commit=commit,
            verdict=verdict,
            completeness=completeness,
            format_patches=formatted,
        )

    return merge.green_subset(red, attempt)


def _land(job: Job, landing: merge.Landing, outcome: Outcome) -> Outcome:
    """Make the branch."""
    if not outcome.last.commit or job.dry_run or (job.replayed and not job.branch):
        return outcome
    branch = merge.land(job.repo, outcome.last.commit, landing)
    taken = f"branch {landing.name} was taken meanwhile; this is {branch.name}"
    more = (taken,) if branch.name != landing.name else ()
    return replace(outcome, branch=branch, notices=(*outcome.notices, *more))


def _still_open(rounds: list[Round], results: tuple[TaskResult, ...]) -> tuple[TaskResult, ...]:
    """Carry over what an earlier round left undone and this one did not touch."""
    if not rounds:
        return ()
    handled = {result.task.path for result in results}
    return tuple(
        result
        for result in rounds[-1].results
        if isinstance(result, DeadLetter | NeedsMore | Skipped) and result.task.path not in handled
    )


def _worth(one: Round) -> tuple[int, int, int]:
    open_ones = sum(isinstance(r, DeadLetter | NeedsMore | Skipped) for r in one.results)
    open_ones += len(one.completeness.open)
    open_ones += len(one.verdict.findings)
    return -_VERDICTS.index(one.verdict.status), one.plan.stage, -open_ones


def _usage(result: TaskResult) -> Usage:
    attempts = () if isinstance(result, Skipped) else result.attempts
    return sum((attempt.usage for attempt in attempts), Usage())


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
