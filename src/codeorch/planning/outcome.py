"""What became of a plan, as its planner is told: only what is new, and only what helps."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codeorch.domain import (
    Completeness,
    Contract,
    DeadLetter,
    Deviation,
    Done,
    MissedUse,
    NeedsMore,
    NothingToDo,
    Round,
    Skipped,
    Snapshot,
    TaskResult,
)
from codeorch.llm.prompts import fence, text
from codeorch.planning.dependencies import files_of
from codeorch.planning.failing_tests import (
    WHERE_IT_FAILED,
    failing_definitions,
    frames,
    is_broken,
    own_tests,
)
from codeorch.planning.findings import Reading
from codeorch.planning.planner import PlannerTalk

_ROOM = 20_000  # characters of all, somewhat under 6,000 tokens
_ROOM_DIFFS, _ROOM_DIFF = 6_000, 2_500
_ROOM_LOG = 3_000
_ROOM_PLAN, _ROOM_GOAL = 6_000, 400
_SHOWN_TESTS, _SHOWN_GAPS, _SHOWN_SYMBOLS = 30, 40, 4
_RETURNED = "# Back with the workers that made them; plan nothing for these"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a reviser sees: the rounds, the files as they are now, and the edits so far."""

    rounds: Sequence[Round]
    snapshot: Snapshot
    diffs: Mapping[str, str]  # by path
    reading: Reading
    talk: PlannerTalk | None = None  # to go on with; None = the plan came from elsewhere
    authors: Collection[str] = ()  # ids of the tasks whose workers' conversations are kept
    returned: Sequence[str] = ()  # what went back to workers, a line each

    @property
    def last(self) -> Round:
        """The round whose outcome is to be improved on."""
        return self.rounds[-1]

    @property
    def open_tasks(self) -> frozenset[str]:
        """The tasks that did not finish."""
        return frozenset(result.task.id for result in self.last.results if is_open(result))


def is_open(result: TaskResult) -> bool:
    """Tell whether a task did not finish."""
    return isinstance(result, NeedsMore | DeadLetter | Skipped)


def contracts_as_written(last: Round) -> Iterator[Contract]:
    """Yield the contracts so far; one that was not kept as it is in the file now."""
    now = {
        (result.task.path, deviation.symbol): deviation.signature
        for result in last.results if isinstance(result, Done)
        for deviation in result.deviations
    }  # fmt: skip
    for one in last.plan.contracts:
        yield replace(one, signature=now.get((one.defined_in, one.symbol), one.signature))


def plan_so_far(last: Round) -> str:
    """Write the plan of a round for somebody who has not made it: goals and contracts."""
    lines = [
        f"- {one.symbol}: `{one.signature}`, defined in {one.defined_in}"
        for one in contracts_as_written(last)
    ]
    lines += [f"- {task.id} ({task.path}): {task.goal[:_ROOM_GOAL]}" for task in last.plan.tasks]
    room, shown = _ROOM_PLAN, list[str]()
    for line in lines:
        room -= len(line)
        if room < 0:
            shown.append(f"[{len(lines) - len(shown)} more are left out]")
            break
        shown.append(line)
    return "# The plan that was carried out: contracts, then tasks\n" + "\n".join(shown)


def outcome(evidence: Evidence, *, stage: bool, counted: int) -> Iterator[str]:
    """Write what a planner is told after a round, in at most about 6,000 tokens.

    `counted` is how many files earlier plans had tasks for.
    """
    room = _ROOM
    for part in _parts(evidence, stage=stage, counted=counted):
        room -= len(part)
        if room < 0:
            yield "[more is left out for lack of room; look it up]"
            return
        yield part


def _parts(evidence: Evidence, *, stage: bool, counted: int) -> Iterator[str]:
    last, files = evidence.last, evidence.snapshot
    yield text("revise").strip()
    if stage:
        yield "# The stage that is due now, as you announced it\n" + last.plan.next_stage
    if counted:
        yield f"Earlier plans had tasks for {counted} files; each counts once towards the limit."
    yield "\n".join(["# Outcome of each task", *_results(evidence)])
    if evidence.returned:
        yield "\n".join([_RETURNED, *evidence.returned])
    if refusals := [f"- {one.path}: {one.why}" for one in last.change.rejected]:
        yield "# Finished edits that were not taken\n" + "\n".join(refusals)
    yield "# Tests\n" + _tests(evidence)
    if is_broken(last.verdict) and (bodies := failing_definitions(last.verdict.evidence, files)):
        yield f"{WHERE_IT_FAILED}\n{bodies}"
    if gaps := _gaps(last.completeness, files):
        yield "# Uses that the change left behind\n" + gaps
    yield from _diffs(evidence)


def _results(evidence: Evidence) -> Iterator[str]:
    """Say what became of each task; those that are done without more in one line."""
    plain: list[str] = []
    for result in _unknown_results(evidence.rounds):
        if isinstance(result, Done) and not (result.deviations or result.interface_notes):
            plain.append(result.task.id)
        else:
            yield _result(result)
    if plain:
        yield f"- done: {', '.join(plain)}"


def _unknown_results(rounds: Sequence[Round]) -> Iterator[TaskResult]:
    """Yield the results since the planner's last word; what was open and is not, not any more."""
    since = next(
        (n for n in range(len(rounds), 0, -1) if not rounds[n - 1].plan.is_from_program), 1
    )
    for one in rounds[since - 1 :]:
        yield from (r for r in one.results if one is rounds[-1] or not is_open(r))


def _result(result: TaskResult) -> str:
    task = result.task
    again = f", again: {task.goal}" if task.continues else ""
    head = f"- {task.id} ({task.action} {task.path}{again}): "
    match result:
        case Done():
            notes = f" {result.interface_notes}" if result.interface_notes else ""
            return f"{head}done.{notes}" + "".join(map(_deviation, result.deviations))
        case NothingToDo():
            return f"{head}nothing to do: {result.reason}"
        case NeedsMore():
            return f"{head}open; it asks for {', '.join(result.paths)}: {result.why}"
        case DeadLetter():
            return f"{head}open; failed for good: {result.error}"
        case Skipped():
            return f"{head}open; not tried: {result.because}"


def _deviation(deviation: Deviation) -> str:
    return (
        f"\n  - did not keep the contract of {deviation.symbol}: it is now "
        f"`{deviation.signature}`, because {deviation.why}"
    )


def _tests(evidence: Evidence) -> str:
    verdict = evidence.last.verdict
    lines = [f"{verdict.status}: {verdict.reason}"]
    if verdict.before is not None and verdict.before.failed:
        lines.append(f"Failed before the change already: {verdict.before.failed}.")
    if verdict.broken:
        own = own_tests(evidence.last)
        names = [f"{n} (written by this run)" if n in own else n for n in verdict.broken]
        lines.append("Newly failing: " + _list_names(names))
    if verdict.missing:
        lines.append("Ran before, not any more: " + _list_names(verdict.missing))
    if verdict.precommit:
        lines.append("pre-commit says:\n" + fence(verdict.precommit[-_ROOM_LOG:]))
    if verdict.evidence:
        lines.append("From the log:\n" + fence(verdict.evidence))
    elif is_broken(verdict) and verdict.after is not None:
        lines.append("End of the log:\n" + fence(verdict.after.log[-_ROOM_LOG:]))
    if verdict.findings:
        lines.append("New lint findings:\n" + fence("\n".join(verdict.findings[:_SHOWN_TESTS])))
    return "\n".join(lines)


def _list_names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN_TESTS} more" if names[_SHOWN_TESTS:] else ""
    return ", ".join(names[:_SHOWN_TESTS]) + more


def _gaps(completeness: Completeness, files: Snapshot) -> str:
    """List the uses, each place once: a name that many classes share stands for all of them.

    Those in files that are excluded are not shown to a model.
    """
    places: dict[tuple[str, int, str], list[MissedUse]] = {}
    for gap in dict.fromkeys((*completeness.open, *completeness.gaps)):
        if gap.path not in files.files:
            continue
        places.setdefault((gap.path, gap.line, gap.certainty), []).append(gap)
    lines = []
    for first, *others in places.values():
        also = ", ".join(f"`{one.symbol}`" for one in others[:_SHOWN_SYMBOLS])
        more = f" and {len(others) - _SHOWN_SYMBOLS} more" if others[_SHOWN_SYMBOLS:] else ""
        lines.append(f"- {first}" + (f" [so for {also}{more}]" if also else ""))
    return "\n".join(lines[:_SHOWN_GAPS])


def _diffs(evidence: Evidence) -> Iterator[str]:
    """Show what workers made of the files that the trouble is about; nobody has seen it here.

    Where tests fail and the trouble leads to none of them, each may be at fault.
    """
    paths = _paths_of_trouble(evidence)
    if is_broken(evidence.last.verdict) and not paths & evidence.diffs.keys():
        paths = frozenset(evidence.diffs)
    room = _ROOM_DIFFS
    for path, diff in evidence.diffs.items():
        if path in paths and len(diff) <= min(room, _ROOM_DIFF):
            room -= len(diff)
            yield f"# The edit of {path}\n{fence(diff, 'diff')}"


def _paths_of_trouble(evidence: Evidence) -> frozenset[str]:
    """Name the files of newly failing tests, of their frames, and of lint findings."""
    verdict, files = evidence.last.verdict, evidence.snapshot.files
    paths = {path for path, _ in frames(verdict.evidence, evidence.snapshot)}
    for name in verdict.broken[:_SHOWN_TESTS]:
        paths.update(files_of(name.partition("::")[0], files.keys()))
    paths.update(finding.partition(":")[0] for finding in verdict.findings)
    return frozenset(paths)
