"""A worker's reply -> its result, or a reason why it cannot be used.

Nothing of a reply is believed: the edit must apply to the task's own file, keep the path gate,
parse as well as before and keep the contracts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from codeorch.diffs import Refusal, apply, check_path, decode, encode
from codeorch.domain import (
    Contract,
    DeadLetter,
    Done,
    FilePatch,
    NeedsMore,
    NothingToDo,
    SourceFile,
    Task,
    TaskResult,
)
from codeorch.errors import ReplyError
from codeorch.llm import Reply
from codeorch.work.context import Scene

# Builds the file that some bytes are, parsed; a str says why they cannot be one.
Parse = Callable[[str, bytes], SourceFile | str]
Judged = Done | NothingToDo | NeedsMore
# Grammars that are good enough to send an answer back for an error they see.
_TRUSTED_GRAMMARS = frozenset({"python", "javascript", "typescript", "tsx", "go", "rust", "java"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What edits are checked with."""

    parse: Parse
    bytes_of: Callable[[str], bytes]  # of a path at the base of this round
    mode_of: Callable[[str], int]
    allowed: tuple[str, ...] = ()  # protected paths that the user opened


class Unusable(ReplyError):
    """A reply that cannot be used. The text goes back to the model."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


def by_rule(task: Task, scene: Scene, desk: Desk) -> TaskResult:
    """Carry out a codemod's ready edit, through the same checks as a model's."""
    try:
        return replace(_edited(task, task.answer, scene, desk), summary=task.goal)
    except Unusable as fault:
        return DeadLetter(task=task, error=str(fault), kind=fault.kind)


def judge(task: Task, reply: Reply, scene: Scene, desk: Desk) -> Judged:
    """Turn a reply into a result.

    Raises:
        Unusable: with the reason, written for the model.
    """
    _check_stop(reply)
    status, summary, reason, paths = _form(reply)
    if status == "nothing_to_do":
        return NothingToDo(task=task, reason=reason)
    if status == "needs_other_files":
        return _needs(task, paths, reason, scene)
    done = _edited(task, reply.text, scene, desk)
    _check_contracts(task, done, scene.plan.contracts, summary, desk)
    return replace(done, summary=summary)


def _check_stop(reply: Reply) -> None:
    match reply.stop:
        case "max_tokens":
            raise Unusable("truncated", "it was cut off at the length limit. Use smaller hunks.")
        case "refusal":
            raise Unusable("declined", "it declined the task. Do the harmless edit it describes.")
        case "context_overflow":
            raise Unusable("too_large", "the prompt and the answer did not fit into the context.")
        case "end_turn" | "tool_use":
            return


def _form(reply: Reply) -> tuple[str, str, str, tuple[str, ...]]:
    """Read the result form strictly; a plain edit without the form counts as done."""
    if reply.form is None:
        if reply.text.strip():
            return "done", "", "", ()
        raise Unusable(
            "empty", "it is empty. Give the edit as a diff, then call the tool `result`."
        )
    form: Mapping[str, Any] = reply.form
    status, paths = form.get("status"), form.get("paths", [])
    texts = [form.get("summary", ""), form.get("reason", "")]
    if status not in ("done", "nothing_to_do", "needs_other_files"):
        raise Unusable(
            "form",
            f"`status` is {status!r}; valid are done, nothing_to_do and needs_other_files.",
        )
    if not all(isinstance(t, str) for t in texts) or not _is_list_of_text(paths):
        raise Unusable("form", "`summary` and `reason` must be text, `paths` a list of texts.")
    summary, reason = texts
    if status != "done" and not reason.strip():
        raise Unusable("form", f"{status} needs a `reason`.")
    if status == "done" and not reply.text.strip():
        raise Unusable(
            "empty", "it says done but holds no edit. Give the diff before calling `result`."
        )
    return status, summary.strip(), reason.strip(), tuple(paths)


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _needs(task: Task, paths: tuple[str, ...], reason: str, scene: Scene) -> NeedsMore:
    planned = {t.path for t in scene.plan.tasks}
    wanted = tuple(path for path in dict.fromkeys(paths) if path not in planned)
    if not wanted:
        raise Unusable(
            "planned_already" if paths else "form",
            "it asks for files that other workers of this plan change already: "
            f"{', '.join(paths)}. Count on their tasks being done as listed, and do yours."
            if paths
            else "needs_other_files must name the files in `paths`.",
        )
    return NeedsMore(task=task, paths=wanted, why=reason)


def _edited(task: Task, answer: str, scene: Scene, desk: Desk) -> Done:
    """Prove an edit: path, place, encoding, syntax."""
    before = None if task.action == "create" else _bytes_now(task, scene, desk)
    try:
        for path in filter(None, (task.path, task.old_path)):
            check_path(path, tree=scene.snapshot.files.keys(), allowed=desk.allowed)
        after, repairs = _new_bytes(task, before, answer, scene)
    except Refusal as refusal:
        raise Unusable(refusal.code, str(refusal)) from refusal
    if after is not None:
        _check_syntax(task, after, scene, desk)
    patch = FilePatch(
        path=task.path,
        old_path=task.old_path if task.action == "rename" else "",
        before=before,
        after=after,
        mode=0o100644 if task.action == "create" else desk.mode_of(task.old_path or task.path),
    )
    return Done(task=task, patch=patch, repairs=repairs)


def _bytes_now(task: Task, scene: Scene, desk: Desk) -> bytes:
    """Give the file as the finished tasks left it, else as it is at the base."""
    path = task.old_path or task.path
    for done in reversed(tuple(scene.finished.values())):
        if done.patch.path == path and done.patch.after is not None:
            return done.patch.after
    return desk.bytes_of(path)


def _new_bytes(
    task: Task, before: bytes | None, answer: str, scene: Scene
) -> tuple[bytes | None, tuple[str, ...]]:
    if task.action == "delete":
        return None, ()
    if before is None:
        applied = apply("", answer, task.path, action="create")
        return encode(applied.text, "utf-8"), applied.repairs
    base = decode(before)
    file = scene.snapshot.files.get(task.old_path or task.path)
    symbols = file.symbols if file else ()
    applied = apply(base.text, answer, task.path, action=task.action, symbols=symbols)
    return encode(applied.text, base.encoding), applied.repairs


def _check_syntax(task: Task, after: bytes, scene: Scene, desk: Desk) -> None:
    parsed = desk.parse(task.path, after)
    if isinstance(parsed, str):
        raise Unusable("not_text", f"the new file cannot be read: {parsed}.")
    old = scene.snapshot.files.get(task.old_path or task.path)
    was_clean = task.action == "create" or (old is not None and old.syntax_errors == 0)
    if parsed.language in _TRUSTED_GRAMMARS and was_clean and parsed.syntax_errors:
        raise Unusable(
            "syntax",
            f"with your edit {task.path} does not parse as {parsed.language} any more "
            f"({parsed.syntax_errors} errors). Look for missing or doubled lines, brackets and "
            "wrong indentation.",
        )


def _check_contracts(
    task: Task, done: Done, contracts: tuple[Contract, ...], summary: str, desk: Desk
) -> None:
    """Send an answer back when a contracted name is defined nowhere in its file.

    A worker that says in its summary that it deviates is heard: the name is then in there.
    """
    own = [contract for contract in contracts if contract.defined_in == task.path]
    if done.patch.after is None or not own:
        return
    parsed = desk.parse(task.path, done.patch.after)
    if isinstance(parsed, str) or not parsed.symbols:
        return
    for contract in own:
        name = contract.symbol.rpartition(".")[2].strip("`()")
        if name not in parsed.text and name not in summary:
            raise Unusable(
                "contract",
                f"the contract says that {contract.symbol} is defined in {task.path} as "
                f"`{contract.signature}`, but the name does not occur in it. Define it, or say in "
                "`summary` why not, naming it.",
            )
