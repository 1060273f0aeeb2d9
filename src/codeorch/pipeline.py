"""The whole tool on one page: read, plan, {work, merge, check, revise}, land."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

from codeorch import check, merge, plan, work
from codeorch.config import Settings
from codeorch.diffs import apply, encode, render
from codeorch.domain import (
    ChangeSet,
    DeadLetter,
    NeedsMore,
    Outcome,
    Plan,
    RankedFile,
    Request,
    Round,
    Skipped,
    Snapshot,
    SourceFile,
    Task,
    TaskResult,
    Timing,
    Usage,
    Verdict,
)
from codeorch.errors import Declined, PlanInvalid, UserError
from codeorch.events import Checked, Listener, Merged, Noticed, Planned, Stage, StageStarted, ignore
from codeorch.llm import Model
from codeorch.read.files import read_snapshot, source_file
from codeorch.read.rank import rank, tests_of
from codeorch.read.syntax import strings_and_comments
from codeorch.repo import Repo

_HISTORY = 5_000  # commits whose messages help to rank
# Better verdicts first; a later round stands only if it is no worse than the one before.
_ORDER = ("verified", "off", "untested", "red", "broken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run: what is wanted, where, and with what."""

    repo: Repo
    request: Request
    settings: Settings
    run_id: str
    model: Model | None = None  # None = only requests that need no model
    plan_file: Path | None = None  # a plan made by hand
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell, for tests
    branch: str = ""  # empty = a name made from the request
    dry_run: bool = False  # make no branch and run no tests
    listener: Listener = ignore
    notices: tuple[str, ...] = ()  # known before the run
    ask: plan.Ask | None = None  # None = nobody is there to be asked
    approve: plan.Approve | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What every round is checked and landed with."""

    trial: check.Trial | None
    landing: merge.Landing
    base: Snapshot


async def run(job: Job) -> Outcome:
    """Carry out one request.

    Raises:
        UserError: the user has to put something right; nothing was changed.
        PlanInvalid: no valid plan came about; nothing was changed.
        Declined: the user rejected the plan; nothing was changed.
        ServiceError: a service failed for good before there was a plan; nothing was changed.
    """
    clock = _Clock(job.listener)
    landing = merge.prepare(
        job.repo, job.request, job.run_id, name=job.branch, squash=job.settings.squash
    )
    with clock.stage("read"):
        snapshot = _read(job)
        trial = _trial(job, snapshot)
    means = _Means(trial=trial, landing=landing, base=snapshot)
    with clock.stage("plan"):
        first, usage = await _plan(job, snapshot)
    rounds: list[Round] = []
    current: Plan | None = first
    while current is not None:
        job.listener(Planned(plan=current))
        one, snapshot = await _round(job, clock, current, snapshot, rounds, means)
        rounds.append(one)
        usage = sum((_usage(r) for r in one.results if r.task in current.tasks), usage)
        current, cost = await _next_plan(job, clock, rounds, snapshot)
        usage = usage + cost
    remarks = plan.remarks([one.plan for one in rounds])
    return _land(job, rounds, landing, Outcome(
        run_id=job.run_id, request=job.request, rounds=(), usage=usage,
        timings=tuple(clock.timings), notices=(*_notices(job), *remarks),
    ))  # fmt: skip


async def _round(
    job: Job,
    clock: "_Clock",
    current: Plan,
    snapshot: Snapshot,
    rounds: list[Round],
    means: "_Means",
) -> tuple[Round, Snapshot]:
    """Work, merge, check."""
    change = rounds[-1].change if rounds else ChangeSet(base=job.request.base, patches=())
    with clock.stage("work"):
        worked, after = await _work(job, current, snapshot, change)
    with clock.stage("merge"):
        bench = merge.Bench(job.repo, job.settings, source_file, job.model, job.listener)
        results = await merge.settle(change, current, worked, bench)
        change = merge.combine(change, current, results, job.settings.allow)
        commit = merge.write(job.repo, change, means.landing)
        job.listener(Merged(commit=commit, files=len(change.patches)))
        if results != worked or change.rejected:
            after = merge.as_landed(snapshot, change, source_file)
    trial = means.trial
    with clock.stage("check", " ".join(trial.command.argv) if trial else ""):
        completeness = check.complete(means.base, change, source_file)
        verdict = _check(job, commit, trial, rounds)
        job.listener(Checked(verdict=verdict))
    results = (*results, *_still_open(rounds, results))
    return Round(
        plan=current,
        results=results,
        change=change,
        commit=commit,
        verdict=verdict,
        completeness=completeness,
        conventions=work.conventions(current, snapshot),
    ), after


async def _next_plan(
    job: Job, clock: "_Clock", rounds: list[Round], snapshot: Snapshot
) -> tuple[Plan | None, Usage]:
    """Plan the next stage, or a repair if it may help."""
    over = job.dry_run or job.model is None
    if over or plan.next_step(rounds, job.settings) == "none":
        return None, Usage()
    with clock.stage("revise"):
        return await _revise(job, rounds, snapshot)


def _land(job: Job, rounds: list[Round], landing: merge.Landing, outcome: Outcome) -> Outcome:
    """Make the branch of the round that stands: the last one that is no worse than before."""
    best = max(range(len(rounds)), key=lambda i: (_worth(rounds[i]), i))
    notices = outcome.notices
    if best + 1 < len(rounds):
        notices += (f"round {len(rounds)} made it worse and was dropped",)
    branch = None
    if rounds[best].commit and not job.dry_run:
        branch = merge.land(job.repo, rounds[best].commit, landing.name)
        if branch.name != landing.name:
            notices += (f"branch {landing.name} was taken meanwhile; this is {branch.name}",)
    return replace(outcome, rounds=tuple(rounds[: best + 1]), branch=branch, notices=notices)


# ------------------------------------------------------------------------------- the stages


async def draft(job: Job) -> tuple[plan.Draft, Usage]:
    """Only plan; codemods stay sentences, so that the plan can be edited as a file.

    Raises what `run` raises before there is a plan.
    """
    snapshot = _read(job)
    if plan.parse_rule(job.request.text) is not None:
        empty = Plan(tasks=(), source="codemod", rationale="one rule, no model")
        return plan.Draft(plan=empty, codemods=(job.request.text,)), Usage()
    if job.model is None:
        raise _no_model()
    ranked = _ranked(job, snapshot)
    findings = plan.Findings(snapshot=snapshot, ranked=ranked)
    found = await plan.decompose(job.request, findings, job.model, job.settings, job.ask)
    return found.draft, found.usage


def ranking(repo: Repo, base: str, text: str) -> tuple[tuple[RankedFile, ...], tuple[str, ...]]:
    """Rank the source files of a commit for a request, and name the tests of the best."""
    snapshot = read_snapshot(repo, base)
    ranked = rank(text, snapshot, tuple(repo.log(base, _HISTORY)))
    return ranked, tests_of([entry.path for entry in ranked[:10]], snapshot)


def _read(job: Job) -> Snapshot:
    snapshot = read_snapshot(job.repo, job.request.base)
    hidden: dict[str, SourceFile | None] = {
        path: None
        for path in snapshot.files
        if any(fnmatch(path, glob) for glob in job.settings.exclude)
    }
    return snapshot.with_files(hidden) if hidden else snapshot


async def _plan(job: Job, snapshot: Snapshot) -> tuple[Plan, Usage]:
    reading = plan.Reading(mask=strings_and_comments, preview=_preview)
    if job.plan_file is not None:
        written = plan.read_file(job.plan_file, _limits(job, snapshot))
        return _doable(job, plan.join(written, snapshot, reading)), Usage()
    rule = plan.parse_rule(job.request.text)
    if rule is not None:
        return _doable(job, plan.plan_rule(rule, snapshot, reading.mask)), Usage()
    if job.model is None:
        raise _no_model()
    ranked = _ranked(job, snapshot)
    findings = plan.Findings(snapshot=snapshot, ranked=ranked, preview=_preview)
    found = await plan.decompose(job.request, findings, job.model, job.settings, job.ask)
    return _approved(job, found.draft, snapshot, reading), found.usage


def _approved(job: Job, draft: plan.Draft, snapshot: Snapshot, reading: plan.Reading) -> Plan:
    """Let the user look at a plan, edit or reject it, before workers are paid for it."""
    proposal = plan.Proposal.of(
        draft,
        _limits(job, snapshot),
        lambda draft: _doable(job, plan.join(draft, snapshot, reading)),
    )
    if job.approve is None or all(task.answer for task in proposal.plan.tasks):
        return proposal.plan
    approved = job.approve(proposal)
    if approved is None:
        raise Declined("the plan was rejected")
    return approved


def _ranked(job: Job, snapshot: Snapshot) -> tuple[RankedFile, ...]:
    """Rank the files for the planner: sources, and among them the tests of the best ones."""
    ranked = rank(job.request.text, snapshot, tuple(job.repo.log(job.request.base, _HISTORY)))
    tests = tests_of([entry.path for entry in ranked[:10]], snapshot)
    return (*ranked[:24], *(RankedFile(path=path, score=0.0) for path in tests[:6]), *ranked[24:])


async def _work(
    job: Job, current: Plan, snapshot: Snapshot, change: ChangeSet
) -> tuple[tuple[TaskResult, ...], Snapshot]:
    if not current.tasks:
        return (), snapshot
    source = _Source(job.repo, job.request.base, change)
    desk = work.Desk(
        parse=source_file,
        bytes_of=source.bytes_of,
        mode_of=source.mode_of,
        allowed=job.settings.allow,
    )
    shop = work.Workshop(model=job.model, settings=job.settings, desk=desk, listener=job.listener)
    scene = work.Scene(request=job.request, plan=current, snapshot=snapshot)
    return await work.run(scene, shop)


def _trial(job: Job, snapshot: Snapshot) -> check.Trial | None:
    """Find out how the tests are run, before money is spent; None when there are none."""
    settings = job.settings
    if settings.no_test or job.dry_run:
        return None
    return check.prepare(
        job.repo,
        snapshot.files,
        settings,
        job.variables,
        lambda text: job.listener(Noticed(text=text)),
    )


def _check(job: Job, commit: str, trial: check.Trial | None, rounds: list[Round]) -> Verdict:
    if job.settings.no_test or job.dry_run:
        return Verdict(status="off", reason="tests were switched off")
    if not commit:
        return Verdict(status="untested", reason="nothing was changed")
    if trial is None:
        return Verdict(status="untested", reason="no test command was found")
    before = next((one.verdict.before for one in rounds if one.verdict.before), None)
    return check.verify(job.repo, job.request.base, commit, trial, before)


async def _revise(job: Job, rounds: list[Round], snapshot: Snapshot) -> tuple[Plan | None, Usage]:
    """Plan what is missing; when that fails, what is done stands as it is."""
    assert job.model is not None
    diffs = {patch.path: render(patch) for patch in rounds[-1].change.patches}
    evidence = plan.Evidence(rounds=rounds, snapshot=snapshot, diffs=diffs)
    found = await plan.revise(job.request, evidence, job.model, job.settings)
    if isinstance(found, plan.Unplanned):
        job.listener(Noticed(text=f"no further plan: {found.faults[0]}"))
        return None, found.usage
    try:
        reading = plan.Reading(mask=strings_and_comments, preview=_preview)
        following = _doable(job, plan.join(found.draft, snapshot, reading))
    except (PlanInvalid, UserError) as error:
        job.listener(Noticed(text=f"no further plan: {error}"))
        return None, found.usage
    rounds[-1] = plan.settled(rounds[-1], following.dropped)
    return (following if following.tasks else None), found.usage


# ------------------------------------------------------------------------------- small parts


class _Clock:
    """Times stages from the run's start and tells the listener of each."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._start = time.monotonic()
        self.timings: list[Timing] = []

    @contextmanager
    def stage(self, name: Stage, detail: str = "") -> Iterator[None]:
        self._listener(StageStarted(stage=name, detail=detail))
        start = time.monotonic() - self._start
        yield
        end = time.monotonic() - self._start
        self.timings.append(Timing(stage=name, start_s=start, end_s=end))


class _Source:
    """The bytes and modes of files as earlier rounds left them."""

    def __init__(self, repo: Repo, commit: str, change: ChangeSet) -> None:
        self._repo = repo
        self._entries = {entry.path: entry for entry in repo.tree(commit)}
        self._patches = {patch.path: patch for patch in change.patches}

    def bytes_of(self, path: str) -> bytes:
        patch = self._patches.get(path)
        if patch is not None:
            return patch.after or b""
        return next(data for _, data in self._repo.blobs([self._entries[path].blob]))

    def mode_of(self, path: str) -> int:
        patch = self._patches.get(path)
        return patch.mode if patch is not None else self._entries[path].mode


def _preview(file: SourceFile, task: Task) -> SourceFile:
    """Apply a codemod's ready edit to a file, to plan the next codemod on top of it."""
    applied = apply(file.text, task.answer, file.path)
    parsed = source_file(file.path, encode(applied.text, file.encoding))
    return file if isinstance(parsed, str) else parsed


def _no_model() -> UserError:
    return UserError(
        "this request needs a model, and there is no key for one",
        "set ANTHROPIC_API_KEY; or name an OpenAI-compatible server with --openai-base-url; "
        "or give a plan file with --plan; renames and pattern replacements need none of them",
    )


def _limits(job: Job, snapshot: Snapshot) -> plan.Limits:
    return plan.Limits.of(job.request, snapshot, job.settings)


def _doable(job: Job, found: Plan) -> Plan:
    """Hold a plan to the paths that the user named, and to what can be asked."""
    if job.model is None and any(not task.answer for task in found.tasks):
        raise _no_model()
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
    return -_ORDER.index(one.verdict.status), one.plan.stage, -open_ones


def _usage(result: TaskResult) -> Usage:
    attempts = () if isinstance(result, Skipped) else result.attempts
    return sum((attempt.usage for attempt in attempts), Usage())


def _notices(job: Job) -> Iterator[str]:
    yield from job.notices
    dirty = job.repo.dirty()
    if dirty:
        yield (
            f"{len(dirty)} uncommitted change{'s' if len(dirty) != 1 else ''} in your working "
            "tree: not part of this run, and left as they are"
        )
