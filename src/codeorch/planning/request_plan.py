"""A planner's answer, asked for until it is valid: twice at the most."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from codeorch.domain import Usage
from codeorch.errors import PlanInvalid, ServiceError
from codeorch.llm import Model, Prompt, Reply, Tool, Turn, usage_of, with_usage
from codeorch.planning import plan_schema
from codeorch.planning.faults import Limits

_LONGEST = 64_000  # tokens of a plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition:
    """A drafted plan, what asking for it cost, and the conversation, to go on with it."""

    draft: plan_schema.Draft
    usage: Usage
    prompt: Prompt | None = None
    reply: Reply | None = None

    def noted(self, note: str) -> "Decomposition":
        """Add a note to the plan."""
        plan = replace(self.draft.plan, notes=(*self.draft.plan.notes, note))
        return replace(self, draft=replace(self.draft, plan=plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """No valid plan came: the faults of the last one, and what asking cost."""

    faults: tuple[str, ...]
    usage: Usage = field(default_factory=Usage)
    declined: bool = False


def plan_tool(*, revised: bool = False) -> Tool:
    """Build the form that a planner fills in."""
    return Tool(
        name="plan",
        description="Hand in the plan: contracts, codemods and one task for each file to change.",
        schema=plan_schema.schema(revised=revised),
    )


async def ask_for_plan(
    prompt: Prompt, model: Model, limits: Limits, base: Mapping[str, Any] | None = None
) -> Decomposition | Unplanned:
    """Ask for a plan; an invalid one goes back once with its exact faults.

    A planner that insists on two tasks of one file gets them: their edits are merged. With `base`,
    a filled-in form, the answer only adds to it.

    Raises:
        ServiceError: no answer came.
    """
    reply, prompt = await _first_reply(prompt, model)
    try:
        draft = read_reply(reply, limits, base)
        return Decomposition(draft=draft, usage=reply.usage, prompt=prompt, reply=reply)
    except PlanInvalid as fault:
        again = _mended(prompt, reply, fault, "the additions" if base else "the whole plan")
    try:
        second = await model.ask(again)
    except ServiceError as error:
        raise with_usage(error, reply.usage + usage_of(error)) from error
    usage = reply.usage + second.usage
    try:
        draft = read_reply(second, replace(limits, merging=True), base)
    except PlanInvalid as fault:
        declined = "refusal" in (reply.stop, second.stop)
        return Unplanned(faults=fault.faults, usage=usage, declined=declined)
    return Decomposition(draft=draft, usage=usage, prompt=again, reply=second)


async def _first_reply(prompt: Prompt, model: Model) -> tuple[Reply, Prompt]:
    """Ask, and once more with twice the time when nothing came in time; give what was asked."""
    try:
        return await model.ask(prompt), prompt
    except ServiceError as error:
        if error.kind != "timeout":
            raise
        used = usage_of(error)
    again = replace(prompt, key=f"{prompt.key}/again", timeout_s=2 * prompt.timeout_s)
    try:
        reply = await model.ask(again)
    except ServiceError as error:
        raise with_usage(error, used + usage_of(error)) from error
    return replace(reply, usage=used + reply.usage), again


def followed_up(prompt: Prompt, reply: Reply, said: str, mark: str) -> Prompt:
    """Go on with a conversation: what was asked, what was answered, and what is said now."""
    asked = (Turn(role="user", text=prompt.user), Turn(role="assistant", text=_said(reply)))
    return replace(prompt, key=f"{prompt.key}/{mark}", history=(*prompt.history, *asked), user=said)


def read_reply(
    reply: Reply, limits: Limits, base: Mapping[str, Any] | None = None
) -> plan_schema.Draft:
    """Read the plan that an answer holds.

    Raises:
        PlanInvalid: with one sentence for each fault.
    """
    if reply.stop == "max_tokens":
        raise PlanInvalid(("The plan was cut off at the length limit. Make it shorter.",))
    if reply.stop == "refusal":
        raise PlanInvalid(("The model declined to plan this request.",))
    if reply.form is None:
        only = ""
        if not reply.text.strip():
            only = "holds reasoning alone and " if reply.reasoning else "is empty: it "
        raise PlanInvalid((reply.fault or f"The answer {only}did not call the tool `plan`.",))
    draft = plan_schema.read(_added(base, reply.form) if base else reply.form, limits, "model")
    if not draft.plan.tasks and not draft.codemods and not draft.plan.rationale.strip():
        raise PlanInvalid(("The plan is empty and gives no reason.",))
    return draft


def _added(base: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the lists of a form behind those of another; the reading finds what is no list."""
    lists = {
        key: [*base.get(key, []), *value]
        for key, value in more.items() if isinstance(value, list)
    }  # fmt: skip
    return {**more, **base, **lists}


def _mended(prompt: Prompt, reply: Reply, fault: PlanInvalid, what: str) -> Prompt:
    faults = "\n".join(f"- {line}" for line in fault.faults)
    said = (
        f"This plan cannot be carried out:\n{faults}\nCall the tool again with {what}, mended. "
        "Leave the rest of it as it is."
    )
    again = followed_up(prompt, reply, said, "mended")
    if reply.stop == "max_tokens":
        again = replace(again, max_tokens=min(_LONGEST, 2 * prompt.max_tokens))
    return again


def _said(reply: Reply) -> str:
    import json  # noqa: PLC0415 - only for a conversation that goes on

    if reply.form is None:
        return reply.text.strip() or "(no answer)"
    return "I called the tool `plan` with:\n" + json.dumps(reply.form, ensure_ascii=False)
