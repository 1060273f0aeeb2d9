"""The planner's conversation: it looks things up, hands in plans, and hears what is wrong.

first screen -> look-ups ... -> plan -> faults? -> plan -> accepted; later: outcome -> plan
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from codeorch.domain import Question, Usage
from codeorch.errors import PlanInvalid, ServiceError
from codeorch.llm import Conversation, Reply, with_usage
from codeorch.planning import plan_schema
from codeorch.planning.amend import Form, amend, is_whole, well_formed
from codeorch.planning.edits_at_hand import ProveEdits
from codeorch.planning.faults import Limits
from codeorch.retrieval import Dialogue, LookUps

_LONGEST = 64_000  # tokens of a plan
_MENDS = 2  # so often is an unusable answer of one round sent back
_AMEND = (
    "Call `plan` again with what changes: a task with the id of an earlier one takes its place (a "
    "contract: with its symbol), `dropped` takes one out (a contract by its symbol, a codemod by "
    "its text), and all else stays as it is."
)

# Puts a question to the user; an empty answer leaves the assumption in force.
Ask = Callable[[Question], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerTalk:
    """The planner's conversation, with what it was shown: workers fork it, repairs go on with it.

    The last word is the planner's: a call of `plan` to which nothing was returned yet.
    """

    conversation: Conversation
    model: str
    look_ups: LookUps
    is_warm: bool = True  # whether a provider's cache holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition:
    """A drafted plan, what asking for it cost, and the conversation, to go on with it."""

    draft: plan_schema.Draft
    usage: Usage
    talk: PlannerTalk | None = None  # None = no planner has made it

    def with_note(self, note: str) -> "Decomposition":
        """Add a note to the plan."""
        plan = replace(self.draft.plan, notes=(*self.draft.plan.notes, note))
        return replace(self, draft=replace(self.draft, plan=plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """No valid plan came: the faults of the last one, and what asking cost."""

    faults: tuple[str, ...]
    usage: Usage = field(default_factory=Usage)
    declined: bool = False


class Planner:
    """Asks for the plan of one round.

    `prove` tries the edits that a plan brings along; `ask` puts questions to the user.
    """

    def __init__(
        self, dialogue: Dialogue, limits: Limits, prove: ProveEdits, ask: Ask | None = None
    ) -> None:
        self._dialogue = dialogue
        self._limits = limits
        self._prove = prove
        self._ask = ask
        self._form: Form = {}  # the plan so far, as it was filled in
        self._faults: tuple[str, ...] = ()  # of the last answer that went back
        self._mends = 0
        self._was_reminded = False  # of the tool that an answer has to call
        self._has_faulted = False  # whether a plan went back with its faults
        self._was_slow = False
        self._edits_went_back = False
        self._questions: tuple[Question, ...] = ()  # that the user has answered

    async def plan(self) -> Decomposition | Unplanned:
        """Ask until a plan is valid; an unusable one goes back with its exact faults.

        What is handed in after the first plan amends it. An edit that cannot be used goes back
        once; after that its task goes to a worker. A failure of the service costs no valid plan.

        Raises:
            ServiceError: no answer came, and there is no valid plan yet.
        """
        valid: plan_schema.Draft | None = None
        while True:
            try:
                reply = await self._reply()
            except ServiceError as error:
                if valid is None:
                    raise with_usage(error, self._dialogue.usage) from error
                return self._decomposition(valid).with_note(
                    f"the plan could not be mended: {error}"
                )
            try:
                draft, refusals = self._prove(self._read(reply), self._present_limits())
            except PlanInvalid as fault:
                if self._mends == _MENDS or reply.stop == "refusal":
                    if valid is not None:
                        return self._decomposition(valid).with_note(f"left out: {fault.faults[0]}")
                    return self._unplanned(reply, fault)
                self._send_back(reply, fault)
                continue
            valid = draft
            further = self._report_refusals(refusals) or self._ask_user(valid)
            if not further:
                return self._decomposition(valid)
            self._dialogue.say(further)

    async def _reply(self) -> Reply:
        """Ask; a planner that is too slow is asked once more, with twice the time."""
        try:
            return await self._dialogue.reply()
        except ServiceError as error:
            if error.kind != "timeout" or self._was_slow:
                raise
        self._was_slow = True
        self._dialogue.allow_time(2.0)
        return await self._dialogue.reply()

    def _read(self, reply: Reply) -> plan_schema.Draft:
        """Read the plan that an answer holds.

        Raises:
            PlanInvalid: with one sentence for each fault.
        """
        if reply.stop == "max_tokens":
            raise PlanInvalid(("The plan was cut off at the length limit. Make it shorter.",))
        if reply.stop == "refusal":
            raise PlanInvalid(("The model declined to plan this request.",))
        form = reply.form_of("plan")
        if form is None:
            raise PlanInvalid(
                (reply.fault or f"{_what_came(reply)} did not call the tool `plan`.",)
            )
        draft = self._read_amended_form(form)
        is_empty = not (draft.plan.tasks or draft.codemods or draft.scripts)
        if is_empty and not draft.plan.rationale.strip():
            raise PlanInvalid(("The plan is empty and gives no reason.",))
        return draft

    def _read_amended_form(self, form: Form) -> plan_schema.Draft:
        """Read the plan as an answer amends it.

        Raises:
            PlanInvalid: with one sentence for each fault.
        """
        limits = self._present_limits()
        before, usable = self._form, well_formed(form)
        self._form = amend(before, usable)
        try:
            return plan_schema.read(amend(before, form), limits, "model")
        except PlanInvalid:
            if not is_whole(form, before, self._faults):
                raise
        self._form = usable
        return plan_schema.read(form, limits, "model")

    def _present_limits(self) -> Limits:
        """Return the limits of the next plan: who insists on a doubtful edit, gets it."""
        return replace(self._limits, insisted=self._has_faulted)

    def _send_back(self, reply: Reply, fault: PlanInvalid) -> None:
        """Say what is wrong; the first answer that calls no tool is reminded at no cost."""
        has_form = reply.form_of("plan") is not None
        is_reminder = not (has_form or reply.fault or reply.stop == "max_tokens")
        if is_reminder and not self._was_reminded:
            self._was_reminded = True
        else:
            self._mends += 1
        self._has_faulted |= has_form
        self._faults = fault.faults
        if reply.stop == "max_tokens":
            self._dialogue.allow(min(_LONGEST, 2 * self._dialogue.prompt.max_tokens))
        if not has_form:
            self._dialogue.say(f"{fault} Call `plan` once.")
        else:
            faults = "\n".join(f"- {line}" for line in fault.faults)
            self._dialogue.say(f"This plan cannot be carried out:\n{faults}\n{_AMEND}")

    def _report_refusals(self, refusals: Sequence[str]) -> str:
        """Say once which edits cannot be used; empty when there are none, or it was said."""
        if not refusals or self._edits_went_back:
            return ""
        self._edits_went_back = True
        faults = "\n".join(f"- {line}" for line in refusals)
        return (
            f"The plan is valid, but for these edits:\n{faults}\n{_AMEND} A task without `diff` "
            "goes to a worker."
        )

    def _ask_user(self, draft: plan_schema.Draft) -> str:
        """Put the questions that matter to the user; return the answers, in words."""
        if self._ask is None or self._questions:
            return ""
        blocking = [one for one in draft.plan.questions if one.blocks]
        answers = [replace(one, answer=self._ask(one).strip()) for one in blocking]
        self._questions = tuple(one for one in answers if one.answer)
        if not self._questions:
            return ""
        lines = "\n".join(f"- {one.text}\n  Answer: {one.answer}" for one in self._questions)
        return f"The user answered:\n{lines}\n{_AMEND} Ask nothing again."

    def _decomposition(self, draft: plan_schema.Draft) -> Decomposition:
        texts = {one.text for one in self._questions}
        others = (one for one in draft.plan.questions if one.text not in texts)
        plan = replace(draft.plan, questions=(*self._questions, *others))
        return Decomposition(
            draft=replace(draft, plan=plan),
            usage=self._dialogue.usage,
            talk=PlannerTalk(
                conversation=self._dialogue.conversation,
                model=self._dialogue.prompt.model,
                look_ups=self._dialogue.look_ups,
            ),
        )

    def _unplanned(self, reply: Reply, fault: PlanInvalid) -> Unplanned:
        return Unplanned(
            faults=fault.faults,
            usage=self._dialogue.usage,
            declined=reply.stop == "refusal",
        )


def _what_came(reply: Reply) -> str:
    """Begin a sentence about an answer without a form."""
    if reply.text.strip() or reply.calls:
        return "The answer"
    return "The answer holds reasoning alone and" if reply.reasoning else "The answer is empty and"
