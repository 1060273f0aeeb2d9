"""Request + first screen -> Plan, by a model that reads on demand."""

from dataclasses import dataclass, field, replace
from functools import partial

from codeorch.config import Settings
from codeorch.domain import Request
from codeorch.errors import PlanInvalid
from codeorch.llm import Conversation, Model, Prompt
from codeorch.llm.prompts import catalogue, text
from codeorch.planning.edits_at_hand import prove_edits
from codeorch.planning.expand_codemods import apply_codemods
from codeorch.planning.fallback import fall_back
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings
from codeorch.planning.first_screen import first_screen
from codeorch.planning.planner import Ask, Decomposition, Planner, Unplanned
from codeorch.planning.project_facts import ProjectFacts
from codeorch.planning.window import Room, ask_within_window
from codeorch.retrieval import Codebase, Dialogue, LookUps, OnLookUps, ShownLines


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the planner's conversation begins with: tools and system text, facts and look-ups."""

    conversation: Conversation  # without messages; forks and repairs share it
    facts: ProjectFacts
    codebase: Codebase  # what is looked up in
    on_look_ups: OnLookUps
    shown: ShownLines = field(default_factory=ShownLines)  # what the conversation holds already

    def look_ups(self, turns: int, tokens: int) -> LookUps:
        """Return the look-ups of a conversation that begins here."""
        return LookUps(self.codebase, turns=turns, tokens=tokens, shown=self.shown.copy())


def system_text(settings: Settings, *, scripts: bool = False) -> str:
    """Write what a run's model is told about its work, for planner and workers alike."""
    chosen = (
        "Choose the one that fits the request."
        if settings.strategy == "auto"
        else f"The user wants `{settings.strategy}` for this request."
    )
    return (
        f"{text('plan')}\n{text('diff')}".replace("{max_tasks}", str(settings.max_tasks))
        .replace("{scripts}", text("scripts") if scripts else "")
        .replace("{strategy}", chosen)
        .replace("{workers}", catalogue(settings.workers).replace("\n", "\n  "))
    )


async def decompose(
    request: Request,
    findings: Findings,
    opening: Opening,
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
    snapshot, reading = findings.snapshot, findings.reading
    limits = replace(
        Limits.of(request, snapshot, settings, reading),
        prove=lambda rules: apply_codemods(rules, snapshot, reading),
    )
    prove = partial(prove_edits, snapshot=snapshot, reading=reading)

    async def plan_in(room: Room) -> Decomposition | Unplanned:
        screen = first_screen(
            request, findings, opening.facts, opening.codebase, tokens=room.screen
        )
        prompt = Prompt(
            key="plan/1" if room == Room() else f"plan/1/{room.screen}",
            model=settings.model("planner"),
            conversation=opening.conversation.say(screen, cache_mark=True),
            answer_tool="plan",
            form_alone=True,
            max_tokens=room.answer,
            timeout_s=settings.plan_timeout_s,
        )
        look_ups = opening.look_ups(settings.look_ups, room.look_ups)
        dialogue = Dialogue(prompt, model, look_ups, opening.on_look_ups)
        return await Planner(dialogue, limits, prove, ask).plan()

    found, lost = await ask_within_window(opening.conversation.length, plan_in)
    if isinstance(found, Unplanned) and not found.declined:
        found = _fallen_back(found, request, findings, limits)
    return replace(found, usage=lost + found.usage)


def _fallen_back(
    failed: Unplanned, request: Request, findings: Findings, limits: Limits
) -> Decomposition | Unplanned:
    try:
        draft = fall_back(request, findings, limits)
    except PlanInvalid:
        return failed  # its faults say more
    found = Decomposition(draft=draft, usage=failed.usage)
    return found.with_note(f"the model's plan stayed invalid: {failed.faults[0]}")
