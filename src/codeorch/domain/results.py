"""Results: attempts, file patches, and what became of each task. Money is in US dollars."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from codeorch.domain.files import SourceFile
from codeorch.domain.plans import Effort, Task, Waiver

# Path, bytes -> the file, decoded and parsed; a str says why it cannot be one.
ParseFile = Callable[[str, bytes], SourceFile | str]

# A file before (None = there is none) and after -> nothing; raises ReplyError when the second may
# not take the place of the first, with the reason for whoever wrote it.
CheckText = Callable[[SourceFile | None, SourceFile], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What model calls cost. `cost_usd` is None while no price is known."""

    calls: int = 0
    input_tokens: int = 0  # fresh ones, not those read from or written to the cache
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float | None = None
    uncached_usd: float | None = None  # what they would have cost without a prompt cache
    seconds: float = 0.0  # summed over calls, on the wall

    def __add__(self, other: "Usage") -> "Usage":
        """Sum two usages; the cost of calls without a known price makes the sum unknown."""
        counted = [usage for usage in (self, other) if usage.calls]
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            cost_usd=_sum(usage.cost_usd for usage in counted),
            uncached_usd=_sum(usage.uncached_usd for usage in counted),
            seconds=self.seconds + other.seconds,
        )


def _sum(costs: Iterable[float | None]) -> float | None:
    """Sum costs; None when there are none, or one of them is not known."""
    total: float | None = None
    for cost in costs:
        if cost is None:
            return None
        total = (total or 0.0) + cost
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a task. `error` is empty when it succeeded."""

    number: int
    model: str = ""
    effort: Effort | None = None
    is_fork: bool = False  # of the planner's conversation
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
class Deviation:
    """A contract that a worker could not keep, and what it wrote instead."""

    symbol: str
    signature: str  # as it is in the file now
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A task whose edit was placed where it provably belongs, and checked.

    `parsed` is the patch's new text: it is parsed where it is made, and nowhere again. It follows
    from the patch, so it is compared, shown and stored with that alone.
    """

    task: Task
    patch: FilePatch
    parsed: SourceFile | None = field(default=None, compare=False, repr=False)  # None = deleted
    attempts: tuple[Attempt, ...] = ()
    summary: str = ""
    interface_notes: str = ""  # what workers of other files should know, in the worker's words
    deviations: tuple[Deviation, ...] = ()
    waivers: tuple[Waiver, ...] = ()  # why uses of changed names stay in its file
    repairs: tuple[str, ...] = ()  # what the applier repaired in the answer

    @property
    def files(self) -> dict[str, SourceFile | None]:
        """The files that differ, by path, as this edit leaves them; None = gone."""
        moved: dict[str, SourceFile | None] = {}
        if self.patch.old_path:
            moved[self.patch.old_path] = None
        return {**moved, self.patch.path: self.parsed}


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToDo:
    """A task whose file needs no change, as its worker says."""

    task: Task
    reason: str
    waivers: tuple[Waiver, ...] = ()
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsMore:
    """A task that cannot be finished unless other files change, too."""

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
    """A task that was not tried, because one that it needs did not finish."""

    task: Task
    because: str  # e.g. `parse did not finish`


TaskResult = Done | NothingToDo | NeedsMore | DeadLetter | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An edit that does not land, and why."""

    task: str
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What lands: at most one patch for each path, and the steps that lead there."""

    base: str
    patches: tuple[FilePatch, ...]
    steps: tuple[Done, ...] = ()  # each on top of those before it
    rejected: tuple[Rejected, ...] = ()

    @property
    def files(self) -> dict[str, SourceFile | None]:
        """The files that differ, by path, as the change leaves them; None = gone."""
        newest = {path: file for step in self.steps for path, file in step.files.items()}
        paths = (path for patch in self.patches for path in (patch.old_path, patch.path) if path)
        return {path: newest.get(path) for path in paths}


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch that a run made, on top of the base."""

    name: str
    commit: str
