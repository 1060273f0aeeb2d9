"""A valid plan, gone over once more: questions answered, files offered that were not thought of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from codeorch.domain import Question, RankedFile
from codeorch.errors import ServiceError
from codeorch.llm import Model, usage_of
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings
from codeorch.planning.prompt import SHOWN, shown
from codeorch.planning.request_plan import Decomposition, Unplanned, ask_for_plan, followed_up

# Measured on 210 real changes, the best ranked file of each confirmed: what a planner gets to see
# rises from 88.6 to 91.1 % of the needed files, and from 73 to 78 % of the changes are seen whole.
# Three in four plans cost a second call for that; from 0.25 on every other, for half the gain.
# From 0.4 on nothing is left that the planner has not seen before.
_CONVINCING = 0.2
_OFFERED = 5

_REASONS = {
    "request": "fits the words of the request",
    "together": "was changed together with files of your plan",
    "uses": "uses what they define",
    "namesake": "is called like one of them",
    "folder": "lies beside them",
}

# Puts a question to the user; an empty answer leaves the assumption in force.
Ask = Callable[[Question], str]


async def answered(found: Decomposition, ask: Ask, model: Model, limits: Limits) -> Decomposition:
    """Put the questions that matter to the user, and have the plan follow the answers."""
    asked = tuple(
        replace(one, answer=ask(one).strip()) if one.blocks else one
        for one in found.draft.plan.questions
    )
    told = [f"- {one.text}\n  Answer: {one.answer}" for one in asked if one.answer]
    if not told:
        return found
    said = (
        "The user answered:\n" + "\n".join(told) + "\nCall the tool again with the whole plan, as "
        "these answers want it. Ask nothing again."
    )
    again = await _talked_on(found, said, "answered", model, limits)
    if isinstance(again, Unplanned):
        failed = replace(found, usage=again.usage)
        return failed.noted(f"the answers did not change the plan: {again.faults[0]}")
    further = tuple(one for one in again.draft.plan.questions if not one.blocks)
    return _asking(again, (*asked, *further))


async def widened(
    found: Decomposition, findings: Findings, model: Model, limits: Limits
) -> Decomposition:
    """Offer files, not seen before, that probably change with those of the plan."""
    planned = {path for task in found.draft.plan.tasks for path in (task.path, task.old_path)}
    confirmed = sorted(path for path in planned if path in findings.snapshot.files)
    if findings.expand is None or not confirmed:
        return found
    seen = planned | {entry.path for entry in findings.ranked[:SHOWN]}
    offers = [
        entry for entry in findings.expand(confirmed)
        if entry.score >= _CONVINCING and entry.path not in seen
        and findings.snapshot.files[entry.path].text.strip()  # an empty one only marks a package
    ]  # fmt: skip
    if not offers:
        return found
    said = "\n\n".join(_offer(findings, offers[:_OFFERED]))
    again = await _talked_on(found, said, "widened", model, limits, adding=True)
    if isinstance(again, Unplanned):
        failed = replace(found, usage=again.usage)
        return failed.noted(f"what was to be added to the plan is left out: {again.faults[0]}")
    return _asking(again, found.draft.plan.questions)


def _offer(findings: Findings, offers: Sequence[RankedFile]) -> Iterator[str]:
    yield (
        "Your plan is valid. Here are files that you have not seen yet and that may belong to it; "
        "what speaks for each is said. If one of them has to change for this request, call the "
        "tool with the tasks and contracts to be added; what you have planned stays as it is and "
        "is not repeated. Else call it with an empty list of tasks. Plan nothing that is not "
        "needed."
    )
    for entry in offers:
        parts = sorted(entry.why, key=lambda part: -part[1])
        why = "; ".join(_REASONS.get(name, name) for name, _ in parts)
        yield f"{entry.path}" + (f" ({why})" if why else "")
        yield from shown(findings.snapshot, entry.path, set(), set(), detailed=False)


async def _talked_on(
    found: Decomposition,
    said: str,
    mark: str,
    model: Model,
    limits: Limits,
    *,
    adding: bool = False,
) -> Decomposition | Unplanned:
    """Go on with the planner's conversation; usages are summed. A failure costs no valid plan."""
    assert found.prompt is not None, "only a planner asks questions and is offered files"
    assert found.reply is not None, "as above"
    prompt = followed_up(found.prompt, found.reply, said, mark)
    try:
        again = await ask_for_plan(prompt, model, limits, found.reply.form if adding else None)
    except ServiceError as error:
        return Unplanned(faults=(str(error),), usage=found.usage + usage_of(error))
    return replace(again, usage=found.usage + again.usage)


def _asking(found: Decomposition, questions: tuple[Question, ...]) -> Decomposition:
    plan = replace(found.draft.plan, questions=questions)
    return replace(found, draft=replace(found.draft, plan=plan))
