"""Request -> Plan, round by round, and the planner's conversation that goes along with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import partial

from codeorch import planning, verify, workers
from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Estimate, Plan, RankedFile, Usage
from codeorch.edits import render
from codeorch.errors import PlanInvalid, UserDeclined, UserError
from codeorch.events import LookedUp, Notice
from codeorch.llm import Call, Conversation, Model
from codeorch.pipeline.autorun import autorun_objection
from codeorch.pipeline.job import Job, no_model
from codeorch.pipeline.planner_talk import codebase_of, restore_talk, round_context, save_talk
from codeorch.pipeline.stages import open_run, start_base_runs
from codeorch.pipeline.state import RunState
from codeorch.retrieval import (
    CodeNames,
    LookUps,
    ShownLines,
    find_lines,
    look_up_tools,
    rank_files,
    tests_of,
)
from codeorch.source.syntax import strings_and_comments

_SHELL = ("/bin/sh", "-c")  # how a command of the user's is run
_ROOM_PREVIEW = 2_000  # characters of what codemods change
_NEAR = 10  # files whose manifests count beside the root's


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A plan to be edited, what it cost, and what carrying it out will probably cost."""

    draft: planning.Draft
    limits: planning.Limits  # with the files that it was made for
    usage: Usage = field(default_factory=Usage)
    estimate: Estimate | None = None
    preview: str = ""  # what its codemods change: counts, and the first places


async def draft_plan(job: Job) -> PlanDraft:
    """Only plan; codemods stay sentences, so that the plan can be edited as a file.

    Raises what `run` raises before there is a plan.
    """
    state = open_run(job, plans_only=True)
    try:
        return await _draft_plan(state)
    finally:
        state.compiler.close()


async def _draft_plan(state: RunState) -> PlanDraft:
    job = state.job
    if (rule := _rule(state)) is not None:
        return _draft_by_rule(state, rule)
    findings = _findings(state)
    if state.model is None:
        by_hand = _draft_by_hand(state, findings, "no model was asked: there is no key for one")
        if not by_hand.draft.plan.tasks:
            raise no_model(job.settings)
        return by_hand
    answer = await _decompose(state, findings, state.model)
    if isinstance(answer, planning.Unplanned):
        why = f"no valid plan came from the model: {answer.faults[0]}"
        by_hand = _draft_by_hand(state, findings, why)
        if not by_hand.draft.plan.tasks:
            raise PlanInvalid(answer.faults)
        return replace(by_hand, usage=answer.usage)
    plan = planning.join(answer.draft, state.snapshot, findings.reading)
    return PlanDraft(
        draft=answer.draft,
        limits=_limits(state),
        usage=answer.usage,
        estimate=estimate(state, plan),
        preview=planning.preview_codemods(plan, _ROOM_PREVIEW),
    )


def _draft_by_rule(state: RunState, rule: planning.Rule) -> PlanDraft:
    """Return a draft with a rule that was tried.

    Raises:
        UserError: it cannot be carried out.
    """
    plan = _plan_rule(state, rule)
    empty = Plan(tasks=(), source="codemod", rationale="one rule, no model")
    return PlanDraft(
        draft=planning.Draft(plan=empty, codemods=(state.job.request.text,)),
        limits=_limits(state),
        preview=planning.preview_codemods(plan, _ROOM_PREVIEW),
    )


def _plan_rule(state: RunState, rule: planning.Rule) -> Plan:
    reading = _reading(state)
    plan = planning.plan_rule(rule, state.whole, reading.mask, reading.engines, state.excluded)
    return _require_doable(state.job, plan)


def _rule(state: RunState) -> planning.Rule | None:
    """Return the request as a rule, if it is one; what only looks like one is for the model."""
    rule = planning.parse_rule(state.job.request.text)
    if rule is None or state.model is None or planning.defines(rule, state.snapshot):
        return rule
    return None


def _draft_by_hand(state: RunState, findings: planning.Findings, why: str) -> PlanDraft:
    request, limits = state.job.request, _limits(state)
    return PlanDraft(draft=planning.by_hand(request, findings, limits, why), limits=limits)


async def first_plan(state: RunState) -> tuple[Plan | None, Usage]:
    """Return the plan of the first round and what it cost; the log's, if it has one.

    Raises:
        UserError, PlanInvalid, UserDeclined, ServiceError: there is none.
    """
    log = state.job.log
    if (answer := log.plan(1)) is not None:
        restore_talk(state, log.talk(1))
        return answer
    plan, usage = await _plan(state)
    log.add_plan(1, plan, usage, save_talk(state))
    return plan, usage


async def _plan(state: RunState) -> tuple[Plan, Usage]:
    """Plan by hand, by rule, or by the model."""
    job, reading = state.job, _reading(state)
    if job.plan_file is not None:
        draft = planning.read_file(job.plan_file, _limits(state), job.plan_name)
        draft = _prove_by_hand(state, draft, reading)
        return _require_doable(job, planning.join(draft, state.snapshot, reading)), Usage()
    rule = _rule(state)
    if rule is not None:
        return _plan_rule(state, rule), Usage()
    if state.model is None:
        raise no_model(job.settings)
    findings = _findings(state)
    start_base_runs(state)
    answer = await _decompose(state, findings, state.model)
    if isinstance(answer, planning.Unplanned):
        raise PlanInvalid(answer.faults)
    state.talk = answer.talk
    plan = _approve(state, answer.draft, reading)
    if plan.source != "model":  # edited by hand: what was said of another plan helps nobody
        state.talk = None
    return plan, answer.usage


def _prove_by_hand(
    state: RunState, draft: planning.Draft, reading: planning.Reading
) -> planning.Draft:
    """Try the edits of a plan file; a task whose edit does not fit its file goes to a worker.

    Raises:
        UserError: one does not fit, and there is no model for a worker; or its scripts give too
            many tasks.
    """
    try:
        draft, refusals = planning.prove_edits(draft, _limits(state), state.snapshot, reading)
    except PlanInvalid as error:
        raise UserError(error.faults[0], "edit the plan file") from error
    if refusals and state.job.model is None:
        hint = no_model(state.job.settings).hint
        raise UserError(
            refusals[0].partition("\n")[0], f"mend the diff; for a worker to make the edit, {hint}"
        )
    notes = tuple(f"{refusal} A worker makes the edit." for refusal in refusals)
    return replace(draft, plan=replace(draft.plan, notes=(*draft.plan.notes, *notes)))


async def _decompose(
    state: RunState, findings: planning.Findings, model: Model
) -> planning.Decomposition | planning.Unplanned:
    job = state.job
    opening = _opening(state, findings.names)
    return await planning.decompose(job.request, findings, opening, model, job.settings, job.ask)


def _opening(
    state: RunState, names: SymbolIndex, shown: ShownLines | None = None
) -> planning.Opening:
    """Return what a planner's conversation begins with, and what it can look up now."""
    job, snapshot = state.job, state.snapshot

    def announce(calls: Sequence[Call], look_ups: LookUps) -> None:
        job.listener(LookedUp(calls=tuple(call.name for call in calls), left=look_ups.left))

    return planning.Opening(
        conversation=_empty_conversation(state),
        facts=planning.project_facts(
            snapshot,
            near=[entry.path for entry in state.ranked[:_NEAR]],
            test_command=_test_fact(state),
        ),
        codebase=codebase_of(state, names),
        shown=shown or ShownLines(),
        on_look_ups=announce,
    )


def _empty_conversation(state: RunState) -> Conversation:
    """Return system text and tools, the same for planner and workers: so they share a cache."""
    scripts = state.script_sandbox is not None
    tools = (*look_up_tools(), planning.plan_tool(scripts=scripts), workers.RESULT_TOOL)
    return Conversation(
        system=planning.system_text(state.job.settings, scripts=scripts), tools=tools
    )


def _test_fact(state: RunState) -> str:
    if state.job.settings.no_test:
        return "tests are switched off"
    if state.tests is None or state.tests.command is None:
        return "none found"
    argv = state.tests.argv
    command = argv[2] if argv[:2] == _SHELL else " ".join(argv)
    missing = state.tests.missing_tool(state.job.repo.root)
    return command + (f" (cannot run here: {missing} is not installed)" if missing else "")


def _approve(state: RunState, draft: planning.Draft, reading: planning.Reading) -> Plan:
    """Let the user look at a plan, edit or reject it, before workers are paid for it."""
    job = state.job
    proposal = planning.Proposal.of(
        draft,
        _limits(state),
        lambda draft: _require_doable(job, planning.join(draft, state.snapshot, reading)),
    )
    if job.approve is None or all(task.is_codemod for task in proposal.plan.tasks):
        return proposal.plan
    plan = job.approve(proposal, lambda plan: estimate(state, plan))
    if plan is None:
        raise UserDeclined("the plan was rejected")
    return plan


def estimate(state: RunState, plan: Plan) -> Estimate | None:
    """Return what the workers of a plan will probably cost; None when none will be asked."""
    if not any(task.needs_model for task in plan.tasks):
        return None
    return workers.estimate(round_context(state, plan), state.job.settings)


async def revise(state: RunState) -> tuple[Plan | None, Usage]:
    """Plan what is missing; when that fails, what is done stands as it is: None."""
    job, rounds, reading = state.job, state.rounds, _reading(state)
    assert state.model is not None, "without a model there is no second plan"
    diffs = {patch.path: render(patch) for patch in state.change.patches}
    evidence = planning.Evidence(
        rounds=rounds, snapshot=state.snapshot, diffs=diffs, reading=reading, talk=state.talk,
        authors=state.worker_talks.keys(),
    )  # fmt: skip
    shown = state.talk.look_ups.shown.copy(without=diffs) if state.talk else None
    opening = _opening(state, CodeNames(job.repo, state.snapshot, list(diffs)), shown)
    answer = await planning.revise(job.request, evidence, opening, state.model, job.settings)
    if isinstance(answer, planning.Unplanned):
        job.listener(Notice(text=f"no further plan: {answer.faults[0]}"))
        return None, answer.usage
    try:
        plan = _require_doable(job, planning.join(answer.draft, state.snapshot, reading))
    except (PlanInvalid, UserError) as error:
        job.listener(Notice(text=f"no further plan: {error}"))
        return None, answer.usage
    state.talk = answer.talk
    return plan, answer.usage


def _findings(state: RunState) -> planning.Findings:
    job, snapshot = state.job, state.snapshot
    state.ranked = ranked = _ranking(state)
    return planning.Findings(
        snapshot=snapshot,
        ranked=ranked,
        names=CodeNames(job.repo, snapshot),
        lines=partial(find_lines, job.repo, snapshot),
        reading=_reading(state),
    )


def _ranking(state: RunState) -> tuple[RankedFile, ...]:
    """Rank the files for the planner: sources, and among them the tests of the best ones."""
    ranked = rank_files(state.job.repo, state.snapshot, state.job.request.text)
    tests = tests_of([entry.path for entry in ranked[:10]], state.snapshot.files)
    return (*ranked[:24], *(RankedFile(path=path, score=0.0) for path in tests[:6]), *ranked[24:])


def _reading(state: RunState) -> planning.Reading:
    job, sandbox = state.job, state.script_sandbox
    return planning.Reading(
        mask=strings_and_comments,
        preview=job.parser.preview,
        engines=state.engines,
        is_ignored=job.repo.is_ignored,
        against_autorun=partial(autorun_objection, state),
        check=state.check,
        run_script=partial(verify.run_edit_script, sandbox=sandbox) if sandbox else None,
    )


def _limits(state: RunState) -> planning.Limits:
    return planning.Limits.of(
        state.job.request, state.snapshot, state.job.settings, _reading(state)
    )


def _require_doable(job: Job, plan: Plan) -> Plan:
    """Hold a plan to the paths that the user named, and to what can be asked."""
    if job.model is None and any(task.needs_model for task in plan.tasks):
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
