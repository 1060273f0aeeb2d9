"""A rewrite and the node in its place -> whether the node is the rewrite, with what it captured.

Faults are noted by the place of the capture that is not read as it was; parentheses may help there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import CLOSERS, SyntaxNode
from codeorch.refactoring.pattern.match import Match, Nodes, is_same_leaf
from codeorch.refactoring.pattern.match_set import Key
from codeorch.refactoring.pattern.render import OUTER, Wraps, live_atoms
from codeorch.refactoring.pattern.template import Part, Template

_AROUND: Final = 4  # nodes from a rewrite outwards that a language may object to
_BETWEEN: Final = frozenset("([{,;") | CLOSERS  # what stands around a whole argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a replacement is no good as it is.

    `place` is the atom of the rewrite that is not read as what was captured; OUTER where the
    rewrite as a whole is not read as it should be.
    """

    key: Key  # of the match's root
    place: int = OUTER
    why: str = ""  # what the language has against it, where parentheses do not help
    is_sure: bool = True  # whether nothing else can be to blame


@dataclass(kw_only=True)
class Fit:
    """Compares one reading of a rewrite with what stands in the place of one match."""

    match: Match
    rewrite: Template
    written: tuple[int, int]  # where the rewrite stands in the new text
    language: Language
    wraps: Wraps
    is_captured: Callable[[SyntaxNode, SyntaxNode], bool]  # whether old and new are the same
    faults: list[Fault] = field(default_factory=list)

    def is_whole(self, node: SyntaxNode) -> bool:
        """Whether a node is the rewrite, and the language lets it stand there."""
        inner = self._without_parentheses(OUTER, node)
        if inner is None or not self.fits(self.rewrite.roots[0], inner):
            return False
        if OUTER not in self.wraps and self.language.syntax.must_wrap(node):
            self.faults.append(Fault(key=self.match.root.key, is_sure=False))
        object_to = self.language.syntax.objection
        root = self.match.root
        before = {object_to(each) for each in [root, *root.ancestors()][:_AROUND]}
        for each in [node, *node.ancestors()][:_AROUND]:
            if (why := object_to(each)) and why not in before:
                self._note(OUTER, why)
        return True

    def fits(self, part: Part, new: SyntaxNode) -> bool:
        """Whether a node is what a part of the rewrite says."""
        if part.capture is not None and not (part.is_many and part.parts):
            return self._slot(part, self._nodes(part), [new])
        if part.kind != new.kind and (part.parts or not is_same_leaf(part, new)):
            return False
        if why := self.language.syntax.objection(new):
            self._note(OUTER, why)
        return self._row(part, new) if part.parts else is_same_leaf(part, new)

    # --------------------------------------------------------------------------- rows

    def _row(self, part: Part, new: SyntaxNode) -> bool:
        parts = [each for each in part.parts if each.atom not in self._dead]
        if len(parts) > 1 and parts[-1].text == ";":
            parts = parts[:-1]
        news = new.pieces
        at = 0
        for place, each in enumerate(parts):
            if each.text in CLOSERS and at < len(news) and news[at].kind == ",":
                at += 1  # a last comma of the file that stays
            count = self._count(each, news[at:], len(parts) - place - 1)
            taken = news[at : at + count]
            if count > 1 or (each.is_many and not self._is_sequence(each, taken)):
                fits = self._several(each, news, at, count)
            else:
                fits = len(taken) == 1 and (self.fits(each, taken[0]) or self._suspects(each))
            if not fits:
                return False
            at += count
        return at == len(news)

    def _count(self, part: Part, news: Sequence[SyntaxNode], behind: int) -> int:
        """Return how many nodes a part should have become."""
        if part.capture is None or self._is_sequence(part, news[:1]):
            return 1
        nodes = self._nodes(part)
        if not self._are_tokens(nodes):
            return len(nodes) if part.is_many else 1
        if self._are_tokens(news[:1]):
            return len(nodes) if part.atom not in self.wraps else 1
        return len(news) - behind if part.is_many else 1

    def _several(self, part: Part, news: Sequence[SyntaxNode], at: int, count: int) -> bool:
        """Compare the nodes that a capture has become, in a list."""
        nodes, taken = self._nodes(part), news[at : at + count]
        if not self._are_tokens(nodes):
            return self._slot(part, nodes, taken)
        around = [*news[max(at - 1, 0) : at], *news[at + count : at + count + 1]]
        broken = any(each.is_broken for node in taken for each in node.walk())
        apart = all(each.text in _BETWEEN for each in around)
        if broken or not apart or _codes(nodes) != _codes(taken):
            self._note(part.atom)
        return True

    def _are_tokens(self, nodes: Sequence[SyntaxNode]) -> bool:
        """Whether they are words and signs of a macro, and no tree."""
        parent = nodes[0].parent if nodes else None
        return parent is not None and parent.kind in self.language.syntax.tokens

    def _is_sequence(self, part: Part, news: Sequence[SyntaxNode]) -> bool:
        same = bool(news) and news[0].kind == part.kind
        return same and bool(part.parts) and part.kind in self.language.syntax.sequences

    def _suspects(self, part: Part) -> bool:
        """Note the captures in a part that is not read as it should be; False if there are none."""
        inside = [each for each in part.walk() if each.capture and not each.parts]
        for each in inside:
            self._note(each.atom)
        return bool(inside)

    # --------------------------------------------------------------------------- captures

    def _slot(self, part: Part, nodes: Nodes, news: Sequence[SyntaxNode]) -> bool:
        """Compare what stands for a capture with what was captured; faults are noted."""
        if self._are_tokens(nodes) and len(nodes) > len(news):
            inner = self._without_parentheses(part.atom, news[0])
            codes = _codes([inner]) if inner else []
            if part.atom in self.wraps and inner is news[0]:
                codes = codes[1:-1]  # a macro's own parentheses
            if codes != _codes(nodes):
                self._note(part.atom)  # words of a macro, which are a tree from now on
            return True
        if len(nodes) != len(news):
            return False
        syntax = self.language.syntax
        for old, new in zip(nodes, news, strict=True):
            inner = self._without_parentheses(part.atom, new)
            bare = inner is new and not _is_in_like_place(old, new)
            same = inner is not None and self.is_captured(old, inner)
            if inner is None or not same or (bare and syntax.must_wrap(inner)):
                self._note(part.atom)
            elif why := (
                syntax.move_objection(old, new)
                or (not syntax.objection(old) and syntax.objection(inner))
                or self._caught(inner)
            ):
                self._note(part.atom, why)
        return True

    def _caught(self, new: SyntaxNode) -> str:
        """Tell what the rewrite's own functions would make of captured code."""
        syntax = self.language.syntax
        start, end = self.written
        around = (each for each in new.ancestors() if start <= each.start and each.end <= end)
        if not any(each.kind in syntax.scopes for each in around):
            return ""
        if any(each.kind in syntax.suspensions for each in new.walk()):
            return "captured code would wait in a function of the rewrite"
        own = {atom.text for atom in self.rewrite.atoms if atom.capture is None}
        both = own & {leaf.text for leaf in new.leaves() if leaf.is_named and _is_free(leaf)}
        return f"`{min(both)}` would mean the rewrite's own" if both else ""

    def _without_parentheses(self, place: int, node: SyntaxNode) -> SyntaxNode | None:
        """Return what is in the parentheses that a rewrite has put around a piece."""
        if place not in self.wraps:
            return node
        outer = next((each for each in within(node) if each.is_parenthesized), None)
        if outer is None and node.kind in self.language.syntax.tokens and node.text[:1] == "(":
            return node
        return outer.parts[1] if outer else None

    # --------------------------------------------------------------------------- help

    @cached_property
    def _dead(self) -> set[int]:
        """The atoms of the rewrite that are not written, as captures in it are empty."""
        live = {each.place for each in live_atoms(self.rewrite, self.match)}
        return set(range(len(self.rewrite.atoms))) - live

    def _nodes(self, part: Part) -> Nodes:
        assert part.capture is not None
        return self.match.captures[part.capture.name]

    def _note(self, place: int, why: str = "") -> None:
        self.faults.append(Fault(key=self.match.root.key, place=place, why=why))


def within(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Yield a node, and those in it that are all there is of it."""
    yield node
    while len(node.pieces) == 1:
        node = node.pieces[0]
        yield node


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
    return _place(old) == _place(new) and _sign_behind(old) == _sign_behind(new)


def _sign_behind(node: SyntaxNode) -> str:
    """Return the operator that follows; what reads on before one may end before another."""
    place = _place(node)
    behind = node.parent.parts[place + 1 : place + 2] if node.parent else ()
    return "".join(each.text for each in behind if not each.is_named)


def _place(node: SyntaxNode) -> int:
    parts = node.parent.parts if node.parent else ()
    return next((place for place, each in enumerate(parts) if each.key == node.key), -1)
