"""Request + ranked files -> Plan, by a model at run time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import RankedFile, Request, Snapshot, Usage
from codeorch.errors import PlanInvalid
from codeorch.llm import Model, Prompt, Reply, Tool, Turn
from codeorch.llm.prompts import fence, text
from codeorch.outline import bodies, outline, tree
from codeorch.plan import form

SHOWN = 30  # files with an outline; the study of real requests found 9 in 10 needed files there
_DETAILED = 6  # of these, the best get more room
_ROOM_DETAILED, _ROOM, _ROOM_BODIES = 9_000, 1_800, 6_000  # characters of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition:
    """A drafted plan and what asking for it cost."""

    draft: form.Draft
    usage: Usage


def read_plan_tool() -> Tool:
    """Build the form that a planner fills in."""
    return Tool(
        name="plan",
        description="Hand in the plan: contracts, codemods and one task for each file to change.",
        schema=form.schema(),
    )


async def decompose(
    request: Request,
    snapshot: Snapshot,
    ranked: Sequence[RankedFile],
    model: Model,
    settings: Settings,
) -> Decomposition:
    """Let the model break the request down; an invalid plan goes back once with its faults.

    Raises:
        PlanInvalid: the second plan is invalid, too.
        ServiceError: no answer came.
    """
    prompt = Prompt(
        key="plan/1",
        model=settings.model("planner"),
        system=text("plan").replace("{max_tasks}", str(settings.max_tasks)),
        user=_question(request, snapshot, ranked),
        tool=read_plan_tool(),
        force_tool=True,
        max_tokens=16_000,
        timeout_s=settings.plan_timeout_s,
    )
    return await ask_for_plan(prompt, model, _limits(snapshot, settings))


async def ask_for_plan(prompt: Prompt, model: Model, limits: form.Limits) -> Decomposition:
    """Ask until the plan is valid, twice at the most.

    Raises:
        PlanInvalid: the second plan is invalid, too.
        ServiceError: no answer came.
    """
    reply = await model.ask(prompt)
    try:
        return Decomposition(draft=_draft(reply, limits), usage=reply.usage)
    except PlanInvalid as fault:
        again = replace(
            prompt,
            key=f"{prompt.key}/mended",
            history=(
                *prompt.history,
                Turn(role="user", text=prompt.user),
                Turn(role="assistant", text=_said(reply)),
            ),
            user="This plan cannot be carried out:\n"
            + "\n".join(f"- {line}" for line in fault.faults)
            + "\nCall the tool again with the whole plan, mended.",
        )
    second = await model.ask(again)
    return Decomposition(draft=_draft(second, limits), usage=reply.usage + second.usage)


def _draft(reply: Reply, limits: form.Limits) -> form.Draft:
    if reply.stop == "max_tokens":
        raise PlanInvalid(("The plan was cut off at the length limit. Make it shorter.",))
    if reply.stop == "refusal":
        raise PlanInvalid(("The model declined to plan this request.",))
    if reply.form is None:
        raise PlanInvalid(("The answer did not call the tool `plan`.",))
    draft = form.read(reply.form, limits, "model")
    if not draft.plan.tasks and not draft.codemods and not draft.plan.rationale.strip():
        raise PlanInvalid(("The plan is empty and gives no reason.",))
    return draft


def _limits(snapshot: Snapshot, settings: Settings) -> form.Limits:
    return form.Limits(
        paths=snapshot.files.keys(),
        max_tasks=settings.max_tasks,
        timeout_s=settings.task_timeout_s,
    )


def _question(request: Request, snapshot: Snapshot, ranked: Sequence[RankedFile]) -> str:
    parts = [
        "# Change request\n" + fence(request.text),
        "# All files\n" + fence(tree(snapshot.files)),
        "# The files that probably matter most, best first, with their definitions",
    ]
    if request.paths:
        parts.insert(1, "Only these paths may change: " + ", ".join(request.paths))
    words = set(re.findall(r"[A-Za-z_]\w{2,}", request.text))
    named = _code_words(request.text)
    for place, entry in enumerate(ranked[:SHOWN]):
        file = snapshot.files[entry.path]
        room = _ROOM_DETAILED if place < _DETAILED else _ROOM
        if len(file.text) <= room:  # says more than its outline and costs as little
            parts.append(f"## {entry.path} (whole)\n{fence(file.text, file.language)}")
            continue
        what = f"outline of {file.text.count(chr(10))} lines"
        body = outline(file, room, words)
        parts.append(f"## {entry.path} ({what})\n{fence(body, file.language)}")
        if place < _DETAILED and (shown := bodies(file, named, _ROOM_BODIES)):
            parts.append(f"Of these, the request names:\n{fence(shown, file.language)}")
    return "\n\n".join(parts)


def _code_words(text: str) -> set[str]:
    """Name the words of a request that are surely code: quoted, called, or with inner marks."""
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text))
    called = re.findall(r"(\w+)\(", text)
    marked = re.findall(r"\b(?:\w+_\w+|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*)\b", text)
    return {*re.findall(r"[A-Za-z_]\w+", quoted), *called, *marked}


def _said(reply: Reply) -> str:
    import json  # noqa: PLC0415 - only for a plan that goes back

    if reply.form is None:
        return reply.text.strip() or "(no answer)"
    return "I called the tool `plan` with:\n" + json.dumps(reply.form, ensure_ascii=False)
