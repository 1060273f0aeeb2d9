"""The one vocabulary of outcomes: verdicts on a commit, statuses of a run, exit codes.

STATUSES joins a status with its exit code, its headline, what it means to a user, and its colour.
The help text, the mapping of failures, the record and the reports take them from here; a test
holds the tables of the documentation to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, Literal

from codeorch.errors import BudgetReached, CodeorchError, UnsafeError, UserError

SCHEMA_VERSION: Final = 1  # of the JSON of a run; raised when a field changes its meaning or goes
Tone = Literal["plain", "good", "warn", "bad"]


class VerdictStatus(StrEnum):
    """What the test runs say of a commit; the better ones first."""

    VERIFIED = "verified"  # green before and after, and no test was lost
    NO_WORSE = "no_worse"  # some tests failed before; none but those fail after
    NOT_RUN = "not_run"  # the user wanted no tests
    NO_TESTS = "no_tests"  # there are none, or none could be run
    RED = "red"  # not green, and the runs cannot be compared test by test
    BROKEN = "broken"  # the change made something worse


class OutcomeStatus(StrEnum):
    """How a run ended, in one word."""

    VERIFIED = "verified"
    NO_WORSE = "no_worse"
    UNCHECKED = "unchecked"
    NOTHING = "nothing"
    CLEAR = "clear"  # of a pre-review, as is the next
    LEFT_BEHIND = "left_behind"
    FAILED = "failed"
    USAGE = "usage"  # never in a record: there was no run
    PARTIAL = "partial"
    UNVERIFIED = "unverified"
    REFUSED = "refused"
    OVER_BUDGET = "over_budget"
    INTERRUPTED = "interrupted"


class ExitCode(IntEnum):
    """What the process ends with."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    UNVERIFIED = 4
    REFUSED = 5
    OVER_BUDGET = 6
    INTERRUPTED = 130
    PIPE_CLOSED = 141  # as the shell has it: whoever read our output went away


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEntry:
    """What belongs to a status."""

    exit_code: ExitCode
    headline: str  # how the one line that sums a run up begins
    meaning: str  # a sentence for users, without a full stop
    tone: Tone


STATUSES: Final[Mapping[OutcomeStatus, StatusEntry]] = {
    OutcomeStatus.VERIFIED: StatusEntry(
        exit_code=ExitCode.OK,
        headline="Complete and verified",
        meaning="complete; all tests passed before and pass on exactly this commit",
        tone="good",
    ),
    OutcomeStatus.NO_WORSE: StatusEntry(
        exit_code=ExitCode.OK,
        headline="Complete, no worse",
        meaning="complete; no test fails that did not fail before (4 with --require-green)",
        tone="warn",
    ),
    OutcomeStatus.UNCHECKED: StatusEntry(
        exit_code=ExitCode.OK,
        headline="Complete, not tested",
        meaning="complete; no tests were wanted (--no-test or --dry-run)",
        tone="warn",
    ),
    OutcomeStatus.NOTHING: StatusEntry(
        exit_code=ExitCode.OK,
        headline="Nothing to change",
        meaning="there is nothing to change",
        tone="plain",
    ),
    OutcomeStatus.CLEAR: StatusEntry(
        exit_code=ExitCode.OK,
        headline="Nothing left behind",
        meaning="prereview: nothing is left behind that is as certain as --fail-on says",
        tone="good",
    ),
    OutcomeStatus.LEFT_BEHIND: StatusEntry(
        exit_code=ExitCode.FAILED,
        headline="Left behind",
        meaning="prereview: something is left behind that is as certain as --fail-on says",
        tone="bad",
    ),
    OutcomeStatus.FAILED: StatusEntry(
        exit_code=ExitCode.FAILED,
        headline="Failed, nothing was changed",
        meaning="no edit landed, or the run could not go on; nothing was changed",
        tone="bad",
    ),
    OutcomeStatus.USAGE: StatusEntry(
        exit_code=ExitCode.USAGE,
        headline="Not run",
        meaning="the command, a setting or the plan file is wrong; nothing was run",
        tone="bad",
    ),
    OutcomeStatus.PARTIAL: StatusEntry(
        exit_code=ExitCode.PARTIAL,
        headline="Partial",
        meaning="tasks, edits, uses or a stage are left; what is done is on the branch",
        tone="warn",
    ),
    OutcomeStatus.UNVERIFIED: StatusEntry(
        exit_code=ExitCode.UNVERIFIED,
        headline="Complete, not verified",
        meaning="complete, but the tests are broken, red or absent",
        tone="warn",
    ),
    OutcomeStatus.REFUSED: StatusEntry(
        exit_code=ExitCode.REFUSED,
        headline="Refused",
        meaning="it could harm your repository or machine; nothing was changed",
        tone="bad",
    ),
    OutcomeStatus.OVER_BUDGET: StatusEntry(
        exit_code=ExitCode.OVER_BUDGET,
        headline="Over budget",
        meaning="a ceiling on cost or tokens was reached; what was done by then stands",
        tone="warn",
    ),
    OutcomeStatus.INTERRUPTED: StatusEntry(
        exit_code=ExitCode.INTERRUPTED,
        headline="Interrupted",
        meaning="stopped on the way; `codeorch resume` goes on",
        tone="warn",
    ),
}


def exit_code_of(status: OutcomeStatus, *, require_green: bool = False) -> ExitCode:
    """Return the exit code of a run; with `require_green`, tests that fail as before are not OK."""
    if require_green and status == OutcomeStatus.NO_WORSE:
        return ExitCode.UNVERIFIED
    return STATUSES[status].exit_code


def status_of_failure(error: CodeorchError) -> OutcomeStatus:
    """Return how a run ended that an error stopped."""
    match error:
        case BudgetReached():
            return OutcomeStatus.OVER_BUDGET
        case UnsafeError():
            return OutcomeStatus.REFUSED
        case _:
            return OutcomeStatus.FAILED


def require_schema_version(record: Mapping[str, object], run_id: str) -> None:
    """Refuse the JSON of a run that does not mean what we would read in it.

    Raises:
        UserError: another version of codeorch wrote it.
    """
    if record.get("schema_version") != SCHEMA_VERSION:
        raise UserError(
            f"the record of run {run_id} was written by another version of codeorch",
            "carry the request out again; `codeorch gc` drops old runs",
        )
