"""Request + ranked files -> Plan, by a model at run time."""

from dataclasses import replace

from codeorch.config import Settings
from codeorch.domain import Request
from codeorch.errors import PlanInvalid
from codeorch.llm import Model, Prompt
from codeorch.planning.expand_codemods import check_codemods
from codeorch.planning.fallback import fall_back
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings
from codeorch.planning.followups import Ask, answered, widened
from codeorch.planning.prompt import HAND_IN, question, system_text
from codeorch.planning.request_plan import Decomposition, Unplanned, ask_for_plan, plan_tool
from codeorch.planning.single_call import Changed, NeedsPlan, change_directly
from codeorch.planning.window import ask_within_window


async def decompose(
    request: Request,
    findings: Findings,
    model: Model,
    settings: Settings,
    ask: Ask | None = None,
) -> Decomposition | Unplanned:
    """Let the model break the request down; without a valid plan of it, fall back on references.

    Unplanned is a request that the model declines, or whose plans are invalid and which names no
    file or symbol.

    Raises:
        ServiceError: no answer came.
    """
    look = NeedsPlan()
    if findings.direct:
        first = await change_directly(request, findings, model, settings)
        if isinstance(first, Changed):
            return Decomposition(draft=first.draft, usage=first.usage)
        look = first
    limits = replace(
        Limits.of(request, findings.snapshot, settings, findings.reading),
        prove=lambda rules: check_codemods(rules, findings.snapshot, findings.reading),
    )
    found, lost = await ask_within_window(
        lambda share: _prompt(request, findings, look.why, settings, share),
        lambda prompt: ask_for_plan(prompt, model, limits),
    )
    if isinstance(found, Unplanned):
        found = _fallen_back(found, request, findings, limits)
    else:
        if ask is not None:
            found = await answered(found, ask, model, limits)
        found = await widened(found, findings, model, limits)
    return replace(found, usage=look.usage + lost + found.usage)


def _prompt(
    request: Request, findings: Findings, hint: str, settings: Settings, share: float
) -> Prompt:
    return Prompt(
        key="plan/1" if share >= 1 else f"plan/1/{share:.2f}",
        model=settings.model("planner"),
        system=system_text(settings),
        shared="\n\n".join(
            question(request, findings, hint, share)
        ),  # sent again with each follow-up
        user=HAND_IN,
        tool=plan_tool(),
        force_tool=True,
        max_tokens=16_000,
        timeout_s=settings.plan_timeout_s,
    )


def _fallen_back(
    failed: Unplanned, request: Request, findings: Findings, limits: Limits
) -> Decomposition | Unplanned:
    if failed.declined:
        return failed
    try:
        draft = fall_back(request, findings, limits)
    except PlanInvalid:
        return failed  # its faults say more
    found = Decomposition(draft=draft, usage=failed.usage)
    return found.noted(f"the model's plan stayed invalid: {failed.faults[0]}")
