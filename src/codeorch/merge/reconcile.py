"""Two edits that contradict each other -> one text that meets both goals, by one model call."""

from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import Attempt, CheckText, Contract, Done, FilePatch, ParseFile, SourceFile
from codeorch.edits import Refusal, apply, encode, render
from codeorch.errors import ReplyError, ServiceError
from codeorch.llm import Conversation, Model, Prompt, Reply, usage_of
from codeorch.llm.prompts import fence, text

_GIVES_UP = "CONTRADICTION:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An edit that does not fit on what other tasks made of its file."""

    done: Done
    data: bytes  # the file with the other edits in place
    file: SourceFile  # the same, parsed
    others: tuple[Done, ...]
    contracts: tuple[Contract, ...] = ()

    @property
    def names(self) -> str:
        """The tasks whose edits are in place."""
        return ", ".join(other.task.id for other in self.others)


async def reconcile(
    conflict: Conflict, model: Model, settings: Settings, parse: ParseFile, check: CheckText
) -> tuple[tuple[bytes, SourceFile] | None, Attempt]:
    """Ask a model once for a text that meets all goals; return it with what the call took.

    The text comes as bytes and parsed. None when there is none; the attempt says why.
    """
    name = settings.model("planner")
    attempt = Attempt(number=len(conflict.done.attempts) + 1, model=name)
    try:
        reply = await model.ask(_prompt(conflict, name, settings.plan_timeout_s))
        attempt = replace(attempt, usage=reply.usage)
        return _read(reply, conflict, parse, check), attempt
    except ServiceError as error:
        used = attempt.usage + usage_of(error)
        return None, replace(attempt, usage=used, kind=error.kind, error=str(error))
    except ReplyError as error:
        return None, replace(attempt, kind="contradiction", error=str(error))


def parse_merged(
    conflict: Conflict, data: bytes, parse: ParseFile, check: CheckText
) -> SourceFile | None:
    """Return a merged text, parsed; None when it is not as sound as what it is made of."""
    parsed, edited = parse(conflict.done.patch.path, data), conflict.done.parsed
    if isinstance(parsed, str) or edited is None:
        return None
    errors = max(conflict.file.syntax_errors, edited.syntax_errors)
    try:
        check(conflict.file, parsed)
    except ReplyError:
        return None
    return parsed if parsed.syntax_errors <= errors else None


def _prompt(conflict: Conflict, model: str, timeout_s: float) -> Prompt:
    patch, path = conflict.done.patch, conflict.done.patch.path
    first = FilePatch(path=path, before=patch.before, after=conflict.data)
    second = FilePatch(path=path, before=patch.before, after=patch.after)
    contracts = [
        f"- `{contract.signature}`, defined in {contract.defined_in}"
        for contract in conflict.contracts
        if path in (contract.defined_in, *contract.used_in)
    ]
    parts = [
        f"# The file {path}, with the first edit in place\n{fence(conflict.file.text)}",
        f"# The first edit\n{_goals(conflict.others)}\n{fence(render(first), 'diff')}",
        f"# The second edit, to be brought in\n{_goals((conflict.done,))}\n"
        + fence(render(second), "diff"),
        *(["# Contracts\n" + "\n".join(contracts)] if contracts else []),
    ]
    return Prompt(
        key=f"merge/{conflict.done.task.id}",
        model=model,
        conversation=Conversation(system=text("reconcile")).say("\n\n".join(parts)),
        timeout_s=timeout_s,
    )


def _goals(steps: tuple[Done, ...]) -> str:
    return "\n".join(f"- {step.task.id}: {step.task.goal}" for step in steps)


def _read(
    reply: Reply, conflict: Conflict, parse: ParseFile, check: CheckText
) -> tuple[bytes, SourceFile]:
    """Return the answer's text, if it is an honest joint of both edits."""
    if reply.stop != "end_turn":
        raise _refusal(f"the answer ended early ({reply.stop})")
    if reply.text.strip().startswith(_GIVES_UP):
        raise _refusal(reply.text.strip().removeprefix(_GIVES_UP).strip()[:500])
    patch, file = conflict.done.patch, conflict.file
    data = encode(apply(file.text, reply.text, patch.path).text, file.encoding)
    if data in (patch.before, patch.after):
        raise _refusal("the answer keeps only one of the two edits")
    parsed = parse_merged(conflict, data, parse, check)
    if parsed is None:
        raise _refusal(f"with the answer {patch.path} is not as sound as before")
    return data, parsed


def _refusal(why: str) -> Refusal:
    return Refusal(code="contradiction", brief=why)
