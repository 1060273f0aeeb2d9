"""Tree before, tree after -> which replacements did not become what they were to become.

What has to come out is known: the old tree, with the rewrite's tree in place of each match, and the
captured trees in place of its captures. The new text is parsed and held against that. So the
grammar itself says where parentheses are needed, whether a statement may stand in a place, and that
nothing around has changed its meaning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import SyntaxNode
from codeorch.refactoring.pattern.fit import Fault, Fit, within
from codeorch.refactoring.pattern.match import Match
from codeorch.refactoring.pattern.match_set import Key, MatchSet
from codeorch.refactoring.pattern.render import Wraps
from codeorch.refactoring.pattern.template import Template


@dataclass(slots=True, kw_only=True)
class Proof:
    """Compares two trees, and gathers the faults."""

    language: Language
    rewrites: Sequence[Template]  # every way to read the rewrite
    matches: MatchSet
    wraps: Mapping[Key, Wraps]
    faults: list[Fault] = field(default_factory=list)

    def check(self, before: SyntaxNode, after: SyntaxNode) -> list[Fault]:
        """Return the faults; none means that the new tree is what it has to be."""
        if not self._same(before, after):
            self._blame([before])
        return list(dict.fromkeys(self.faults))

    # --------------------------------------------------------------------------- around matches

    def _same(self, old: SyntaxNode, new: SyntaxNode) -> bool:
        """Whether a node is what it was, but for the matches in it."""
        match = self._match_of(old)
        if match is not None and self._count == 1:
            return self._replaced(match, new)
        if not self.matches.holds(old):
            return old.kind == new.kind and old.text == new.text
        if old.kind != new.kind:
            return False
        return self._same_row(old.parts, new.parts) or self._blame([old])

    def _same_row(self, olds: Sequence[SyntaxNode], news: Sequence[SyntaxNode]) -> bool:
        at = 0
        for place, old in enumerate(olds):
            match = self._match_of(old)
            if match is not None and self._count != 1:  # statements, or nothing, in its place
                self._sequence(match, news[at : at + self._count])
                at += self._count
            elif at < len(news) and self._same(old, news[at]):
                at += 1
            else:
                if not self._blame(olds[max(place - 1, 0) : place + 2]):
                    return False
                at = max(len(news) - len(olds) + place + 1, 0)  # it may go on as from the end
        return at == len(news) or self._blame(olds[-1:])

    def _match_of(self, old: SyntaxNode) -> Match | None:
        """Return the match that a node is, or that is all there is of it."""
        if self._count != 1 and (old.parent is None or old.kind in self.language.syntax.sequences):
            return None  # statements take the place of one statement in it
        node = old
        while self.matches.at(node) is None and len(node.pieces) == 1 and self.matches.holds(node):
            node = node.pieces[0]
        return self.matches.at(node)

    def _blame(self, olds: Sequence[SyntaxNode]) -> bool:
        """Hold the outermost matches in some nodes responsible; False if there are none."""
        inside = [m for old in olds for m in self.matches.outermost(old.start, old.end)]
        sure = len(inside) == 1
        self.faults += [Fault(key=match.root.key, is_sure=sure) for match in inside]
        return bool(inside)

    # --------------------------------------------------------------------------- rewrites

    @property
    def _count(self) -> int:
        return len(self.rewrites[0].roots)

    def _sequence(self, match: Match, news: Sequence[SyntaxNode]) -> None:
        """Compare the statements that have come in the place of a match."""
        rewrite = self.rewrites[0]
        whole = len(news) == len(rewrite.roots)
        fit = self._fit(match, rewrite, (news[0].start, news[-1].end) if news else (0, 0))
        if not whole or not all(map(fit.fits, rewrite.roots, news)):
            self.faults.append(Fault(key=match.root.key))
        self.faults += fit.faults

    def _replaced(self, match: Match, new: SyntaxNode) -> bool:
        """Compare what has come in the place of a match; faults are noted, so this is always so."""
        best: list[Fault] | None = None
        noted = self.faults
        for rewrite in self.rewrites:
            for node in within(new):
                self.faults = []
                fit = self._fit(match, rewrite, (node.start, node.end))
                if fit.is_whole(node):
                    found = [*self.faults, *fit.faults]
                    best = found if best is None or len(found) < len(best) else best
        self.faults = [*noted, *(self._unread(match) if best is None else best)]
        return True

    def _unread(self, match: Match) -> list[Fault]:
        """Blame a match that is nowhere to be seen, and those that its captures hold."""
        nodes = [each for each in match.captures.values() if each]
        inner = [m for each in nodes for m in self.matches.outermost(each[0].start, each[-1].end)]
        return [Fault(key=each.root.key, is_sure=False) for each in (match, *inner)]

    def _fit(self, match: Match, rewrite: Template, written: tuple[int, int]) -> Fit:
        return Fit(
            match=match,
            rewrite=rewrite,
            written=written,
            language=self.language,
            wraps=self.wraps.get(match.root.key, frozenset()),
            is_captured=self._is_captured,
        )

    def _is_captured(self, old: SyntaxNode, new: SyntaxNode) -> bool:
        """Whether a node is what was captured, but for the matches in that."""
        is_match = self._match_of(old) is not None
        if not old.parts and not is_match:
            return old.text == new.text
        alike = (each for each in within(new) if is_match or each.kind == old.kind)
        first = next(alike, None)
        return first is not None and self._same(old, first)
