"""A name's definitions and occurrences -> what an engine's server says of each of them."""

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from codeorch.analysis.ast_grep import word
from codeorch.analysis.text_edits import TextEdit
from codeorch.engines.checkers import Checker
from codeorch.engines.engine_set import Engines
from codeorch.engines.name_server import NameServer, name_server
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.text_positions import Location
from codeorch.errors import ServiceError

_MAX_RENAMES: Final = 60  # definitions of one family that the server is asked to rename


class Spot(NamedTuple):
    """Where a name begins, in characters."""

    path: str
    start: int


class Answer(StrEnum):
    """Whose name an engine says it is."""

    OURS = "ours"
    OTHER = "other"  # the tree defines it elsewhere
    LIBRARY = "library"  # it is defined outside of the tree
    MIXED = "mixed"  # it may be ours or another
    NONE = "none"  # the engine cannot say


class Vote(NamedTuple):
    """What an engine says of one spot."""

    answer: Answer
    place: str = ""  # where it is defined, if not by us; empty = in a library


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about a rename."""

    old: str
    new: str
    family: Sequence[Spot]  # the definitions that share the name
    ours: Collection[Spot]  # all that is proven to mean them, the definitions included
    spots: Sequence[Spot]  # where the name stands in code, those to be asked about first


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What an engine said; of spots without a vote it was not asked."""

    engine: str = ""  # its name and version; empty = there was none
    votes: Mapping[Spot, Vote] = field(default_factory=dict)
    edits: Mapping[Spot, TextEdit] = field(default_factory=dict)  # of its own rename, by name
    unasked: int = 0  # spots for which its time was too short
    failure: str = ""  # why it fell silent

    def joined_with(self, other: "Opinion") -> "Opinion":
        """Return it with what another engine said of spots on which this one is silent."""
        return Opinion(
            engine=" and ".join(filter(None, (self.engine, other.engine))),
            votes={**self.votes, **other.votes},
            edits={**other.edits, **self.edits},
            unasked=other.unasked,
            failure="; ".join(filter(None, (self.failure, other.failure))),
        )


def ask(tree: SourceTree, engine: Checker, question: Question, engines: Engines) -> Opinion:
    """Ask an engine to rename each definition, and where the name is defined at each spot.

    A server that hangs or fails says no more; what it has said by then counts.
    """
    hearing = Hearing(question=question, texts=tree.texts, word=word(question.old))
    failure = ""
    deadline = time.monotonic() + engines.time_limit_s * _SHARE
    try:
        with name_server(tree, engine, engines) as server:
            hearing.hear(server, deadline)
    except ServiceError as error:
        failure = str(error)
    return Opinion(
        engine=engine.program.title,
        votes=hearing.votes(),
        edits=hearing.edits,
        unasked=len(question.spots) - len(hearing.locations),
        failure=failure,
    )


_SHARE: Final = 0.8  # of the time, after which no further question is put


@dataclass(slots=True, kw_only=True)
class Hearing:
    """One conversation with a server about a question."""

    question: Question
    texts: Mapping[str, str]
    word: re.Pattern[str]  # the old name
    edits: dict[Spot, TextEdit] = field(default_factory=dict)
    locations: dict[Spot, tuple[Location, ...]] = field(default_factory=dict)

    def hear(self, server: NameServer, deadline: float) -> None:
        """Put all questions, the rename of each definition first, until the deadline."""
        for path in dict.fromkeys(spot.path for spot in self.question.spots):
            server.open(path)  # it would leave out of a rename what it has not looked at
        for spot in self.question.family[:_MAX_RENAMES]:
            if time.monotonic() > deadline:
                return
            for path, edits in server.rename(*spot, self.question.new).items():
                self.take(path, edits)
        for spot in self.question.spots:
            if time.monotonic() > deadline:
                return
            self.locations[spot] = server.definition(*spot)

    def take(self, path: str, edits: Iterable[TextEdit]) -> None:
        """Take the edits that put the new name in the old one's place; no others are a rename."""
        old, new = self.question.old, self.question.new
        # A shorthand keeps its key or its value, an import or export the name on its other side.
        forms = {new, f"{old}: {new}", f"{new}: {old}", f"{old} as {new}", f"{new} as {old}"}
        for edit in edits:
            found = self.word.fullmatch(self.texts[path], edit.start, edit.end)
            if found and edit.text in forms:
                self.edits[Spot(path, edit.start)] = edit

    def votes(self) -> dict[Spot, Vote]:
        """Return the vote of each spot that was asked about."""
        ours = {*self.question.ours, *self.question.family, *self.edits}
        return {spot: self._vote(found, ours) for spot, found in self.locations.items()}

    def _vote(self, found: Sequence[Location], ours: Collection[Spot]) -> Vote:
        kinds = dict(self._kinds(found, ours))
        others = [kind for kind in (Answer.OTHER, Answer.LIBRARY) if kind in kinds]
        if Answer.OURS in kinds:
            if not others:
                return Vote(Answer.OURS)
            return Vote(Answer.MIXED, kinds[others[0]])
        return Vote(others[0], kinds[others[0]]) if others else Vote(Answer.NONE)

    def _kinds(
        self, found: Sequence[Location], ours: Collection[Spot]
    ) -> Iterator[tuple[Answer, str]]:
        """Tell whose each place is; one of another name, such as a constructor, tells nothing."""
        old = self.question.old
        for each in found:
            if not each.path:
                yield Answer.LIBRARY, ""
            elif Spot(each.path, each.start) in ours:
                yield Answer.OURS, ""
            elif self.texts[each.path].startswith(old, each.start):
                yield Answer.OTHER, f"{each.path}:{each.line}"
