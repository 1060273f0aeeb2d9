"""Each stage with what it needs of the others, handed over as values and callables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import partial
from itertools import chain

from codeorch import merge, planning, verify, workers
from codeorch.domain import (
    ChangeSet,
    Done,
    Estimate,
    FilePatch,
    NothingToDo,
    Plan,
    RankedFile,
    Round,
    Snapshot,
    SourceFile,
    TaskResult,
    Usage,
    Verdict,
    VerdictStatus,
    Waiver,
)
from codeorch.edits import render
from codeorch.errors import PlanInvalid, UserDeclined, UserError
from codeorch.events import Notice
from codeorch.pipeline.job import Clock, Job, no_model
from codeorch.pipeline.state import RunState
from codeorch.retrieval import CodeNames, find_lines, rank_files, read_snapshot, tests_of, widen
from codeorch.source import is_test
from codeorch.source.syntax import strings_and_comments

# Files that a planner sees; a history of no more says little of what changes together.
_SMALL = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A plan to be edited, what it cost, and what carrying it out will probably cost."""

    draft: planning.Draft
    usage: Usage = field(default_factory=Usage)
    estimate: Estimate | None = None


def open_run(job: Job, *, plans_only: bool = False) -> RunState:
    """Return the state that a run begins with: the files read, and known how it will be checked.

    How the project is tested is found out here, before money is spent; not when it `plans_only`.

    Raises:
        UserError: the branch cannot be made, or a named tool or sandbox is missing.
    """
    settings = job.settings
    landing = merge.prepare_landing(
        job.repo, job.request, job.run_id, name=job.branch, squash=settings.squash
    )
    clock = Clock(job.listener)
    with clock.stage("read"):
        base = _read(job)
        tests = precommit = None
        if not (plans_only or settings.no_test or job.dry_run):
            tests = verify.prepare_tests(
                job.repo, base.files, settings, job.variables,
                lambda text: job.listener(Notice(text=text)),
            )  # fmt: skip
        if not (plans_only or job.dry_run or job.replayed):
            precommit = verify.prepare_precommit(job.repo, base.files, settings, job.variables)
    return RunState(
        job=job, clock=clock, landing=landing, tests=tests, precommit=precommit,
        base=base, snapshot=base,
    )  # fmt: skip


def _read(job: Job) -> Snapshot:
    """Read the files of the base that the user did not leave out."""
    snapshot = read_snapshot(job.repo, job.request.base)
    hidden: dict[str, SourceFile | None] = {
        path: None
        for path in snapshot.files
        if any(fnmatch(path, glob) for glob in job.settings.exclude)
    }
    return snapshot.with_files(hidden) if hidden else snapshot


# ------------------------------------------------------------------------------- planning


async def draft_plan(job: Job) -> PlanDraft:
    """Only plan; codemods stay sentences, so that the plan can be edited as a file.

    Raises what `run` raises before there is a plan.
    """
    state = open_run(job, plans_only=True)
    if planning.parse_rule(job.request.text) is not None:
        empty = Plan(tasks=(), source="codemod", rationale="one rule, no model")
        return PlanDraft(draft=planning.Draft(plan=empty, codemods=(job.request.text,)))
    findings = replace(_findings(state), direct=False)
    if state.model is None:
        return _draft_by_hand(state, findings, "no model was asked: there is no key for one")
    answer = await planning.decompose(job.request, findings, state.model, job.settings, job.ask)
    if isinstance(answer, planning.Unplanned):
        why = f"no valid plan came from the model: {answer.faults[0]}"
        return replace(_draft_by_hand(state, findings, why), usage=answer.usage)
    plan = planning.join(answer.draft, state.snapshot, findings.reading)
    return PlanDraft(draft=answer.draft, usage=answer.usage, estimate=estimate(state, plan))


def _draft_by_hand(state: RunState, findings: planning.Findings, why: str) -> PlanDraft:
    request, limits = state.job.request, _limits(state)
    return PlanDraft(draft=planning.by_hand(request, findings, limits, why))


async def first_plan(state: RunState) -> tuple[Plan | None, Usage]:
    """Return the plan of the first round and what it cost; the log's, if it has one.

    Raises:
        UserError, PlanInvalid, UserDeclined, ServiceError: there is none.
    """
    log = state.job.log
    if (answer := log.plan(1)) is not None:
        return answer
    plan, usage = await _plan(state)
    log.add_plan(1, plan, usage)
    return plan, usage


async def _plan(state: RunState) -> tuple[Plan, Usage]:
    """Plan by hand, by rule, or by the model."""
    job, reading = state.job, _reading(state.job)
    if job.plan_file is not None:
        draft = planning.read_file(job.plan_file, _limits(state))
        return _require_doable(job, planning.join(draft, state.snapshot, reading)), Usage()
    rule = planning.parse_rule(job.request.text)
    if rule is not None:
        plan = planning.plan_rule(rule, state.snapshot, reading.mask)
        return _require_doable(job, plan), Usage()
    if state.model is None:
        raise no_model(job.settings)
    findings = _findings(state)
    answer = await planning.decompose(job.request, findings, state.model, job.settings, job.ask)
    if isinstance(answer, planning.Unplanned):
        raise PlanInvalid(answer.faults)
    return _approve(state, answer.draft, reading), answer.usage


def _approve(state: RunState, draft: planning.Draft, reading: planning.Reading) -> Plan:
    """Let the user look at a plan, edit or reject it, before workers are paid for it."""
    job = state.job
    proposal = planning.Proposal.of(
        draft,
        _limits(state),
        lambda draft: _require_doable(job, planning.join(draft, state.snapshot, reading)),
    )
    if job.approve is None or all(task.answer for task in proposal.plan.tasks):
        return proposal.plan
    plan = job.approve(proposal, lambda plan: estimate(state, plan))
    if plan is None:
        raise UserDeclined("the plan was rejected")
    return plan


def estimate(state: RunState, plan: Plan) -> Estimate | None:
    """Return what the workers of a plan will probably cost; None when none will be asked."""
    if not any(task.needs_model for task in plan.tasks):
        return None
    names = CodeNames(state.job.repo, state.snapshot)
    return workers.estimate(_round_context(state, plan, names), state.job.settings)


async def revise(state: RunState) -> tuple[Plan | None, Usage]:
    """Plan what is missing; when that fails, what is done stands as it is: None."""
    job, rounds, reading = state.job, state.rounds, _reading(state.job)
    assert state.model is not None, "without a model there is no second plan"
    diffs = {patch.path: render(patch) for patch in state.change.patches}
    evidence = planning.Evidence(
        rounds=rounds, snapshot=state.snapshot, diffs=diffs, reading=reading
    )
    answer = await planning.revise(job.request, evidence, state.model, job.settings)
    if isinstance(answer, planning.Unplanned):
        job.listener(Notice(text=f"no further plan: {answer.faults[0]}"))
        return None, answer.usage
    try:
        plan = _require_doable(job, planning.join(answer.draft, state.snapshot, reading))
    except (PlanInvalid, UserError) as error:
        job.listener(Notice(text=f"no further plan: {error}"))
        return None, answer.usage
    return plan, answer.usage


def _findings(state: RunState) -> planning.Findings:
    job, snapshot = state.job, state.snapshot
    ranked = _ranking(state)
    is_small = len(snapshot.files) <= _SMALL
    return planning.Findings(
        snapshot=snapshot,
        ranked=ranked,
        names=CodeNames(job.repo, snapshot),
        lines=partial(find_lines, job.repo, snapshot),
        reading=_reading(job),
        expand=None if is_small else partial(widen, job.repo, snapshot, ranked),
    )


def _ranking(state: RunState) -> tuple[RankedFile, ...]:
    """Rank the files for the planner: sources, and among them the tests of the best ones."""
    ranked = rank_files(state.job.repo, state.snapshot, state.job.request.text)
    tests = tests_of([entry.path for entry in ranked[:10]], state.snapshot.files)
    return (*ranked[:24], *(RankedFile(path=path, score=0.0) for path in tests[:6]), *ranked[24:])


def _reading(job: Job) -> planning.Reading:
    return planning.Reading(
        mask=strings_and_comments, preview=job.parser.preview, is_ignored=job.repo.is_ignored
    )


def _limits(state: RunState) -> planning.Limits:
    job = state.job
    return planning.Limits.of(job.request, state.snapshot, job.settings, _reading(job))


def _require_doable(job: Job, plan: Plan) -> Plan:
    """Hold a plan to the paths that the user named, and to what can be asked."""
    if job.model is None and any(not task.answer for task in plan.tasks):
        raise no_model(job.settings)
    scope = job.request.paths
    outside = [
        task.path for task in plan.tasks
        if scope and not any(fnmatch(task.path, glob) for glob in scope)
    ]  # fmt: skip
    if outside:
        raise UserError(
            f"the change needs {outside[0]}"
            + (f" and {len(outside) - 1} more files" if len(outside) > 1 else "")
            + ", which --include leaves out",
            "widen --include, or narrow the request down",
        )
    return plan


# ------------------------------------------------------------------------------- work and merge


async def do_work(state: RunState, plan: Plan) -> tuple[tuple[TaskResult, ...], Snapshot]:
    """Have the workers carry out a plan; return their results, and the files afterwards."""
    if not plan.tasks:
        return (), state.snapshot
    job, change = state.job, state.change
    paths = [task.old_path or task.path for task in plan.tasks]
    files = merge.ChangedFiles(job.repo, change, paths)
    checks = workers.EditChecks(
        parse=job.parser,
        bytes_of=files.bytes_of,
        mode_of=files.mode_of,
        allowed=job.settings.allow,
    )
    deps = workers.WorkerDeps(
        model=state.model, settings=job.settings, checks=checks, listener=job.listener
    )
    names = CodeNames(job.repo, state.snapshot, [patch.path for patch in change.patches])
    return await workers.run(_round_context(state, plan, names), deps)


def _round_context(state: RunState, plan: Plan, names: CodeNames) -> workers.RoundContext:
    request, snapshot = state.job.request, state.snapshot
    return workers.RoundContext(request=request, plan=plan, snapshot=snapshot, names=names)


async def resolve_conflicts(
    state: RunState, plan: Plan, results: tuple[TaskResult, ...]
) -> tuple[TaskResult, ...]:
    """Fit edits of one file on each other, with the model's help where nothing else does."""
    job = state.job
    deps = merge.MergeDeps(job.repo, job.settings, job.parser, state.model, job.listener)
    return await merge.resolve(state.change, plan, results, deps)


def waivers(
    rounds: Sequence[Round], plan: Plan, results: Iterable[TaskResult]
) -> tuple[Waiver, ...]:
    """Return the reasons that plans and workers wrote down for uses of changed names."""
    plans = [*(past.plan for past in rounds), plan]
    all_results = [*(result for past in rounds for result in past.results), *results]
    by_workers = (r.waivers for r in all_results if isinstance(r, Done | NothingToDo))
    return tuple(chain.from_iterable((*(p.waivers for p in plans), *by_workers)))


# ------------------------------------------------------------------------------- check


def untested_files(state: RunState, change: ChangeSet) -> tuple[str, ...]:
    """Return the changed sources that no test names."""
    after = state.snapshot
    paths = [patch.path for patch in change.patches]
    tests = [path for path in after.files if is_test(path)]
    users = CodeNames(state.job.repo, after, paths).users
    return verify.untested_files(after, paths, tests, users)


def format_commit(state: RunState, commit: str) -> tuple[str, tuple[FilePatch, ...]]:
    """Put what the project's formatters change into a commit on top, if the user wants that."""
    if not commit or state.tests is None:
        return commit, ()
    repo = state.job.repo
    patches = verify.format_changed_files(repo, state.job.request.base, commit, state.tests)
    return merge.write_formatting(repo, commit, patches, state.landing), patches


def judge(state: RunState, commit: str, rounds: Sequence[Round]) -> Verdict:
    """Run the tests on a commit, if it was not judged before, and pre-commit if it is wanted."""
    verdict = _test(state, commit, rounds)
    if state.precommit is None or not commit:
        return verdict
    job = state.job
    return verify.run_precommit(job.repo, job.request.base, commit, state.precommit, verdict)


def _test(state: RunState, commit: str, rounds: Sequence[Round]) -> Verdict:
    job = state.job
    if job.settings.no_test or job.dry_run:
        return Verdict(status=VerdictStatus.NOT_RUN, reason="tests were switched off")
    if not commit:
        return Verdict(status=VerdictStatus.NO_TESTS, reason="nothing was changed")
    if state.tests is None:
        return Verdict(status=VerdictStatus.NO_TESTS, reason="no test command was found")
    tree = job.repo.tree_of(commit)  # a commit's own id tells its time, too
    if (verdict := job.log.verdict(tree)) is not None:
        return verdict
    if job.replayed:
        return Verdict(status=VerdictStatus.NOT_RUN, reason="tests are not run again")
    before = next((past.verdict.before for past in rounds if past.verdict.before), None)
    verdict = verify.verify(job.repo, job.request.base, commit, state.tests, before)
    job.log.add_verdict(tree, verdict)
    return verdict
