"""Outcome -> Record: the plain values that every report is made of, and their JSON.

Each patch is rendered here, once. The report right after a run and one made of it later come from
equal records.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from codeorch.domain import (
    SCHEMA_VERSION,
    Attempt,
    Branch,
    Completeness,
    Deviation,
    Estimate,
    ExitCode,
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
    VerdictStatus,
    Waiver,
    exit_code_of,
    require_schema_version,
    status_of_failure,
)
from codeorch.edits import render
from codeorch.errors import CodeorchError, UserError
from codeorch.report.diff_view import read_diff
from codeorch.report.headline import headline

_NOT_RECORDED = ("task", "patch", "parsed")  # fields of a result that the record has elsewhere
Change = Literal["created", "deleted", "renamed", "edited"]
# Whose edit it is: the plan brings it along, a rule or script, a worker, or nobody has to write it.
EditSource = Literal["", "planner", "rule", "worker", "program"]
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
class TaskRecord:
    """How a task ended; see the results in `domain` for what each field means."""

    result: Ending
    task: str  # its id
    path: str = ""
    made_by: EditSource = ""  # empty in records of earlier versions
    landed: bool = False  # its edit is part of the result
    summary: str = ""
    interface_notes: str = ""
    deviations: tuple[Deviation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
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
class RoundRecord:
    """One round of the run."""

    plan: Plan
    results: tuple[TaskRecord, ...]  # what an earlier round left open included
    commit: str
    verdict: Verdict
    completeness: Completeness = field(default_factory=Completeness)
    conventions: tuple[str, ...] = ()
    untested_files: tuple[str, ...] = ()
    estimate: Estimate | None = None

    @property
    def own_results(self) -> Iterator[TaskRecord]:
        """The results of this round's own tasks."""
        own = {task.id for task in self.plan.tasks}
        return (result for result in self.results if result.task in own)


_NO_ROUND = RoundRecord(
    plan=Plan(tasks=()),
    results=(),
    commit="",
    verdict=Verdict(status=VerdictStatus.NOT_RUN, reason="the run ended before"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A run that is over. One that failed before a round was carried out has none."""

    schema_version: int = SCHEMA_VERSION
    run: str
    status: OutcomeStatus
    reason: str = ""  # the headline: how it ended, and what stands in the way of a better word
    exit_code: ExitCode
    request: Request
    branch: Branch | None
    commit: str
    files: tuple[FileChange, ...]
    rejected: tuple[Rejected, ...]
    rounds: tuple[RoundRecord, ...]  # the last one is what stands
    usage: Usage
    usage_by_stage: Mapping[str, Usage] = field(default_factory=dict)  # plan, work, revise
    reused_answers: int = 0
    new_answers: int = 0
    timings: tuple[Timing, ...]
    notices: tuple[str, ...]
    failure: str = ""  # what ended a run that could not go on

    @property
    def last(self) -> RoundRecord:
        """The round whose change stands; an empty one where there is none."""
        return self.rounds[-1] if self.rounds else _NO_ROUND

    @property
    def tasks(self) -> dict[str, Task]:
        """All tasks by their ids, which are unique in a run."""
        return {task.id: task for one in self.rounds for task in one.plan.tasks}

    @property
    def landed(self) -> tuple[TaskRecord, ...]:
        """The results whose edits make up the change, in the order of the rounds."""
        return tuple(result for one in self.rounds for result in one.own_results if result.landed)


# ------------------------------------------------------------------------------- of a run


def record(outcome: Outcome) -> Record:
    """Return the record of an outcome."""
    last = outcome.last
    steps = {id(step) for step in last.change.steps}
    bare = Record(
        run=outcome.run_id,
        status=outcome.status,
        exit_code=outcome.exit_code,
        request=outcome.request,
        branch=outcome.branch,
        commit=last.commit,
        files=tuple(_files(last)),
        rejected=last.change.rejected,
        rounds=tuple(_round_record(one, steps) for one in outcome.rounds),
        usage=outcome.usage,
        usage_by_stage=outcome.usage_by_stage,
        reused_answers=outcome.reused_answers,
        new_answers=outcome.new_answers,
        timings=outcome.timings,
        notices=outcome.notices,
    )
    return replace(bare, reason=headline(bare))


def failure_record(run_id: str, request: Request, error: CodeorchError) -> Record:
    """Return the record of a run that an error ended before a round was carried out."""
    usage = error.usage_of_run
    status = status_of_failure(error)
    bare = Record(
        run=run_id,
        status=status,
        exit_code=exit_code_of(status),
        request=request,
        branch=None,
        commit="",
        files=(),
        rejected=(),
        rounds=(),
        usage=usage if isinstance(usage, Usage) else Usage(),
        timings=(),
        notices=(),
        failure=str(error),
    )
    return replace(bare, reason=headline(bare))


def task_record(result: TaskResult, *, landed: bool = False) -> TaskRecord:
    """Return how a task ended, without its patch: the files of the change hold that."""
    names = (one.name for one in fields(result) if one.name not in _NOT_RECORDED)
    values: dict[str, Any] = {name: getattr(result, name) for name in names}
    ending: Any = type(result).__name__
    task = result.task
    return TaskRecord(
        result=ending,
        task=task.id,
        path=task.path,
        made_by=_source_of(task),
        landed=landed,
        **values,
    )


def _source_of(task: Task) -> EditSource:
    if task.diff:
        return "planner"
    if task.answer:
        return "rule"
    return "worker" if task.needs_model else "program"


def _round_record(one: Round, steps: set[int]) -> RoundRecord:
    return RoundRecord(
        plan=one.plan,
        results=tuple(task_record(result, landed=id(result) in steps) for result in one.results),
        commit=one.commit,
        verdict=_with_failures_only(one.verdict),
        completeness=one.completeness,
        conventions=one.conventions,
        untested_files=one.untested_files,
        estimate=one.estimate,
    )


def _with_failures_only(verdict: Verdict) -> Verdict:
    """Only count the tests that did well; the classes of the verdict name those that matter."""
    before, after = (
        run and replace(run, tests={t: how for t, how in run.tests.items() if how == "failed"})
        for run in (verdict.before, verdict.after)
    )
    return replace(verdict, before=before, after=after)


def _files(last: Round) -> Iterator[FileChange]:
    format_paths = {patch.path for patch in last.format_patches}
    for patch in last.patches:
        yield replace(_file(patch), formatted=patch.path in format_paths)


@lru_cache(maxsize=256)  # a record is made twice: once to be kept, and once to be shown
def _file(patch: FilePatch) -> FileChange:
    diff = render(patch)
    (view,) = read_diff(diff)
    return FileChange(
        path=patch.path,
        change=_change(patch),
        old_path=patch.old_path,
        added=view.added,
        removed=view.removed,
        diff=diff,
    )


def _change(patch: FilePatch) -> Change:
    if patch.before is None:
        return "created"
    if patch.after is None:
        return "deleted"
    return "renamed" if patch.old_path else "edited"


# ------------------------------------------------------------------------------- as JSON


def to_json(record: Record, indent: int | None = None) -> str:
    """Return a record as JSON text. Halves of characters, which no file can hold, become `?`."""
    text = json.dumps(asdict(record), indent=indent, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def plain(record: Record) -> dict[str, Any]:
    """Return a record as values that JSON knows."""
    value: dict[str, Any] = json.loads(to_json(record))
    return value


def save(record: Record, folder: Path) -> Path:
    """Write the record of a run into its folder, whole or not at all; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "record.json"
    draft = target.with_suffix(".tmp")
    draft.write_text(to_json(record, indent=1), encoding="utf-8")
    draft.replace(target)
    return target


def load(value: Mapping[str, Any]) -> Record:
    """Return a record from its JSON.

    Raises:
        UserError: it is damaged, or of another version.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - 0.1 s

    require_schema_version(value, str(value.get("run")))
    try:
        valid: Record = _adapter().validate_python(value)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise UserError(
            f"the record of run {value.get('run')} is damaged at {place}: {fault['msg']}",
            "see `codeorch runs` for others",
        ) from error
    return valid


@cache
def _adapter() -> Any:  # noqa: ANN401 - pydantic's
    """Build the reader of records once: it takes some ten milliseconds."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - 0.1 s

    return TypeAdapter(Record)
