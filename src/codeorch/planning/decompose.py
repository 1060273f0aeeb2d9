"""Request + first screen -> Plan, by a model that reads on demand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from codeorch.config import Settings
from codeorch.domain import Request, Usage
from codeorch.errors import PlanInvalid
from codeorch.llm import Conversation, Model, Prompt
from codeorch.llm.prompts import catalogue, text
from codeorch.planning.edits_at_hand import ProveEdits, prove_edits
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerCall:
    """What a planner is asked with in one round, whatever room its window leaves."""

    key: str  # of its prompts
    opening: Opening
    model: Model
    settings: Settings
    limits: Limits
    prove: ProveEdits
    ask: Ask | None = None

    async def plan(
        self, begin: Callable[[Room], Conversation]
    ) -> tuple[Decomposition | Unplanned, Usage]:
        """Return what came of it, and what tries with too much to read have used.

        `begin` gives the conversation that asks for the plan, for a room.

        Raises:
            ServiceError: no answer came.
        """

        async def plan_in(room: Room) -> Decomposition | Unplanned:
            prompt = Prompt(
                key=self.key if room == Room() else f"{self.key}/{room.screen}",
                model=self.settings.model("planner"),
                conversation=begin(room),
                answer_tool="plan",
                form_alone=True,
                max_tokens=room.answer,
                timeout_s=self.settings.plan_timeout_s,
            )
            look_ups = self.opening.look_ups(self.settings.look_ups, room.look_ups)
            dialogue = Dialogue(prompt, self.model, look_ups, self.opening.on_look_ups)
            return await Planner(dialogue, self.limits, self.prove, self.ask).plan()

        return await ask_within_window(self.opening.conversation.length, plan_in)


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

    def begin(room: Room) -> Conversation:
        screen = first_screen(
            request, findings, opening.facts, opening.codebase, tokens=room.screen
        )
        return opening.conversation.say(screen, cache_mark=True)

    call = PlannerCall(
        key="plan/1", opening=opening, model=model, settings=settings, limits=limits,
        prove=partial(prove_edits, snapshot=snapshot, reading=reading), ask=ask,
    )  # fmt: skip
    found, lost = await call.plan(begin)
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
