"""A task -> a conversation of its own: the plan, and what its worker has to know, by budget."""

from collections.abc import Sequence

from codeorch.analysis.outline import excerpt, outline
from codeorch.domain import Contract, SourceFile, Symbol, Task
from codeorch.llm import Conversation
from codeorch.llm.prompts import fence, text
from codeorch.retrieval import look_up_tools
from codeorch.workers import related_code
from codeorch.workers.context import TaskContext
from codeorch.workers.prompt_builder import (
    PromptBuilder,
    convention_section,
    nearest_conventions,
    plan_part,
)
from codeorch.workers.result_schema import RESULT_TOOL
from codeorch.workers.task_part import changed_contracts, task_part

_PLACES = ("others", "before", "conventions", "file", "task")
_ROOM_FILE = 0.7  # of all room: what a long file's excerpt may take
_ROOM_OUTLINE = 3_000  # characters of each outline
_ROOM_DIFF = 6_000  # characters of each finished diff
_ROOM_BODY = 2_500  # characters of a definition that is shown whole
_DOUBTFUL = 8  # that are named
_USERS = 8  # of a contract, that are named to who defines it


def fresh_conversation(context: TaskContext, instructions: str, room: int) -> Conversation:
    """Return the conversation of a worker that does not know what the planner has read.

    All fresh workers of a round begin with the same words. `room` is for the task's own part, in
    tokens; `instructions` say how this kind of worker works.
    """
    tools = (*look_up_tools(), RESULT_TOOL)
    opening = Conversation(system=f"{text('work')}\n{text('diff')}", tools=tools)
    talk = opening.say(plan_part(context.round), cache_mark=True)
    return talk.say(_own(context, instructions, room))


# ------------------------------------------------------------------------------- the task's part


def _own(context: TaskContext, instructions: str, room: int) -> str:
    """Write what only this task sees; the file and the task come last, nearest to the answer."""
    page = PromptBuilder(room, _PLACES)
    page.must("task", task_part(context, instructions))
    if contracts := _contracts(context):
        page.must("task", contracts)
    page.must("file", _file(context, int(page.room * _ROOM_FILE)))
    if changed := changed_contracts(context):
        page.must("task", changed)
    _add_before(page, context)
    if path := nearest_conventions(context.task.path, context.snapshot):
        page.add("conventions", convention_section(context.snapshot, path), path)
    _add_used(page, context)
    _add_callers(page, context)
    _add_outlines(page, context)
    return page.text


def _contracts(context: TaskContext) -> str:
    """Write the contracts that the task's file defines or uses, and those that name no user."""
    bound = related_code.bound_contracts(context)
    free = [one for one in context.round.plan.contracts if not one.used_in and one not in bound]
    lines = [_contract(one, context.task.path) for one in (*bound, *free)]
    return "\n".join(["# Contracts", *lines]) if lines else ""


def _contract(one: Contract, path: str) -> str:
    line = f"; import: `{one.import_line}`" if one.import_line else ""
    users = [user for user in one.used_in if user != path]
    more = f" and {len(users) - _USERS} more" if users[_USERS:] else ""
    is_own = path == one.defined_in
    used = f"; used in {', '.join(users[:_USERS])}{more}" if is_own and users else ""
    return f"- {one.symbol}: `{one.signature}`, defined in {one.defined_in}{used}{line}"


def _file(context: TaskContext, room: int) -> str:
    file, task = context.file, context.task
    if file is None:
        return f"# Your file\n{task.path} does not exist yet."
    limit = max(room, 1_000)
    shown = excerpt(file, related_code.words(context), limit)
    if shown == file.text:
        return f"# Your file: {file.path}\n{fence(shown, file.language)}"
    parts = (
        f"# Your file in parts, {file.path}; read what is left out before you change it\n"
        f"{fence(shown, file.language)}"
    )
    if short := outline(file, min(2 * _ROOM_OUTLINE, limit // 3)):
        outlined = fence(short, file.language)
        return f"# Outline of your whole file, {file.path}\n{outlined}\n\n{parts}"
    return parts


def _add_before(page: PromptBuilder, context: TaskContext) -> None:
    """Show what the tasks that this one needs have done: diffs of the direct ones, notes of all."""
    for done in context.prerequisites:
        task = done.task
        if task.path == context.task.path:
            continue
        if not task.needs_model and task.id not in context.task.needs:
            continue  # the plan's own edits are named to all at once
        said = [f"# Done before you: {task.path}", done.summary, done.interface_notes]
        if task.id in context.task.needs:
            diff = context.round.diffs[task.id]
            cut = diff[:_ROOM_DIFF] + "\n[the rest is left out]\n" if diff[_ROOM_DIFF:] else diff
            said.append(fence(cut, "diff"))
        page.add("before", "\n".join(filter(None, said)), f"the edit of {task.path}")


def _add_used(page: PromptBuilder, context: TaskContext) -> None:
    """Show definitions that the file uses: bodies of the closest, signatures of the others."""
    shown: dict[str, list[tuple[Symbol, str]]] = {}
    room = page.room // 2
    found = related_code.used(context)
    for each in found.shown:
        file, symbol = each.file, each.symbol
        part = (
            related_code.source_of(file, symbol)
            if each.close
            else related_code.heads_of(file, symbol)
        )
        if len(part) > min(_ROOM_BODY, room):
            part = related_code.heads_of(file, symbol)
        if any(_holds(*one, symbol) for one in shown.get(file.path, ())):
            continue
        if len(part) > room:
            page.omit(f"{symbol.qualified} of {file.path}")
            continue
        room -= len(part)
        shown.setdefault(file.path, []).append((symbol, part))
    others = related_code.changed_by_others(list(shown), context)
    for path, parts in shown.items():
        text = "\n\n".join(part for _, part in sorted(parts, key=lambda one: one[0].start))
        head = f"# Used by your file, from {path}{_by_others(path, others)}"
        language = context.snapshot.files[path].language
        page.add("others", f"{head}\n{fence(text, language)}", f"what it uses from {path}")
    _add_doubtful(page, "definitions that your file may use", found.doubtful)


def _holds(outer: Symbol, shown: str, inner: Symbol) -> bool:
    """Whether what is shown of a definition holds another one."""
    return outer.start <= inner.start and inner.end <= outer.end and inner.name in shown


def _add_callers(page: PromptBuilder, context: TaskContext) -> None:
    found = related_code.callers(context)
    others = related_code.changed_by_others([caller.path for caller in found.shown], context)
    for caller in found.shown:
        head = f"# Uses what you change: {caller.path}{_by_others(caller.path, others)}"
        language = context.snapshot.files[caller.path].language
        page.add("others", f"{head}\n{fence(caller.excerpt, language)}", f"uses in {caller.path}")
    _add_doubtful(page, "places that may use what you change", found.doubtful)


def _add_doubtful(page: PromptBuilder, what: str, doubtful: Sequence[str]) -> None:
    """Name what bears the right name but seems to be meant of something else."""
    if doubtful:
        more = f" and {len(doubtful) - _DOUBTFUL} more" if len(doubtful) > _DOUBTFUL else ""
        listed = ", ".join(doubtful[:_DOUBTFUL])
        page.add("others", f"Not shown, {what} by their name alone: {listed}{more}.", what)


def _by_others(path: str, others: set[str]) -> str:
    return " (as it was; another worker changes this file)" if path in others else ""


def _add_outlines(page: PromptBuilder, context: TaskContext) -> None:
    """Outline the files that the plan names and those on the other side of a contract."""
    paths = list(context.task.context)
    files = context.snapshot.files
    for contract in context.round.plan.contracts:
        paths += (
            p for p in _other_side(contract, context.task) if p in files and _is_code(files[p])
        )
    wanted = [p for p in dict.fromkeys(paths) if p != context.task.path and p in files]
    others = related_code.changed_by_others(wanted, context)
    for path in wanted:
        file = files[path]
        short = outline(file, _ROOM_OUTLINE) or file.text[:_ROOM_OUTLINE]
        head = f"# For your context: outline of {path}{_by_others(path, others)}"
        page.add("others", f"{head}\n{fence(short, file.language)}", f"the outline of {path}")


def _is_code(file: SourceFile) -> bool:
    """Whether a file tells something of a contract: a test or a manual follows it only."""
    return file.role not in ("test", "docs")


def _other_side(contract: Contract, task: Task) -> tuple[str, ...]:
    if task.path == contract.defined_in:
        return contract.used_in
    return (contract.defined_in,) if task.path in contract.used_in else ()
