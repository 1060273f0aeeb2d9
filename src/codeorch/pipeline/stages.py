"""Each stage with what it needs of the others, handed over as values and callables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import partial

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
from codeorch.pipeline.job import Job, no_model, part
from codeorch.retrieval import CodeNames, find_lines, rank_files, read_snapshot, tests_of, widen
from codeorch.source import is_test
from codeorch.source.syntax import strings_and_comments

_SMALL = (
    30  # files; a planner sees as many, and a short history says little of what changes together
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every round is checked and landed with."""

    trial: verify.TestSetup | None  # None = there are no tests, or none are wanted
    inspection: verify.PrecommitSetup | None  # None = pre-commit is not wanted
    landing: merge.Landing
    base: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A plan to be edited, what it cost, and what carrying it out will probably cost."""

    draft: planning.Draft
    usage: Usage = field(default_factory=Usage)
    estimate: Estimate | None = None


async def draft(job: Job) -> Drafted:
    """Only plan; codemods stay sentences, so that the plan can be edited as a file.

    Raises what `run` raises before there is a plan.
    """
    snapshot = read(job)
    if planning.parse_rule(job.request.text) is not None:
        empty = Plan(tasks=(), source="codemod", rationale="one rule, no model")
        return Drafted(draft=planning.Draft(plan=empty, codemods=(job.request.text,)))
    reading = planning.Reading(mask=strings_and_comments, preview=job.parser.preview)
    findings = replace(_findings(job, snapshot, reading), direct=False)
    if job.model is None:
        return _by_hand(job, findings, "no model was asked: there is no key for one")
    found = await planning.decompose(job.request, findings, part(job, 1), job.settings, job.ask)
    if isinstance(found, planning.Unplanned):
        by_hand = _by_hand(job, findings, f"no valid plan came from the model: {found.faults[0]}")
        return replace(by_hand, usage=found.usage)
    joined = planning.join(found.draft, snapshot, reading)
    return Drafted(draft=found.draft, usage=found.usage, estimate=estimate(job, joined, snapshot))


def _by_hand(job: Job, findings: planning.Findings, why: str) -> Drafted:
    limits = _limits(job, findings.snapshot)
    return Drafted(draft=planning.by_hand(job.request, findings, limits, why))


def read(job: Job) -> Snapshot:
    """Read the files of the base that the user did not leave out."""
    snapshot = read_snapshot(job.repo, job.request.base)
    hidden: dict[str, SourceFile | None] = {
        path: None
        for path in snapshot.files
        if any(fnmatch(path, glob) for glob in job.settings.exclude)
    }
    return snapshot.with_files(hidden) if hidden else snapshot


async def first_plan(job: Job, snapshot: Snapshot) -> tuple[Plan | None, Usage]:
    """Give the plan of the first round: kept, written by hand, by rule, or by the model."""
    if (kept := job.log.plan(1)) is not None:
        return kept
    found, usage = await _plan(job, snapshot)
    job.log.add_plan(1, found, usage)
    return found, usage


async def _plan(job: Job, snapshot: Snapshot) -> tuple[Plan, Usage]:
    reading = planning.Reading(mask=strings_and_comments, preview=job.parser.preview)
    if job.plan_file is not None:
        written = planning.read_file(job.plan_file, _limits(job, snapshot))
        return _doable(job, planning.join(written, snapshot, reading)), Usage()
    rule = planning.parse_rule(job.request.text)
    if rule is not None:
        return _doable(job, planning.plan_rule(rule, snapshot, reading.mask)), Usage()
    if job.model is None:
        raise no_model()
    findings = _findings(job, snapshot, reading)
    found = await planning.decompose(job.request, findings, part(job, 1), job.settings, job.ask)
    if isinstance(found, planning.Unplanned):
        raise PlanInvalid(found.faults)
    return _approved(job, found.draft, snapshot, reading), found.usage


def _approved(
    job: Job, draft: planning.Draft, snapshot: Snapshot, reading: planning.Reading
) -> Plan:
    """Let the user look at a plan, edit or reject it, before workers are paid for it."""
    proposal = planning.Proposal.of(
        draft,
        _limits(job, snapshot),
        lambda draft: _doable(job, planning.join(draft, snapshot, reading)),
    )
    if job.approve is None or all(task.answer for task in proposal.plan.tasks):
        return proposal.plan
    approved = job.approve(proposal, lambda found: estimate(job, found, snapshot))
    if approved is None:
        raise UserDeclined("the plan was rejected")
    return approved


def estimate(job: Job, found: Plan, snapshot: Snapshot) -> Estimate | None:
    """Say what the workers of a plan will probably cost; None when none will be asked."""
    if all(task.answer for task in found.tasks):
        return None
    names = CodeNames(job.repo, snapshot)
    context = workers.RoundContext(request=job.request, plan=found, snapshot=snapshot, names=names)
    return workers.estimate(context, job.settings)


def _findings(job: Job, snapshot: Snapshot, reading: planning.Reading) -> planning.Findings:
    names = CodeNames(job.repo, snapshot)
    ranked = _ranked(job, snapshot)
    whole = len(snapshot.files) <= _SMALL
    expand = None if whole else partial(widen, job.repo, snapshot, ranked)
    return planning.Findings(
        snapshot=snapshot,
        ranked=ranked,
        names=names,
        lines=partial(find_lines, job.repo, snapshot),
        reading=reading,
        expand=expand,
    )


def _ranked(job: Job, snapshot: Snapshot) -> tuple[RankedFile, ...]:
    """Rank the files for the planner: sources, and among them the tests of the best ones."""
    ranked = rank_files(job.repo, snapshot, job.request.text)
    tests = tests_of([entry.path for entry in ranked[:10]], snapshot.files)
    return (*ranked[:24], *(RankedFile(path=path, score=0.0) for path in tests[:6]), *ranked[24:])


async def do_work(
    job: Job, current: Plan, snapshot: Snapshot, rounds: list[Round]
) -> tuple[tuple[TaskResult, ...], Snapshot]:
    """Have the workers carry out a plan."""
    if not current.tasks:
        return (), snapshot
    own = [task.old_path or task.path for task in current.tasks]
    landed = merge.ChangedFiles(job.repo, change(job, rounds), own)
    checks = workers.EditChecks(
        parse=job.parser,
        bytes_of=landed.bytes_of,
        mode_of=landed.mode_of,
        allowed=job.settings.allow,
    )
    model = part(job, len(rounds) + 1) if job.model else None
    deps = workers.WorkerDeps(
        model=model, settings=job.settings, checks=checks, listener=job.listener
    )
    changed = [patch.path for patch in change(job, rounds).patches]
    names = CodeNames(job.repo, snapshot, changed)
    context = workers.RoundContext(
        request=job.request, plan=current, snapshot=snapshot, names=names
    )
    return await workers.run(context, deps)


async def settle(
    job: Job, current: Plan, worked: tuple[TaskResult, ...], rounds: list[Round]
) -> tuple[TaskResult, ...]:
    """Fit edits of one file on each other, with the model's help where nothing else does."""
    model = part(job, len(rounds) + 1) if job.model else None
    bench = merge.MergeDeps(job.repo, job.settings, job.parser, model, job.listener)
    return await merge.resolve(change(job, rounds), current, worked, bench)


def waivers(
    rounds: Sequence[Round], current: Plan, results: Iterable[TaskResult]
) -> tuple[Waiver, ...]:
    """Give the reasons that plans and workers wrote down for uses of changed names."""
    said = [*(result for one in rounds for result in one.results), *results]
    plans = [*(one.plan for one in rounds), current]
    by_workers = (each.waivers for each in said if isinstance(each, Done | NothingToDo))
    return tuple(each for part in (*(p.waivers for p in plans), *by_workers) for each in part)


def change(job: Job, rounds: list[Round]) -> ChangeSet:
    """Give what earlier rounds changed."""
    return rounds[-1].change if rounds else ChangeSet(base=job.request.base, patches=())


def unreached(job: Job, after: Snapshot, change: ChangeSet) -> tuple[str, ...]:
    """Name the changed sources that no test names."""
    changed = [patch.path for patch in change.patches]
    tests = [path for path in after.files if is_test(path)]
    return verify.untested_files(after, changed, tests, CodeNames(job.repo, after, changed).users)


def means(job: Job, snapshot: Snapshot, landing: merge.Landing) -> Means:
    """Find out how results are checked, before money is spent."""
    inspected = not (job.dry_run or job.replayed)
    return Means(
        trial=_trial(job, snapshot),
        inspection=verify.prepare_precommit(job.repo, snapshot.files, job.settings, job.variables)
        if inspected
        else None,
        landing=landing,
        base=snapshot,
    )


def _trial(job: Job, snapshot: Snapshot) -> verify.TestSetup | None:
    settings = job.settings
    if settings.no_test or job.dry_run:
        return None
    return verify.prepare_tests(
        job.repo,
        snapshot.files,
        settings,
        job.variables,
        lambda text: job.listener(Notice(text=text)),
    )


def tidied(job: Job, commit: str, means: Means) -> tuple[str, tuple[FilePatch, ...]]:
    """Put what the project's formatters change into a commit on top, if the user wants that."""
    if not commit or means.trial is None:
        return commit, ()
    patches = verify.format_changed_files(job.repo, job.request.base, commit, means.trial)
    return merge.write_formatting(job.repo, commit, patches, means.landing), patches


def judge(job: Job, commit: str, means: Means, rounds: list[Round]) -> Verdict:
    """Run the tests on a commit, if it was not judged before, and pre-commit if it is wanted."""
    verdict = _tested(job, commit, means.trial, rounds)
    if means.inspection is None or not commit:
        return verdict
    return verify.run_precommit(job.repo, job.request.base, commit, means.inspection, verdict)


def _tested(job: Job, commit: str, trial: verify.TestSetup | None, rounds: list[Round]) -> Verdict:
    if job.settings.no_test or job.dry_run:
        return Verdict(status=VerdictStatus.NOT_RUN, reason="tests were switched off")
    if not commit:
        return Verdict(status=VerdictStatus.NO_TESTS, reason="nothing was changed")
    if trial is None:
        return Verdict(status=VerdictStatus.NO_TESTS, reason="no test command was found")
    tree = job.repo.tree_of(commit)  # a commit's own id tells its time, too
    if (kept := job.log.verdict(tree)) is not None:
        return kept
    if job.replayed:
        return Verdict(status=VerdictStatus.NOT_RUN, reason="tests are not run again")
    before = next((one.verdict.before for one in rounds if one.verdict.before), None)
    verdict = verify.verify(job.repo, job.request.base, commit, trial, before)
    job.log.add_verdict(tree, verdict)
    return verdict


async def revise(job: Job, rounds: list[Round], snapshot: Snapshot) -> tuple[Plan | None, Usage]:
    """Plan what is missing; when that fails, what is done stands as it is."""
    model = part(job, len(rounds) + 1)
    diffs = {patch.path: render(patch) for patch in rounds[-1].change.patches}
    reading = planning.Reading(mask=strings_and_comments, preview=job.parser.preview)
    evidence = planning.Evidence(rounds=rounds, snapshot=snapshot, diffs=diffs, reading=reading)
    found = await planning.revise(job.request, evidence, model, job.settings)
    if isinstance(found, planning.Unplanned):
        job.listener(Notice(text=f"no further plan: {found.faults[0]}"))
        return None, found.usage
    try:
        following = _doable(job, planning.join(found.draft, snapshot, reading))
    except (PlanInvalid, UserError) as error:
        job.listener(Notice(text=f"no further plan: {error}"))
        return None, found.usage
    return following, found.usage


def _limits(job: Job, snapshot: Snapshot) -> planning.Limits:
    return planning.Limits.of(job.request, snapshot, job.settings)


def _doable(job: Job, found: Plan) -> Plan:
    """Hold a plan to the paths that the user named, and to what can be asked."""
    if job.model is None and any(not task.answer for task in found.tasks):
        raise no_model()
    scope = job.request.paths
    outside = [
        task.path for task in found.tasks
        if scope and not any(fnmatch(task.path, glob) for glob in scope)
    ]  # fmt: skip
    if outside:
        raise UserError(
            f"the change needs {outside[0]}"
            + (f" and {len(outside) - 1} more files" if len(outside) > 1 else "")
            + ", which --include leaves out",
            "widen --include, or narrow the request down",
        )
    return found
