"""The planner's conversation along a run: forked by workers, saved, restored, and looked up in."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from codeorch import planning, workers
from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.answers import dump, load
from codeorch.domain import Plan, RankedFile
from codeorch.llm import Conversation
from codeorch.pipeline.state import RunState
from codeorch.retrieval import Codebase, CodeNames, LookUps, ShownLines, companions, respond
from codeorch.source.syntax import strings_and_comments


def round_context(state: RunState, plan: Plan) -> workers.RoundContext:
    """Return what the workers of a plan share."""
    changed = [patch.path for patch in state.change.patches]
    names = CodeNames(state.job.repo, state.snapshot, changed)
    paths = [task.path for task in plan.tasks if task.needs_model]
    facts = planning.project_facts(state.snapshot, near=paths).of_code() if paths else ()
    return workers.RoundContext(
        request=state.job.request,
        plan=plan,
        snapshot=state.snapshot,
        names=names,
        facts=tuple(facts),
        fork=_fork_point(state, plan),
        talks=state.worker_talks,
    )


def _fork_point(state: RunState, plan: Plan) -> workers.ForkPoint | None:
    """Return where the workers of a plan fork its planner's conversation."""
    talk = state.talk
    if talk is None or not any(task.needs_model and not task.continues for task in plan.tasks):
        return None
    accepted = workers.fork_part(plan, state.snapshot, talk.look_ups.shown)
    conversation = respond(talk.conversation, accepted, "plan")
    return workers.ForkPoint(
        conversation=conversation, model=talk.model, look_ups=talk.look_ups, is_warm=talk.is_warm
    )


def save_talk(state: RunState) -> Mapping[str, Any] | None:
    """Return the planner's conversation as plain JSON, so that a resumed run can go on with it.

    With it go the ranked files: they order what look-ups show, also where there was no planner.
    """
    talk = state.talk
    ranked = [[entry.path, entry.score] for entry in state.ranked]
    if talk is None:
        return {"ranked": ranked} if ranked else None
    shown = {path: list(ranges) for path, ranges in talk.look_ups.shown.ranges.items()}
    return {
        "conversation": json.loads(dump(talk.conversation)),
        "model": talk.model,
        "shown": shown,
        "ranked": ranked,
    }


def restore_talk(state: RunState, saved: Mapping[str, Any] | None) -> None:
    """Set the planner's conversation and the ranked files of a run as they were saved."""
    if saved is None:
        return
    state.ranked = tuple(
        RankedFile(path=path, score=score) for path, score in saved.get("ranked", ())
    )
    if "conversation" not in saved:
        state.talk = None
        return
    changed = [patch.path for patch in state.change.patches]
    names = CodeNames(state.job.repo, state.snapshot, changed)
    look_ups = LookUps(codebase_of(state, names), shown=ShownLines(saved["shown"]))
    conversation: Conversation = load(Conversation, saved["conversation"])
    state.talk = planning.PlannerTalk(
        conversation=conversation, model=saved["model"], look_ups=look_ups, is_warm=False
    )


def codebase_of(state: RunState, names: SymbolIndex) -> Codebase:
    """Return what is looked up in: the files as they are now."""
    return Codebase(
        snapshot=state.snapshot,
        names=names,
        ranked=[entry.path for entry in state.ranked],
        companions=companions(state.job.repo, state.snapshot),
        try_codemod=partial(
            planning.try_codemod,
            snapshot=state.snapshot,
            mask=strings_and_comments,
            engines=state.engines,
        ),
    )
