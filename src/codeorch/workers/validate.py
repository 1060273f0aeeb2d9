"""A worker's reply -> its result, or a reason why it cannot be used; contracts are checked.

Nothing of a reply is believed: the edit must apply to the task's own file, keep the path gate,
parse as well as before and keep the contracts, or say which it does not keep.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from codeorch.domain import (
    CheckText,
    DeadLetter,
    Done,
    FilePatch,
    NeedsMore,
    NothingToDo,
    ParseFile,
    SourceFile,
    TaskResult,
    Waiver,
)
from codeorch.edits import (
    Refusal,
    apply,
    check_not_emptied,
    check_path,
    decode,
    encode,
    resolve_path,
)
from codeorch.llm import Reply
from codeorch.source import TextCheck
from codeorch.workers.context import TaskContext
from codeorch.workers.contracts import actual_deviations, check_contracts
from codeorch.workers.result_schema import ResultForm, Unusable, read_form

ValidResult = Done | NothingToDo | NeedsMore
_STOPS = {
    "max_tokens": ("truncated", "it was cut off at the length limit."),
    "refusal": ("declined", "it declined the task."),
    "context_overflow": ("too_large", "prompt and answer did not fit into the model's context."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditChecks:
    """What an edit is checked against: grammars, the base commit, protected paths, its old text."""

    parse: ParseFile
    bytes_of: Callable[[str], bytes]  # of a path at the base of this round
    mode_of: Callable[[str], int]  # git's file mode of a path at the base
    allowed: tuple[str, ...] = ()  # protected paths that the user opened
    check: CheckText = field(default_factory=TextCheck)


def apply_ready_edit(context: TaskContext, checks: EditChecks) -> TaskResult:
    """Return the result of a task that needs no model, after the same checks as a model's.

    That is a codemod's ready edit, a deletion, or a move that leaves the content as it is.
    """
    try:
        return replace(_apply_edit(context, context.task.answer, checks), summary=context.task.goal)
    except Unusable as fault:
        return DeadLetter(task=context.task, error=str(fault), kind=fault.kind)


def validate_reply(reply: Reply, context: TaskContext, checks: EditChecks) -> ValidResult:
    """Return the result that a reply stands for.

    Raises:
        Unusable: with the reason, written for the model.
    """
    if reply.stop in _STOPS:
        raise Unusable(*_STOPS[reply.stop])
    result = _read_result(reply, context)
    if result.status == "nothing_to_do":
        return _no_change(context, result, checks)
    if result.status != "done":
        return _needs_more(context, result)
    done = _apply_edit(context, reply.text, checks)
    if done.parsed is not None:
        check_contracts(context, done.parsed, result.deviations)
    return replace(
        done,
        summary=result.summary,
        interface_notes=result.interface_notes,
        deviations=tuple(actual_deviations(result.deviations, context.round.plan.contracts)),
        waivers=_waivers(context, result),
    )


def _waivers(context: TaskContext, result: ResultForm) -> tuple[Waiver, ...]:
    """Return the worker's reasons for uses that stay; they hold for its own file only."""
    return tuple(Waiver(name=name, path=context.task.path, why=why) for name, why in result.excuses)


def _read_result(reply: Reply, context: TaskContext) -> ResultForm:
    """Read the form; a plain edit without it counts as done."""
    answer = reply.text.strip()
    form = reply.form_of("result")
    if form is not None:
        result = read_form(form)
        if result.status == "done" and not answer and context.task.action != "rename":
            raise Unusable(
                "empty", "it says done but holds no edit. Write the edit before calling `result`."
            )
        return result
    if reply.fault:
        raise Unusable("form", reply.fault)
    if reply.calls:
        raise Unusable("no_answer", "no look-ups are left. Give the edit, then call `result`.")
    if not answer and reply.reasoning.strip():
        raise Unusable(
            "empty",
            "it holds reasoning alone. Give the edit outside of it, then call the tool `result`.",
        )
    if not answer:
        raise Unusable("empty", "it is empty. Give the edit, then call the tool `result`.")
    return ResultForm()


def _no_change(context: TaskContext, result: ResultForm, checks: EditChecks) -> NothingToDo | Done:
    """Return that nothing changes; a file that is to be moved is moved as it is."""
    if context.file is None:
        raise Unusable(
            "nothing_made",
            f"{context.task.path} does not exist, so there is something to do: create it.",
        )
    if context.task.action == "edit":
        check_contracts(context, context.file, result.deviations)
    waivers = _waivers(context, result)
    if context.task.action == "rename":
        return replace(_apply_edit(context, "", checks), summary=result.reason, waivers=waivers)
    return NothingToDo(task=context.task, reason=result.reason, waivers=waivers)


def _needs_more(context: TaskContext, result: ResultForm) -> NeedsMore:
    task_paths = {task.path for task in context.round.plan.tasks}
    tree = {*context.snapshot.files, *context.snapshot.skipped, *task_paths}
    named = tuple(dict.fromkeys(resolve_path(path, tree) for path in result.paths if path.strip()))
    paths = tuple(path for path in named if path not in task_paths)
    if not named:
        raise Unusable("form", f"{result.status} must name the files in `paths`.")
    if context.file is not None and named == (context.task.path,):
        raise Unusable("form", "it asks for its own file: that is yours to change. Look it up.")
    if not paths:
        raise Unusable(
            "planned_already",
            "it asks for files that other workers of this plan change already: "
            f"{', '.join(named)}. Count on their tasks being done as listed, and do yours.",
        )
    return NeedsMore(task=context.task, paths=paths, why=result.reason)


def _apply_edit(context: TaskContext, answer: str, checks: EditChecks) -> Done:
    """Return the task with its edit applied, once path, place, encoding and syntax are checked.

    Raises:
        Unusable: one of them is wrong.
    """
    task = context.task
    earlier = None if task.action == "create" else _earlier_edit(context)
    before = _bytes_before(context, earlier, checks)
    try:
        for path in filter(None, (task.path, task.old_path)):
            check_path(path, tree=context.snapshot.files.keys(), allowed=checks.allowed)
        if task.action == "rename" and not answer.strip():
            return _move(context, before, checks)
        after, repairs = _new_bytes(context, earlier.parsed if earlier else before, answer)
        old = None if task.action == "create" else earlier.parsed if earlier else context.file
        parsed = None if after is None else _parse(task.path, after, old, checks)
    except Refusal as refusal:
        raise Unusable(refusal.code, str(refusal)) from refusal
    patch = FilePatch(
        path=task.path,
        old_path=task.old_path if task.action == "rename" else "",
        before=before,
        after=after,
        mode=0o100644 if task.action == "create" else checks.mode_of(task.old_path or task.path),
    )
    return Done(task=task, patch=patch, parsed=parsed, repairs=repairs)


def _earlier_edit(context: TaskContext) -> Done | None:
    """Return the edit that this one is made on top of; None = on the file at the base."""
    path = context.task.old_path or context.task.path
    edits = (done for done in reversed(context.prerequisites) if done.patch.path == path)
    return next((done for done in edits if done.parsed is not None), None)


def _bytes_before(context: TaskContext, earlier: Done | None, checks: EditChecks) -> bytes | None:
    if context.task.action == "create":
        return None
    return (
        earlier.patch.after
        if earlier
        else checks.bytes_of(context.task.old_path or context.task.path)
    )


def _new_bytes(
    context: TaskContext, before: SourceFile | bytes | None, answer: str
) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the file with the edit in place, and the repairs; `before` may be decoded already."""
    task = context.task
    if task.action == "delete":
        return None, ()
    if before is None:
        applied = apply("", answer, task.path, action="create")
        return encode(applied.text, "utf-8"), applied.repairs
    base = decode(before) if isinstance(before, bytes) else before
    symbols = context.file.symbols if context.file else ()
    names = () if task.is_codemod else tuple(filter(None, (task.path, task.old_path)))
    applied = apply(
        base.text, answer, task.path, action=task.action, symbols=symbols, task_names=names
    )
    if not task.is_codemod:
        check_not_emptied(base.text, applied.text, task.path)
    return encode(applied.text, base.encoding), applied.repairs


def _move(context: TaskContext, data: bytes | None, checks: EditChecks) -> Done:
    """Return a move that leaves the content as it is; what is no text is moved, too."""
    task = context.task
    parsed = checks.parse(task.path, data or b"")  # the new name may be one of another language
    return Done(
        task=task,
        patch=FilePatch(
            path=task.path,
            old_path=task.old_path,
            before=data,
            after=data,
            mode=checks.mode_of(task.old_path),
        ),
        parsed=parsed if isinstance(parsed, SourceFile) else None,
    )


def _parse(path: str, after: bytes, old: SourceFile | None, checks: EditChecks) -> SourceFile:
    """Parse the new bytes, this once; refuse what may not take the old file's place."""
    parsed = checks.parse(path, after)
    if isinstance(parsed, str):
        raise Unusable("not_text", f"the new file cannot be read: {parsed}.")
    checks.check(old, parsed)
    return parsed
