"""Outcome -> Record: the plain values that every report is told from, and their JSON.

Each patch is rendered here, once. What is told right after a run and what is told of it later are
told from equal records.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from codeorch.domain import (
    Attempt,
    Branch,
    Completeness,
    DeadLetter,
    Deviation,
    Estimate,
    Excuse,
    FilePatch,
    Outcome,
    OutcomeStatus,
    Plan,
    Rejected,
    Request,
    Round,
    Task,
    TaskResult,
    Timing,
    Usage,
    Verdict,
)
from codeorch.edits import render
from codeorch.errors import UserError
from codeorch.report.headline import headline

SCHEMA = 1  # raised when a field changes its meaning or goes
BUDGET = 6  # the exit code when a ceiling kept tasks from being asked for
EXIT_CODES: dict[OutcomeStatus, int] = {
    "verified": 0, "untested": 0, "nothing": 0, "failed": 1, "partial": 3, "unverified": 4,
}  # fmt: skip
Change = Literal["created", "deleted", "renamed", "edited"]
Ending = Literal["Done", "NothingToDo", "NeedsMore", "DeadLetter", "Skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What became of one file."""

    path: str
    change: Change
    old_path: str = ""  # for a rename
    added: int = 0  # lines
    removed: int = 0
    diff: str = ""
    formatted: bool = False  # by the project's own formatter, in a commit of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a task ended; see the results in `domain` for what each field means."""

    result: Ending
    task: str  # its id
    path: str = ""
    landed: bool = False  # its edit is part of the result
    summary: str = ""
    interface_notes: str = ""
    deviations: tuple[Deviation, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    repairs: tuple[str, ...] = ()
    reason: str = ""
    paths: tuple[str, ...] = ()
    why: str = ""
    error: str = ""
    kind: str = ""
    because: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the task is not finished."""
        return self.result in ("NeedsMore", "DeadLetter", "Skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One round of the run."""

    plan: Plan
    results: tuple[Ended, ...]  # what an earlier round left open included
    commit: str
    verdict: Verdict
    completeness: Completeness = field(default_factory=Completeness)
    conventions: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    estimate: Estimate | None = None

    @property
    def own_results(self) -> Iterator[Ended]:
        """The results of this round's own tasks."""
        own = {task.id for task in self.plan.tasks}
        return (result for result in self.results if result.task in own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finished run."""

    schema: int = SCHEMA
    run: str
    status: OutcomeStatus
    reason: str = ""  # the headline: how it ended, and what stands in the way of a better word
    exit_code: int
    request: Request
    branch: Branch | None
    commit: str
    files: tuple[FileChange, ...]
    rejected: tuple[Rejected, ...]
    rounds: tuple[Turn, ...]  # the last one is what stands
    usage: Usage
    kept: int = 0
    asked: int = 0
    timings: tuple[Timing, ...]
    notices: tuple[str, ...]

    @property
    def last(self) -> Turn:
        """The round whose change stands."""
        return self.rounds[-1]

    @property
    def tasks(self) -> dict[str, Task]:
        """All tasks by their ids, which are unique in a run."""
        return {task.id: task for one in self.rounds for task in one.plan.tasks}

    @property
    def landed(self) -> tuple[Ended, ...]:
        """The results whose edits make up the change, in the order of the rounds."""
        return tuple(result for one in self.rounds for result in one.own_results if result.landed)


# ------------------------------------------------------------------------------- of a run


def record(outcome: Outcome) -> Record:
    """Turn an outcome into its record."""
    last = outcome.last
    steps = {id(step) for step in last.change.steps}
    told = Record(
        run=outcome.run_id,
        status=outcome.status,
        exit_code=_exit_code(outcome),
        request=outcome.request,
        branch=outcome.branch,
        commit=last.commit,
        files=tuple(_files(last)),
        rejected=last.change.rejected,
        rounds=tuple(_turn(one, steps) for one in outcome.rounds),
        usage=outcome.usage,
        kept=outcome.kept,
        asked=outcome.asked,
        timings=outcome.timings,
        notices=outcome.notices,
    )
    return replace(told, reason=headline(told))


def ended(result: TaskResult, *, landed: bool = False) -> Ended:
    """Tell how a task ended without its patch, which the files of the change tell."""
    kept = (one.name for one in fields(result) if one.name not in ("task", "patch"))
    values: dict[str, Any] = {name: getattr(result, name) for name in kept}
    ending: Any = type(result).__name__
    task = result.task
    return Ended(result=ending, task=task.id, path=task.path, landed=landed, **values)


def _turn(one: Round, steps: set[int]) -> Turn:
    return Turn(
        plan=one.plan,
        results=tuple(ended(result, landed=id(result) in steps) for result in one.results),
        commit=one.commit,
        verdict=_counted(one.verdict),
        completeness=one.completeness,
        conventions=one.conventions,
        unreached=one.unreached,
        estimate=one.estimate,
    )


def _counted(verdict: Verdict) -> Verdict:
    """Only count the tests that did well; the classes of the verdict name those that matter."""
    before, after = (
        run and replace(run, tests={t: said for t, said in run.tests.items() if said == "failed"})
        for run in (verdict.before, verdict.after)
    )
    return replace(verdict, before=before, after=after)


def _exit_code(outcome: Outcome) -> int:
    if any(isinstance(r, DeadLetter) and r.kind == "budget" for r in outcome.last.results):
        return BUDGET
    return EXIT_CODES[outcome.status]


def _files(last: Round) -> Iterator[FileChange]:
    formatted = {patch.path for patch in last.tidied}
    for patch in last.patches:
        yield replace(_file(patch), formatted=patch.path in formatted)


def _file(patch: FilePatch) -> FileChange:
    diff = render(patch)
    body = diff.partition("\n@@")[2].split("\n")  # what comes before are headers
    return FileChange(
        path=patch.path,
        change=_change(patch),
        old_path=patch.old_path,
        added=sum(line.startswith("+") for line in body),
        removed=sum(line.startswith("-") for line in body),
        diff=diff,
    )


def _change(patch: FilePatch) -> Change:
    if patch.before is None:
        return "created"
    if patch.after is None:
        return "deleted"
    return "renamed" if patch.old_path else "edited"


# ------------------------------------------------------------------------------- as JSON


def to_json(told: Record, indent: int | None = None) -> str:
    """Write a record as JSON. Halves of characters, which no file can hold, become `?`."""
    text = json.dumps(asdict(told), indent=indent, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def plain(told: Record) -> dict[str, Any]:
    """Give a record as values that JSON knows."""
    value: dict[str, Any] = json.loads(to_json(told))
    return value


def save(told: Record, folder: Path) -> Path:
    """Write the record of a run into its folder, whole or not at all; give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "record.json"
    draft = target.with_suffix(".tmp")
    draft.write_text(to_json(told, indent=1), encoding="utf-8")
    draft.replace(target)
    return target


def load(value: Mapping[str, Any]) -> Record:
    """Read a record from its JSON.

    Raises:
        UserError: it is damaged.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - 0.1 s

    try:
        return TypeAdapter(Record).validate_python(value)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise UserError(
            f"the record of run {value.get('run')} is damaged at {place}: {fault['msg']}",
            "see `codeorch runs` for others",
        ) from error
