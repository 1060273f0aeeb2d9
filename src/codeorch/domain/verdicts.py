"""What is proven: test runs, the verdict, rounds and the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from codeorch.domain.completeness import Completeness
from codeorch.domain.exit_status import ExitCode, OutcomeStatus, VerdictStatus, exit_code_of
from codeorch.domain.files import Request
from codeorch.domain.plans import Estimate, Plan
from codeorch.domain.results import (
    Branch,
    ChangeSet,
    DeadLetter,
    FilePatch,
    NeedsMore,
    Skipped,
    TaskResult,
    Usage,
)

TestOutcome = Literal["passed", "failed", "skipped"]

_STATUS_WHEN_COMPLETE = {
    VerdictStatus.VERIFIED: OutcomeStatus.VERIFIED,
    VerdictStatus.NO_WORSE: OutcomeStatus.NO_WORSE,
    VerdictStatus.NOT_RUN: OutcomeStatus.UNCHECKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One run of the test command. Counts are None when the output does not tell."""

    __test__ = False  # for pytest: this is no test class

    exit_code: int | None  # None = stopped by a limit
    seconds: float
    stopped_by: str = ""  # a limit: `time`, `output`, `memory`, `processes`; or a failed `setup`
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None
    tests: Mapping[str, TestOutcome] = field(
        default_factory=dict
    )  # by test id, when known; in a record, only those that failed
    log: str = ""  # head and tail of the output

    @property
    def green(self) -> bool:
        """Whether it ended well, with a test that ran and none that failed, as far as known."""
        return self.exit_code == 0 and self.passed != 0 and not self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The test runs on the base and on the result, compared."""

    status: VerdictStatus
    reason: str
    command: tuple[str, ...] = ()
    protection: str = ""  # the sandbox in force, e.g. `isolated (bubblewrap)`
    before: TestRun | None = None
    after: TestRun | None = None
    broken: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # ran before, not any more
    flaky: tuple[str, ...] = ()  # failed, but not always, or on the base as well
    new: tuple[str, ...] = ()  # ran only after
    evidence: str = ""  # when broken: the first failure, trimmed to what mending it needs
    failures: Mapping[str, str] = field(default_factory=dict)  # of `broken`: its part of the log
    findings: tuple[str, ...] = ()  # what linters find in changed files and did not before
    notices: tuple[str, ...] = ()  # what a reviewer should look at, e.g. edited tests
    unrun_lines: tuple[str, ...] = ()  # `path:line` of changed statements that no test ran
    precommit: str = ""  # what pre-commit says, when it was asked for and does not pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of plan, work, merge and check."""

    plan: Plan
    results: tuple[TaskResult, ...]
    change: ChangeSet  # all that would land after this round, earlier rounds included
    commit: str  # the change as a commit object; empty when nothing lands
    verdict: Verdict
    completeness: Completeness = field(default_factory=Completeness)
    conventions: tuple[str, ...] = ()  # files whose rules the workers were shown
    untested_files: tuple[str, ...] = ()  # changed sources that no test names
    estimate: Estimate | None = None  # of the workers' part, before it began
    format_patches: tuple[FilePatch, ...] = ()  # what the formatters changed

    @property
    def patches(self) -> tuple[FilePatch, ...]:
        """Give what the commit changes: the change, as the formatters left it."""
        last = {patch.path: patch.after for patch in self.format_patches}
        return tuple(
            replace(patch, after=last.get(patch.path, patch.after)) for patch in self.change.patches
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a stage took, in seconds on the wall from the run's start."""

    stage: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The whole run. `branch` is None when nothing landed."""

    run_id: str
    request: Request
    rounds: tuple[Round, ...]  # the last one is what stands
    branch: Branch | None = None
    usage: Usage = field(default_factory=Usage)
    usage_by_stage: Mapping[str, Usage] = field(default_factory=dict)  # plan, work, revise
    reused_answers: int = 0  # answers of models that were there already
    new_answers: int = 0  # answers that were asked for
    timings: tuple[Timing, ...] = ()
    notices: tuple[str, ...] = ()  # what the user should know, e.g. a dirty working tree
    require_green: bool = False  # the user takes no failing test, also not one of before

    @property
    def last(self) -> Round:
        """The round whose change stands."""
        return self.rounds[-1]

    @property
    def status(self) -> OutcomeStatus:
        """Return the one word for the run; what stops a better word most comes first."""
        last = self.last
        if any(isinstance(r, DeadLetter) and r.kind == "budget" for r in last.results):
            return OutcomeStatus.OVER_BUDGET
        unfinished = (
            bool(last.plan.next_stage)
            or bool(last.change.rejected)
            or any(isinstance(result, DeadLetter | Skipped | NeedsMore) for result in last.results)
        )
        if not last.commit:
            return OutcomeStatus.FAILED if unfinished else OutcomeStatus.NOTHING
        if unfinished or last.completeness.open:
            return OutcomeStatus.PARTIAL
        return _STATUS_WHEN_COMPLETE.get(last.verdict.status, OutcomeStatus.UNVERIFIED)

    @property
    def exit_code(self) -> ExitCode:
        """Return what the process ends with."""
        return exit_code_of(self.status, require_green=self.require_green)
