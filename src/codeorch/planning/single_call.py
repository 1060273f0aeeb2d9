"""A request about one or two small files -> their edits, in one call and without a plan.

It is tried only where the request names the files or their symbols for certain. The model may
answer that more is needed; then the usual plan follows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from typing import Any

from codeorch.analysis.outline import tree
from codeorch.config import Settings
from codeorch.domain import Plan, Request, Snapshot, SourceFile, Task, Usage, WorkerSpec
from codeorch.edits import Refusal, check_path, resolve_path
from codeorch.errors import ReplyError, ServiceError
from codeorch.llm import Model, Prompt, Reply, Tool, usage_of
from codeorch.llm.prompts import fence, text
from codeorch.planning.dependencies import Uses, named, users
from codeorch.planning.findings import Findings
from codeorch.planning.plan_schema import Draft
from codeorch.planning.uneditable import reason_against

_MOST = 2  # files that the request may name, and tests of theirs that are shown
_SMALL = 9_000  # characters of a file
_SHORT = 600  # characters of a request; longer ones are rarely about one place
_BROAD = re.compile(r"\b(?:all|any|each|every|everywhere|across|throughout)\b", re.IGNORECASE)
_SHOWN_USERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The edits are made: a plan whose tasks hold their answers."""

    draft: Draft
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPlan:
    """More is needed than the files that the request names."""

    why: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What the one call is about."""

    request: Request
    findings: Findings
    settings: Settings
    paths: tuple[str, ...]  # that the request names
    users: Mapping[str, Uses]  # of each of them

    @property
    def snapshot(self) -> Snapshot:
        """The files of the commit."""
        return self.findings.snapshot

    @property
    def shown(self) -> tuple[str, ...]:
        """The files to show: those that the request names, and small tests that use them."""
        files = self.snapshot.files
        tests = [
            (-len(names), user)
            for using in self.users.values()
            for user, names in using.items()
            if files[user].role == "test" and len(files[user].text) <= _SMALL
        ]
        closest = dict.fromkeys(user for _, user in sorted(tests) if user not in self.paths)
        return (*self.paths, *list(closest)[:_MOST])

    def may_change(self, path: str) -> bool:
        """Whether an edit of the path is in sight of the model and allowed by the user."""
        in_sight = path in self.shown or path not in self.snapshot.files
        is_ignored = self.findings.reading.is_ignored
        can_be = in_sight and not reason_against(path, self.snapshot, is_ignored)
        return can_be and _is_open(path, self.request, self.settings)


async def change_directly(
    request: Request, findings: Findings, model: Model, settings: Settings
) -> Changed | NeedsPlan:
    """Ask for the edits of an obvious change at once.

    Raises:
        ServiceError: no answer came, and asking again cannot help.
    """
    paths = obvious_files(request, findings, settings)
    if not paths:
        return NeedsPlan()
    scene = _Scene(
        request=request,
        findings=findings,
        settings=settings,
        paths=paths,
        users={path: users(findings.snapshot, path, findings.names) for path in paths},
    )
    try:
        reply = await model.ask(_prompt(scene))
    except ServiceError as error:
        if not error.retryable and error.kind != "too_large":
            raise
        return NeedsPlan(usage=usage_of(error))
    answer = _filled(reply)
    if answer is None or answer.status == "needs_plan":
        return NeedsPlan(why=answer.reason if answer else "", usage=reply.usage)
    tasks = tuple(_tasks(answer, scene))
    if not tasks:
        return NeedsPlan(usage=reply.usage)
    if emptied := next((task.path for task in tasks if _empties(task, scene)), ""):
        return NeedsPlan(why=f"{emptied} is to be deleted", usage=reply.usage)
    plan = Plan(
        tasks=tasks,
        source="direct",
        rationale=f"The request is about {' and '.join(paths)}, so that one call made the edits "
        "without a plan.",
    )
    return Changed(draft=Draft(plan=plan), usage=reply.usage)


def obvious_files(request: Request, findings: Findings, settings: Settings) -> tuple[str, ...]:
    """Name the one or two small files that a request is plainly about; none if it is not plain.

    A short request is plain when it names files by path, or only symbols that are defined, and
    does not speak of all places of some kind.
    """
    if len(request.text) > _SHORT or _BROAD.search(request.text) or settings.strategy != "auto":
        return ()
    found = named(request.text, findings.snapshot, findings.names)
    if found.vague or (found.unknown and not found.files):
        return ()
    paths = dict.fromkeys((*found.files, *(p for owners in found.symbols.values() for p in owners)))
    is_ignored = findings.reading.is_ignored
    plain = 0 < len(paths) <= _MOST and all(
        len(findings.snapshot.bare(path).text) <= _SMALL
        and _is_open(path, request, settings)
        and not reason_against(path, findings.snapshot, is_ignored)
        for path in paths
    )
    return tuple(paths) if plain else ()


@cache
def form() -> type[Any]:
    """Build the pydantic model of the answer."""
    from typing import Literal  # noqa: PLC0415 - beside pydantic, which costs 0.1 s

    from pydantic import BaseModel, ConfigDict, Field  # noqa: PLC0415

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class EditForm(Strict):
        path: str
        old: str = Field(description="whole lines as they are in the file; empty for a new file")
        new: str = Field(description="the lines that take their place")

    class ChangeForm(Strict):
        status: Literal["done", "needs_plan"]
        summary: str = Field(description="what changed, in a sentence")
        reason: str = Field(description="for needs_plan: what else has to change")
        edits: list[EditForm]

    return ChangeForm


# ------------------------------------------------------------------------------- the question


def _prompt(scene: _Scene) -> Prompt:
    schema: Mapping[str, Any] = form().model_json_schema()
    return Prompt(
        key="plan/direct",
        model=scene.settings.model("planner"),
        system=text("direct"),
        user="\n\n".join(_question(scene)),
        tool=Tool(name="change", description="Hand in the edits, or hand over.", schema=schema),
        force_tool=True,
        timeout_s=scene.settings.plan_timeout_s,
    )


def _question(scene: _Scene) -> Iterator[str]:
    yield "# Change request\n" + fence(scene.request.text)
    yield "# All files of the repository\n" + fence(tree(scene.snapshot.files, near=scene.shown))
    for path, using in scene.users.items():
        lines = [f"- {user}: {', '.join(names)}" for user, names in using.items()]
        more = [f"- and {len(lines) - _SHOWN_USERS} more"] if len(lines) > _SHOWN_USERS else []
        if lines:
            yield "\n".join([f"# Who uses {path}", *lines[:_SHOWN_USERS], *more])
    for path in scene.shown:
        file = scene.snapshot.files[path]
        yield f"# {path}\n{fence(file.text, file.language)}"


# ------------------------------------------------------------------------------- the answer


def _filled(reply: Reply) -> Any | None:  # noqa: ANN401 - a pydantic model made at run time
    from pydantic import ValidationError  # noqa: PLC0415 - costs 0.1 s

    if reply.form is None or reply.stop not in ("end_turn", "tool_use"):
        return None
    try:
        return form().model_validate(reply.form)
    except ValidationError:
        return None


def _is_open(path: str, request: Request, settings: Settings) -> bool:
    if request.paths and not any(fnmatch(path, glob) for glob in request.paths):
        return False
    try:
        check_path(path, allowed=settings.allow)
    except Refusal:
        return False
    return True


def _tasks(answer: Any, scene: _Scene) -> Iterator[Task]:  # noqa: ANN401 - as above
    """Make a task of each file's edits; none when one of the files may not change."""
    edits: dict[str, str] = {}
    for edit in answer.edits:
        path = resolve_path(edit.path, scene.snapshot.files.keys())
        edits[path] = edits.get(path, "") + _block(edit.old, edit.new)
    if not all(scene.may_change(path) for path in edits):
        return
    for number, (path, blocks) in enumerate(edits.items(), start=1):
        task = Task(
            id=f"t{number}",
            path=path,
            goal=answer.summary,
            action="edit" if path in scene.snapshot.files else "create",
            answer=blocks,
        )
        yield _proven(task, scene)


def _block(old: str, new: str) -> str:
    sides = [side if not side or side.endswith("\n") else f"{side}\n" for side in (old, new)]
    return f"<<<<<<< SEARCH\n{sides[0]}=======\n{sides[1]}>>>>>>> REPLACE\n"


def _empties(task: Task, scene: _Scene) -> bool:
    """Whether nothing of a file is left: to delete one is a task of its own."""
    file = scene.snapshot.files.get(task.path)
    if file is None or not task.answer:
        return False
    return bool(file.text.strip()) and not scene.findings.reading.preview(file, task).text.strip()


def _proven(task: Task, scene: _Scene) -> Task:
    """Keep the answer if it fits the file and still parses; else a worker does the task."""
    file = scene.snapshot.files.get(task.path) or SourceFile(path=task.path, text="")
    try:
        if scene.findings.reading.preview(file, task).syntax_errors <= file.syntax_errors:
            return task
    except ReplyError:
        pass
    goal = f"{task.goal}\n\nThe request:\n{scene.request.text}"
    spec = WorkerSpec(timeout_s=scene.settings.task_timeout_s)
    return replace(task, answer="", goal=goal, worker=spec)
