"""The values of a pre-review: what was found, and on what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from codeorch.domain import SymbolChange

Level = Literal["sure", "likely", "maybe", "note"]
LEVELS: Final[tuple[Level, ...]] = ("sure", "likely", "maybe", "note")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A line of a file; of the result, or of the base where the result has no such line."""

    path: str
    line: int

    def __str__(self) -> str:
        """Write it as terminals and editors know it."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that the change left behind, or added by mistake."""

    rule: str
    level: Level
    place: Place
    message: str  # what is missing, in one line
    symbol: str = ""  # with its parents; empty when it is about no definition
    text: str = ""  # the line as it is, without what is around it
    cause: Place | None = None  # the changed line that brought it about; None = the line itself

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What stays the same when lines move: rule, symbol, path and normalised line."""
        return self.rule, self.symbol, self.place.path, " ".join(self.text.split())


def fingerprints(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what tells each finding from all others, in hex; the same when lines move.

    Of several with one key the first in its file gets the first number.
    """
    counts = Counter[tuple[str, str, str, str]]()
    result: dict[int, str] = {}
    for index in sorted(range(len(findings)), key=lambda i: findings[i].place):
        key = findings[index].key
        counts[key] += 1
        data = "\0".join((*key, str(counts[key])))
        result[index] = sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return tuple(result[index] for index in range(len(findings)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The two commits that are compared, and by which names the user knows them."""

    base: str  # a full commit id: where the branch left the other one
    head: str  # a full commit id; of a commit that no ref names, for a working tree
    base_name: str  # e.g. `origin/main`
    head_name: str  # e.g. `HEAD`, `the working tree`

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return self.base == self.head

    def __str__(self) -> str:
        """Say it in a few words."""
        base, head = self.base[:7], self.head[:7]
        return f"{self.base_name} {base}..{f'{self.head_name} {head}'.strip()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a pre-review has found, the most certain first."""

    comparison: Comparison
    findings: tuple[Finding, ...] = ()
    changes: tuple[SymbolChange, ...] = ()  # definitions whose users must follow
    uses: int = 0  # places with their names that were looked at
    excused_findings: tuple[Finding, ...] = ()
    type_checkers: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()  # families of changed languages that no type checker has read
    requested: frozenset[str] = frozenset()  # the rules that were selected by name

    def of_level(self, *levels: Level) -> tuple[Finding, ...]:
        """Return the findings of some levels."""
        return tuple(each for each in self.findings if each.level in levels)

    @property
    def reportable(self) -> tuple[Finding, ...]:
        """What other programs are told: the certain, and the notes that were asked for by name."""
        return tuple(
            each for each in self.findings
            if each.level in ("sure", "likely") or each.rule in self.requested
        )  # fmt: skip


def sort_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Sort findings: the most certain first, then by rule and place."""
    return tuple(
        sorted(findings, key=lambda each: (LEVELS.index(each.level), each.rule, each.place))
    )
