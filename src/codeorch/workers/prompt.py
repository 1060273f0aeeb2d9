"""Context of a task -> Prompt: a fork of the planner's conversation, or a fresh one."""

from dataclasses import dataclass
from typing import Literal

from codeorch.config import Settings
from codeorch.domain import Effort
from codeorch.llm import Conversation, Prompt
from codeorch.llm.prompts import kinds, text
from codeorch.workers.context import TaskContext
from codeorch.workers.fork_prompt import forked_conversation
from codeorch.workers.fresh_prompt import fresh_conversation
from codeorch.workers.task_part import instructions_for

Dialect = Literal["diff", "blocks", "whole"]
FRESH_ROOM = 8_000  # tokens of a fresh worker's own part
_COMMON_ANSWER = 8_000  # tokens that every worker may answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """How one attempt goes at its task; a retry changes something in it."""

    number: int = 1
    model: str
    effort: Effort | None = None
    temperature: float | None = None
    dialect: Dialect = "diff"
    fork: bool = False  # go on with the planner's conversation
    room: int = FRESH_ROOM  # tokens of the task's own part, of a fresh worker
    max_tokens: int
    timeout_s: float  # see `Prompt.timeout_s`
    talk: Conversation | None = None  # what was said so far, when this attempt goes on from there
    remark: str = ""  # what this attempt is told besides
    tried: frozenset[str] = frozenset()  # models that were asked before


def prompt_for(context: TaskContext, approach: Approach, settings: Settings) -> Prompt:
    """Write the prompt of one attempt."""
    dialect = text(f"answer_{approach.dialect}").strip() if approach.dialect != "diff" else ""
    remark = "\n\n".join(filter(None, (approach.remark, dialect)))
    talk = approach.talk or _beginning(context, approach, settings)
    return Prompt(
        key=f"work/{context.task.id}/{approach.number}",
        model=approach.model,
        conversation=talk.say(remark, cache_mark=approach.talk is not None) if remark else talk,
        answer_tool="result",
        effort=approach.effort,
        temperature=approach.temperature,
        max_tokens=approach.max_tokens,
        timeout_s=approach.timeout_s,
    )


def room_to_answer(context: TaskContext) -> int:
    """Allow a rewrite of the whole file; tokens. A new file's length is not known: twice as much.

    A diff that rewrites all holds each line twice, at about four characters a token.
    """
    if context.file is None:
        return 2 * _COMMON_ANSWER
    return min(32_000, max(_COMMON_ANSWER, len(context.text) // 2))


def _beginning(context: TaskContext, approach: Approach, settings: Settings) -> Conversation:
    instructions = instructions_for(context.task.worker, settings)
    fork = context.round.fork
    if approach.fork and fork is not None:
        return forked_conversation(context, fork, instructions)
    return fresh_conversation(context, instructions, approach.room)


def own_kind(context: TaskContext, settings: Settings) -> tuple[str, Effort | None, float]:
    """Return the model, the effort and the time limit that the plan and the kind of worker want.

    The model is empty where neither of them says more than that it is a worker.
    """
    spec = context.task.worker
    kind = kinds(settings.workers).get(spec.role)
    wanted = spec.model or (kind.model if kind else "worker")
    effort = spec.effort or (kind.effort if kind else None)
    timeout_s = kind.timeout_s if kind and kind.timeout_s else spec.timeout_s
    return "" if wanted == "worker" else settings.model(wanted), effort, timeout_s
