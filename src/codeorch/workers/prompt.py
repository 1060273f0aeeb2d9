"""Context of a task -> Prompt: its file, what it builds on, what has to do with it, by budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from codeorch.analysis.outline import excerpt, outline
from codeorch.config import Settings
from codeorch.domain import Contract, Deviation, Done, Effort, SourceFile, Symbol, Task, WorkerSpec
from codeorch.llm import Prompt, Turn
from codeorch.llm.prompts import fence, kinds, text
from codeorch.workers import related_code
from codeorch.workers.context import TaskContext
from codeorch.workers.conversation import granted
from codeorch.workers.prompt_builder import PromptBuilder, convention_section, nearest_conventions
from codeorch.workers.result_schema import TOOL

Dialect = Literal["diff", "blocks", "whole"]
_PLACES = ("others", "before", "conventions", "file", "task")
_ROOM_FILE = 0.7  # of all room: what a long file's excerpt may take
_ROOM_OUTLINE = 3_000  # characters of each outline
_ROOM_DIFF = 6_000  # characters of each finished diff
_ROOM_BODY = 2_500  # characters of a definition that is shown whole
_ROOM_NEWS = 3_000
_DOUBTFUL = 8  # that are named
_COMMON_ANSWER = 8_000  # tokens that every worker may answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """How one attempt goes at its task; a retry changes something in it."""

    number: int = 1
    model: str
    effort: Effort | None = None
    temperature: float | None = None
    dialect: Dialect = "diff"
    room: int  # tokens of the task's own part of the prompt
    max_tokens: int
    timeout_s: float  # see `Prompt.timeout_s`
    talk: tuple[Turn, ...] = ()  # what was said so far, when this attempt goes on from there
    remark: str = ""  # what this attempt is told besides
    lines: str = ""  # what earlier ones said of lines that they were not shown
    tried: frozenset[str] = frozenset()  # models that were asked before


def first_approach(context: TaskContext, settings: Settings) -> Approach:
    """Say how a task is tried first: as the plan says, else as its kind of worker is."""
    spec = context.task.worker
    kind = kinds(settings.workers).get(spec.role)
    return Approach(
        model=settings.model(spec.model or (kind.model if kind else "worker")),
        effort=spec.effort or (kind.effort if kind else None),
        room=settings.worker_context,
        max_tokens=_room_to_answer(context),
        timeout_s=kind.timeout_s if kind and kind.timeout_s else spec.timeout_s,
    )


def prompt_for(context: TaskContext, approach: Approach, settings: Settings) -> Prompt:
    """Write the prompt of one attempt."""
    dialect = text(f"answer_{approach.dialect}").strip() if approach.dialect != "diff" else ""
    remark = "\n\n".join(filter(None, (approach.remark, dialect)))
    own = [] if approach.talk else [_own(context, approach, settings)]
    return Prompt(
        key=f"work/{context.task.id}/{approach.number}",
        model=approach.model,
        system=text("work"),
        shared=context.round.shared_prompt,
        news=_news(context),
        history=approach.talk,
        user="\n\n".join(filter(None, [*own, remark])),
        tool=TOOL,
        tools=granted(context.task.worker.tools, everything=settings.worker_tools),
        effort=approach.effort,
        temperature=approach.temperature,
        max_tokens=approach.max_tokens,
        timeout_s=approach.timeout_s,
    )


def _room_to_answer(context: TaskContext) -> int:
    """Allow a rewrite of the whole file; tokens. A new file's length is not known: twice as much.

    A diff that rewrites all holds each line twice, at about four characters a token.
    """
    if context.file is None:
        return 2 * _COMMON_ANSWER
    return min(32_000, max(_COMMON_ANSWER, len(context.text) // 2))


# ------------------------------------------------------------------------------- the task's part


def _own(context: TaskContext, approach: Approach, settings: Settings) -> str:
    """Write what only this task sees; the file and the task come last, nearest to the answer."""
    page = PromptBuilder(approach.room, _PLACES)
    page.must("task", _task(context, settings))
    page.must("file", _file(context, approach.lines, int(page.room * _ROOM_FILE)))
    if changed := _changed_contracts(context):
        page.must("task", changed)
    _add_before(page, context)
    if path := nearest_conventions(context.task.path, context.snapshot):
        page.add("conventions", convention_section(context.snapshot, path), path)
    _add_used(page, context)
    _add_callers(page, context)
    _add_outlines(page, context)
    return page.text


def _task(context: TaskContext, settings: Settings) -> str:
    task = context.task
    parts = [f"# Your task\n{task.action} {task.path}"]
    if task.action == "rename":
        parts[0] += f" (from {task.old_path})"
    return "\n\n".join([*parts, task.goal, "How you work: " + _instructions(task.worker, settings)])


def _instructions(spec: WorkerSpec, settings: Settings) -> str:
    kind = kinds(settings.workers).get(spec.role)
    general = kind.instructions if kind else f"you are a specialist, {spec.role}."
    return " ".join(part for part in (general, spec.instructions) if part)


def _file(context: TaskContext, lines: str, room: int) -> str:
    file, task = context.file, context.task
    if file is None:
        return f"# Your file\n{task.path} does not exist yet."
    limit = max(room, 1_000)
    shown = excerpt(file, related_code.words_in(lines) or related_code.words(context), limit)
    if shown == file.text:
        return f"# Your file: {file.path}\n{fence(shown, file.language)}"
    parts = (
        f"# Your file in parts, {file.path}; where lines are left out, change nothing\n"
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
        if task.answer or task.path == context.task.path:
            continue
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


# ------------------------------------------------------------------------------- what others say


def _changed_contracts(context: TaskContext) -> str:
    """Tell which contracts the tasks before this one did not keep."""
    lines = [_deviation(each, done) for done in context.prerequisites for each in done.deviations]
    return "\n".join(["# Contracts that turned out differently", *lines]) if lines else ""


def _deviation(deviation: Deviation, done: Done) -> str:
    return (
        f"- {deviation.symbol} is now `{deviation.signature}` in {done.task.path}, whatever its "
        f"contract says: {deviation.why}"
    )


def _news(context: TaskContext) -> str:
    """Tell what other workers reported that happen to be finished, deviations first."""
    lines = [_deviation(each, done) for done in context.news for each in done.deviations]
    lines += [f"- {d.task.path}: {d.interface_notes}" for d in context.news if d.interface_notes]
    kept: list[str] = []
    room = _ROOM_NEWS
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            kept.append("- and more that is left out")
            break
        kept.append(line)
    return "\n".join(["# Reported by workers that are finished", *kept]) if kept else ""
