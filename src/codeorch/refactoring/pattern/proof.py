"""Tree before, tree after -> which replacements did not become what they were to become.

What has to come out is known: the old tree, with the rewrite's tree in place of each match, and the
captured trees in place of its captures. The new text is parsed and held against that. So the
grammar itself says where parentheses are needed, whether a statement may stand in a place, and that
nothing around has changed its meaning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import CLOSERS, SyntaxNode
from codeorch.refactoring.pattern.match import Match, is_same_leaf
from codeorch.refactoring.pattern.match_set import Key, MatchSet
from codeorch.refactoring.pattern.render import OUTER, Wraps, live_atoms
from codeorch.refactoring.pattern.template import Part, Template

_AROUND: Final = 4  # nodes from a rewrite outwards that a language may object to


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a replacement is no good as it is.

    `place` is the atom of the rewrite that is not read as what was captured; OUTER where the
    rewrite as a whole is not read as it should be.
    """

    key: Key  # of the match's root
    place: int = OUTER
    why: str = ""  # what the language has against it, where parentheses do not help


@dataclass(slots=True, kw_only=True)
class Proof:
    """Compares two trees, and gathers the faults."""

    language: Language
    rewrites: Sequence[Template]  # every way to read the rewrite
    matches: MatchSet
    wraps: Mapping[Key, Wraps]
    faults: list[Fault] = field(default_factory=list)
    _written: dict[Key, tuple[int, int]] = field(default_factory=dict)  # places of rewrites

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
            return self._replaced(match, old, new)
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
        node = old
        while self.matches.at(node) is None and len(node.pieces) == 1 and self.matches.holds(node):
            node = node.pieces[0]
        return self.matches.at(node)

    def _blame(self, olds: Sequence[SyntaxNode]) -> bool:
        """Hold the outermost matches in some nodes responsible; False if there are none."""
        inside = [m for old in olds for m in self.matches.outermost(old.start, old.end)]
        self.faults += [Fault(key=match.root.key) for match in inside]
        return bool(inside)

    # --------------------------------------------------------------------------- rewrites

    @property
    def _count(self) -> int:
        return len(self.rewrites[0].roots)

    def _sequence(self, match: Match, news: Sequence[SyntaxNode]) -> None:
        roots = self.rewrites[0].roots
        if news:
            self._written[match.root.key] = news[0].start, news[-1].end
        if len(news) < len(roots) or not all(map(self._fits(match), roots, news)):
            self.faults.append(Fault(key=match.root.key))

    def _replaced(self, match: Match, old: SyntaxNode, new: SyntaxNode) -> bool:
        """Compare what has come in the place of a match; faults are noted, so this is always so."""
        best: list[Fault] | None = None
        noted = self.faults
        for rewrite in self.rewrites:
            for node in _wrapped(new):
                self.faults = []
                self._written[match.root.key] = node.start, node.end
                inner = self._without_parentheses(match.root.key, OUTER, node)
                if inner is None or not self._fits(match)(rewrite.roots[0], inner):
                    continue
                if OUTER not in self.wraps.get(match.root.key, ()) and self._must_wrap(node):
                    self.faults.append(Fault(key=match.root.key))
                self._object(match, node)
                if best is None or len(self.faults) < len(best):
                    best = self.faults
        self.faults = noted + ([Fault(key=match.root.key)] if best is None else best)
        return True

    def _object(self, match: Match, node: SyntaxNode) -> None:
        """Note what the language has against the place that a rewrite is in."""
        object_to = self.language.syntax.objection
        before = {object_to(each) for each in [match.root, *match.root.ancestors()][:_AROUND]}
        for each in [node, *node.ancestors()][:_AROUND]:
            if (why := object_to(each)) and why not in before:
                self.faults.append(Fault(key=match.root.key, why=why))

    def _fits(self, match: Match) -> Callable[[Part, SyntaxNode], bool]:
        dead = {n for n in range(len(self.rewrites[0].atoms))} - {
            each.place for each in live_atoms(self.rewrites[0], match)
        }

        def fits(part: Part, new: SyntaxNode) -> bool:
            """Whether a node is what a part of the rewrite says."""
            if part.capture is not None and not (part.is_many and part.parts):
                return self._slot(match, part, match.captures[part.capture.name], [new])
            if part.kind != new.kind:
                return False
            if why := self.language.syntax.objection(new):
                self.faults.append(Fault(key=match.root.key, why=why))
            if not part.parts:
                return is_same_leaf(part, new)
            return row(part, new)

        def row(part: Part, new: SyntaxNode) -> bool:
            parts = [each for each in part.parts if each.atom not in dead]
            news = list(new.pieces if new.pieces != new.parts else new.parts)
            if parts[-1:] and parts[-1].text == ";" and len(parts) > 1:
                parts = parts[:-1]
            at = 0
            for place, each in enumerate(parts):
                wanted = 1
                if each.is_many and not self._is_sequence(each, news[at : at + 1]):
                    assert each.capture is not None
                    nodes = match.captures[each.capture.name]
                    wanted = len(nodes)
                    if not self._slot(match, each, nodes, news[at : at + wanted]):
                        return False
                else:
                    if each.text in CLOSERS and at < len(news) and news[at].kind == ",":
                        at += 1  # a last comma of the file that stays
                    if at >= len(news) or not (fits(each, news[at]) or self._suspects(match, each)):
                        return False
                del place
                at += wanted
            return at == len(news)

        return fits

    def _suspects(self, match: Match, part: Part) -> bool:
        """Note the captures in a part that is not read as it should be; False if there are none."""
        inside = [each for each in part.walk() if each.capture and not each.parts]
        key = match.root.key
        self.faults += [Fault(key=key, place=each.atom) for each in inside]
        return bool(inside)

    def _is_sequence(self, part: Part, news: Sequence[SyntaxNode]) -> bool:
        same = bool(news) and news[0].kind == part.kind
        return same and bool(part.parts) and part.kind in self.language.syntax.sequences

    def _slot(
        self, match: Match, part: Part, nodes: Sequence[SyntaxNode], news: Sequence[SyntaxNode]
    ) -> bool:
        """Compare what stands for a capture with what was captured; faults are noted."""
        key = match.root.key
        fault = Fault(key=key, place=part.atom)
        if part.capture is not None and not part.is_many and len(nodes) > 1:
            inner = self._without_parentheses(key, part.atom, news[0])
            if inner is None or _codes(nodes) != _codes([inner]):
                self.faults.append(fault)  # words of a macro, which are a tree from now on
            return True
        if len(nodes) != len(news):
            return False
        for old, new in zip(nodes, news, strict=True):
            inner = self._without_parentheses(key, part.atom, new)
            if inner is None or not self._captured(old, inner):
                self.faults.append(fault)
            elif inner is new and not _is_in_like_place(old, inner) and self._must_wrap(inner):
                self.faults.append(fault)
            elif why := self.language.syntax.move_objection(old, new) or self._caught(match, inner):
                self.faults.append(Fault(key=key, why=why))
        return True

    def _caught(self, match: Match, new: SyntaxNode) -> str:
        """Tell what the rewrite's own functions would make of captured code."""
        syntax = self.language.syntax
        start, end = self._written[match.root.key]
        around = (each for each in new.ancestors() if start <= each.start and each.end <= end)
        if not any(each.kind in syntax.scopes for each in around):
            return ""
        if any(each.kind in syntax.suspensions for each in new.walk()):
            return "captured code would wait in a function of the rewrite"
        own = {atom.text for atom in self.rewrites[0].atoms if atom.capture is None}
        both = own & {leaf.text for leaf in new.leaves() if leaf.is_named and _is_free(leaf)}
        return f"`{min(both)}` would mean the rewrite's own" if both else ""

    def _captured(self, old: SyntaxNode, new: SyntaxNode) -> bool:
        if not old.parts and self._match_of(old) is None:
            return old.text == new.text
        return any(self._same(old, node) for node in _wrapped(new) if node.kind == old.kind) or (
            self._match_of(old) is not None and self._same(old, new)
        )

    def _without_parentheses(self, key: Key, place: int, node: SyntaxNode) -> SyntaxNode | None:
        """Return what is in the parentheses that a rewrite has put around a piece."""
        if place not in self.wraps.get(key, ()):
            return node
        outer = next((each for each in _wrapped(node) if each.is_parenthesized), None)
        return outer.parts[1] if outer else None

    def _must_wrap(self, node: SyntaxNode) -> bool:
        return self.language.syntax.must_wrap(node)


def _codes(nodes: Sequence[SyntaxNode]) -> list[str]:
    return [leaf.text for node in nodes for leaf in node.leaves()]


def _is_free(leaf: SyntaxNode) -> bool:
    """Whether a name is looked up by scopes: no member, no literal."""
    place = _place(leaf)
    before = leaf.parent.parts[place - 1].text if leaf.parent and place > 0 else ""
    return "identifier" in leaf.kind and before not in (".", "?.", "::", "->")


def _is_in_like_place(old: SyntaxNode, new: SyntaxNode) -> bool:
    """Whether a piece stands in its new place as it stood before, so that it reads the same."""
    if old.parent is None or new.parent is None or old.parent.kind != new.parent.kind:
        return False
    return _place(old) == _place(new)


def _place(node: SyntaxNode) -> int:
    parts = node.parent.parts if node.parent else ()
    return next((place for place, each in enumerate(parts) if each.key == node.key), -1)


def _wrapped(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Yield a node, and those in it that are all there is of it."""
    yield node
    while len(node.pieces) == 1:
        node = node.pieces[0]
        yield node
