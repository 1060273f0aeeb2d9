"""The nouns of codeorch: frozen values that the stages hand to each other.

Paths are POSIX strings relative to the repository's root. Byte offsets count in the UTF-8 form
of a file's text. Lines count from 1 and ranges include both ends. Money is in US dollars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Action = Literal["create", "edit", "delete", "rename"]
Effort = Literal["low", "medium", "high", "xhigh", "max"]
ModelClass = Literal["planner", "worker", "cheap"]
Origin = Literal["cli", "issue", "api"]
PlanSource = Literal["model", "codemod", "fallback", "manual"]
SymbolKind = Literal[
    "function",
    "method",
    "class",
    "interface",
    "type",
    "enum",
    "module",
    "variable",
    "field",
    "macro",
]
ReferenceKind = Literal["call", "import", "type", "attribute", "name"]
FileRole = Literal[
    "source", "test", "docs", "config", "data", "generated", "vendored", "minified", "lfs"
]
TestOutcome = Literal["passed", "failed", "skipped"]
VerdictStatus = Literal["verified", "broken", "red", "untested", "off"]
OutcomeStatus = Literal["verified", "unverified", "partial", "failed", "nothing"]

# ------------------------------------------------------------------------------- what is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user wants, and the revision it is wanted on."""

    text: str
    base: str  # a full commit id
    origin: Origin = "cli"
    paths: tuple[str, ...] = ()  # globs that limit which files may change; empty = all


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition in a file."""

    name: str
    kind: SymbolKind
    signature: str  # one line, as written, without the body
    start: int  # byte offsets of the whole definition
    end: int
    name_start: int  # byte offset of the name itself
    line: int
    end_line: int
    parent: str = ""  # dotted names of the enclosing definitions
    doc: str = ""  # first line of its documentation

    @property
    def qualified(self) -> str:
        """The name with its parents, e.g. `Cart.total`."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A place where a name is used but not defined."""

    name: str
    kind: ReferenceKind
    start: int  # byte offset of the name
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import statement: where it points, and which names it brings in."""

    module: str  # as written, without quotes
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One text file of a commit. `language` is empty when no grammar knows it."""

    path: str
    text: str  # line ends as in the file, without a byte order mark
    language: str = ""
    role: FileRole = "source"
    encoding: str = "utf-8"  # a Python codec name; `utf-8-sig` when there is a BOM
    symbols: tuple[Symbol, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    syntax_errors: int = 0  # error and missing nodes of the parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The files of one commit. `skipped` names each file that was left out, and why."""

    commit: str
    files: Mapping[str, SourceFile]
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedFile:
    """A file and how much it matters for a request; `why` explains the score by signal."""

    path: str
    score: float
    why: tuple[tuple[str, float], ...] = ()


# ------------------------------------------------------------------------------- what is planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A name that several tasks share: who defines it, who uses it, and its exact signature."""

    symbol: str
    signature: str
    defined_in: str
    used_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSpec:
    """Who does a task: a role with its instructions, model class, effort and time limit."""

    role: str = "implementer"
    instructions: str = ""
    model: str = ""  # a model class or a model name; empty = the role's own
    effort: Effort | None = None  # None = the role's own
    tools: tuple[str, ...] = ()
    timeout_s: float = 30.0  # for each attempt, on the wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One change to one file."""

    id: str
    path: str
    goal: str
    action: Action = "edit"
    needs: tuple[str, ...] = ()  # ids of the tasks that must be finished before
    context: tuple[str, ...] = ()  # paths whose outlines the worker should see
    old_path: str = ""  # for a rename: where the file was
    weight: float = 1.0  # expected effort, relative to the other tasks
    worker: WorkerSpec = WorkerSpec()
    answer: str = ""  # a ready edit made by a codemod: no model is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place that names a renamed symbol in a string or comment and was left as it is."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A DAG of tasks, bound together by contracts."""

    tasks: tuple[Task, ...]
    contracts: tuple[Contract, ...] = ()
    source: PlanSource = "model"
    rationale: str = ""
    mentions: tuple[Mention, ...] = ()
    notes: tuple[str, ...] = ()  # what was mended in the plan, e.g. a broken cycle


# ------------------------------------------------------------------------------- what is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What model calls cost. `cost_usd` is None while no price is known."""

    calls: int = 0
    input_tokens: int = 0  # fresh ones, not those read from or written to the cache
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float | None = None
    seconds: float = 0.0  # summed over calls, on the wall

    def __add__(self, other: "Usage") -> "Usage":
        """Sum two usages; the cost of calls without a known price makes the sum unknown."""
        costs = [u.cost_usd for u in (self, other) if u.calls]
        known = [cost for cost in costs if cost is not None]
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            cost_usd=sum(known) if costs and len(known) == len(costs) else None,
            seconds=self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a task. `error` is empty when it succeeded."""

    number: int
    model: str = ""
    effort: Effort | None = None
    error: str = ""
    kind: str = ""  # short code of the error: `timeout`, `refused`, `ambiguous`, ...
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatch:
    """One file before and after: `before` is None for a new file, `after` for a deleted one."""

    path: str
    before: bytes | None
    after: bytes | None
    old_path: str = ""  # for a rename
    mode: int = 0o100644


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The task's edit, proven to belong."""

    task: Task
    patch: FilePatch
    attempts: tuple[Attempt, ...] = ()
    summary: str = ""
    repairs: tuple[str, ...] = ()  # what the applier mended in the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToDo:
    """The worker found that its file needs no change."""

    task: Task
    reason: str
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsMore:
    """The worker cannot finish unless other files change too."""

    task: Task
    paths: tuple[str, ...]
    why: str
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A task that failed for good; the attempts say how."""

    task: Task
    error: str
    kind: str
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A task that was not tried, because a task that it needs did not finish."""

    task: Task
    because: str


TaskResult = Done | NothingToDo | NeedsMore | DeadLetter | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A finished edit that does not land, and why."""

    task: str
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What lands: at most one patch for each path."""

    base: str
    patches: tuple[FilePatch, ...]
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch that a run made, on top of the base."""

    name: str
    commit: str


# ------------------------------------------------------------------------------- what is proven


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One run of the test command. Counts are None when the output does not tell."""

    __test__ = False  # for pytest: this is no test class

    exit_code: int | None  # None = stopped by a limit
    seconds: float
    stopped_by: str = ""  # the limit: `time`, `output`, `memory` or `processes`
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None
    tests: Mapping[str, TestOutcome] = field(default_factory=dict)  # by test id, when known
    log: str = ""  # head and tail of the output

    @property
    def green(self) -> bool:
        """Whether it ended well, with a test that ran and none that failed, as far as known."""
        return self.exit_code == 0 and self.passed != 0 and not self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The test runs on the base and on the result, compared.

    verified: green before and after. broken: the change made something worse. red: not worse, but
    not green either. untested: no tests, or they could not be run. off: the user said no tests.
    """

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
    notices: tuple[str, ...] = ()  # what a reviewer should look at, e.g. edited tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of plan, work, merge and check."""

    plan: Plan
    results: tuple[TaskResult, ...]
    change: ChangeSet  # all that would land after this round, earlier rounds included
    commit: str  # the change as a commit object; empty when nothing lands
    verdict: Verdict


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
    usage: Usage = Usage()
    timings: tuple[Timing, ...] = ()
    notices: tuple[str, ...] = ()  # what the user should know, e.g. a dirty working tree

    @property
    def last(self) -> Round:
        """The round whose change stands."""
        return self.rounds[-1]

    @property
    def status(self) -> OutcomeStatus:
        """One word for the run, from which the exit code follows."""
        last = self.last
        unfinished = last.change.rejected or any(
            isinstance(result, DeadLetter | Skipped | NeedsMore) for result in last.results
        )
        if not last.commit:
            return "failed" if unfinished else "nothing"
        if unfinished:
            return "partial"
        return "verified" if last.verdict.status in ("verified", "off") else "unverified"
