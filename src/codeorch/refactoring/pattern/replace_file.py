"""The matches of one file -> the edits that are proven, and the places that are left, with why.

One bad match costs that match alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import SyntaxNode, syntax_tree
from codeorch.analysis.text_edits import TextEdit, apply_edits
from codeorch.refactoring.pattern.fit import Fault
from codeorch.refactoring.pattern.match import Match, Matcher
from codeorch.refactoring.pattern.match_set import Key, MatchSet
from codeorch.refactoring.pattern.objections import objection
from codeorch.refactoring.pattern.proof import Proof
from codeorch.refactoring.pattern.render import OUTER, Renderer, Wraps
from codeorch.refactoring.pattern.template import Template

_PASSES: Final = 12  # parses of a file until every match is proven or given up
_FEW: Final = 8  # matches that are tried one at a time
_NO_PLACE: Final = "the rewrite cannot stand there"
_UNREADABLE: Final = "the grammar cannot read the code around it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A match that stays as it is."""

    start: int  # in characters
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What is to be done in a file."""

    edits: tuple[TextEdit, ...] = ()
    left: tuple[Left, ...] = ()


def find_matches(
    root: SyntaxNode, templates: Sequence[Template], language: Language
) -> Iterator[Match]:
    """Yield what in a tree is as a template says, from the outside in."""
    matchers = [(each.roots[0].kind, Matcher(each, language)) for each in templates]
    for node in root.walk():
        for kind, matcher in matchers:
            match = matcher.match(node) if kind == node.kind else None
            if match is not None:
                yield match
                break


@dataclass(slots=True, kw_only=True)
class FileReplacer:
    """Replaces the matches of one file."""

    text: str
    root: SyntaxNode
    language: Language
    rewrites: Sequence[Template]
    matches: dict[Key, Match]
    wraps: dict[Key, Wraps] = field(default_factory=dict)
    left: dict[Key, str] = field(default_factory=dict)
    _tried: set[tuple[Wraps, Key]] = field(default_factory=set)
    _unsure: set[Key] = field(default_factory=set)  # whose parentheses may be needless
    _retried: set[Key] = field(default_factory=set)

    def replace(self) -> FileResult:
        """Return the edits that stand, and what is left."""
        self._settle_readable()
        for key, match in list(self.matches.items()):
            if why := objection(match, self.rewrites[0], self.language):
                self._leave(key, why)
        self._keep_blocks()
        self._drop_lost_comments()
        if self._is_proven():
            self._drop_needless_parentheses()
        edits = tuple(self._renderer().edits())
        left = tuple(Left(start=key[0], why=why) for key, why in sorted(self.left.items()))
        return FileResult(edits=edits, left=left)

    def _settle_readable(self) -> None:
        broken = [each for each in self.root.walk() if each.is_broken]
        for key in list(self.matches):
            if any(
                (each.kind == "ERROR" and each.start <= key[0] and key[1] <= each.end)
                or (key[0] <= each.start and each.end <= key[1])
                for each in broken
            ):  # fmt: skip
                self._leave(key, _UNREADABLE)

    def _keep_blocks(self) -> None:
        """Leave the statements of a block that needs one, if all of them were to go."""
        blocks = self.language.syntax.filled_blocks if not self.rewrites[0].roots else frozenset()
        for block in (each for each in self.root.walk() if each.kind in blocks):
            inside = [self._match_that_is(each) for each in block.parts]
            for match in inside if None not in inside else ():
                assert match is not None
                self._leave(match.root.key, "its block would be empty")

    def _match_that_is(self, statement: SyntaxNode) -> Match | None:
        keys = {statement.key, *(each.key for each in statement.pieces[:1])}
        return next((self.matches[key] for key in keys if key in self.matches), None)

    def _drop_lost_comments(self) -> None:
        renderer = self._renderer()
        for key, match in renderer.matches.by_key.items():
            if renderer.lost_comments(match):
                self._leave(key, "a comment in it would be lost")

    def _leave(self, key: Key, why: str) -> None:
        self.left[key] = why
        del self.matches[key]

    def _renderer(self, wraps: Mapping[Key, Wraps] | None = None) -> Renderer:
        return Renderer(
            text=self.text,
            rewrite=self.rewrites[0],
            matches=MatchSet(self.matches),
            wraps=self.wraps if wraps is None else wraps,
        )

    # --------------------------------------------------------------------------- proof

    def _faults(self, wraps: Mapping[Key, Wraps] | None = None) -> list[Fault]:
        renderer = self._renderer(wraps)
        after = apply_edits(self.text, renderer.edits())
        proof = Proof(
            language=self.language,
            rewrites=self.rewrites,
            matches=renderer.matches,
            wraps=renderer.wraps,
        )
        return proof.check(self.root, syntax_tree(after, self.language.ast_grep))

    def _is_proven(self) -> bool:
        """Put parentheses where they help and give up what they do not, until nothing is wrong."""
        for _ in range(_PASSES):
            if not self.matches:
                return False
            faults = self._faults()
            if not faults:
                return True
            sure = {each.key for each in faults if each.is_sure and each.place == OUTER}
            self._unsure |= {each.key for each in faults if not each.is_sure} - sure
            once = {(each.key, each.place, each.why): each for each in faults}.values()
            several = Counter(each.key for each in once if not each.why)
            self._unsure |= {key for key, count in several.items() if count > 1}
            hopeless = {each.key: each.why for each in once if not self._mend(each)}
            for key in self._suspects(hopeless):
                self._leave(key, hopeless[key] or _NO_PLACE)
        for key in list(self.matches):
            self._leave(key, _NO_PLACE)
        return False

    def _mend(self, fault: Fault) -> bool:
        """Add the parentheses that may mend a fault; False when there are none to add."""
        if fault.why:
            return False
        have = self.wraps.get(fault.key, frozenset())
        wanted = have | {fault.place}
        if wanted == have and fault.place == OUTER:  # not the whole: what is in it
            pieces = self._pieces(fault.key)
            wanted = have - {OUTER} if pieces <= have else pieces
            self._unsure.add(fault.key)
        if wanted == have or (wanted, fault.key) in self._tried:
            return False
        self._tried.add((wanted, fault.key))
        self.wraps[fault.key] = wanted
        return True

    def _pieces(self, key: Key) -> Wraps:
        """Return the places of the captures that stand for one piece each."""
        match = self.matches[key]
        return frozenset(
            place
            for place, atom in enumerate(self.rewrites[0].atoms)
            if atom.capture
            and (not atom.capture.many or len(match.captures.get(atom.key, ())) == 1)
        )

    def _suspects(self, hopeless: Mapping[Key, str]) -> set[Key]:
        """Return which of them are no good; one beside them may have been to blame.

        They are tried once more by themselves, and if they are few, one at a time.
        """
        doubtful = {key for key, why in hopeless.items() if not why} - self._retried
        self._retried |= doubtful
        proven = self._try_apart(doubtful)
        others = doubtful - proven
        if 1 < len(others) <= _FEW:
            proven |= {key for key in others if self._try_apart({key})}
        return set(hopeless) - proven

    def _try_apart(self, keys: set[Key]) -> set[Key]:
        """Replace some matches alone; return those that can be, with the parentheses they need."""
        if not keys:
            return set()
        apart = FileReplacer(
            text=self.text, root=self.root, language=self.language, rewrites=self.rewrites,
            matches={key: self.matches[key] for key in keys}, _retried=set(keys),
        )  # fmt: skip
        if not apart._is_proven():
            return set()
        self._unsure |= apart._unsure
        self.wraps |= {key: apart.wraps.get(key, frozenset()) for key in apart.matches}
        return set(apart.matches)

    def _drop_needless_parentheses(self) -> None:
        """Take away what was put around a piece before the true reason was found."""
        unsure = {key: wraps for key, wraps in self.wraps.items() if key in self._unsure}
        places = sorted({place for each in unsure.values() for place in each})
        for place in sorted(places, key=lambda each: each != OUTER):
            fewer = self.wraps | {key: self.wraps[key] - {place} for key in unsure}
            if fewer == self.wraps:
                continue
            for _ in range(_PASSES):
                needed = {fault.key for fault in self._faults(fewer)} & self.wraps.keys()
                if not needed:
                    break
                fewer |= {key: self.wraps[key] for key in needed}
            if self._faults(fewer):
                continue
            self.wraps = fewer
            # One may only have been blamed for another's: few are tried by themselves.
            again = [key for key in unsure if place in fewer[key]]
            for key in again if len(again) <= _FEW else ():
                alone = self.wraps | {key: self.wraps[key] - {place}}
                if not self._faults(alone):
                    self.wraps = alone
