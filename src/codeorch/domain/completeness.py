"""What is left over: changed symbols, and the uses of them that the change forgot."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from codeorch.domain.plans import Mention, Plan

# missing: changed files use it, and nothing defines it
ChangeKind = Literal["removed", "renamed", "moved", "signature", "missing"]
Certainty = Literal["sure", "likely", "maybe"]
# use: of what is gone. call: that does not fit. override: of a class that derives. text: a string.
UseKind = Literal["use", "call", "override", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolChange:
    """A definition that those who use it must follow."""

    symbol: str  # with its parents, e.g. `Cart.total`
    change: ChangeKind
    path: str  # where it was defined before
    detail: str  # what became of it, in a few words
    line: int = 0  # where it was defined before
    new_path: str = ""  # where it is defined now; empty when it is gone
    new_line: int = 0
    new_symbol: str = ""

    @property
    def name(self) -> str:
        """The name that uses are found by."""
        return self.symbol.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedUse:
    """A use that the change broke and did not update.

    sure: the code itself proves it. likely: nothing else fits. maybe: the text does not say.
    """

    symbol: str
    change: ChangeKind
    path: str
    line: int
    text: str  # the line as it is
    certainty: Certainty
    suggestion: str  # what is wrong, and what would mend it
    kind: UseKind = "use"

    def __str__(self) -> str:
        """Tell it in a line."""
        return f"{self.path}:{self.line}: {self.suggestion} ({self.certainty}): {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedUse:
    """A missed use that stays on purpose, and the reason."""

    gap: MissedUse
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What a change did to symbols, and which of their uses are left."""

    changes: tuple[SymbolChange, ...] = ()
    gaps: tuple[MissedUse, ...] = ()
    waived_uses: tuple[WaivedUse, ...] = ()
    mentions: tuple[Mention, ...] = ()  # in strings, comments, docs and configuration
    type_checkers: tuple[str, ...] = ()  # those that read the result, with their versions
    unchecked: tuple[str, ...] = ()  # the families of changed languages that none has read
    by_rule: bool = False  # whether nobody has looked at the uses that are merely possible

    @property
    def open(self) -> tuple[MissedUse, ...]:
        """The missed uses that stand in the way of calling a change complete."""
        return tuple(gap for gap in self.gaps if self.by_rule or gap.certainty != "maybe")

    def of_plan(self, plan: Plan, excluded: Collection[str] = ()) -> "Completeness":
        """Return it with the uses that a plan's rules left alone, as nothing proves whose they are.

        Of a place that is known already, the finding that is there stays; but what is merely
        possible goes where a rule has looked at every use of the name, and is sure of it. What is
        left in an excluded file is told, and is no work for a model, which may not touch it.
        """
        by_rule = plan.source == "codemod"
        judged = frozenset(plan.judged_names)
        kept = [
            gap for gap in self.gaps
            if gap.certainty != "maybe" or not judged & {*gap.symbol.split(".")}
        ]  # fmt: skip
        places = {(gap.path, gap.line) for gap in kept}
        more = tuple(
            MissedUse(
                symbol=use.symbol, change="renamed", path=use.path, line=use.line, text=use.text,
                certainty="maybe", suggestion=use.why,
            )
            for use in dict.fromkeys(plan.unproven_uses) if (use.path, use.line) not in places
        )  # fmt: skip
        gaps = sorted((*kept, *more), key=lambda gap: (gap.path, gap.line))
        told = (
            gap if by_rule or gap.path not in excluded else replace(gap, certainty="maybe")
            for gap in gaps
        )
        return replace(self, gaps=tuple(told), by_rule=by_rule)
