"""A checked round -> what goes back to the workers that wrote it, and what is left to the planner.

A worker mends what linters find in its edit, what a contract that was not kept means for its file,
and the newly failing tests that it wrote itself: it knows them best, and its conversation is there.
It is asked once; what is still wrong then is the planner's, and so are the planner's own edits.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from codeorch import graph
from codeorch.domain import (
    Contract,
    DeadLetter,
    Deviation,
    Done,
    NeedsMore,
    NothingToDo,
    Plan,
    RepairCause,
    Round,
    Snapshot,
    Task,
    TaskResult,
    Verdict,
    VerdictStatus,
)
from codeorch.llm.prompts import fence
from codeorch.planning.failing_tests import (
    WHERE_IT_FAILED,
    bare_name,
    failing_definitions,
    failures_joined,
    own_tests,
)
from codeorch.planning.outcome import Evidence, contracts_as_written
from codeorch.retrieval import ShownLines

_ROOM, _LEAST = 20_000, 3_000  # characters of all diagnoses, somewhat under 6,000 tokens; of each
_MOST = 30  # findings, and tests, of one file
_ROOM_LOG, _ROOM_BODIES = 5_000, 4_000
_AROUND = 2  # lines around a finding
_TESTS = (
    "# Newly failing tests that you wrote\n"
    "Change a test only where it is wrong about what the request asks for."
)
_CONTRACTS = "# Contracts that turned out differently"
T = TypeVar("T")
_FINDING = re.compile(r"^(.+?):(\d+): ")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorRepairs:
    """Tasks for workers that made something wrong, and the round without that."""

    tasks: tuple[Task, ...]
    rest: Round  # what the planner has to hear of

    @property
    def lines(self) -> tuple[str, ...]:
        """What went back, for the planner."""
        return tuple(f"- {task.path}: {task.goal}" for task in self.tasks)

    def plan(self, last: Round) -> Plan:
        """Return the repairs as a plan of their own: nothing else is wrong."""
        return Plan(
            tasks=self.tasks,
            contracts=tuple(contracts_as_written(last)),
            source=last.plan.source,
            rationale="What was found wrong goes back to the workers that wrote it.",
            strategy=last.plan.strategy,
            stage=last.plan.stage,
        )

    def added_to(self, plan: Plan) -> Plan:
        """Return the planner's plan with the repairs, after its own tasks of the same files."""
        gone = {t.old_path or t.path for t in plan.tasks if t.action in ("delete", "rename")}
        mine = tuple(
            replace(task, needs=tuple(t.id for t in plan.tasks if t.path == task.path))
            for task in self.tasks if task.path not in gone
        )  # fmt: skip
        return replace(plan, tasks=(*plan.tasks, *mine))


def author_repairs(evidence: Evidence) -> AuthorRepairs:
    """Part what is wrong after a round by who has written it."""
    last = evidence.last
    authors = _authors(evidence)
    findings = _by_path((path, one) for one in last.verdict.findings if (path := _path_of(one)))
    tests = _by_path((path, name) for name, path in own_tests(last).items())
    strayed = _by_path(strayed_contracts(last))
    paths = [path for path in authors if path in findings or path in tests or path in strayed]
    room = max(_LEAST, _ROOM // max(1, len(paths)))
    tasks = tuple(
        _task(
            authors[path], len(evidence.rounds) + 1,
            _Faults(
                path=path,
                findings=findings.get(path, ())[:_MOST],
                tests=tests.get(path, ())[:_MOST],
                deviations=strayed.get(path, ()),
            ),
            evidence, room,
        )
        for path in paths
    )  # fmt: skip
    verdict = _without(
        last.verdict,
        findings={one for path in paths for one in findings.get(path, ())},
        tests={name for path in paths for name in tests.get(path, ())},
    )
    return AuthorRepairs(tasks=tasks, rest=replace(last, verdict=verdict))


def needless_repairs(last: Round) -> Round:
    """Close the open repairs of a round whose fault is seen to be gone: another edit mended it."""
    gone: Mapping[RepairCause, Callable[[str], bool]] = {
        "contract": lambda _: False,  # what it means for a file, no test and no linter proves
        "finding": _files_without_findings(last),
        "test": _files_without_own_failures(last),
    }

    def close(result: TaskResult) -> TaskResult:
        if not isinstance(result, NeedsMore | DeadLetter):
            return result
        task = result.task
        if not task.causes or not all(gone[cause](task.path) for cause in task.causes):
            return result
        return NothingToDo(task=task, reason="what was wrong is gone", attempts=result.attempts)

    return replace(last, results=tuple(map(close, last.results)))


def _files_without_findings(last: Round) -> Callable[[str], bool]:
    """Return which files linters were run on and find nothing in."""
    was_linted = bool(last.commit) and last.verdict.status != VerdictStatus.NOT_RUN
    wrong = {_path_of(one) for one in last.verdict.findings}
    return lambda path: was_linted and path not in wrong


def _files_without_own_failures(last: Round) -> Callable[[str], bool]:
    """Return which files wrote no test that fails now, as far as the runs tell test by test."""
    verdict = last.verdict
    is_compared = verdict.status in (VerdictStatus.VERIFIED, VerdictStatus.NO_WORSE) or (
        verdict.status == VerdictStatus.BROKEN and bool(verdict.broken)
    )
    is_whole = verdict.after is None or not verdict.after.stopped_by
    wrong = set(own_tests(last).values())
    return lambda path: is_compared and is_whole and path not in wrong


def strayed_contracts(last: Round) -> Iterator[tuple[str, tuple[Done, Deviation]]]:
    """Yield the files that rely on a contract that was not kept and whose worker was not told."""
    needs = {task.id: task.needs for task in last.plan.tasks}
    at = {task.path: task.id for task in last.plan.tasks}
    for done in last.results:
        if not isinstance(done, Done) or done.task.id not in needs:
            continue
        for deviation in done.deviations:
            for path in _users(done.task.path, deviation, last.plan.contracts):
                if path in at and done.task.id not in graph.upstream(needs, at[path]):
                    yield path, (done, deviation)


def _users(path: str, deviation: Deviation, contracts: Sequence[Contract]) -> Iterator[str]:
    """Yield the files that use a contract of a file, or all its contracts if none has the name."""
    own = [contract for contract in contracts if contract.defined_in == path]
    named = [one for one in own if _last_part(one.symbol) == _last_part(deviation.symbol)]
    users = (user for contract in named or own for user in contract.used_in if user != path)
    yield from dict.fromkeys(users)


def _last_part(symbol: str) -> str:
    return re.split(r"[.:#]", symbol.strip("`").partition("(")[0])[-1]


# ------------------------------------------------------------------------------- who wrote what


def _authors(evidence: Evidence) -> Mapping[str, Task]:
    """Return the task behind the last edit of each file, where its worker can still be asked."""
    newest: dict[str, Task] = {}
    asked = {result.task.continues for one in evidence.rounds for result in one.results}
    for one in evidence.rounds:
        for result in one.results:
            if isinstance(result, Done):
                newest.pop(result.patch.old_path, None)
                newest[result.patch.path] = result.task
    return {
        path: task for path, task in newest.items()
        if task.id in evidence.authors and not task.continues and task.id not in asked
        and path in evidence.snapshot.files
    }  # fmt: skip


def _path_of(finding: str) -> str:
    match = _FINDING.match(finding)
    return match[1] if match else ""


def _by_path(rows: Iterable[tuple[str, T]]) -> Mapping[str, tuple[T, ...]]:
    groups: defaultdict[str, tuple[T, ...]] = defaultdict(tuple)
    for path, value in rows:
        groups[path] = (*groups[path], value)
    return groups


def _without(verdict: Verdict, findings: Collection[str], tests: Collection[str]) -> Verdict:
    """Return a verdict as it would be without some findings and newly failing tests."""
    if not findings and not tests:
        return verdict
    left = tuple(name for name in verdict.broken if name not in tests)
    rest = replace(
        verdict, findings=tuple(one for one in verdict.findings if one not in findings), broken=left
    )
    if not tests:
        return rest
    if not left and not verdict.missing and not (verdict.after and verdict.after.stopped_by):
        return replace(
            rest, status=VerdictStatus.NO_WORSE, reason="only tests of this run fail", evidence=""
        )
    evidence = failures_joined(verdict.failures, left, _ROOM_LOG)
    reason = f"{len(left)} newly failing" if left else verdict.reason
    return replace(rest, reason=reason, evidence=evidence or verdict.evidence)


# ------------------------------------------------------------------------------- what it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Faults:
    """What is wrong with the edit of one file."""

    path: str
    findings: tuple[str, ...]
    tests: tuple[str, ...]
    deviations: tuple[tuple[Done, Deviation], ...]


def _task(task: Task, number: int, faults: _Faults, evidence: Evidence, room: int) -> Task:
    """Return the task in which a worker mends its own edit."""
    diagnosis = "\n\n".join(_diagnosis(faults, evidence))
    return replace(
        task,
        id=f"r{number}-mend-{task.id}",
        path=faults.path,
        action="edit",
        old_path="",
        goal=_goal(faults),
        needs=(),
        continues=task.id,
        causes=tuple(_causes(faults)),
        diagnosis=diagnosis[:room].rstrip(),
    )


def _causes(faults: _Faults) -> Iterator[RepairCause]:
    if faults.deviations:
        yield "contract"
    if faults.findings:
        yield "finding"
    if faults.tests:
        yield "test"


def _goal(faults: _Faults) -> str:
    wrong = [
        f"what linters find in {faults.path}" if faults.findings else "",
        f"the failing {'test' if len(faults.tests) == 1 else 'tests'} of {faults.path}"
        if faults.tests else "",
        f"{faults.path} for the contract that was not kept" if faults.deviations else "",
    ]  # fmt: skip
    return "Mend " + ", and ".join(filter(None, wrong))


def _diagnosis(faults: _Faults, evidence: Evidence) -> Iterator[str]:
    verdict, snapshot = evidence.last.verdict, evidence.snapshot
    if faults.deviations:
        yield "\n".join([_CONTRACTS, *map(_deviation, faults.deviations)])
    if faults.findings:
        yield "\n".join(["# New lint findings", *faults.findings])
        yield _places(faults, snapshot)
    if faults.tests:
        yield "\n".join([_TESTS, *(f"- {name}" for name in faults.tests)])
        first = {bare_name(name): name for name in reversed(faults.tests)}  # of each test's cases
        logs = (verdict.failures.get(name, "") for name in reversed(first.values()))
        log = "\n\n".join(filter(None, logs))
        log = log[:_ROOM_LOG] or verdict.evidence
        if log:
            yield f"From the log:\n{fence(log)}"
        if bodies := failing_definitions(log, snapshot, _ROOM_BODIES, but=faults.path):
            yield f"{WHERE_IT_FAILED}\n{bodies}"


def _deviation(row: tuple[Done, Deviation]) -> str:
    done, deviation = row
    return (
        f"- {deviation.symbol} is now `{deviation.signature}` in {done.task.path}: {deviation.why}"
    )


def _places(faults: _Faults, snapshot: Snapshot) -> str:
    """Show the lines of a file that findings name, as they are now."""
    file = snapshot.files[faults.path]
    lines = file.text.split("\n")
    shown = ShownLines()
    for finding in faults.findings:
        if (match := _FINDING.match(finding)) and 0 < (line := int(match[2])) <= len(lines):
            shown.add(file.path, max(1, line - _AROUND), min(len(lines), line + _AROUND))
    return "\n".join(
        f"{file.path}, lines {first} to {last}\n"
        + fence("\n".join(lines[first - 1 : last]), file.language)
        for first, last in shown.ranges.get(file.path, ())
    )
