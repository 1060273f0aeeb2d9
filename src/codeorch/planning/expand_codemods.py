"""A draft's codemods and tasks joined into one plan: rules first, then workers."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from codeorch.domain import Mention, Plan, Snapshot, SourceFile, Task, UnprovenUse
from codeorch.engines import Engines
from codeorch.errors import PlanInvalid, ReplyError, UserError
from codeorch.planning.findings import Preview, Reading
from codeorch.planning.plan_schema import Draft
from codeorch.refactoring import Masker, parse_rule, plan_rule


def join(draft: Draft, snapshot: Snapshot, reading: Reading) -> Plan:
    """Put the tasks of a draft's codemods before its own; on one file, in the order of the rules.

    Raises:
        PlanInvalid: a sentence is no codemod, or its rule cannot be carried out.
    """
    tasks: list[Task] = []
    mentions: list[Mention] = []
    unproven: list[UnprovenUse] = []
    judged: list[str] = []
    notes: list[str] = []
    last: dict[str, str] = {}  # the newest task of each path
    for number, plan in enumerate(_plans(draft.codemods, snapshot, reading), start=1):
        for task in plan.tasks:
            named = replace(task, id=f"codemod-{number}-{task.path}", needs=_after(last, task.path))
            tasks.append(named)
            last[task.path] = named.id
        mentions += plan.mentions
        unproven += plan.unproven_uses
        judged += plan.judged_names
        notes += plan.notes
    for task in draft.plan.tasks:
        before = task.old_path or task.path
        tasks.append(replace(task, needs=(*task.needs, *_after(last, before))))
    return replace(
        draft.plan,
        tasks=tuple(tasks),
        mentions=tuple(mentions),
        unproven_uses=tuple(unproven),
        judged_names=tuple(judged),
        notes=(*draft.plan.notes, *notes),
    )


def apply_codemods(sentences: Iterable[str], snapshot: Snapshot, reading: Reading) -> Snapshot:
    """Return the files with codemods carried out, one on top of the other.

    Raises:
        PlanInvalid: sentences are no codemods, or their rules cannot be carried out: all of them.
    """
    faults: list[str] = []
    for sentence in sentences:
        try:
            plan = plan_codemod(sentence, snapshot, reading.mask, reading.engines)
            snapshot = _apply_plan(snapshot, plan, reading.preview)
        except PlanInvalid as error:
            faults += error.faults
    if faults:
        raise PlanInvalid(tuple(faults))
    return snapshot


def _plans(sentences: Iterable[str], snapshot: Snapshot, reading: Reading) -> Iterator[Plan]:
    for sentence in sentences:
        plan = plan_codemod(sentence, snapshot, reading.mask, reading.engines)
        yield plan
        snapshot = _apply_plan(snapshot, plan, reading.preview)


def plan_codemod(sentence: str, snapshot: Snapshot, mask: Masker, engines: Engines) -> Plan:
    """Return what one codemod changes, a task for each file.

    Raises:
        PlanInvalid: the sentence is no codemod, or its rule cannot be carried out.
    """
    try:
        rule = parse_rule(sentence)
        if rule is None:
            raise PlanInvalid((f"This is no codemod: {sentence!r}.",))
        return plan_rule(rule, snapshot, mask, engines)
    except UserError as error:
        raise PlanInvalid(
            (f"The codemod {sentence!r} cannot be done: {error.message}.",)
        ) from error


def _after(last: dict[str, str], path: str) -> tuple[str, ...]:
    return (last[path],) if path in last else ()


def _apply_plan(snapshot: Snapshot, plan: Plan, preview: Preview) -> Snapshot:
    try:
        changed: dict[str, SourceFile | None] = {
            task.path: preview(snapshot.files[task.old_path or task.path], task)
            for task in plan.tasks
        }
        changed |= {task.old_path: None for task in plan.tasks if task.old_path}
    except ReplyError as error:  # our own diff did not apply: say so instead of going on
        raise PlanInvalid((f"A codemod made an edit that does not apply: {error}",)) from error
    return snapshot.with_files(changed)
