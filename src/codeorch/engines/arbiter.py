"""Own analysis proposes, an engine judges: what becomes of each use of a name to be renamed.

The rule of agreement. Own analysis knows a use by its scope, by imports or by an explicit class; by
a type that is declared or constructed; or it guesses, as only one class has such a member.

| own analysis | engine: ours, or in its rename | silent | defined elsewhere | one of two |
|---|---|---|---|---|
| scope, import, class | edit | edit | refuse the run, a keyword of a library apart | to look at |
| type | edit | edit | to look at | to look at |
| guess, or unknown | edit | to look at | foreign: nothing | to look at |
| not seen, a name of the code | edit | nothing | nothing | to look at |
| not seen, in a string or comment | in its rename: to look at | nothing | nothing | nothing |
| not seen, `x.name` for a function or class | edit | to look at | nothing | to look at |
| another's by scope | nothing; in its rename: refuse the run | nothing | nothing | nothing |
| another's by type, or nobody's | to look at | nothing | nothing | nothing |

Strings that a program looks up are for own analysis alone.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from codeorch.analysis.proposals import Evidence, Place, Proposal, RenameResult
from codeorch.analysis.scopes import Role
from codeorch.analysis.text_edits import TextEdit
from codeorch.engines.opinion import Answer, Opinion, Spot, Vote
from codeorch.errors import UserError

_BY_BINDING: Final = frozenset({Evidence.SCOPE, Evidence.IMPORT, Evidence.CLASS})
_BOUND: Final[frozenset[Role]] = frozenset({"binding", "use"})
_RESOLVED: Final[frozenset[Role]] = frozenset({"member", "import", "source"})
_ELSEWHERE: Final = (Answer.OTHER, Answer.LIBRARY)
_SILENT: Final = Vote(Answer.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arbiter:
    """Judges the proposals of one rename."""

    old: str
    new: str
    texts: Mapping[str, str]
    occurrences: Collection[Spot]  # where own analysis reads the name in code, at all
    roles: Mapping[Spot, Role]  # of these; a use that nothing binds has none
    opinion: Opinion
    knows_members: bool = True  # whether own analysis has looked at whose each member is

    def judge(self, renamed: RenameResult) -> RenameResult:
        """Return a rename with what the engine proves added, and what it doubts left open.

        Raises:
            UserError: the engine says of a use that its scope or import proves that it is
                another's, or the reverse.
        """
        kept = [each for one in renamed.proposals if (each := self._proposed(one)) is not None]
        seen = {_spot(each) for each in renamed.proposals}
        spots = [spot for spot in self._spots() if spot not in seen]
        more = [each for spot in spots if spot in self.occurrences for each in self._unseen(spot)]
        unread = [self._unread(spot) for spot in spots if self._is_unread(spot)]
        return replace(renamed, proposals=(*kept, *more, *unread))

    def _spots(self) -> list[Spot]:
        return sorted({*self.opinion.votes, *self.opinion.edits})

    # --------------------------------------------------------------------------- one use

    def _proposed(self, own: Proposal) -> Proposal | None:
        """Judge a use that own analysis proposes; None = it is another's."""
        spot = _spot(own)
        vote = self.opinion.votes.get(spot, _SILENT)
        if own.evidence in (Evidence.TEXT, Evidence.ENGINE):
            return own
        if vote.answer is Answer.MIXED:
            return self._doubt(own, f"{self._engine} finds it here or {_where(vote)}")
        if vote.answer is Answer.OURS or spot in self.opinion.edits:
            return self._confirmed(own)
        if vote.answer not in _ELSEWHERE or self._is_keyword(own, vote):
            return own
        if own.evidence in _BY_BINDING:
            raise self._disagreement(own.place, vote)
        if own.evidence is Evidence.TYPE:
            where = _where(vote)
            return self._doubt(own, f"its type is declared so, but {self._engine} finds it {where}")
        return None

    def _confirmed(self, own: Proposal) -> Proposal:
        if own.evidence.is_proof:
            return own
        edit = self.opinion.edits.get(_spot(own), own.edit)  # a shorthand keeps its key
        return replace(own, edit=edit, evidence=Evidence.ENGINE)

    def _unseen(self, spot: Spot) -> Iterator[Proposal]:
        """Judge a spot that own analysis does not propose."""
        vote, edit = self.opinion.votes.get(spot, _SILENT), self.opinion.edits.get(spot)
        role = self.roles.get(spot)
        own = self._engines(spot)
        if role in _BOUND and edit is not None and edit.text == self.new:
            raise UserError(
                f"{own.place} is another `{self.old}` by its scope, but {self._engine} would "
                "rename it, too; nothing was changed",
                _HINT,
            )
        if edit is not None and (role in _RESOLVED or role in _BOUND):
            yield self._doubt(own, f"{self._engine} would rename it, our own analysis would not")
        elif role == "member" and vote.answer is Answer.OURS and self.knows_members:
            yield self._doubt(own, f"{self._engine} finds it here, our own analysis does not")
        elif role == "member" and not self.knows_members and self._is_silent(spot):
            yield self._doubt(own, f"{self._engine} cannot tell whose member it is")
        elif role in _BOUND or role in _RESOLVED:
            return
        elif vote.answer is Answer.MIXED:
            yield self._doubt(own, f"{self._engine} finds it here or {_where(vote)}")
        elif edit is not None or vote.answer is Answer.OURS:
            yield own

    def _is_unread(self, spot: Spot) -> bool:
        """Whether an engine would edit what is no code to own analysis, such as a string."""
        return spot not in self.occurrences and spot in self.opinion.edits

    def _unread(self, spot: Spot) -> Proposal:
        return self._doubt(self._engines(spot), f"only {self._engine} reads it as code")

    def _engines(self, spot: Spot) -> Proposal:
        """Return a use as the engine alone has it."""
        end = spot.start + len(self.old)
        edit = TextEdit(start=spot.start, end=end, text=self.new)
        return Proposal(
            place=self._place(spot),
            edit=self.opinion.edits.get(spot, edit),
            evidence=Evidence.ENGINE,
        )

    def _is_silent(self, spot: Spot) -> bool:
        """Whether the engine was asked and could not tell."""
        vote = self.opinion.votes.get(spot)
        return vote is not None and vote.answer is Answer.NONE

    def _is_keyword(self, own: Proposal, vote: Vote) -> bool:
        """Whether it is a keyword, of which the engine says nothing.

        It finds that of `replace(x, field=1)` in the library's signature, and takes that of
        `case X(field=1)` for a definition of its own.
        """
        says_nothing = vote.answer is Answer.LIBRARY or vote.place == str(own.place)
        return says_nothing and self.roles.get(_spot(own)) == "key"

    def _doubt(self, own: Proposal, why: str) -> Proposal:
        return replace(own, evidence=Evidence.UNKNOWN, why=why)

    def _disagreement(self, place: Place, vote: Vote) -> UserError:
        return UserError(
            f"{place} means the renamed `{self.old}` by its scope or import, but {self._engine} "
            f"finds it {_where(vote)}; nothing was changed",
            _HINT,
        )

    @property
    def _engine(self) -> str:
        return self.opinion.engine.partition(" ")[0]

    def _place(self, spot: Spot) -> Place:
        number = self.texts[spot.path].count("\n", 0, spot.start) + 1
        return Place(path=spot.path, start=spot.start, line=number)


_HINT: Final = "look at both places; --engines off goes by our own analysis alone"


def _spot(each: Proposal) -> Spot:
    return Spot(each.place.path, each.place.start)


def _where(vote: Vote) -> str:
    return f"at {vote.place}" if vote.place else "in a library"
