"""Request + ranked files -> Plan, by a model at run time."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from codeorch.config import Settings
from codeorch.domain import Question, RankedFile, Request, Snapshot
from codeorch.errors import PlanInvalid
from codeorch.llm import Model, Prompt
from codeorch.llm.prompts import catalogue, fence, text
from codeorch.outline import bodies, outline, tree
from codeorch.plan.asking import Decomposition, Unplanned, ask_for_plan, followed_up, plan_tool
from codeorch.plan.direct import Changed, NeedsPlan, change_directly
from codeorch.plan.fallback import fall_back
from codeorch.plan.faults import Limits
from codeorch.plan.findings import Findings
from codeorch.plan.joined import check_codemods
from codeorch.plan.links import code_words, occurrences, users

SHOWN = 30  # files with an outline; the study of real requests found 9 in 10 needed files there
_DETAILED = 6  # of these, the best get more room
_ROOM_DETAILED, _ROOM, _ROOM_BODIES = 9_000, 1_800, 6_000  # characters of each
_ROOM_TREE = 12_000
_PLACES = 12  # names of the request whose lines are listed
_USERS, _NAMES = 8, 4  # of a file, and names of each

_CONVINCING = 0.5  # score of an addition; fewer are worth a call
_OFFERED = 5

# Puts a question to the user; an empty answer leaves the assumption in force.
Ask = Callable[[Question], str]


async def decompose(
    request: Request,
    findings: Findings,
    model: Model,
    settings: Settings,
    ask: Ask | None = None,
) -> Decomposition | Unplanned:
    """Let the model break the request down; without a valid plan of it, fall back on references.

    Unplanned is a request that the model declines, or whose plans are invalid and which names no
    file or symbol.

    Raises:
        ServiceError: no answer came.
    """
    look = NeedsPlan()
    if findings.direct:
        first = await change_directly(request, findings, model, settings)
        if isinstance(first, Changed):
            return Decomposition(draft=first.draft, usage=first.usage)
        look = first
    limits = replace(
        Limits.of(request, findings.snapshot, settings),
        prove=lambda rules: check_codemods(rules, findings.snapshot, findings.reading),
    )
    found = await ask_for_plan(_prompt(request, findings, look.why, settings), model, limits)
    if isinstance(found, Unplanned):
        found = _fallen_back(found, request, findings, limits)
    else:
        if ask is not None:
            found = await _answered(found, ask, model, limits)
        found = await _widened(found, findings, model, limits)
    return replace(found, usage=look.usage + found.usage)


def system_text(settings: Settings) -> str:
    """Write what every planner of a run is told."""
    chosen = (
        "Choose the one that fits the request."
        if settings.strategy == "auto"
        else f"The user wants `{settings.strategy}` for this request."
    )
    return (
        text("plan")
        .replace("{max_tasks}", str(settings.max_tasks))
        .replace("{strategy}", chosen)
        .replace("{workers}", catalogue(settings.workers).replace("\n", "\n  "))
    )


def _prompt(request: Request, findings: Findings, hint: str, settings: Settings) -> Prompt:
    return Prompt(
        key="plan/1",
        model=settings.model("planner"),
        system=system_text(settings),
        user="\n\n".join(_question(request, findings, hint)),
        tool=plan_tool(),
        force_tool=True,
        max_tokens=16_000,
        timeout_s=settings.plan_timeout_s,
    )


def _fallen_back(
    failed: Unplanned, request: Request, findings: Findings, limits: Limits
) -> Decomposition | Unplanned:
    if failed.declined:
        return failed
    try:
        draft = fall_back(request, findings, limits)
    except PlanInvalid:
        return failed  # its faults say more
    found = Decomposition(draft=draft, usage=failed.usage)
    return _noted(found, f"the model's plan stayed invalid: {failed.faults[0]}")


async def _answered(found: Decomposition, ask: Ask, model: Model, limits: Limits) -> Decomposition:
    """Put the questions that matter to the user, and have the plan follow the answers."""
    asked = found.draft.plan.questions
    answered = tuple(replace(one, answer=ask(one).strip()) if one.blocks else one for one in asked)
    told = [f"- {one.text}\n  Answer: {one.answer}" for one in answered if one.answer]
    if not told or found.prompt is None or found.reply is None:
        return found
    said = (
        "The user answered:\n" + "\n".join(told) + "\nCall the tool again with the whole plan, as "
        "these answers want it. Ask nothing again."
    )
    again = await ask_for_plan(
        followed_up(found.prompt, found.reply, said, "answered"), model, limits
    )
    usage = found.usage + again.usage
    if isinstance(again, Unplanned):
        note = "the answers did not make a valid plan; the one before them is used"
        return replace(_noted(found, note), usage=usage)
    open_ones = tuple(one for one in again.draft.plan.questions if not one.blocks)
    plan = replace(again.draft.plan, questions=(*answered, *open_ones))
    return replace(again, draft=replace(again.draft, plan=plan), usage=usage)


async def _widened(
    found: Decomposition, findings: Findings, model: Model, limits: Limits
) -> Decomposition:
    """Offer files that probably change with those of the plan, if any are convincing."""
    if findings.expand is None or found.prompt is None or found.reply is None:
        return found
    planned = {path for task in found.draft.plan.tasks for path in (task.path, task.old_path)}
    confirmed = [path for path in planned if path in findings.snapshot.files]
    offers = [
        entry for entry in (findings.expand(sorted(confirmed)) if confirmed else ())
        if entry.score >= _CONVINCING and entry.path not in planned
    ]  # fmt: skip
    if not offers:
        return found
    question = followed_up(
        found.prompt, found.reply, "\n\n".join(_offer(findings, offers[:_OFFERED])), "widened"
    )
    again = await ask_for_plan(question, model, limits, found.reply.form)
    usage = found.usage + again.usage
    if isinstance(again, Unplanned):
        note = "the additions to the plan were not valid and are left out"
        return replace(_noted(found, note), usage=usage)
    plan = replace(again.draft.plan, questions=found.draft.plan.questions)
    return replace(again, draft=replace(again.draft, plan=plan), usage=usage)


def _offer(findings: Findings, offers: Sequence[RankedFile]) -> Iterator[str]:
    yield (
        "Your plan is valid. These files often change together with those that it changes. If one "
        "of them has to change for this request, call the tool with the tasks and contracts to be "
        "added; what you have planned stays as it is and is not repeated. Else call it without "
        "tasks. Plan nothing that is not needed."
    )
    for entry in offers:
        why = ", ".join(name for name, _ in sorted(entry.why, key=lambda part: -part[1]))
        yield f"{entry.path}" + (f" (because of: {why})" if why else "")
        yield from _shown(findings.snapshot, entry.path, set(), set(), detailed=False)


def _noted(found: Decomposition, note: str) -> Decomposition:
    plan = replace(found.draft.plan, notes=(*found.draft.plan.notes, note))
    return replace(found, draft=replace(found.draft, plan=plan))


# ------------------------------------------------------------------------------- the question


def _question(request: Request, findings: Findings, hint: str) -> Iterator[str]:
    snapshot, ranked = findings.snapshot, findings.ranked[:SHOWN]
    yield "# Change request\n" + fence(request.text)
    if hint:
        yield "# What a first look at the files that it names found\n" + hint
    if request.paths:
        yield "Only these paths may change: " + ", ".join(request.paths)
    near = [entry.path for entry in ranked]
    yield "# All files\n" + fence(tree(snapshot.files, _ROOM_TREE, near))
    yield "# The files that probably matter most, best first, with their definitions"
    words = set(re.findall(r"[A-Za-z_]\w{2,}", request.text))
    named = code_words(request.text)
    for place, entry in enumerate(ranked):
        yield from _shown(snapshot, entry.path, words, named, detailed=place < _DETAILED)
    if places := [place for word in sorted(named) for place in _places(word, findings)]:
        yield "# Where names of the request occur\n" + "\n".join(places[:_PLACES])
    if uses := list(filter(None, (_uses(findings, entry.path) for entry in ranked))):
        yield "# Who uses what they define, as far as names tell\n" + "\n".join(uses)


def _places(word: str, findings: Findings) -> Iterator[str]:
    if found := occurrences(word, findings.snapshot, findings.names):
        yield "\n".join([f"`{word}`:", *(f"- {place}" for place in found)])


def _uses(findings: Findings, path: str) -> str:
    """List the users of a file, as far as names and imports tell."""
    found = list(users(findings.snapshot, path, findings.names).items())
    told = [f"{user} ({', '.join(names[:_NAMES])})" for user, names in found[:_USERS]]
    more = f" and {len(found) - _USERS} more" if len(found) > _USERS else ""
    return f"- {path}: {', '.join(told)}{more}" if found else ""


def _shown(
    snapshot: Snapshot, path: str, words: set[str], named: set[str], *, detailed: bool
) -> Iterator[str]:
    """Show a file whole where that costs little, else its outline and what the request names."""
    file = snapshot.files[path]
    room = _ROOM_DETAILED if detailed else _ROOM
    if len(file.text) <= room:
        yield f"## {path} (whole)\n{fence(file.text, file.language)}"
        return
    what = f"outline of {file.text.count(chr(10))} lines"
    yield f"## {path} ({what})\n{fence(outline(file, room, words), file.language)}"
    if detailed and (body := bodies(file, named, _ROOM_BODIES)):
        yield f"Of these, the request names:\n{fence(body, file.language)}"
