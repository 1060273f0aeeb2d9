"""A worker's reply -> its result, or a reason why it cannot be used; contracts are held.

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
    SourceFile,
    Symbol,
    TaskResult,
    Waiver,
)
from codeorch.edits import Refusal, apply, check_path, decode, encode
from codeorch.languages import all_receivers, facts_of
from codeorch.llm import Reply
from codeorch.workers.context import View
from codeorch.workers.result_schema import Result, Unusable, read_form

_NOISE = re.compile(r"[-=]>|\b(?:mut|ref)\s+")  # would be taken for brackets, or for names
_NAME = re.compile(r"[^\W\d]\w*")
_OPENING, _CLOSING = "([{<", ")]}>"


def check_contracts(
    view: View, parsed: SourceFile | str, deviations: tuple[Deviation, ...]
) -> None:
    """Send an answer back when a contract of its file is broken without a word.

    Raises:
        Unusable: with the contract and what the file has instead.
    """
    if isinstance(parsed, str) or not parsed.symbols or _goes_on(view):
        return
    reported = {short_name(deviation.symbol) for deviation in deviations}
    for contract in view.scene.plan.contracts:
        if contract.defined_in == view.task.path and short_name(contract.symbol) not in reported:
            _check(contract, parsed)


def real(deviations: tuple[Deviation, ...], contracts: tuple[Contract, ...]) -> Iterator[Deviation]:
    """Leave out what is reported as a deviation and says the same as its contract."""
    agreed = {(short_name(each.symbol), _plain(each.signature)) for each in contracts}
    for each in deviations:
        if (short_name(each.symbol), _plain(each.signature)) not in agreed:
            yield each


def _plain(signature: str) -> str:
    return "".join(signature.split()).rstrip(":{;").replace(",)", ")")


def _goes_on(view: View) -> bool:
    """Whether another task may still bring in what the contracts of this file want."""
    task, tasks = view.task, view.scene.plan.tasks
    same = {other.id for other in tasks if other.path == task.path and other.id != task.id}
    return bool(same) and not same <= graph.upstream({one.id: one.needs for one in tasks}, task.id)


def short_name(symbol: str) -> str:
    """Give the last part of a symbol's name: `total` of `Cart.total()`."""
    return re.split(r"\.|::|#", symbol.strip("`").partition("(")[0])[-1].strip()


def _check(contract: Contract, parsed: SourceFile) -> None:
    name = short_name(contract.symbol)
    # Options, routes and style sheets write the same name with other marks between its words.
    loose = "[-_]?".join(map(re.escape, filter(None, re.split(r"[-_]+", name))))
    if not re.search(rf"(?<!\w)_*{loose}_*(?!\w)", parsed.text, re.IGNORECASE):
        raise Unusable("contract", f"{_wanted(contract)}, but the name does not occur in it. {_OR}")
    wanted = parameters(contract.signature, name)
    written = [symbol for symbol in parsed.symbols if symbol.name == name]
    if wanted is None or not facts_of(parsed.language).names_parameters_first or not written:
        return
    found = [parameters(symbol.signature, name) for symbol in written if _is_callable(symbol)]
    if found and None not in found and wanted not in found:
        raise Unusable(
            "contract", f"{_wanted(contract)}, but you wrote `{written[0].signature}`. {_OR}"
        )


_OR = "Other workers rely on it: keep it, or report it in `deviations` and say why."


def _wanted(contract: Contract) -> str:
    return f"the contract says that {contract.defined_in} defines `{contract.signature}`"


def _is_callable(symbol: Symbol) -> bool:
    return symbol.kind in ("function", "method")


def parameters(signature: str, name: str) -> tuple[str, ...] | None:
    """Name the parameters that a signature of `name` lists; None when it lists none to compare."""
    found = re.search(rf"(?<!\w){re.escape(name)}\s*(?:<[^()]*>)?\s*\(", signature)
    if found is None:
        return None
    depth, part = 0, ""
    parts: list[str] = []
    for char in _NOISE.sub("", signature[found.end() :]):
        if depth == 0 and char == ")":
            names = [match[0] for part in (*parts, part) if (match := _NAME.search(part))]
            return tuple(each for each in names if each not in all_receivers())
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth == 0 and char == ",":
            parts.append(part)
            part = ""
        else:
            part += char
    return None  # cut off, or written over several lines


# Builds the file that some bytes are, parsed; a str says why they cannot be one.
Parse = Callable[[str, bytes], SourceFile | str]
Judged = Done | NothingToDo | NeedsMore
_STOPS = {
    "max_tokens": ("truncated", "it was cut off at the length limit."),
    "refusal": ("declined", "it declined the task."),
    "context_overflow": ("too_large", "prompt and answer did not fit into the model's context."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What edits are checked with."""

    parse: Parse
    bytes_of: Callable[[str], bytes]  # of a path at the base of this round
    mode_of: Callable[[str], int]
    allowed: tuple[str, ...] = ()  # protected paths that the user opened


def by_rule(view: View, desk: Desk) -> TaskResult:
    """Carry out a codemod's ready edit, through the same checks as a model's."""
    try:
        return replace(_edited(view, view.task.answer, desk), summary=view.task.goal)
    except Unusable as fault:
        return DeadLetter(task=view.task, error=str(fault), kind=fault.kind)


def judge(reply: Reply, view: View, desk: Desk) -> Judged:
    """Turn a reply into a result.

    Raises:
        Unusable: with the reason, written for the model.
    """
    if reply.stop in _STOPS:
        raise Unusable(*_STOPS[reply.stop])
    result = _result(reply)
    if result.status == "nothing_to_do":
        return _nothing(view, result)
    if result.status == "needs_lines" and view.file is not None:
        raise Unusable("unseen", result.reason)
    if result.status != "done":
        return _needs(view, result)
    done = _edited(view, reply.text, desk)
    if done.patch.after is not None:
        check_contracts(view, desk.parse(done.patch.path, done.patch.after), result.deviations)
    return replace(
        done,
        summary=result.summary,
        interface_notes=result.interface_notes,
        deviations=tuple(real(result.deviations, view.scene.plan.contracts)),
        waivers=_waivers(view, result),
    )


def _waivers(view: View, result: Result) -> tuple[Waiver, ...]:
    """Read what a worker answers for: its own file only."""
    return tuple(Waiver(name=name, path=view.task.path, why=why) for name, why in result.excuses)


def _result(reply: Reply) -> Result:
    """Read the form; a plain edit without it counts as done."""
    said = reply.text.strip()
    if reply.form is not None:
        result = read_form(reply.form)
        if result.status == "done" and not said:
            raise Unusable(
                "empty", "it says done but holds no edit. Write the edit before calling `result`."
            )
        return result
    if reply.calls:
        raise Unusable("no_answer", "no look-ups are left. Give the edit, then call `result`.")
    if not said:
        raise Unusable("empty", "it is empty. Give the edit, then call the tool `result`.")
    return Result()


def _nothing(view: View, result: Result) -> NothingToDo:
    if view.file is None:
        raise Unusable(
            "nothing_made",
            f"{view.task.path} does not exist, so there is something to do: create it.",
        )
    if view.task.action == "edit":
        check_contracts(view, view.file, result.deviations)
    waivers = _waivers(view, result)
    return NothingToDo(task=view.task, reason=result.reason, waivers=waivers)


def _needs(view: View, result: Result) -> NeedsMore:
    planned = {task.path for task in view.scene.plan.tasks}
    wanted = tuple(path for path in dict.fromkeys(result.paths) if path not in planned)
    if not result.paths:
        raise Unusable("form", f"{result.status} must name the files in `paths`.")
    if view.file is not None and set(result.paths) == {view.task.path}:
        raise Unusable("unseen", result.reason)
    if not wanted:
        raise Unusable(
            "planned_already",
            "it asks for files that other workers of this plan change already: "
            f"{', '.join(result.paths)}. Count on their tasks being done as listed, and do yours.",
        )
    return NeedsMore(task=view.task, paths=wanted, why=result.reason)


def _edited(view: View, answer: str, desk: Desk) -> Done:
    """Prove an edit: path, place, encoding, syntax."""
    task = view.task
    before = None if task.action == "create" else _bytes_now(view, desk)
    try:
        for path in filter(None, (task.path, task.old_path)):
            check_path(path, tree=view.snapshot.files.keys(), allowed=desk.allowed)
        after, repairs = _new_bytes(view, before, answer)
    except Refusal as refusal:
        raise Unusable(refusal.code, str(refusal)) from refusal
    if after is not None:
        _check_syntax(view, after, desk)
    patch = FilePatch(
        path=task.path,
        old_path=task.old_path if task.action == "rename" else "",
        before=before,
        after=after,
        mode=0o100644 if task.action == "create" else desk.mode_of(task.old_path or task.path),
    )
    return Done(task=task, patch=patch, repairs=repairs)


def _bytes_now(view: View, desk: Desk) -> bytes:
    """Give the file as the tasks before this one left it, else as it is at the base."""
    path = view.task.old_path or view.task.path
    for done in reversed(view.needed):
        if done.patch.path == path and done.patch.after is not None:
            return done.patch.after
    return desk.bytes_of(path)


def _new_bytes(
    view: View, before: bytes | None, answer: str
) -> tuple[bytes | None, tuple[str, ...]]:
    task = view.task
    if task.action == "delete":
        return None, ()
    if before is None:
        applied = apply("", answer, task.path, action="create")
        return encode(applied.text, "utf-8"), applied.repairs
    base = decode(before)
    symbols = view.file.symbols if view.file else ()
    applied = apply(base.text, answer, task.path, action=task.action, symbols=symbols)
    return encode(applied.text, base.encoding), applied.repairs


def _check_syntax(view: View, after: bytes, desk: Desk) -> None:
    task = view.task
    parsed = desk.parse(task.path, after)
    if isinstance(parsed, str):
        raise Unusable("not_text", f"the new file cannot be read: {parsed}.")
    was_clean = task.action == "create" or (view.file is not None and not view.file.syntax_errors)
    if facts_of(parsed.language).is_trusted and was_clean and parsed.syntax_errors:
        raise Unusable(
            "syntax",
            f"with your edit {task.path} does not parse as {parsed.language} any more "
            f"({parsed.syntax_errors} errors). Look for missing or doubled lines, brackets and "
            "wrong indentation.",
        )
