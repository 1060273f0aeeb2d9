"""Two edits that contradict each other -> one text that meets both goals, by one model call."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import Attempt, Contract, Done, FilePatch, SourceFile
from codeorch.edits import Refusal, apply, decode, encode, render
from codeorch.errors import BudgetReached, ReplyError, ServiceError
from codeorch.llm import Model, Prompt, Reply
from codeorch.llm.prompts import fence, text

# Builds the file that some bytes are, parsed; a str says why they cannot be one.
Parse = Callable[[str, bytes], SourceFile | str]
_GIVES_UP = "CONTRADICTION:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """An edit that does not fit on what other tasks made of its file."""

    done: Done
    now: bytes  # the file with the other edits in place
    others: tuple[Done, ...]
    contracts: tuple[Contract, ...] = ()

    @property
    def names(self) -> str:
        """The tasks whose edits are in place."""
        return ", ".join(other.task.id for other in self.others)


async def reconcile(
    clash: Clash, model: Model, settings: Settings, parse: Parse
) -> tuple[bytes | None, Attempt]:
    """Ask once for a text that meets all goals. None when there is none; the attempt says why."""
    name = settings.model("planner")
    attempt = Attempt(number=len(clash.done.attempts) + 1, model=name)
    try:
        reply = await model.ask(_prompt(clash, name, settings.plan_timeout_s))
        attempt = replace(attempt, usage=reply.usage)
        return _read(reply, clash, parse), attempt
    except ServiceError as error:
        return None, replace(attempt, kind=error.kind, error=str(error))
    except BudgetReached as error:
        return None, replace(attempt, kind="budget", error=str(error))
    except ReplyError as error:
        return None, replace(attempt, kind="contradiction", error=str(error))


def no_worse(path: str, made: bytes, parents: tuple[bytes, ...], parse: Parse) -> bool:
    """Tell whether a joined text parses as well as the texts that it was made of."""
    files = [parse(path, data) for data in (made, *parents)]
    errors = [file.syntax_errors for file in files if isinstance(file, SourceFile)]
    return len(errors) == len(files) and errors[0] <= max(errors[1:])


def _prompt(clash: Clash, model: str, timeout_s: float) -> Prompt:
    patch, path = clash.done.patch, clash.done.patch.path
    first = FilePatch(path=path, before=patch.before, after=clash.now)
    second = FilePatch(path=path, before=patch.before, after=patch.after)
    contracts = [
        f"- `{contract.signature}`, defined in {contract.defined_in}"
        for contract in clash.contracts
        if path in (contract.defined_in, *contract.used_in)
    ]
    parts = [
        f"# The file {path}, with the first edit in place\n{fence(decode(clash.now).text)}",
        f"# The first edit\n{_goals(clash.others)}\n{fence(render(first), 'diff')}",
        f"# The second edit, to be brought in\n{_goals((clash.done,))}\n"
        + fence(render(second), "diff"),
        *(["# Contracts\n" + "\n".join(contracts)] if contracts else []),
    ]
    return Prompt(
        key=f"merge/{clash.done.task.id}",
        model=model,
        system=text("reconcile"),
        user="\n\n".join(parts),
        timeout_s=timeout_s,
    )


def _goals(steps: tuple[Done, ...]) -> str:
    return "\n".join(f"- {step.task.id}: {step.task.goal}" for step in steps)


def _read(reply: Reply, clash: Clash, parse: Parse) -> bytes:
    """Take the answer's text, if it is an honest joint of both edits."""
    if reply.stop != "end_turn":
        raise _refused(f"the answer ended early ({reply.stop})")
    if reply.text.strip().startswith(_GIVES_UP):
        raise _refused(reply.text.strip().removeprefix(_GIVES_UP).strip()[:500])
    patch, base = clash.done.patch, decode(clash.now)
    made = encode(apply(base.text, reply.text, patch.path).text, base.encoding)
    if made in (patch.before, patch.after):
        raise _refused("the answer keeps only one of the two edits")
    parents = (clash.now, patch.after or b"")
    if not no_worse(patch.path, made, parents, parse):
        raise _refused(f"with the answer {patch.path} does not parse as well as before")
    return made


def _refused(why: str) -> Refusal:
    return Refusal(code="contradiction", brief=why)
