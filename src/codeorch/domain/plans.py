"""Plan: a DAG of tasks, bound together by contracts."""

from dataclasses import dataclass
from typing import Literal, get_args

Action = Literal["create", "edit", "delete", "rename"]
Effort = Literal["low", "medium", "high", "xhigh", "max"]
ModelClass = Literal["planner", "worker", "cheap"]
LookUp = Literal["read", "search", "references", "outline", "related", "codemod"]
LOOK_UPS: tuple[LookUp, ...] = get_args(LookUp)  # the read-only tools of planner and workers
# model: a planner's. codemod: a rule.
# fallback: by ranking and references, because the planner's were invalid. manual: a plan file.
PlanSource = Literal["model", "codemod", "fallback", "manual"]
# top-down: names are settled by contracts, then all files change side by side.
# dependency: definitions first, and what uses them sees how they turned out.
Strategy = Literal["top-down", "dependency"]
# contract: one that its file relies on was not kept. finding: a linter's. test: one that it wrote.
RepairCause = Literal["contract", "finding", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A name that several tasks share: who defines it, who uses it, and its exact signature."""

    symbol: str
    signature: str
    defined_in: str
    used_in: tuple[str, ...] = ()
    import_line: str = ""  # how the using files bring it in


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerKind:
    """A kind of worker that plans can name: predefined, or of a user's configuration."""

    description: str  # for the planner
    instructions: str  # for the worker
    model: str = "worker"  # a model class or a model name
    effort: Effort | None = None  # None = the model's own
    timeout_s: float | None = None  # None = as set for the run


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSpec:
    """Who does a task: a kind of worker, and what the plan says of this one in particular."""

    role: str = "implementer"
    instructions: str = ""
    model: str = ""  # a model class or a model name; empty = the role's own
    effort: Effort | None = None  # None = the role's own
    tools: tuple[str, ...] = ()  # of LOOK_UPS
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
    answer: str = ""  # a ready edit, of a codemod or of the planner: no worker is asked
    diff: str = ""  # the same as the planner wrote it, for a plan file
    moves_only: bool = False  # a rename that leaves the content as it is
    continues: str = ""  # a repair: id of the task in whose conversation its worker goes on
    diagnosis: str = ""  # of a repair: what was found wrong, in the words for its worker
    causes: tuple[RepairCause, ...] = ()  # of a repair: what kinds of faults these are

    @property
    def is_codemod(self) -> bool:
        """Whether its edit was made by a rule, and no model has had a hand in it."""
        return bool(self.answer) and not self.diff

    @property
    def needs_model(self) -> bool:
        """Whether a worker has to be asked; the rest the program does."""
        return not (self.answer or self.moves_only or self.action == "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditScript:
    """A Python function `edit(path, text) -> text` that a planner wrote for many like files."""

    id: str
    goal: str  # what it does to each file
    paths: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptResult:
    """What a script made of one file: its new text, or why there is none."""

    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place that names a renamed symbol in a string or comment, and stays as it is."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprovenUse:
    """A place that may mean a renamed symbol, and stays as it is: somebody has to look at it."""

    symbol: str
    path: str
    line: int
    text: str  # the line as it is
    why: str  # what the code does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the request leaves open, and what is assumed as long as nobody answers."""

    text: str
    assumption: str
    blocks: bool = False  # another answer would make another plan
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledTask:
    """An open task of an earlier round that the planner does not need any more."""

    task: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A reason, in writing, why uses of a name may stay as they are."""

    name: str  # of the symbol, with or without its parents
    why: str
    path: str = ""  # empty = in every file

    def covers(self, symbol: str, path: str) -> bool:
        """Return whether it holds for the uses of a symbol (with its parents) in a file."""
        return self.name in (symbol, symbol.rpartition(".")[2]) and self.path in ("", path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A DAG of tasks, bound together by contracts."""

    tasks: tuple[Task, ...]
    contracts: tuple[Contract, ...] = ()
    source: PlanSource = "model"
    rationale: str = ""
    mentions: tuple[Mention, ...] = ()
    unproven_uses: tuple[UnprovenUse, ...] = ()  # what its rules left, as nothing proves it
    judged_names: tuple[str, ...] = ()  # names of which a rule has looked at every use
    notes: tuple[str, ...] = ()  # what was repaired in the plan, e.g. a broken cycle
    strategy: Strategy | None = None  # None where nothing was broken down
    questions: tuple[Question, ...] = ()
    scripts: tuple[EditScript, ...] = ()  # what made some of the edits
    stage: int = 1  # a repair belongs to the stage that it repairs
    next_stage: str = ""  # what is to be planned once this stage's results are known
    cancelled_tasks: tuple[CancelledTask, ...] = ()
    waivers: tuple[Waiver, ...] = ()  # for uses that the change leaves as they are

    @property
    def is_from_program(self) -> bool:
        """Whether it only sends faults back to the workers that made them: no planner saw it."""
        return bool(self.tasks) and all(task.continues for task in self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An estimated figure: at the least, probably, and in a bad case."""

    low: float = 0.0
    likely: float = 0.0
    high: float = 0.0

    def __add__(self, other: "Range") -> "Range":
        """Sum two figures."""
        return Range(
            low=self.low + other.low,
            likely=self.likely + other.likely,
            high=self.high + other.high,
        )


def _add_known(left: Range | None, right: Range | None) -> Range | None:
    return None if left is None or right is None else left + right


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a plan's workers will use; `cost_usd` in US dollars, None while a price is not known."""

    calls: Range = Range()
    input_tokens: Range = Range()
    output_tokens: Range = Range()
    cost_usd: Range | None = Range()

    def __add__(self, other: "Estimate") -> "Estimate":
        """Sum two estimates; one unknown cost makes the sum unknown."""
        return Estimate(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=_add_known(self.cost_usd, other.cost_usd),
        )

    @property
    def text(self) -> str:
        """The estimate in one line, for a user."""
        tokens = f"{self.input_tokens.likely:,.0f} in, {self.output_tokens.likely:,.0f} out"
        calls = f"{self.calls.likely:.0f}"
        usage = f"about {calls} model call{'' if calls == '1' else 's'}, tokens {tokens}"
        if self.cost_usd is None:
            return f"{usage}; price unknown"
        low, likely, high = self.cost_usd.low, self.cost_usd.likely, self.cost_usd.high
        return f"{usage}; about ${likely:.2f}, from ${low:.2f} to, in a bad case, ${high:.2f}"
