"""A worker's reply -> its result, or a reason why it cannot be used; contracts are checked.

Nothing of a reply is believed: the edit must apply to the task's own file, keep the path gate,
parse as well as before and keep the contracts, or say which it does not keep.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from codeorch import graph
from codeorch.domain import (
    Contract,
    DeadLetter,
    Deviation,
    Done,
    FilePatch,
    NeedsMore,
    NothingToDo,
    ParseFile,
    SourceFile,
    Symbol,
    TaskResult,
    Waiver,
)
from codeorch.edits import Refusal, apply, check_path, decode, encode
from codeorch.languages import all_receivers, facts_of
from codeorch.llm import Reply
from codeorch.workers.context import TaskContext
from codeorch.workers.result_schema import ResultForm, Unusable, read_form

_NOISE = re.compile(r"[-=]>|\b(?:mut|ref)\s+")  # would be taken for brackets, or for names
_NAME = re.compile(r"[^\W\d]\w*")
_OPENING, _CLOSING = "([{<", ")]}>"


def check_contracts(
    context: TaskContext, file: SourceFile, deviations: tuple[Deviation, ...]
) -> None:
    """Compare the contracts that a file defines with the file, unless it reports a deviation.

    `file` is the file after the edit; one without symbols is not compared, nor one that another
    task of the plan goes on with.

    Raises:
        Unusable: with the contract and what the file has instead.
    """
    if not file.symbols or _has_later_task(context):
        return
    reported = {short_name(deviation.symbol) for deviation in deviations}
    for contract in context.round.plan.contracts:
        if contract.defined_in == context.task.path and short_name(contract.symbol) not in reported:
            _check_contract(contract, file)


def actual_deviations(
    deviations: tuple[Deviation, ...], contracts: tuple[Contract, ...]
) -> Iterator[Deviation]:
    """Yield the deviations that say something else than their contract."""
    contract_keys = {(short_name(row.symbol), _compact(row.signature)) for row in contracts}
    for deviation in deviations:
        if (short_name(deviation.symbol), _compact(deviation.signature)) not in contract_keys:
            yield deviation


def _compact(signature: str) -> str:
    return "".join(signature.split()).rstrip(":{;").replace(",)", ")")


def _has_later_task(context: TaskContext) -> bool:
    """Whether another task may still bring in what the contracts of this file want."""
    task, tasks = context.task, context.round.plan.tasks
    others = {other.id for other in tasks if other.path == task.path and other.id != task.id}
    needs = {other.id: other.needs for other in tasks}
    return bool(others) and not others <= graph.upstream(needs, task.id)


def short_name(symbol: str) -> str:
    """Return the last part of a symbol's name: `total` of `Cart.total()`."""
    return re.split(r"\.|::|#", symbol.strip("`").partition("(")[0])[-1].strip()


def _check_contract(contract: Contract, file: SourceFile) -> None:
    name = short_name(contract.symbol)
    # Options, routes and style sheets write the same name with other marks between its words.
    loose = "[-_]?".join(map(re.escape, filter(None, re.split(r"[-_]+", name))))
    if not re.search(rf"(?<!\w)_*{loose}_*(?!\w)", file.text, re.IGNORECASE):
        raise Unusable(
            "contract", f"{_expectation(contract)}, but the name does not occur in it. {_OR}"
        )
    expected = parameters(contract.signature, name)
    symbols = [symbol for symbol in file.symbols if symbol.name == name]
    if expected is None or not facts_of(file.language).names_parameters_first or not symbols:
        return
    lists = [parameters(symbol.signature, name) for symbol in symbols if _is_callable(symbol)]
    if lists and None not in lists and expected not in lists:
        raise Unusable(
            "contract", f"{_expectation(contract)}, but you wrote `{symbols[0].signature}`. {_OR}"
        )


_OR = "Other workers rely on it: keep it, or report it in `deviations` and say why."


def _expectation(contract: Contract) -> str:
    return f"the contract says that {contract.defined_in} defines `{contract.signature}`"


def _is_callable(symbol: Symbol) -> bool:
    return symbol.kind in ("function", "method")


def parameters(signature: str, name: str) -> tuple[str, ...] | None:
    """Return the names of the parameters in a signature of `name`, without the receiver.

    None when there is nothing to compare: no parameter list, or one that is cut off.

    >>> parameters("def total(self, rate: float = 0.2) -> int", "total")
    ('rate',)
    """
    match = re.search(rf"(?<!\w){re.escape(name)}\s*(?:<[^()]*>)?\s*\(", signature)
    if match is None:
        return None
    depth, part = 0, ""
    parts: list[str] = []
    for char in _NOISE.sub("", signature[match.end() :]):
        if depth == 0 and char == ")":
            words = (_NAME.search(part) for part in (*parts, part))
            return tuple(word[0] for word in words if word and word[0] not in all_receivers())
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth == 0 and char == ",":
            parts.append(part)
            part = ""
        else:
            part += char
    return None  # cut off, or written over several lines


ValidResult = Done | NothingToDo | NeedsMore
_STOPS = {
    "max_tokens": ("truncated", "it was cut off at the length limit."),
    "refusal": ("declined", "it declined the task."),
    "context_overflow": ("too_large", "prompt and answer did not fit into the model's context."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditChecks:
    """What an edit is checked against: the grammars, the base commit and the protected paths."""

    parse: ParseFile
    bytes_of: Callable[[str], bytes]  # of a path at the base of this round
    mode_of: Callable[[str], int]  # git's file mode of a path at the base
    allowed: tuple[str, ...] = ()  # protected paths that the user opened


def apply_ready_edit(context: TaskContext, checks: EditChecks) -> TaskResult:
    """Return the result of a codemod's ready edit, after the same checks as a model's."""
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
    result = _read_result(reply)
    if result.status == "nothing_to_do":
        return _no_change(context, result)
    if result.status == "needs_lines" and context.file is not None:
        raise Unusable("unseen", result.reason)
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


def _read_result(reply: Reply) -> ResultForm:
    """Read the form; a plain edit without it counts as done."""
    answer = reply.text.strip()
    if reply.form is not None:
        result = read_form(reply.form)
        if result.status == "done" and not answer:
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


def _no_change(context: TaskContext, result: ResultForm) -> NothingToDo:
    if context.file is None:
        raise Unusable(
            "nothing_made",
            f"{context.task.path} does not exist, so there is something to do: create it.",
        )
    if context.task.action == "edit":
        check_contracts(context, context.file, result.deviations)
    waivers = _waivers(context, result)
    return NothingToDo(task=context.task, reason=result.reason, waivers=waivers)


def _needs_more(context: TaskContext, result: ResultForm) -> NeedsMore:
    task_paths = {task.path for task in context.round.plan.tasks}
    paths = tuple(path for path in dict.fromkeys(result.paths) if path not in task_paths)
    if not result.paths:
        raise Unusable("form", f"{result.status} must name the files in `paths`.")
    if context.file is not None and set(result.paths) == {context.task.path}:
        raise Unusable("unseen", result.reason)
    if not paths:
        raise Unusable(
            "planned_already",
            "it asks for files that other workers of this plan change already: "
            f"{', '.join(result.paths)}. Count on their tasks being done as listed, and do yours.",
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
        after, repairs = _new_bytes(context, earlier.parsed if earlier else before, answer)
    except Refusal as refusal:
        raise Unusable(refusal.code, str(refusal)) from refusal
    parsed = None if after is None else _parse(context, after, checks)
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
    applied = apply(base.text, answer, task.path, action=task.action, symbols=symbols)
    return encode(applied.text, base.encoding), applied.repairs


def _parse(context: TaskContext, after: bytes, checks: EditChecks) -> SourceFile:
    """Parse the new bytes, this once; refuse what does not parse as well as before."""
    task = context.task
    parsed = checks.parse(task.path, after)
    if isinstance(parsed, str):
        raise Unusable("not_text", f"the new file cannot be read: {parsed}.")
    was_clean = task.action == "create" or (
        context.file is not None and not context.file.syntax_errors
    )
    if facts_of(parsed.language).is_trusted and was_clean and parsed.syntax_errors:
        raise Unusable(
            "syntax",
            f"with your edit {task.path} does not parse as {parsed.language} any more "
            f"({parsed.syntax_errors} errors). Look for missing or doubled lines, brackets and "
            "wrong indentation.",
        )
    return parsed
