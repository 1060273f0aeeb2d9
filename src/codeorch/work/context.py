"""Task -> Prompt: one file, the contracts, and what the task depends on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from codeorch.config import Settings
from codeorch.domain import Contract, Done, Plan, Request, Snapshot, Task, WorkerSpec
from codeorch.llm import Prompt, Tool, Turn
from codeorch.llm.prompts import fence, kinds, text
from codeorch.outline import excerpt, outline

_ROOM_OUTLINE = 3_000  # characters of each outline of another file
_ROOM_DIFF = 6_000  # characters of each finished diff
_OUTLINES = 12

RESULT_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["done", "nothing_to_do", "needs_other_files"]},
        "summary": {"type": "string", "description": "what changed, in a sentence or two"},
        "reason": {"type": "string", "description": "why nothing is to do, or why others must"},
        "paths": {
            "type": "array",
            "items": {"type": "string"},
            "description": "other files that must change, too",
        },
    },
    "required": ["status", "summary", "reason", "paths"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What all workers of a round share, and what is finished so far."""

    request: Request
    plan: Plan
    snapshot: Snapshot  # with the edits of finished tasks in place
    finished: Mapping[str, Done]  # by task id, in the order in which they finished
    diffs: Mapping[str, str]  # of finished tasks, by task id

    def text_of(self, task: Task) -> str:
        """Give the text of a task's file as it is now; empty when it is to be created."""
        file = self.snapshot.files.get(task.old_path or task.path)
        return file.text if file else ""


def prompt_for(task: Task, scene: Scene, settings: Settings) -> Prompt:
    """Write the first prompt of a task."""
    spec = task.worker
    role = kinds(settings.workers).get(spec.role)
    model = spec.model or (role.model if role else "worker")
    return Prompt(
        key=f"work/{task.id}/1",
        model=settings.model(model),
        system=text("work"),
        shared=_shared(scene),
        user=_own(task, scene, settings),
        tool=Tool(
            name="result", description="Say how the task went, after the edit.",
            schema=RESULT_SCHEMA,
        ),
        effort=spec.effort or (role.effort if role else None),
        max_tokens=_room_to_answer(task, scene),
        timeout_s=spec.timeout_s,
    )  # fmt: skip


def followed_up(prompt: Prompt, number: int, answer: str, complaint: str) -> Prompt:
    """Write the next attempt's prompt: the same conversation, the answer, and what was wrong."""
    asked = (Turn(role="user", text=prompt.user), Turn(role="assistant", text=answer or "(empty)"))
    head, _, _ = prompt.key.rpartition("/")
    return replace(
        prompt, key=f"{head}/{number}", history=(*prompt.history, *asked), user=complaint
    )


def _shared(scene: Scene) -> str:
    """Write what is the same for all workers; it comes first so that it can be cached."""
    tasks = "\n".join(
        f"- {task.action} {task.path}: {_first_sentence(task.goal)}" for task in scene.plan.tasks
        if not task.answer
    )  # fmt: skip
    parts = ["# Change request, for all workers\n" + fence(scene.request.text)]
    if scene.plan.rationale:
        parts.append("# How the plan sees it\n" + scene.plan.rationale)
    if scene.plan.contracts:
        parts.append("# Contracts\n" + "\n".join(_contract(c) for c in scene.plan.contracts))
    return "\n\n".join([*parts, "# All tasks of the plan\n" + tasks])


def _contract(contract: Contract) -> str:
    used = f"; used in {', '.join(contract.used_in)}" if contract.used_in else ""
    return f"- {contract.symbol}: `{contract.signature}`, defined in {contract.defined_in}{used}"


def _first_sentence(goal: str) -> str:
    line = goal.split("\n", 1)[0]
    return line if len(line) <= 200 else line[:200] + " ..."


def _own(task: Task, scene: Scene, settings: Settings) -> str:
    parts = [f"# Your task\n{task.action} {task.path}\n\n{task.goal}"]
    if instructions := _instructions(task.worker, settings):
        parts.append("# How you work\n" + instructions)
    parts += _finished(task, scene)
    parts += _outlines(task, scene)
    parts.append(_file(task, scene))
    return "\n\n".join(parts)


def _instructions(spec: WorkerSpec, settings: Settings) -> str:
    role = kinds(settings.workers).get(spec.role)
    general = role.instructions if role else f"You are a specialist: {spec.role}."
    return "\n".join(part for part in (general, spec.instructions) if part)


def _finished(task: Task, scene: Scene) -> list[str]:
    parts = []
    for need in task.needs:
        if need not in scene.finished or scene.finished[need].task.path == task.path:
            continue
        done, diff = scene.finished[need], scene.diffs[need]
        cut = diff if len(diff) <= _ROOM_DIFF else diff[:_ROOM_DIFF] + "\n[the rest is left out]\n"
        note = f"\n{done.summary}" if done.summary else ""
        parts.append(f"# Done before you: {done.task.path}{note}\n{fence(cut, 'diff')}")
    return parts


def _outlines(task: Task, scene: Scene) -> list[str]:
    """Outline the files that the plan names and those on the other side of a contract."""
    paths = list(task.context)
    for contract in scene.plan.contracts:
        if task.path in contract.used_in:
            paths.append(contract.defined_in)
        if task.path == contract.defined_in:
            paths += contract.used_in
    wanted = [p for p in dict.fromkeys(paths) if p != task.path and p in scene.snapshot.files]
    parts = []
    for path in wanted[:_OUTLINES]:
        file = scene.snapshot.files[path]
        short = outline(file, _ROOM_OUTLINE) or file.text[:_ROOM_OUTLINE]
        head = f"# For your context: outline of {path} as it is now; contracts say how it will be"
        parts.append(f"{head}\n{fence(short, file.language)}")
    if wanted[_OUTLINES:]:
        parts.append("Not shown for lack of room: " + ", ".join(wanted[_OUTLINES:]))
    return parts


def _file(task: Task, scene: Scene) -> str:
    file = scene.snapshot.files.get(task.old_path or task.path)
    if file is None:
        return f"# Your file\n{task.path} does not exist yet."
    shown = excerpt(file, _words(task, scene.plan.contracts))
    part = "" if shown == file.text else ", in parts; where lines are left out, change nothing"
    moved = f", to become {task.path}" if task.action == "rename" else ""
    whole = f"# Your file: {file.path}{moved}{part}\n{fence(shown, file.language)}"
    if not part:
        return whole
    short = outline(file, 2 * _ROOM_OUTLINE)
    return f"# Outline of your whole file\n{fence(short, file.language)}\n\n{whole}"


def _words(task: Task, contracts: Sequence[Contract]) -> set[str]:
    """Name what a long file is searched for: identifiers of the goal and of the contracts."""
    said = [task.goal, *(contract.symbol for contract in contracts)]
    return {word for part in said for word in re.findall(r"[A-Za-z_][\w.]*\w", part)}


def _room_to_answer(task: Task, scene: Scene) -> int:
    """Allow an answer that rewrites the file once; tokens, about three characters each."""
    size = len(scene.text_of(task))
    return min(32_000, max(8_000, size // 2))
