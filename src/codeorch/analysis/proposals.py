"""What own analysis proposes for each use of a name, and how it knows.

A proposal is an edit only where the code shows whose name it is. A guess is never an edit by
itself: somebody else (a type checker's engine) must say yes to it, or it stays as it is and is
named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from codeorch.analysis.ast_grep import line
from codeorch.analysis.scopes import Occurrence
from codeorch.analysis.text_edits import TextEdit


class Evidence(StrEnum):
    """How it is known that a use means what is renamed."""

    SCOPE = "scope"  # a scope of its own file binds the name
    IMPORT = "import"  # imports lead from the use to the definition
    CLASS = "class"  # it stands in the class, or behind the class's own name: `Tank.level`
    TYPE = "type"  # the class of the receiver is declared, or the receiver was constructed so
    TEXT = "text"  # a string or comment that is read as code: `__all__`, `getattr(x, "level")`
    ENGINE = "engine"  # a language's engine says so, where the code alone does not
    GUESS = "guess"  # nothing else in the repository has a member of this name
    UNKNOWN = "unknown"  # it may be meant as well as something else

    @property
    def is_proof(self) -> bool:
        """Whether the use may be edited on this alone."""
        return self not in _DOUBTS


_DOUBTS: Final = frozenset({Evidence.GUESS, Evidence.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A name in a file, by characters."""

    path: str
    start: int
    line: int

    def __str__(self) -> str:
        """Show it as a place that an editor can jump to."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One use, the edit that would rename it, and the evidence for that."""

    place: Place
    edit: TextEdit
    evidence: Evidence
    why: str = ""  # what stays open, where it is no proof; empty = whose name it is


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameResult:
    """A rename worked out: what is proposed for each use, and the files that get another path."""

    proposals: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict)  # old path -> new path
    # Gives the edits of a file as its project wants them: imports in order.
    tidy: Callable[[str, tuple[TextEdit, ...]], tuple[TextEdit, ...]] = field(
        default=lambda _path, edits: edits
    )
    # Places that are edited, and what has to be looked at there all the same.
    cautions: tuple[tuple[Place, str], ...] = ()

    @property
    def edits(self) -> Mapping[str, tuple[TextEdit, ...]]:
        """The proven edits of each file, in order."""
        found: dict[str, set[TextEdit]] = defaultdict(set)
        for each in self.proposals:
            if each.evidence.is_proof:
                found[each.place.path].add(each.edit)
        return {path: self.tidy(path, tuple(sorted(edits))) for path, edits in found.items()}

    @property
    def doubts(self) -> tuple[Proposal, ...]:
        """The uses that stay as they are, and have to be looked at; one for each place."""
        edited = {(each.place.path, each.edit.start) for each in self._proven()}
        doubts = {
            (each.place.path, each.edit.start): each
            for each in self.proposals
            if not each.evidence.is_proof
        }
        return tuple(doubts[at] for at in sorted(doubts.keys() - edited))

    def with_proposals(self, more: Iterable[Proposal]) -> "RenameResult":
        """Return it with further proposals."""
        return replace(self, proposals=(*self.proposals, *more))

    def _proven(self) -> Iterator[Proposal]:
        return (each for each in self.proposals if each.evidence.is_proof)


def place_of(each: Occurrence) -> Place:
    """Return an occurrence's place."""
    return Place(path=each.path, start=each.place[0], line=line(each.node))


def propose(each: Occurrence, new: str, evidence: Evidence, why: str = "") -> Proposal:
    """Return the proposal to put a new name in an occurrence's place."""
    start, end = each.place
    edit = TextEdit(start=start, end=end, text=new)
    return Proposal(place=place_of(each), edit=edit, evidence=evidence, why=why)


def propose_text(
    path: str,
    text: str,
    start: int,
    names: tuple[str, str],
    evidence: Evidence = Evidence.TEXT,
) -> Proposal:
    """Return the proposal for a name that starts at a character of a text, and is no node.

    `names` are the old and the new one.
    """
    old, new = names
    place = Place(path=path, start=start, line=text.count("\n", 0, start) + 1)
    edit = TextEdit(start=start, end=start + len(old), text=new)
    return Proposal(place=place, edit=edit, evidence=evidence)
